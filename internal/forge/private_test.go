package forge_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/base64"
	"testing"
)

// private is the private member of a JWK.
func private(t testing.TB, key crypto.Signer) string {
	t.Helper()
	var b []byte
	switch k := key.(type) {
	case *ecdsa.PrivateKey:
		var err error
		if b, err = k.Bytes(); err != nil {
			t.Fatal(err)
		}
	case ed25519.PrivateKey:
		b = k.Seed()
	case *rsa.PrivateKey:
		b = k.D.Bytes()
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

func base64Decode(s string) ([]byte, error) { return base64.RawURLEncoding.DecodeString(s) }
