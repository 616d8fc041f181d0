// Package token recognises a token in what people paste: the token alone, with
// its scheme or the whole header in front, quoted, wrapped, or a whole token
// response. It is pure, and reads forms only: nothing is verified.
package token

import (
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/oauthpop/oauthpop/internal/bounds"
	"github.com/oauthpop/oauthpop/internal/jwt"
)

// Kind is what a token is by its form.
type Kind string

// The kinds.
const (
	JWT             Kind = "jwt"
	JWE             Kind = "jwe"
	Opaque          Kind = "opaque"
	DPoPProof       Kind = "dpop-proof"
	IDToken         Kind = "id-token"
	ClientAssertion Kind = "client-assertion"
)

// Kinds returns the closed list of kinds.
func Kinds() []Kind { return []Kind{JWT, JWE, Opaque, DPoPProof, IDToken, ClientAssertion} }

// Reading is a token that was recognised.
type Reading struct {
	Kind Kind
	// Token is the token alone.
	Token string
	// TokenType is the token_type of the token response that it was found in.
	TokenType string
	// Header is that of anything but an opaque token; Compact is nil for a JWE too.
	Header    *jwt.Object
	RawHeader []byte
	Compact   *jwt.Compact
}

// Error says why a text is not a token. It never quotes the text: what was pasted
// may be a secret.
type Error struct{ Reason, Hint string }

func (e *Error) Error() string { return e.Reason }

// HintText is what to try.
func (e *Error) HintText() string { return e.Hint }

// Read recognises the token in text.
func Read(text string) (Reading, error) {
	s, err := decode(text)
	if err != nil {
		return Reading{}, err
	}
	s = trim(s)
	if s == "" {
		return Reading{}, &Error{"there is no token: the text is empty", "give the token itself, @FILE or - for standard input"}
	}
	switch {
	case s[0] == '{' || s[0] == '[':
		return response(s)
	case strings.HasPrefix(s, "-----BEGIN "):
		return Reading{}, &Error{"this is not a token but a PEM file", "keys and certificates are given by --key and --cert"}
	}
	s, proof := strip(s)
	if s == "" {
		return Reading{}, &Error{"there is no token behind the name of the scheme", "was the variable that should hold it empty?"}
	}
	s, err = join(s)
	if err != nil {
		return Reading{}, err
	}
	r, err := Recognise(s)
	if err == nil && proof && r.Kind != DPoPProof {
		return Reading{}, &Error{"what stands in the DPoP header is not a proof (RFC 9449 section 4.2)", "`oauthpop dpop verify` says what is wrong with it"}
	}
	if err == nil && r.Kind == JWT {
		r.Kind = role(r.Compact)
	}
	return r, err
}

// Recognise tells the forms apart. A JWT counts as an access token, whatever it says. The text is the token and nothing else, as an
// answer or a header field holds it; for what people paste there is [Read].
func Recognise(s string) (Reading, error) {
	if len(s) > bounds.Token {
		return Reading{}, &Error{fmt.Sprintf("the token has %d bytes, more than the %d that are read", len(s), bounds.Token), ""}
	}
	if !compact(s) {
		return opaque(s)
	}
	if strings.Count(s, ".") == 4 {
		return encrypted(s)
	}
	c, err := jwt.Split(s)
	if err != nil {
		return Reading{}, damaged(s, err)
	}
	r := Reading{Kind: JWT, Token: s, Header: c.Header, RawHeader: c.RawHeader, Compact: c}
	if isProof(c) {
		r.Kind = DPoPProof
	}
	return r, nil
}

// compact says whether s is meant to be a JWT or a JWE. Some issuers make opaque
// tokens of base64 and JSON too, but those are one part and have no alg.
func compact(s string) bool {
	raw, header := header(s)
	if header == nil {
		const brace = "eyJ" // the base64 of {"
		return strings.HasPrefix(s, brace) || len(raw) > 0 && raw[0] == '{' && strings.Contains(s, ".")
	}
	_, ok := header.Get("alg")
	return ok || strings.Contains(s, ".")
}

// header decodes what stands before the first dot; it is nil where that is no
// JSON object.
func header(s string) (raw []byte, o *jwt.Object) {
	first, _, _ := strings.Cut(s, ".")
	raw, err := base64.RawURLEncoding.DecodeString(first)
	if err != nil {
		return nil, nil
	}
	if o, err = jwt.ParseObject(raw); err != nil {
		return raw, nil
	}
	return raw, o
}

// encrypted reads the five parts of a JWE; the second, its encrypted key, is empty
// where the key is agreed on beforehand ("alg": "dir").
func encrypted(s string) (Reading, error) {
	raw, o := header(s)
	if o == nil {
		return Reading{}, damaged(s, &jwt.FormatError{Part: "header", Reason: "not a JSON object in base64url"})
	}
	// "enc": "This Header Parameter MUST be present"
	// https://www.rfc-editor.org/rfc/rfc7516#section-4.1.2
	if _, ok := o.String("enc"); !ok {
		return Reading{}, &Error{"the token has five parts, and its header has no \"enc\": it is neither a JWT nor an encrypted one", "is it two tokens, or one that was pasted twice?"}
	}
	for _, part := range strings.Split(s, ".")[1:] {
		if _, err := base64.RawURLEncoding.DecodeString(part); err != nil || strings.ContainsAny(part, "\r\n") {
			return Reading{}, damaged(s, &jwt.FormatError{Reason: "a part is not base64url"})
		}
	}
	return Reading{Kind: JWE, Token: s, Header: o, RawHeader: raw}, nil
}

// isProof: "typ: A field with the value dpop+jwt, which explicitly types the DPoP
// proof JWT". Media types are compared without regard to case, and one that is
// written in full is still meant.
// https://www.rfc-editor.org/rfc/rfc9449#section-4.2
func isProof(c *jwt.Compact) bool {
	typ, _ := c.Header.String("typ")
	typ = strings.ToLower(typ)
	return strings.TrimPrefix(typ, "application/") == "dpop+jwt"
}

func damaged(s string, err error) error {
	e := &Error{Reason: "the token begins like a JWT and is none: " + err.Error(), Hint: "was it cut off or changed when it was copied?"}
	switch dots := strings.Count(s, "."); {
	case dots < 2:
		e.Hint = "the end is missing: was it cut off when it was copied?"
	case dots > 4:
		e.Hint = "is it several tokens?"
	}
	return e
}

// opaque takes what can be sent in an Authorization header and says nothing.
func opaque(s string) (Reading, error) {
	// "token68 = 1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"=""
	// https://www.rfc-editor.org/rfc/rfc9110#section-11.2
	body := strings.TrimRight(s, "=")
	for i, r := range body {
		if !token68(r) {
			return Reading{}, notAToken(s, i, r)
		}
	}
	if body == "" {
		return Reading{}, &Error{"this is not a token: it is nothing but \"=\"", ""}
	}
	return Reading{Kind: Opaque, Token: s}, nil
}

func token68(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-._~+/", r)
}

func notAToken(s string, at int, r rune) error {
	what := fmt.Sprintf("this is not a token: it has %q at character %d", r, len([]rune(s[:at]))+1)
	if r == ' ' {
		what = "this is not a token: there are spaces in it"
	}
	return &Error{what, "an access token has letters, digits and -._~+/= only (RFC 9110 section 11.2)"}
}
