package server

import (
	"errors"
	"fmt"
	"time"
)

// NoncePolicy says what the server does about nonces in DPoP proofs.
type NoncePolicy string

const (
	// NoncesOff gives none and looks at none.
	NoncesOff NoncePolicy = "off"
	// NoncesOptional gives one with each answer. A proof may do without, but a nonce
	// that is in it must be one that was given.
	NoncesOptional NoncePolicy = "optional"
	// NoncesRequired refuses proofs without.
	NoncesRequired NoncePolicy = "required"
)

// NoncePolicies are all of them.
func NoncePolicies() []NoncePolicy {
	return []NoncePolicy{NoncesOff, NoncesOptional, NoncesRequired}
}

// ParseNoncePolicy reads the name of a policy.
func ParseNoncePolicy(s string) (NoncePolicy, error) {
	for _, p := range NoncePolicies() {
		if string(p) == s {
			return p, nil
		}
	}
	return "", fmt.Errorf("%q is not off, optional or required", s)
}

// noncePeriod is how long a nonce is given out; it is accepted for one period more.
const noncePeriod = 5 * time.Minute

var errNonceRequired = errors.New("a nonce is required")

// nonceRule is what the nonce of a proof is judged with, nil where there are none.
//
// "If the nonce claim in the DPoP proof does not exactly match a nonce recently
// supplied by the authorization server to the client, the authorization server
// MUST reject the request."
// https://www.rfc-editor.org/rfc/rfc9449#section-8
func (p *site) nonceRule() func(nonce string, present bool, now time.Time) error {
	if p.cfg.Nonces == NoncesOff {
		return nil
	}
	return func(nonce string, present bool, now time.Time) error {
		if present {
			return p.nonces.Check(nonce, now)
		}
		if p.cfg.Nonces == NoncesRequired {
			return errNonceRequired
		}
		return nil
	}
}
