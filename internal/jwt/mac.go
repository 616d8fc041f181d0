package jwt

import (
	"crypto"
	"crypto/hmac"
	"fmt"
)

// mac is one of the algorithms that sign with a secret which the verifier has, too.
type mac struct {
	name string
	hash crypto.Hash
}

// macs are apart from the asymmetric algorithms on purpose: whoever verifies by a
// public key must never take one of these.
var macs = []mac{{"HS256", crypto.SHA256}, {"HS384", crypto.SHA384}, {"HS512", crypto.SHA512}}

// MACs lists the names that [EncodeMAC] takes, the one for the shortest secrets first.
func MACs() []string {
	names := make([]string, len(macs))
	for i, m := range macs {
		names[i] = m.name
	}
	return names
}

// MACFits says why a secret cannot be used with an algorithm; nil if it can.
//
// "A key of the same size as the hash output (for instance, 256 bits for "HS256")
// or larger MUST be used with this algorithm."
// https://www.rfc-editor.org/rfc/rfc7518#section-3.2
func MACFits(alg string, secret []byte) error {
	m, err := lookupMAC(alg)
	if err != nil {
		return err
	}
	if least := m.hash.Size(); len(secret) < least {
		return &AlgorithmError{Alg: alg, Reason: fmt.Sprintf("the secret has %d bytes, and %d are needed at least (RFC 7518 section 3.2)", len(secret), least)}
	}
	return nil
}

func lookupMAC(alg string) (mac, error) {
	for _, m := range macs {
		if m.name == alg {
			return m, nil
		}
	}
	return mac{}, &AlgorithmError{Alg: alg, Reason: "not one of HS256, HS384 and HS512"}
}

// EncodeMAC makes a JWT that is authenticated by a secret. The algorithm is the
// header's alg.
func EncodeMAC(secret []byte, header, claims any) (string, error) {
	return encodeJWT(header, claims, func(alg, input string) ([]byte, error) {
		if err := MACFits(alg, secret); err != nil {
			return nil, err
		}
		m, err := lookupMAC(alg)
		if err != nil {
			return nil, err
		}
		return m.sum(secret, input), nil
	})
}

func (m mac) sum(secret []byte, input string) []byte {
	h := hmac.New(m.hash.New, secret)
	_, _ = h.Write([]byte(input)) // never fails
	return h.Sum(nil)
}
