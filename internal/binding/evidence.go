package binding

import (
	"slices"

	"github.com/oauthpop/oauthpop/internal/token"
)

// EvidenceOf returns what a token says by itself. A token that cannot be read is
// evidence of nothing.
func EvidenceOf(r token.Reading) Evidence {
	e := Evidence{TokenType: r.TokenType}
	switch {
	case r.Kind == token.JWE:
		e.Encrypted = true
	case r.Compact == nil:
		e.Opaque = true
	default:
		e.Source = SourceJWT
		e.Cnf, e.HasCnf = r.Compact.Payload.Get("cnf")
		e.CnfRepeated = slices.Contains(r.Compact.Payload.Duplicates(), "cnf")
	}
	return e
}
