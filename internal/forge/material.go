package forge

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/asn1"
	"fmt"
	"math/big"

	"github.com/oauthpop/oauthpop/internal/bounds"
)

// The kinds of keys that a defect may need.
const (
	kindEC      = "EC" // on any curve
	kindP256    = "P-256"
	kindP384    = "P-384"
	kindEd25519 = "Ed25519"
	kindRSA     = "RSA"
	kindWeakRSA = "RSA-1024"
)

func fits(kind string, key crypto.Signer) bool {
	switch pub := key.Public().(type) {
	case *ecdsa.PublicKey:
		return kind == "" || kind == kindEC || kind == pub.Curve.Params().Name
	case ed25519.PublicKey:
		return kind == "" || kind == kindEd25519
	case *rsa.PublicKey:
		weak := pub.N.BitLen() < bounds.RSABits
		return kind == "" || kind == kindRSA && !weak || kind == kindWeakRSA && weak
	}
	return false
}

// newKey makes a key that is thrown away, with the algorithm for it.
func newKey(kind string) (key crypto.Signer, alg string, err error) {
	switch kind {
	case kindP384:
		key, err = ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
		alg = "ES384"
	case kindEd25519:
		_, key, err = ed25519.GenerateKey(rand.Reader)
		alg = "EdDSA"
	case kindRSA:
		key, err = rsa.GenerateKey(rand.Reader, bounds.RSABits)
		alg = "PS256"
	case kindWeakRSA:
		// Being too short is the defect. It is made for one proof, and protects nothing.
		key, err = rsa.GenerateKey(rand.Reader, 1024) //nolint:gosec // see above
		alg = "RS256"
	default:
		key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		alg = "ES256"
	}
	if err != nil {
		return nil, "", fmt.Errorf("make a key to throw away: %w", err)
	}
	return key, alg, nil
}

// signSHA256 signs as an algorithm with SHA-256 does, without asking whether the
// key fits it.
func signSHA256(key crypto.Signer, input string) ([]byte, error) {
	sum := sha256.Sum256([]byte(input))
	signature, err := key.Sign(rand.Reader, sum[:], crypto.SHA256)
	if err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	pub, ok := key.Public().(*ecdsa.PublicKey)
	if !ok {
		return signature, nil
	}
	var parts struct{ R, S *big.Int }
	if _, err := asn1.Unmarshal(signature, &parts); err != nil {
		return nil, fmt.Errorf("read the signature: %w", err)
	}
	size := (pub.Curve.Params().BitSize + 7) / 8
	raw := make([]byte, 2*size)
	parts.R.FillBytes(raw[:size])
	parts.S.FillBytes(raw[size:])
	return raw, nil
}

// der is the form of an ECDSA signature that every protocol but JOSE has.
func der(raw []byte) ([]byte, error) {
	half := len(raw) / 2
	return asn1.Marshal(struct{ R, S *big.Int }{new(big.Int).SetBytes(raw[:half]), new(big.Int).SetBytes(raw[half:])})
}
