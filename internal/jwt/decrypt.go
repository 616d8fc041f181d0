package jwt

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-jose/go-jose/v4"

	"github.com/oauthpop/oauthpop/internal/bounds"
)

// Decrypt opens a compact JWE with a private key. Of the algorithms of RFC 7518
// those are allowed that encrypt to a public key, without RSA1_5: "Avoid all
// RSA-PKCS1 v1.5 encryption algorithms [...], preferring RSAES-OAEP".
// https://www.rfc-editor.org/rfc/rfc8725#section-3.2
func Decrypt(key crypto.Signer, token string) ([]byte, error) {
	alg, enc, err := decryptionOf(token)
	if err != nil {
		return nil, err
	}
	switch key.(type) {
	case *rsa.PrivateKey:
		if !strings.HasPrefix(alg, "RSA-") {
			return nil, fmt.Errorf("it is an RSA key, and %s needs an EC key", alg)
		}
	case *ecdsa.PrivateKey:
		if !strings.HasPrefix(alg, "ECDH-") {
			return nil, fmt.Errorf("it is an EC key, and %s needs an RSA key", alg)
		}
	default:
		return nil, fmt.Errorf("a key of this kind signs, and decrypts nothing: %s needs an RSA or an EC key", alg)
	}
	jwe, err := jose.ParseEncryptedCompact(token, []jose.KeyAlgorithm{jose.KeyAlgorithm(alg)}, []jose.ContentEncryption{jose.ContentEncryption(enc)})
	if err != nil {
		return nil, fmt.Errorf("the encrypted JWT can't be read: %s", strings.TrimPrefix(err.Error(), "go-jose/go-jose: "))
	}
	plain, err := jwe.Decrypt(key)
	if err != nil {
		// The cause is the same for a wrong key and for a changed text, on purpose.
		return nil, errors.New("it does not decrypt: it is another's key, or the token was changed")
	}
	if len(plain) > bounds.Token {
		return nil, fmt.Errorf("what is encrypted has %d bytes, more than the %d that are read", len(plain), bounds.Token)
	}
	return plain, nil
}

// DecryptionAlgs are the values of alg that Decrypt knows.
func DecryptionAlgs() []string {
	return []string{"RSA-OAEP", "RSA-OAEP-256", "ECDH-ES", "ECDH-ES+A128KW", "ECDH-ES+A192KW", "ECDH-ES+A256KW"}
}

func decryptionEncs() []string {
	return []string{"A128GCM", "A192GCM", "A256GCM", "A128CBC-HS256", "A192CBC-HS384", "A256CBC-HS512"}
}

// decryptionOf reads alg and enc of a JWE and refuses what is not opened here.
func decryptionOf(token string) (alg, enc string, err error) {
	first, _, _ := strings.Cut(token, ".")
	raw, _, ok := decodeBase64(first)
	if !ok {
		return "", "", &FormatError{Part: "header", Reason: "not base64url"}
	}
	header, err := ParseObject(raw)
	if err != nil {
		return "", "", &FormatError{Part: "header", Reason: err.Error()}
	}
	alg, _ = header.String("alg")
	enc, _ = header.String("enc")
	switch {
	case alg == "dir" || strings.HasPrefix(alg, "A") || strings.HasPrefix(alg, "PBES2"):
		return "", "", fmt.Errorf("its alg %.50q wants a secret that both sides share, not a private key", alg)
	case !slices.Contains(DecryptionAlgs(), alg):
		return "", "", fmt.Errorf("its alg %.50q is not opened here, only %s", alg, strings.Join(DecryptionAlgs(), ", "))
	case !slices.Contains(decryptionEncs(), enc):
		return "", "", fmt.Errorf("its enc %.50q is not opened here, only %s", enc, strings.Join(decryptionEncs(), ", "))
	}
	// A few bytes may become many, and tokens do without: "Compression of data SHOULD
	// NOT be done before encryption".
	// https://www.rfc-editor.org/rfc/rfc8725#section-3.6
	if _, ok := header.Get("zip"); ok {
		return "", "", errors.New("it is compressed (zip), which is not opened here (RFC 8725 section 3.6)")
	}
	return alg, enc, nil
}
