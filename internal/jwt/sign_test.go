package jwt

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/asn1"
	"errors"
	"io"
	"math/big"
	"slices"
	"testing"
)

func keysByAlg(t *testing.T) map[string]crypto.Signer {
	t.Helper()
	keys := map[string]crypto.Signer{}
	for alg, curve := range map[string]elliptic.Curve{"ES256": elliptic.P256(), "ES384": elliptic.P384(), "ES512": elliptic.P521()} {
		k, err := ecdsa.GenerateKey(curve, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		keys[alg] = k
	}
	ed := ed25519.NewKeyFromSeed(make([]byte, 32))
	keys["EdDSA"], keys["Ed25519"] = ed, ed
	for _, alg := range []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"} {
		keys[alg] = rsaVector()
	}
	return keys
}

func TestEachAlgorithmVerifiesItsOwnSignatureAndNoOther(t *testing.T) {
	keys := keysByAlg(t)
	if len(keys) != len(Algorithms()) {
		t.Fatalf("%d keys for %d algorithms", len(keys), len(Algorithms()))
	}
	for _, alg := range Algorithms() {
		sig, err := Sign(keys[alg], alg, "a.b")
		if err != nil {
			t.Fatalf("%s: %v", alg, err)
		}
		for _, other := range Algorithms() {
			err := Verify(keys[alg].Public(), other, "a.b", sig)
			same := other == alg || alg == "EdDSA" && other == "Ed25519" || alg == "Ed25519" && other == "EdDSA"
			if (err == nil) != same {
				t.Errorf("a signature by %s, verified as %s: %v", alg, other, err)
			}
		}
	}
}

func TestAlgorithmsThatAreNotAsymmetricDoNotExist(t *testing.T) {
	for _, alg := range []string{"", "none", "None", "HS256", "HS512", "ES256K", "es256", "Ed448", "RS1", "dir", "A128GCM"} {
		for _, key := range keysByAlg(t) {
			if _, err := Sign(key, alg, "a.b"); err == nil {
				t.Errorf("signs with %q", alg)
			}
			if err := Verify(key.Public(), alg, "a.b", nil); err == nil {
				t.Errorf("verifies with %q", alg)
			}
		}
	}
}

func TestAlgorithmFitsItsKeyOnly(t *testing.T) {
	keys := keysByAlg(t)
	kind := map[string]string{"EdDSA": "ed", "Ed25519": "ed", "ES256": "256", "ES384": "384", "ES512": "521"}
	for _, alg := range Algorithms() {
		for other, key := range keys {
			if fits := AlgorithmFits(alg, key.Public()) == nil; fits != (kind[alg] == kind[other]) {
				t.Errorf("%s with the key of %s: fits %v", alg, other, fits)
			}
		}
	}
	short := &rsa.PublicKey{N: new(big.Int).Lsh(big.NewInt(1), 2046), E: 65537}
	long := &rsa.PublicKey{N: new(big.Int).Lsh(big.NewInt(1), 16384), E: 65537}
	for _, k := range []crypto.PublicKey{short, long, nil, "key", ed25519.PublicKey("short")} {
		for _, alg := range Algorithms() {
			if AlgorithmFits(alg, k) == nil {
				t.Errorf("%s fits %T", alg, k)
			}
		}
		if _, err := DefaultAlg(k); err == nil && Kind(k) != "an Ed25519 key" {
			t.Errorf("%T has an algorithm", k)
		}
	}
}

func TestDefaultAlgIsByKey(t *testing.T) {
	for alg, key := range keysByAlg(t) {
		got, err := DefaultAlg(key.Public())
		want := map[string]string{"Ed25519": "EdDSA", "RS256": "PS256", "RS384": "PS256", "RS512": "PS256", "PS384": "PS256", "PS512": "PS256"}[alg]
		if want == "" {
			want = alg
		}
		if err != nil || got != want {
			t.Errorf("the key of %s: %s, %v", alg, got, err)
		}
	}
}

// signer is a key whose signature is given.
type signer struct {
	pub crypto.PublicKey
	sig []byte
	err error
}

func (s signer) Public() crypto.PublicKey { return s.pub }

func (s signer) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) { return s.sig, s.err }

func TestRawSignaturesKeepTheirLeadingZeros(t *testing.T) {
	pub := keysByAlg(t)["ES256"].Public()
	der := []byte{0x30, 0x07, 0x02, 0x01, 0x05, 0x02, 0x02, 0x00, 0xff}
	got, err := Sign(signer{pub: pub, sig: der}, "ES256", "a.b")
	want := make([]byte, 64)
	want[31], want[63] = 5, 0xff
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("got %x, %v", got, err)
	}
}

func TestAKeyThatSignsNonsenseIsRefused(t *testing.T) {
	pub := keysByAlg(t)["ES256"].Public()
	long := append([]byte{0x30, 0x26, 0x02, 0x21, 0x01}, make([]byte, 32)...)
	long = append(long, 0x02, 0x01, 0x01)
	for _, sig := range [][]byte{
		nil,
		{},
		{0x30},
		{0x30, 0x00},
		{0x31, 0x00},
		{0x30, 0x80},
		{0x30, 0x81},
		{0x30, 0x82, 0x00, 0x00},
		{0x30, 0x03, 0x02, 0x01, 0x01},
		{0x30, 0x06, 0x02, 0x01, 0x00, 0x02, 0x01, 0x01},
		{0x30, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x00},
		{0x30, 0x06, 0x02, 0x01, 0x01, 0x04, 0x01, 0x01},
		{0x30, 0x07, 0x02, 0x01, 0x01, 0x02, 0x01, 0x01, 0x00},
		{0x30, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x01, 0x00},
		{0x30, 0x06, 0x02, 0x01, 0x01, 0x02, 0x02, 0x01},
		long,
	} {
		if got, err := Sign(signer{pub: pub, sig: sig}, "ES256", "a.b"); err == nil {
			t.Errorf("%x becomes %x", sig, got)
		}
	}
	broken := errors.New("card removed")
	if _, err := Sign(signer{pub: pub, err: broken}, "ES256", "a.b"); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	if _, err := Sign(nil, "ES256", "a.b"); err == nil {
		t.Error("signs without a key")
	}
}

func TestECDSASignaturesOfAnotherFormAreRefused(t *testing.T) {
	for _, alg := range []string{"ES256", "ES384", "ES512"} {
		key := keysByAlg(t)[alg]
		sig, err := Sign(key, alg, "a.b")
		if err != nil {
			t.Fatal(err)
		}
		half := len(sig) / 2
		zeros := make([]byte, half)
		size := CoordinateSize(key.Public().(*ecdsa.PublicKey).Curve)
		for name, bad := range map[string][]byte{
			"empty": nil, "short": sig[1:], "long": append(slices.Clone(sig), 0), "zero": make([]byte, len(sig)),
			"r zero": slices.Concat(zeros, sig[half:]), "s zero": slices.Concat(sig[:half], zeros), "swapped": slices.Concat(sig[half:], sig[:half]),
			"DER":   appendDER(nil, trimZeros(sig[:half]), trimZeros(sig[half:])),
			"order": bytes.Repeat([]byte{0xff}, 2*size),
		} {
			if Verify(key.Public(), alg, "a.b", bad) == nil {
				t.Errorf("%s: the signature %s verifies", alg, name)
			}
		}
	}
}

func TestDERAndRawAreInverse(t *testing.T) {
	for _, size := range []int{32, 48, 66} {
		for _, first := range []byte{0, 1, 0x7f, 0x80, 0xff} {
			raw := bytes.Repeat([]byte{first}, 2*size)
			raw[size-1], raw[2*size-1] = 1, 0x80
			der := appendDER(nil, trimZeros(raw[:size]), trimZeros(raw[size:]))
			if got, err := appendRaw(nil, der, size); err != nil || !bytes.Equal(got, raw) {
				t.Errorf("size %d, first byte %x: %x, %v", size, first, got, err)
			}
			if len(der) > maxDER {
				t.Errorf("%d bytes of DER", len(der))
			}
		}
	}
}

func TestDERIsThatOfTheStandardLibrary(t *testing.T) {
	for n := 1; n <= 66; n++ {
		r := bytes.Repeat([]byte{0x7f}, n)
		for _, first := range []byte{0x01, 0x80} {
			s := append([]byte{first}, r[1:]...)
			want, err := asn1.Marshal(struct{ R, S *big.Int }{new(big.Int).SetBytes(r), new(big.Int).SetBytes(s)})
			if err != nil {
				t.Fatal(err)
			}
			if got := appendDER(nil, r, s); !bytes.Equal(got, want) {
				t.Errorf("%d bytes: %x, want %x", n, got, want)
			}
		}
	}
}

func TestEncodeTakesTheAlgorithmOfTheHeader(t *testing.T) {
	key := keysByAlg(t)["ES384"]
	token, err := Encode(key, map[string]any{"alg": "ES384", "typ": "at+jwt"}, map[string]any{"sub": "a"})
	if err != nil {
		t.Fatal(err)
	}
	c, err := Split(token)
	if err != nil || !c.Canonical {
		t.Fatal(c, err)
	}
	if err := Verify(key.Public(), "ES384", c.SigningInput, c.Signature); err != nil {
		t.Error(err)
	}
	for _, header := range []any{map[string]any{}, map[string]any{"alg": "ES256"}, map[string]any{"alg": "none"}, map[string]any{"alg": 1}, "a", nil, func() {}} {
		if token, err := Encode(key, header, map[string]any{}); err == nil {
			t.Errorf("header %v: %s", header, token)
		}
	}
	if _, err := Encode(key, map[string]any{"alg": "ES384"}, func() {}); err == nil {
		t.Error("a function is encoded as claims")
	}
}
