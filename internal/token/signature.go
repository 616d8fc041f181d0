package token

import (
	"fmt"

	"github.com/oauthpop/oauthpop/internal/jwt"
)

// Signature is what checking a signature found.
type Signature struct {
	Valid bool
	// KID and Alg are what the header says.
	KID, Alg string
	// Detail says why it is not valid, or what is odd about it.
	Detail string
}

// HeaderOf reads kid and alg of a header.
func HeaderOf(header *jwt.Object) (kid, alg string) {
	kid, _ = header.String("kid")
	alg, _ = header.String("alg")
	return kid, alg
}

// CheckSignature checks a token's signature against the issuer's keys. A token
// that none of them signed is invalid, for whatever reason: a forger chooses kid
// and alg.
func CheckSignature(c *jwt.Compact, set KeySet) Signature {
	var s Signature
	s.KID, s.Alg = HeaderOf(c.Header)
	if s.Detail = forbidden(c); s.Detail != "" {
		return s
	}
	var named, fitting []Key
	for _, k := range set.Keys {
		if k.serves(s.Alg) {
			fitting = append(fitting, k)
			if s.KID != "" && k.KID == s.KID {
				named = append(named, k)
			}
		}
	}
	tried := named
	if len(named) == 0 {
		tried = fitting
	}
	for _, k := range tried {
		if jwt.Verify(k.Public, s.Alg, c.SigningInput, c.Signature) != nil {
			continue
		}
		s.Valid = true
		if s.KID != "" && k.KID != s.KID {
			s.Detail = fmt.Sprintf("a key of the set verifies it, but none has the kid %q", s.KID)
		}
		return s
	}
	s.Detail = refusal(s, set, len(named), len(fitting))
	return s
}

// forbidden says why a token is not even tried.
func forbidden(c *jwt.Compact) string {
	// "If any of the listed extension Header Parameters are not understood and
	// supported by the recipient, then the JWS is invalid." None is supported here.
	// https://www.rfc-editor.org/rfc/rfc7515#section-4.1.11
	if _, ok := c.Header.Get("crit"); ok {
		return `the header has "crit": it wants extensions that are not supported here`
	}
	for _, name := range c.Header.Duplicates() {
		if name == "alg" || name == "kid" {
			return fmt.Sprintf("the header has %q twice", name)
		}
	}
	return ""
}

func refusal(s Signature, set KeySet, named, fitting int) string {
	switch {
	case s.Alg == "none":
		return `"alg" is "none": the token is not signed`
	case fitting == 0 && len(set.Keys) == 0:
		return "the key set has no key that a signature can be checked with"
	case fitting == 0:
		return fmt.Sprintf("none of the %d keys of the set is for the algorithm %q", len(set.Keys), s.Alg)
	case named == 0 && s.KID != "":
		return fmt.Sprintf("no key of the set has the kid %q, and none of those for %s verifies the signature", s.KID, s.Alg)
	case named == 0:
		return fmt.Sprintf("none of the %d keys for %s verifies the signature", fitting, s.Alg)
	}
	return fmt.Sprintf("the key %q does not verify the signature", s.KID)
}

// serves says whether the issuer's key may have made a signature with alg.
func (k Key) serves(alg string) bool {
	switch {
	case k.Use != "" && k.Use != "sig":
		return false
	case k.Alg != "" && k.Alg != alg && !edwards(k.Alg, alg):
		return false
	}
	return jwt.AlgorithmFits(alg, k.Public) == nil
}

// edwards: "EdDSA" and "Ed25519" are two names of one thing for an Ed25519 key.
// https://www.rfc-editor.org/rfc/rfc9864#section-2.2
func edwards(a, b string) bool {
	is := func(s string) bool { return s == "EdDSA" || s == "Ed25519" }
	return is(a) && is(b)
}
