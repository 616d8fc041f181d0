package token

import (
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/oauthpop/oauthpop/internal/jwt"
)

// decode makes text of what a file held: UTF-8 with or without a byte order mark,
// or the UTF-16 that PowerShell writes, with or without one.
func decode(text string) (string, error) {
	b := []byte(text)
	switch {
	case strings.HasPrefix(text, "\xff\xfe"):
		text = fromUTF16(b[2:], 0)
	case strings.HasPrefix(text, "\xfe\xff"):
		text = fromUTF16(b[2:], 1)
	case len(b) > 1 && b[0] != 0 && b[1] == 0:
		text = fromUTF16(b, 0)
	case len(b) > 1 && b[0] == 0 && b[1] != 0:
		text = fromUTF16(b, 1)
	}
	if !utf8.ValidString(text) {
		return "", &Error{"this is not a token: it is not text (neither UTF-8 nor UTF-16)", ""}
	}
	return strings.TrimPrefix(text, "\ufeff"), nil
}

// fromUTF16 decodes two bytes a unit; high is the place of the high one's pair.
func fromUTF16(b []byte, bigEndian int) string {
	units := make([]uint16, 0, len(b)/2)
	for i := 0; i+1 < len(b); i += 2 {
		units = append(units, uint16(b[i+bigEndian])|uint16(b[i+1-bigEndian])<<8)
	}
	return string(utf16.Decode(units))
}

// trim cuts white space and quotes around the whole.
func trim(s string) string {
	for {
		rest := strings.TrimSpace(s)
		for _, q := range [][2]string{{`"`, `"`}, {"'", "'"}, {"`", "`"}, {"“", "”"}, {"‘", "’"}} {
			if inner, ok := strings.CutPrefix(rest, q[0]); ok && strings.HasSuffix(inner, q[1]) {
				rest = strings.TrimSuffix(inner, q[1])
				break
			}
		}
		if rest == s {
			return s
		}
		s = rest
	}
}

// strip cuts what stands in front of a token in a request. proof: it was a DPoP
// header field, not a scheme.
func strip(s string) (rest string, proof bool) {
	if rest, ok := cutFold(s, "dpop:"); ok {
		return trim(rest), true
	}
	if rest, ok := cutFold(s, "authorization:"); ok {
		s = trim(rest)
	}
	// "[...] a case-insensitive token to identify the authentication scheme"
	// https://www.rfc-editor.org/rfc/rfc9110#section-11.1
	for _, scheme := range []string{"dpop", "bearer"} {
		if rest, ok := cutFold(s, scheme); ok && (rest == "" || strings.TrimSpace(rest) != rest) {
			return trim(rest), false
		}
	}
	return s, false
}

func cutFold(s, prefix string) (string, bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return s, false
	}
	return s[len(prefix):], true
}

// join puts a token together that was wrapped into lines. Only the compact forms
// are: two lines of anything else may as well be two things.
func join(s string) (string, error) {
	if !strings.ContainsAny(s, "\r\n") {
		return s, nil
	}
	var joined strings.Builder
	for _, line := range strings.FieldsFunc(s, func(r rune) bool { return r == '\r' || r == '\n' }) {
		joined.WriteString(strings.TrimSpace(line))
	}
	one := joined.String()
	if !compact(one) {
		return "", &Error{"this is not a token: there are several lines", "a token that is not a JWT has to stand on one line"}
	}
	return one, nil
}

// response finds the token in a whole token response.
func response(s string) (Reading, error) {
	o, err := jwt.ParseObject([]byte(s))
	if err != nil {
		return Reading{}, &Error{"this is not a token: it begins like JSON, and is " + err.Error(), "give the token alone, or a whole token response"}
	}
	for _, name := range o.Duplicates() {
		if name == "access_token" || name == "token_type" {
			return Reading{}, &Error{"the token response has " + name + " twice", ""}
		}
	}
	value, ok := o.String("access_token")
	if !ok || value == "" {
		return Reading{}, noAccessToken(o)
	}
	r, err := Recognise(value)
	if err != nil {
		return Reading{}, err
	}
	r.TokenType, _ = o.String("token_type")
	return r, nil
}

func noAccessToken(o *jwt.Object) error {
	if code, ok := o.String("error"); ok {
		return &Error{"this is not a token: it is the answer of a refusal, without access_token", fmt.Sprintf("error: %.100q", code)}
	}
	if _, ok := o.Get("kty"); ok {
		return &Error{"this is not a token but a JWK", "keys are given by --key"}
	}
	if _, ok := o.Get("cnf"); ok {
		return &Error{"this is not a token but its claims", "give the token itself: without it there is nothing to check"}
	}
	return &Error{"this is not a token: it is JSON without access_token", "give the token alone, or a whole token response"}
}
