package binding

import (
	"slices"

	"github.com/oauthpop/oauthpop/internal/token"
)

// EvidenceOf returns what a token itself says. Who vouches for it, and what came
// with it, is the caller's to add.
func EvidenceOf(r token.Reading) Evidence {
	switch {
	case r.Kind == token.JWE:
		return Evidence{Encrypted: true, TokenType: r.TokenType}
	case r.Kind == token.DPoPProof:
		return Evidence{NotAToken: true, TokenType: r.TokenType}
	case r.Compact == nil:
		return Evidence{Opaque: true, TokenType: r.TokenType}
	}
	e := Evidence{Source: SourceJWT, TokenType: r.TokenType}
	e.Cnf, e.HasCnf = r.Compact.Payload.Get("cnf")
	e.CnfRepeated = slices.Contains(r.Compact.Payload.Duplicates(), "cnf")
	if e.HasCnf {
		return e // it names a key, whatever else it is
	}
	switch r.Kind {
	case token.IDToken:
		return Evidence{NotAToken: true, Instead: "an ID token, not an access token: it tells the client who logged in, and no resource server takes it"}
	case token.ClientAssertion:
		return Evidence{NotAToken: true, Instead: "a client assertion, not an access token: it authenticates a client to the authorization server"}
	}
	return e
}
