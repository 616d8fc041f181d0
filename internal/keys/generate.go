// Package keys makes keys, writes them, and gives their thumbprints (RFC 7638).
// Reading them is for the package material.
package keys

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"strings"

	"github.com/oauthpop/oauthpop/internal/bounds"
	"github.com/oauthpop/oauthpop/internal/jwt"
	"github.com/oauthpop/oauthpop/internal/material"
)

// OptionError says that a key of this kind or size is not made.
type OptionError struct{ Message string }

func (e *OptionError) Error() string { return e.Message }

// Algs are the algorithms that keys are made for.
func Algs() []string {
	return []string{"ES256", "ES384", "ES512", "Ed25519", "EdDSA", "RS256", "PS256"}
}

// Generate makes a private key for an algorithm. Its kid is its thumbprint. bits
// is the size of an RSA key, 0 the default.
func Generate(alg string, bits int) (material.Key, error) {
	signer, err := generate(alg, bits)
	if err != nil {
		return material.Key{}, err
	}
	k := material.Key{Private: signer, Public: signer.Public(), Alg: alg}
	k.KID, err = Thumbprint(k.Public)
	return k, err
}

func generate(alg string, bits int) (crypto.Signer, error) {
	isRSA := alg == "RS256" || alg == "PS256"
	if bits != 0 && !isRSA {
		return nil, &OptionError{fmt.Sprintf("the size of a key for %s is fixed, only RSA keys have one to choose", alg)}
	}
	switch alg {
	case "ES256":
		return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case "ES384":
		return ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	case "ES512":
		return ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	case "Ed25519", "EdDSA":
		_, k, err := ed25519.GenerateKey(rand.Reader)
		return k, err
	case "RS256", "PS256":
		if bits == 0 {
			bits = bounds.RSABits
		}
		// "A key of size 2048 bits or larger MUST be used with this algorithm."
		// https://www.rfc-editor.org/rfc/rfc7518#section-3.3
		if bits < bounds.RSABits || bits > bounds.RSAMaxBits {
			return nil, &OptionError{fmt.Sprintf("an RSA key of %d bits is not made: from %d to %d are", bits, bounds.RSABits, bounds.RSAMaxBits)}
		}
		return rsa.GenerateKey(rand.Reader, bits)
	default:
		return nil, &OptionError{fmt.Sprintf("%q is no algorithm that keys are made for: %s", alg, strings.Join(Algs(), ", "))}
	}
}

// Alg returns the algorithm that a key signs with: the one that its JWK names,
// else the default for its kind.
func Alg(k material.Key) (string, error) {
	if k.Alg == "" {
		return jwt.DefaultAlg(k.Public)
	}
	if err := jwt.AlgorithmFits(k.Alg, k.Public); err != nil {
		return "", err
	}
	return k.Alg, nil
}
