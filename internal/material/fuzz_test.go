package material

import (
	"bytes"
	"crypto"
	"encoding/asn1"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/go-jose/go-jose/v4"
)

// seeds adds every file of testdata with the ending, or all files with "".
func seeds(f *testing.F, ending string) {
	f.Helper()
	files, err := filepath.Glob("testdata/*" + ending)
	if err != nil || len(files) == 0 {
		f.Fatal(err, len(files))
	}
	for _, name := range files {
		if info, err := os.Stat(name); err != nil || info.IsDir() {
			continue
		}
		f.Add(load(f, filepath.Base(name)))
	}
}

// sound checks what holds for all input: an error names the file, and what is
// returned can be used.
func sound(t *testing.T, c *Contents, err error) {
	t.Helper()
	if err != nil {
		var e *Error
		if !errors.As(err, &e) || e.File != "f" || e.Found == "" || c != nil {
			t.Fatalf("an error of another kind: %#v", err)
		}
		return
	}
	if len(c.Keys)+len(c.Certificates) == 0 || c.Format == "" {
		t.Fatalf("nothing was found and no error returned: %+v", c)
	}
	for _, k := range c.Keys {
		thumb(t, k)
		if k.Private != nil && !Same(k.Private.Public(), k.Public) {
			t.Fatal("the halves of a key do not fit")
		}
	}
}

func FuzzParse(f *testing.F) {
	seeds(f, "")
	f.Add([]byte("PuTTY-User-Key-File-3: ssh-ed25519"))
	f.Add([]byte("\xff\xfe-\x00-\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := Parse("f", data, nil)
		sound(t, c, err)
		for _, err := range []error{second(PublicKey("f", data, nil)), second(PrivateKey("f", data, nil)), second(Chain("f", data, nil)), second(Pair("f", data, "", nil, nil))} {
			if err != nil {
				sound(t, nil, err)
			}
		}
	})
}

func FuzzDER(f *testing.F) {
	seeds(f, ".der")
	for _, name := range []string{"secp256k1.pem", "explicit-sec1.pem", "dsa-traditional.pem", "rsa-three-primes.pem", "bundle.p7b", "request.pem"} {
		b, _ := pem.Decode(load(f, name))
		f.Add(b.Bytes)
	}
	f.Fuzz(func(t *testing.T, der []byte) {
		k, parts := shape(der)
		if parts == nil && k != kindUnknown && k != kindPKCS7 && k != kindPKCS12 {
			t.Fatalf("kind %d without elements", k)
		}
		c, err := Parse("f", der, nil)
		sound(t, c, err)
		// The same value as PEM, whatever its label, is the same thing.
		if c == nil {
			return
		}
		again, err := Parse("f", pem.EncodeToMemory(&pem.Block{Type: "THING", Bytes: bytes.TrimRight(der, "\r\n\t ")}), nil)
		if err == nil && len(again.Keys) != len(c.Keys) {
			t.Fatalf("DER holds %d keys, the same as PEM %d", len(c.Keys), len(again.Keys))
		}
	})
}

func FuzzJWK(f *testing.F) {
	seeds(f, ".jwk")
	f.Add([]byte(`{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}`))
	f.Add([]byte(`{"kty":"EC","crv":"P-256","x":"l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs","y":"9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA","x5c":[],"alg":"ES256"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		k, err := PublicKey("f", data, nil)
		if err != nil {
			sound(t, nil, err)
			return
		}
		var oracle jose.JSONWebKey
		if oracle.UnmarshalJSON(data) != nil {
			return // it reads fewer things: sets, large RSA keys
		}
		want, err := oracle.Thumbprint(crypto.SHA256)
		if err != nil {
			t.Fatal(err)
		}
		if got := thumb(t, k); got != base64.RawURLEncoding.EncodeToString(want) {
			t.Fatalf("thumbprint %s, go-jose has %x", got, want)
		}
		if oracle.IsPublic() != (k.Private == nil) {
			t.Fatal("go-jose disagrees on whether the key is private")
		}
	})
}

func FuzzEncrypted(f *testing.F) {
	for _, name := range []string{"pkcs8-aes256.pem", "pkcs8-des3.pem", "pkcs8-sha512.pem", "pkcs8-pbes1.pem", "legacy-aes.pem", "legacy-des3.pem"} {
		b, _ := pem.Decode(load(f, name))
		f.Add(b.Bytes, b.Headers["DEK-Info"])
	}
	f.Add(load(f, "pkcs8-aes128.der"), "")
	f.Fuzz(func(t *testing.T, data []byte, dek string) {
		if expensive(data) {
			return
		}
		b := &pem.Block{Type: "PRIVATE KEY", Bytes: data}
		if dek != "" {
			b.Headers = map[string]string{"Proc-Type": "4,ENCRYPTED", "DEK-Info": dek}
		}
		c, err := Parse("f", pem.EncodeToMemory(b), []string{"", "wrong", "pw"})
		sound(t, c, err)
	})
}

// expensive says whether opening the key would take longer than fuzzing should.
func expensive(der []byte) bool {
	var info encryptedInfo
	var scheme pbes2
	var p pbkdf2
	if _, err := asn1.Unmarshal(der, &info); err != nil {
		return false
	}
	if _, err := asn1.Unmarshal(info.Algorithm.Parameters.FullBytes, &scheme); err != nil {
		return false
	}
	_, err := asn1.Unmarshal(scheme.KDF.Parameters.FullBytes, &p)
	return err != nil || p.Iterations > 4096
}
