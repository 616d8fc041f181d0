package guard

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/oauthpop/oauthpop/internal/wire"
)

// Refusal says why a request may not go on, and how the client is told.
type Refusal struct {
	Status int
	// Error and Description are those of the challenge; "" where the request had no
	// credentials.
	Error, Description string
	// Schemes are those that the error belongs to; none where the request had no
	// credentials.
	Schemes []string
	// Check and Section name the rule that refused.
	Check, Section string
}

// refuse is a refusal for a request with one scheme, or with several at a time.
func refuse(status int, code, description string, schemes ...string) *Refusal {
	return &Refusal{Status: status, Error: code, Description: Printable(description), Schemes: schemes}
}

// invalidToken refuses a token that came with a scheme.
func invalidToken(scheme, format string, args ...any) *Refusal {
	return refuse(http.StatusUnauthorized, wire.ErrInvalidToken, fmt.Sprintf(format, args...), scheme)
}

// Challenges are the values of the WWW-Authenticate lines of the answer.
//
// "If the mechanism used to attempt authentication could be established
// unambiguously, then the corresponding challenge SHOULD be used to deliver error
// information." Otherwise "both Bearer and DPoP challenges MAY".
// https://www.rfc-editor.org/rfc/rfc9449#section-7.2
func (r *Refusal) Challenges(algs []string) []string {
	// "An algs parameter SHOULD be included to signal to the client the JWS
	// algorithms that are acceptable for the DPoP proof JWT."
	// https://www.rfc-editor.org/rfc/rfc9449#section-7.1
	dpop := challenge{scheme: wire.SchemeDPoP}
	bearer := challenge{scheme: wire.SchemeBearer}
	onlyDPoP := len(r.Schemes) == 1 && r.Schemes[0] == wire.SchemeDPoP
	for _, s := range r.Schemes {
		if s == wire.SchemeDPoP {
			dpop.error(r)
		} else {
			bearer.error(r)
		}
	}
	dpop.add("algs", strings.Join(algs, " "))
	if onlyDPoP {
		return []string{dpop.String()}
	}
	return []string{dpop.String(), bearer.String()}
}

// challenge is one challenge of RFC 9110 section 11.3.
type challenge struct {
	scheme string
	params []string
}

func (c *challenge) add(name, value string) {
	c.params = append(c.params, name+`="`+value+`"`)
}

func (c *challenge) error(r *Refusal) {
	c.add("error", r.Error)
	c.add("error_description", r.Description)
}

func (c *challenge) String() string {
	return strings.TrimSpace(c.scheme + " " + strings.Join(c.params, ", "))
}

// Printable keeps what an error_description may hold.
//
// "Values for the error and error_description … MUST NOT include characters
// outside the set %x20-21 / %x23-5B / %x5D-7E."
// https://www.rfc-editor.org/rfc/rfc6750#section-3
// https://www.rfc-editor.org/rfc/rfc6749#section-5.2
func Printable(s string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c == '"' || c == '\\':
			return '\''
		case c < ' ' || c > '~':
			return '?'
		}
		return c
	}, s)
}
