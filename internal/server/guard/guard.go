// Package guard judges one request to a protected resource: whether the access
// token may be used by whoever sent it. It is pure but for what it is given to
// remember with: the nonces and the replay cache.
package guard

import (
	"crypto/x509"
	"time"

	"github.com/oauthpop/oauthpop/internal/dpop"
	"github.com/oauthpop/oauthpop/internal/wire"
)

// Request is what is judged: the facts of one HTTP request.
type Request struct {
	Method string
	// URL is the public base URL that the server is configured with and the escaped
	// path that was asked for. The Host header has no part in it: whoever sends the
	// request chooses it, and with it could move a proof to another endpoint.
	URL string
	// TokenInQuery says that the query has a member access_token.
	TokenInQuery bool
	// Authorization and Proofs are the values of all Authorization and DPoP lines.
	Authorization, Proofs []string
	// Certificate is the leaf that the client proved to have the key of in the
	// handshake of this very connection; nil without one.
	Certificate *x509.Certificate
	Now         time.Time
}

// Claims is what an access token says, after its signature, issuer, audience and
// times were found right.
type Claims struct {
	Subject, ClientID, Scope string
	// Confirmation is what the token is bound to.
	Confirmation wire.Thumbprints
	// Unconfirmable says that the token has a cnf of which no member is known.
	Unconfirmable bool
}

// Verdict is the answer to a request that may go on.
type Verdict struct {
	Claims Claims
	// Bound is what the token is bound by: dpop, mtls, dpop+mtls or none.
	Bound string
	// Proof is the verified proof, nil where none was needed.
	Proof *dpop.Verified
}

// Replays remembers proofs.
type Replays interface {
	// Seen remembers a proof and reports whether it was known already.
	Seen(v *dpop.Verified, now time.Time) bool
}

// Guard holds the rules and what they are judged with. All fields but Nonce are
// required.
type Guard struct {
	// Checks are the rules for the request, Proof those for the proof in it.
	Checks []Check
	Proof  []dpop.Check
	// Algs are the algorithms that a proof may be signed with.
	Algs []string
	// Tokens verifies an access token and returns what it says.
	Tokens func(token string, now time.Time) (Claims, error)
	// Nonce judges the nonce of a proof; nil where the server gives none.
	Nonce func(nonce string, present bool, now time.Time) error
	// MaxAge and MaxSkew are the window in which a proof is accepted.
	MaxAge, MaxSkew time.Duration
	Replays         Replays
}

// Judge runs the rules in their order and stops at the first that refuses.
func (g *Guard) Judge(r Request) (*Verdict, *Refusal) {
	a := newAttempt(g, r)
	for _, c := range g.Checks {
		if refusal := c.run(a); refusal != nil {
			refusal.Check, refusal.Section = c.ID, c.Section
			return nil, refusal
		}
	}
	return &Verdict{Claims: a.claims, Bound: BoundBy(a.claims.Confirmation), Proof: a.proof}, nil
}

// BoundBy names what a token is bound by: dpop, mtls, dpop+mtls or none.
func BoundBy(cnf wire.Thumbprints) string {
	switch {
	case cnf.JKT != "" && cnf.X5T != "":
		return "dpop+mtls"
	case cnf.JKT != "":
		return "dpop"
	case cnf.X5T != "":
		return "mtls"
	}
	return "none"
}
