package server

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/oauthpop/oauthpop/internal/bounds"
	"github.com/oauthpop/oauthpop/internal/dpop"
	"github.com/oauthpop/oauthpop/internal/jwt"
)

// assertionAlgs are the algorithms of client assertions: those of proofs, all
// asymmetric.
func assertionAlgs() []string { return dpop.DefaultAlgs() }

// subjectOf reads who an assertion says it is from, so that the client's keys can
// be found. Nothing is verified.
func subjectOf(assertion string) string {
	c, err := jwt.Split(assertion)
	if err != nil {
		return ""
	}
	sub, _ := c.Payload.String("sub")
	return sub
}

// checkAssertion is private_key_jwt.
// https://www.rfc-editor.org/rfc/rfc7523#section-3
func (x *exchange) checkAssertion(c *registration, assertion string) error {
	// A DPoP proof or an access token by the same key must not pass for an assertion.
	types := []string{"", "jwt", "client-authentication+jwt"}
	j, err := openJWT(assertion, types, assertionAlgs(), c.keysFor)
	if err != nil {
		return fmt.Errorf("client assertion: %w", err)
	}
	expires, err := x.checkAssertionClaims(c, j.Payload)
	if err != nil {
		return fmt.Errorf("client assertion: %w", err)
	}
	// "The authorization server MAY ensure that JWTs are not replayed by maintaining
	// the set of used jti values for the length of time for which the JWT would be
	// considered valid."
	// https://www.rfc-editor.org/rfc/rfc7523#section-3
	jti, ok := j.Payload.String("jti")
	if !ok || jti == "" || len(jti) > bounds.JTI {
		return errors.New("client assertion: jti is missing or cannot be used")
	}
	return x.assertions.spend(c.ID, jti, expires, x.now)
}

func (x *exchange) checkAssertionClaims(c *registration, claims *jwt.Object) (time.Time, error) {
	for _, name := range []string{"iss", "sub"} {
		if value, _ := claims.String(name); value != c.ID {
			return time.Time{}, fmt.Errorf("%s is %q, not the client_id", name, value)
		}
	}
	list, err := audiences(claims)
	if err != nil {
		return time.Time{}, err
	}
	// The audience is this server: by its issuer identifier, or, as RFC 7523 allows, by
	// the URL of its token endpoint.
	// https://www.rfc-editor.org/rfc/rfc7523#section-3
	us := []string{x.main.base, x.main.url(tokenPath), x.mtls.url(tokenPath)}
	if !slices.ContainsFunc(list, func(a string) bool { return slices.Contains(us, a) }) {
		return time.Time{}, fmt.Errorf("aud is %q, not the issuer %s or its token endpoint", list, x.main.base)
	}
	expires, err := checkTimes(claims, x.now, bounds.ProofSkew)
	if err == nil && expires.Sub(x.now) > assertionMaxAge {
		err = fmt.Errorf("exp is more than %s away", assertionMaxAge)
	}
	return expires, err
}

// assertionMaxAge bounds how long a used jti has to be remembered: "the
// authorization server may reject JWTs with an exp claim value that is
// unreasonably far in the future".
// https://www.rfc-editor.org/rfc/rfc7523#section-3
const assertionMaxAge = time.Hour

// spent remembers assertions until they expire.
type spent struct {
	mu    sync.Mutex
	until map[[sha256.Size]byte]time.Time
	sweep int // size at which expired ones are dropped
}

func newSpent() *spent { return &spent{until: map[[sha256.Size]byte]time.Time{}, sweep: 1024} }

var errSpent = errors.New("client assertion: its jti has been used before")

// spend notes a jti of a client, once.
func (s *spent) spend(client, jti string, expires, now time.Time) error {
	key := sha256.Sum256([]byte(client + "\x00" + jti))
	s.mu.Lock()
	defer s.mu.Unlock()
	if until, ok := s.until[key]; ok && now.Before(until) {
		return errSpent
	}
	if len(s.until) >= s.sweep {
		for k, until := range s.until {
			if !now.Before(until) {
				delete(s.until, k)
			}
		}
		s.sweep = max(1024, 2*len(s.until))
	}
	if len(s.until) >= bounds.ReplayEntries {
		return errors.New("client assertion: too many are in use, try again later")
	}
	s.until[key] = expires
	return nil
}
