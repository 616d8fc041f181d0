package token

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"github.com/oauthpop/oauthpop/internal/bounds"
	"github.com/oauthpop/oauthpop/internal/jwt"
)

// Inside recognises what was encrypted in a JWE: a JWT that is signed ("Nested
// JWT"), or claims alone, which have no header and no signature.
// https://www.rfc-editor.org/rfc/rfc7519#section-7.2
func Inside(plaintext []byte) (Reading, error) {
	if len(plaintext) > bounds.Token {
		return Reading{}, &Error{fmt.Sprintf("the token inside has %d bytes, more than the %d that are read", len(plaintext), bounds.Token), ""}
	}
	text := bytes.TrimSpace(plaintext)
	if !bytes.HasPrefix(text, []byte("{")) {
		return nested(text)
	}
	o, err := jwt.ParseObject(text)
	if err != nil {
		return Reading{}, &Error{"what is inside begins like JSON, and is " + err.Error(), ""}
	}
	return Reading{Kind: JWT, Compact: &jwt.Compact{Payload: o, RawPayload: text}}, nil
}

func nested(text []byte) (Reading, error) {
	if !utf8.Valid(text) {
		return Reading{}, &Error{"what is inside is no text", ""}
	}
	if len(text) == 0 {
		return Reading{}, &Error{"nothing is inside", ""}
	}
	r, err := Recognise(string(text))
	switch {
	case err != nil:
		return Reading{}, err
	case r.Kind == JWE:
		return Reading{}, &Error{"what is inside is encrypted once more", ""}
	case r.Kind == Opaque:
		return Reading{}, &Error{"what is inside is neither a JWT nor claims", ""}
	case r.Kind == JWT:
		r.Kind = role(r.Compact)
	}
	return r, nil
}
