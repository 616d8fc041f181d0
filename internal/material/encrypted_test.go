package material

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"strings"
	"testing"
)

func TestAnEncryptedKeyNeedsItsPassphrase(t *testing.T) {
	for _, file := range []string{"legacy-aes.pem", "pkcs8-aes256.pem", "pkcs8-aes128.der", "rsa-legacy.pem"} {
		for name, c := range map[string]struct {
			passphrases []string
			want        string
		}{
			"none":   {nil, "no passphrase was given"},
			"empty":  {[]string{""}, "does not open it"},
			"wrong":  {[]string{"pW"}, "does not open it"},
			"wrongs": {[]string{"a", "b", "pw\n"}, "none of the 3"},
		} {
			t.Run(file+" "+name, func(t *testing.T) {
				_, err := PrivateKey(file, load(t, file), c.passphrases)
				wantError(t, err, file, "encrypted", c.want, "--passphrase")
				if !errors.Is(err, ErrLocked) {
					t.Error("the error is not ErrLocked")
				}
				for _, p := range c.passphrases {
					if p != "" && len(p) > 1 && strings.Contains(err.Error(), p) {
						t.Errorf("the message shows the passphrase %q", p)
					}
				}
			})
		}
	}
}

// One wrong passphrase in 256 leaves a valid padding: it must not be taken for
// the right one that opens rubbish.
func TestAWrongPassphraseIsNeverTakenForTheRightOne(t *testing.T) {
	data := load(t, "legacy-aes.pem")
	var wrong []string
	for i := range 2000 {
		wrong = append(wrong, strings.Repeat("x", 1+i%7)+string(rune('a'+i%26))+string(rune('0'+i/26%10))+string(rune('A'+i/260)))
	}
	_, err := PrivateKey("k", data, wrong)
	if !errors.Is(err, ErrLocked) {
		t.Errorf("2000 wrong passphrases: %v", err)
	}
	k, err := PrivateKey("k", data, append(wrong, "pw"))
	if err != nil || thumb(t, k) != thumbP256 {
		t.Errorf("the right one among them: %v", err)
	}
}

func TestAPassphraseThatNothingNeedsDoesNoHarm(t *testing.T) {
	if _, err := PrivateKey("k", load(t, "pkcs8.pem"), []string{"pw"}); err != nil {
		t.Error(err)
	}
}

// kdf encodes an encrypted key (PBES2) with the given key derivation.
func kdf(t *testing.T, oid asn1.ObjectIdentifier, parameters any, cipher asn1.ObjectIdentifier, iv []byte) []byte {
	t.Helper()
	raw := func(v any) asn1.RawValue {
		b, err := asn1.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return asn1.RawValue{FullBytes: b}
	}
	return raw(encryptedInfo{
		Algorithm: pkix.AlgorithmIdentifier{
			Algorithm: asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 13},
			Parameters: raw(pbes2{
				KDF:    pkix.AlgorithmIdentifier{Algorithm: oid, Parameters: raw(parameters)},
				Scheme: pkix.AlgorithmIdentifier{Algorithm: cipher, Parameters: raw(iv)},
			}),
		},
		Data: make([]byte, 32),
	}).FullBytes
}

func TestEncryptionOutOfBoundsIsRefusedBeforeItIsTried(t *testing.T) {
	var (
		pbkdf2OID = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 12}
		scryptOID = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 11591, 4, 11}
		aesOID    = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 1, 42}
		gcmOID    = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 1, 46}
		sha256OID = pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 9}}
		salt, iv  = make([]byte, 8), make([]byte, 16)
	)
	type short struct {
		Salt       []byte
		Iterations int
	}
	type full struct {
		Salt               []byte
		Iterations, Length int
		PRF                pkix.AlgorithmIdentifier
	}
	for name, c := range map[string]struct {
		der  []byte
		want string
	}{
		"rounds without end": {kdf(t, pbkdf2OID, short{salt, 1 << 30}, aesOID, iv), "rounds of PBKDF2"},
		"no round":           {kdf(t, pbkdf2OID, short{salt, 0}, aesOID, iv), "rounds of PBKDF2"},
		"stated length":      {kdf(t, pbkdf2OID, full{salt, 1000, 32, sha256OID}, aesOID, iv), "states the length"},
		"much memory":        {kdf(t, scryptOID, scrypt{salt, 1 << 24, 8, 1}, aesOID, iv), "scrypt with N=16777216"},
		"memory by both":     {kdf(t, scryptOID, scrypt{salt, 1 << 20, 8, 1}, aesOID, iv), "scrypt with N=1048576"},
		"an overflow":        {kdf(t, scryptOID, scrypt{salt, 1 << 32, 1 << 31, 1}, aesOID, iv), "scrypt with"},
		"much work":          {kdf(t, scryptOID, scrypt{salt, 1 << 14, 8, 1 << 20}, aesOID, iv), "scrypt with"},
		"an unknown KDF":     {kdf(t, aesOID, short{salt, 1}, aesOID, iv), "not PBKDF2 or scrypt"},
		"another cipher":     {kdf(t, pbkdf2OID, short{salt, 1000}, gcmOID, iv), "cipher 2.16.840.1.101.3.4.1.46"},
		"a short IV":         {kdf(t, pbkdf2OID, short{salt, 1000}, aesOID, iv[:8]), "damaged"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := PrivateKey("k", c.der, []string{"pw"})
			wantError(t, err, "k", "encrypted", c.want)
			if errors.Is(err, ErrLocked) {
				t.Error("it is said that a passphrase would help")
			}
		})
	}
	_, err := PrivateKey("k", kdf(t, pbkdf2OID, short{salt, 1000}, aesOID, iv), []string{"pw"})
	wantError(t, err, "k", "does not open it")
}

func TestOldEncryptionThatIsUnknownIsNamed(t *testing.T) {
	for _, dek := range []string{"IDEA-CBC,0011223344556677", "AES-128-CBC", "AES-128-CBC,00"} {
		b := pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Headers: map[string]string{"Proc-Type": "4,ENCRYPTED", "DEK-Info": dek}, Bytes: make([]byte, 32)})
		_, err := PrivateKey("k", b, []string{"pw"})
		wantError(t, err, "k", "encrypted", "can't be opened")
	}
}

func TestScryptIsBoundedInMemoryAndTime(t *testing.T) {
	for nrp, want := range map[[3]int]bool{
		{1 << 14, 8, 1}: true, {1 << 18, 8, 1}: true, {1 << 20, 8, 1}: false, {2, 1 << 20, 16}: false,
		{1 << 14, 8, 17}: false, {0, 8, 1}: false, {1 << 14, 0, 1}: false, {1 << 40, 1 << 40, 1}: false,
	} {
		if p := (scrypt{N: nrp[0], R: nrp[1], P: nrp[2]}); p.affordable() != want {
			t.Errorf("%v: %v", nrp, !want)
		}
	}
}
