package keys

import (
	"crypto"
	"crypto/sha256"
	"encoding/base64"

	"github.com/oauthpop/oauthpop/internal/jwt"
)

// Thumbprint returns the JWK SHA-256 thumbprint of a public key, in base64url, as
// cnf.jkt has it. https://www.rfc-editor.org/rfc/rfc7638#section-3
func Thumbprint(pub crypto.PublicKey) (string, error) {
	b, err := jwt.CanonicalJWK(pub)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(b)
	return base64.RawURLEncoding.EncodeToString(sum[:]), nil
}

// ThumbprintURI returns the thumbprint as a URI.
// https://www.rfc-editor.org/rfc/rfc9278#section-3
func ThumbprintURI(thumbprint string) string {
	return "urn:ietf:params:oauth:jwk-thumbprint:sha-256:" + thumbprint
}
