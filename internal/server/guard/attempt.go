package guard

import (
	"strings"

	"github.com/oauthpop/oauthpop/internal/dpop"
	"github.com/oauthpop/oauthpop/internal/wire"
)

// attempt is one request on its way through the rules, with what they found.
type attempt struct {
	Request
	guard *Guard
	// scheme is DPoP or Bearer in that spelling, "" for any other and for none.
	scheme string
	token  string
	claims Claims
	proof  *dpop.Verified
}

// newAttempt reads the first Authorization line; a rule refuses more than one.
func newAttempt(g *Guard, r Request) *attempt {
	a := &attempt{Request: r, guard: g}
	if len(r.Authorization) > 0 {
		a.scheme, a.token = credentials(r.Authorization[0])
	}
	return a
}

// credentials splits an Authorization value.
//
// "It uses a case-insensitive token to identify the authentication scheme", and
// after it "1*SP": any number of spaces.
// https://www.rfc-editor.org/rfc/rfc9110#section-11.1
// https://www.rfc-editor.org/rfc/rfc9110#section-11.4
func credentials(value string) (scheme, token string) {
	name, rest, _ := strings.Cut(strings.Trim(value, " \t"), " ")
	for _, known := range []string{wire.SchemeDPoP, wire.SchemeBearer} {
		if strings.EqualFold(name, known) {
			return known, strings.TrimLeft(rest, " ")
		}
	}
	return "", ""
}

// token68 reports whether s has the syntax that both schemes demand.
//
// token68 = 1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="
// https://www.rfc-editor.org/rfc/rfc9110#section-11.2
func token68(s string) bool {
	s = strings.TrimRight(s, "=")
	if s == "" {
		return false
	}
	return strings.IndexFunc(s, func(c rune) bool {
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
		return !letter && !strings.ContainsRune("-._~+/", c)
	}) < 0
}
