package jwt

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"fmt"

	"github.com/oauthpop/oauthpop/internal/bounds"
)

type family int

const (
	familyECDSA family = iota
	familyEdDSA
	familyPKCS1
	familyPSS
)

// algorithm is one of the asymmetric signature algorithms.
type algorithm struct {
	family family
	hash   crypto.Hash
}

// lookup knows asymmetric algorithms only: "none" and MACs are not algorithms here.
func lookup(alg string) (algorithm, error) {
	switch alg {
	case "ES256":
		return algorithm{familyECDSA, crypto.SHA256}, nil
	case "ES384":
		return algorithm{familyECDSA, crypto.SHA384}, nil
	case "ES512":
		return algorithm{familyECDSA, crypto.SHA512}, nil
	// "EdDSA" is deprecated in favour of "Ed25519", which means the same with
	// the one curve that is taken here.
	// https://www.rfc-editor.org/rfc/rfc9864#section-2.2
	case "EdDSA", "Ed25519":
		return algorithm{family: familyEdDSA}, nil
	case "RS256":
		return algorithm{familyPKCS1, crypto.SHA256}, nil
	case "RS384":
		return algorithm{familyPKCS1, crypto.SHA384}, nil
	case "RS512":
		return algorithm{familyPKCS1, crypto.SHA512}, nil
	case "PS256":
		return algorithm{familyPSS, crypto.SHA256}, nil
	case "PS384":
		return algorithm{familyPSS, crypto.SHA384}, nil
	case "PS512":
		return algorithm{familyPSS, crypto.SHA512}, nil
	default:
		return algorithm{}, &AlgorithmError{Alg: alg, Reason: "not an asymmetric signature algorithm that is known here"}
	}
}

// Algorithms lists the names that [Sign] and [Verify] take.
func Algorithms() []string {
	return []string{
		"ES256", "ES384", "ES512", "EdDSA", "Ed25519",
		"PS256", "PS384", "PS512", "RS256", "RS384", "RS512",
	}
}

// AlgorithmError is an algorithm that is unknown or does not fit a key.
type AlgorithmError struct{ Alg, Reason string }

// Error names the algorithm and the reason.
func (e *AlgorithmError) Error() string { return fmt.Sprintf("alg %q: %s", e.Alg, e.Reason) }

// AlgorithmFits says why a key cannot be used with an algorithm; nil if it can.
func AlgorithmFits(alg string, pub crypto.PublicKey) error {
	a, err := lookup(alg)
	if err != nil {
		return err
	}
	if reason := a.misfit(alg, pub); reason != "" {
		return &AlgorithmError{Alg: alg, Reason: reason}
	}
	return nil
}

func (a algorithm) misfit(alg string, pub crypto.PublicKey) string {
	switch a.family {
	case familyECDSA:
		// "ES256: ECDSA using P-256 and SHA-256", and so on.
		// https://www.rfc-editor.org/rfc/rfc7518#section-3.4
		want := curveOf(alg).Params().Name
		if k, ok := pub.(*ecdsa.PublicKey); !ok || k.Curve != curveOf(alg) {
			return "needs an EC key on " + want + ", not " + Kind(pub)
		}
	case familyEdDSA:
		if k, ok := pub.(ed25519.PublicKey); !ok || len(k) != ed25519.PublicKeySize {
			return "needs an Ed25519 key, not " + Kind(pub)
		}
	default:
		k, ok := pub.(*rsa.PublicKey)
		if !ok {
			return "needs an RSA key, not " + Kind(pub)
		}
		return rsaSize(k)
	}
	return ""
}

// "A key of size 2048 bits or larger MUST be used with these algorithms."
// https://www.rfc-editor.org/rfc/rfc7518#section-3.3
func rsaSize(k *rsa.PublicKey) string {
	switch n := k.N.BitLen(); {
	case n < bounds.RSABits:
		return fmt.Sprintf("an RSA modulus of %d bits is too short, %d are needed", n, bounds.RSABits)
	case n > bounds.RSAMaxBits:
		return fmt.Sprintf("an RSA modulus of %d bits is too long, at most %d are taken", n, bounds.RSAMaxBits)
	default:
		return ""
	}
}

func curveOf(alg string) elliptic.Curve {
	switch alg {
	case "ES256":
		return elliptic.P256()
	case "ES384":
		return elliptic.P384()
	default:
		return elliptic.P521()
	}
}

// Kind names a public key for a message: "an EC key on P-256".
func Kind(pub crypto.PublicKey) string {
	switch k := pub.(type) {
	case *ecdsa.PublicKey:
		return "an EC key on " + k.Curve.Params().Name
	case ed25519.PublicKey:
		return "an Ed25519 key"
	case *rsa.PublicKey:
		return fmt.Sprintf("an RSA key of %d bits", k.N.BitLen())
	default:
		return fmt.Sprintf("a key of type %T", pub)
	}
}

// DefaultAlg returns the algorithm for a key that does not name one itself.
func DefaultAlg(pub crypto.PublicKey) (string, error) {
	switch k := pub.(type) {
	case *ecdsa.PublicKey:
		for _, alg := range []string{"ES256", "ES384", "ES512"} {
			if k.Curve == curveOf(alg) {
				return alg, nil
			}
		}
	case ed25519.PublicKey:
		// Not "Ed25519": much middleware refuses the newer name.
		return "EdDSA", nil
	case *rsa.PublicKey:
		if reason := rsaSize(k); reason != "" {
			return "", &AlgorithmError{Alg: "PS256", Reason: reason}
		}
		return "PS256", nil
	}
	return "", fmt.Errorf("no signature algorithm fits %s", Kind(pub))
}
