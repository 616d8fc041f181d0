package forge

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"errors"

	"github.com/oauthpop/oauthpop/internal/jwt"
)

// signatures are proofs whose signature is not that of the key in jwk.
func signatures() []Case {
	// "The JWT signature verifies with the public key contained in the jwk JOSE Header
	// Parameter." https://www.rfc-editor.org/rfc/rfc9449#section-4.3
	signature := func(id, title string, change func([]byte) ([]byte, error)) Case {
		return Case{
			ID: id, Title: title, Section: "RFC 9449 §4.3 item 6", Strength: Must, Fails: []string{"signature"},
			change: func(d *draft) error { d.signed = change; return nil },
		}
	}
	asDER := signature("signature-der", "an ECDSA signature in DER", der)
	asDER.kind, asDER.Section = kindEC, "RFC 7518 §3.4"
	// A verifier that does not compare r and s with zero takes this for every message:
	// CVE-2022-21449.
	zero := signature("signature-zero", "an ECDSA signature of zeros", func(s []byte) ([]byte, error) { return make([]byte, len(s)), nil })
	zero.kind = kindEC
	other := signature("signature-other-key", "signed by another key than the one in jwk", nil)
	other.change = func(d *draft) error {
		d.sign = func(input string) ([]byte, error) { return signByAnother(d, input) }
		return nil
	}
	return []Case{
		signature("signature-bit", "a signature with one bit changed", func(s []byte) ([]byte, error) { s[len(s)/2] ^= 1; return s, nil }),
		other, zero, asDER,
		signature("signature-short", "a signature without its last byte", func(s []byte) ([]byte, error) { return s[:len(s)-1], nil }),
		signature("signature-long", "a signature with a byte behind it", func(s []byte) ([]byte, error) { return append(s, 0), nil }),
		signature("signature-empty", "an empty signature", func([]byte) ([]byte, error) { return nil, nil }),
	}
}

func signByAnother(d *draft, input string) ([]byte, error) {
	var other crypto.Signer
	var err error
	switch pub := d.key.Public().(type) {
	case *ecdsa.PublicKey:
		other, err = ecdsa.GenerateKey(pub.Curve, rand.Reader)
	case ed25519.PublicKey:
		_, other, err = ed25519.GenerateKey(rand.Reader)
	case *rsa.PublicKey:
		other, err = rsa.GenerateKey(rand.Reader, pub.N.BitLen())
	default:
		err = errors.New("no key of this kind can be made")
	}
	if err != nil {
		return nil, err
	}
	return jwt.Sign(other, d.alg, input)
}
