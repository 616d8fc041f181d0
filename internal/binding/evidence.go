package binding

import (
	"slices"

	"github.com/oauthpop/oauthpop/internal/token"
)

// EvidenceOf returns what a token itself says. Who vouches for it, and what came
// with it, is the caller's to add.
func EvidenceOf(r token.Reading) Evidence {
	switch r.Kind {
	case token.JWE:
		return Evidence{Encrypted: true, TokenType: r.TokenType}
	case token.JWT:
		e := Evidence{Source: SourceJWT, TokenType: r.TokenType}
		e.Cnf, e.HasCnf = r.Compact.Payload.Get("cnf")
		e.CnfRepeated = slices.Contains(r.Compact.Payload.Duplicates(), "cnf")
		return e
	case token.DPoPProof:
		return Evidence{NotAToken: true, TokenType: r.TokenType}
	}
	return Evidence{Opaque: true, TokenType: r.TokenType}
}
