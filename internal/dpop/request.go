package dpop

import (
	"time"

	"github.com/oauthpop/oauthpop/internal/jwt"
)

// Request is what a proof is judged against.
type Request struct {
	// Proofs are the values of all DPoP header lines; one for a pasted proof.
	Proofs []string
	// Method and URL are those of the request; "" leaves the check out.
	Method, URL string
	// Token is the access token that came with the proof, if HasToken.
	Token    string
	HasToken bool
	// JKT is the thumbprint that the proof's key must have; "" leaves the check out.
	JKT string
	// Nonce judges the nonce claim. Nil leaves the check out. See [NonceError].
	Nonce func(nonce string, present bool) error
	// Now is when the request arrived. NoFreshness leaves out whatever depends on it.
	Now             time.Time
	NoFreshness     bool
	MaxAge, MaxSkew time.Duration
	// Algs are the algorithms that are accepted. There is no default, and what is
	// not an asymmetric algorithm is never accepted.
	Algs []string
	// Keys remembers the keys of proofs from one request to the next; it may be nil.
	Keys *Keys
}

// DefaultAlgs are the algorithms to accept where nothing else was asked for.
func DefaultAlgs() []string { return jwt.Algorithms() }

// Verified is a proof that passed every check.
type Verified struct {
	JKT, JTI, HTU string
	IAT           time.Time
	Nonce         string
}
