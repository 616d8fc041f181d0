package jwt

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"github.com/oauthpop/oauthpop/internal/bounds"
)

// encrypt makes a JWE as another implementation does.
func encrypt(t *testing.T, pub any, alg, enc string, plain string, o *jose.EncrypterOptions) string {
	t.Helper()
	e, err := jose.NewEncrypter(jose.ContentEncryption(enc), jose.Recipient{Algorithm: jose.KeyAlgorithm(alg), Key: pub}, o)
	if err != nil {
		t.Fatal(err)
	}
	jwe, err := e.Encrypt([]byte(plain))
	if err != nil {
		t.Fatal(err)
	}
	s, err := jwe.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func ecKey(t *testing.T, c elliptic.Curve) *ecdsa.PrivateKey {
	t.Helper()
	k, err := ecdsa.GenerateKey(c, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func rsaKey(t *testing.T) *rsa.PrivateKey {
	t.Helper()
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestDecryptOpensWhatAnotherEncrypted(t *testing.T) {
	rsaPrivate := rsaKey(t)
	for _, alg := range DecryptionAlgs() {
		for _, enc := range decryptionEncs() {
			keys := []crypto.Signer{rsaPrivate}
			if strings.HasPrefix(alg, "ECDH") {
				keys = []crypto.Signer{ecKey(t, elliptic.P256()), ecKey(t, elliptic.P384()), ecKey(t, elliptic.P521())}
			}
			for _, key := range keys {
				s := encrypt(t, key.Public(), alg, enc, "hello", nil)
				if plain, err := Decrypt(key, s); err != nil || string(plain) != "hello" {
					t.Errorf("%s, %s: %q, %v", alg, enc, plain, err)
				}
			}
		}
	}
}

func TestDecryptSaysWhyNot(t *testing.T) {
	rsaPrivate, ecPrivate := rsaKey(t), ecKey(t, elliptic.P256())
	_, edwards, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	toEC := encrypt(t, &ecPrivate.PublicKey, "ECDH-ES", "A256GCM", "hello", nil)
	toRSA := encrypt(t, &rsaPrivate.PublicKey, "RSA-OAEP-256", "A128GCM", "hello", nil)
	bomb := encrypt(t, &ecPrivate.PublicKey, "ECDH-ES", "A256GCM", strings.Repeat("a", 200_000), &jose.EncrypterOptions{Compression: jose.DEFLATE})
	long := encrypt(t, &ecPrivate.PublicKey, "ECDH-ES", "A256GCM", strings.Repeat("a", bounds.Token+1), nil)
	withHeader := func(header string) string {
		_, rest, _ := strings.Cut(toEC, ".")
		return base64.RawURLEncoding.EncodeToString([]byte(header)) + "." + rest
	}
	for _, c := range []struct {
		name  string
		key   crypto.Signer
		token string
		want  string
	}{
		{"another EC key", ecKey(t, elliptic.P256()), toEC, "another's key"},
		{"a key of another curve", ecKey(t, elliptic.P384()), toEC, "another's key"},
		{"another RSA key", rsaKey(t), toRSA, "another's key"},
		{"changed", ecPrivate, toEC[:len(toEC)-4] + "AAAA", "the token was changed"},
		{"an RSA key for EC", rsaPrivate, toEC, "ECDH-ES needs an EC key"},
		{"an EC key for RSA", ecPrivate, toRSA, "RSA-OAEP-256 needs an RSA key"},
		{"a key that signs only", edwards, toEC, "decrypts nothing"},
		{"compressed", ecPrivate, bomb, "compressed"},
		{"too long", ecPrivate, long, "more than"},
		{"dir", ecPrivate, withHeader(`{"alg":"dir","enc":"A256GCM"}`), "secret that both sides share"},
		{"A256KW", ecPrivate, withHeader(`{"alg":"A256KW","enc":"A256GCM"}`), "secret that both sides share"},
		{"a password", ecPrivate, withHeader(`{"alg":"PBES2-HS256+A128KW","enc":"A256GCM","p2c":2000000000,"p2s":"AA"}`), "secret that both sides share"},
		{"RSA1_5", rsaPrivate, withHeader(`{"alg":"RSA1_5","enc":"A256GCM"}`), "not opened here, only RSA-OAEP"},
		{"no alg", ecPrivate, withHeader(`{"enc":"A256GCM"}`), `alg "" is not opened`},
		{"unknown enc", ecPrivate, withHeader(`{"alg":"ECDH-ES","enc":"XC20P"}`), `enc "XC20P"`},
		{"no epk", ecPrivate, withHeader(`{"alg":"ECDH-ES","enc":"A256GCM"}`), "another's key"},
		{"not five parts", ecPrivate, strings.Join(strings.Split(toEC, ".")[:3], "."), "can't be read"},
		{"a header that is none", ecPrivate, "AA....", "header"},
		{"not base64url", ecPrivate, "a+b....", "header: not base64url"},
	} {
		t.Run(c.name, func(t *testing.T) {
			plain, err := Decrypt(c.key, c.token)
			if err == nil || !strings.Contains(err.Error(), c.want) || plain != nil {
				t.Errorf("%v, want %q", err, c.want)
			}
			if err != nil && strings.Contains(err.Error(), "go-jose") {
				t.Errorf("it names a library: %v", err)
			}
		})
	}
}

// FuzzDecrypt: whatever a token is, it is opened or refused with a reason, in
// bounded time and size.
func FuzzDecrypt(f *testing.F) {
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), bytes.Repeat([]byte{1}, 32))
	if err != nil {
		f.Fatal(err)
	}
	e, err := jose.NewEncrypter(jose.A128GCM, jose.Recipient{Algorithm: jose.ECDH_ES_A128KW, Key: &key.PublicKey}, nil)
	if err != nil {
		f.Fatal(err)
	}
	jwe, err := e.Encrypt([]byte("hello"))
	if err != nil {
		f.Fatal(err)
	}
	s, err := jwe.CompactSerialize()
	if err != nil {
		f.Fatal(err)
	}
	header, rest, _ := strings.Cut(s, ".")
	raw, err := base64.RawURLEncoding.DecodeString(header)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw, rest)
	f.Add([]byte(`{"alg":"ECDH-ES","enc":"A256GCM","epk":{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}}`), rest)
	f.Add([]byte(`{"alg":"ECDH-ES","enc":"A128GCM","zip":"DEF","crit":["x"]}`), "...")
	f.Fuzz(func(t *testing.T, header []byte, rest string) {
		plain, err := Decrypt(key, base64.RawURLEncoding.EncodeToString(header)+"."+rest)
		if err != nil && plain != nil || len(plain) > bounds.Token {
			t.Errorf("%d bytes, %v", len(plain), err)
		}
	})
}
