// Package jwt is one strict parser for compact JWTs, with the signatures of RFC
// 7518 and RFC 8037 in their raw form. It is for DPoP proofs, access tokens and
// client assertions alike: what it is told to trust is always an argument.
package jwt

import (
	"encoding/base64"
	"strconv"
	"strings"
)

// FormatError says what is wrong with the form of a JWT, a JWK or a JSON object.
type FormatError struct {
	Part   string // "header", "payload", "signature", "jwk"; "" for the whole
	Reason string
}

// Error names the part and the reason.
func (e *FormatError) Error() string {
	if e.Part == "" {
		return e.Reason
	}
	return e.Part + ": " + e.Reason
}

// Compact is a JWT in compact serialization, taken apart; nothing is verified.
type Compact struct {
	Header, Payload       *Object
	RawHeader, RawPayload []byte
	Signature             []byte
	SigningInput          string
	// Canonical says that all three parts are what an encoder would write: the
	// unused bits of the last character are zero.
	Canonical bool
}

// Split takes a compact JWT apart: three parts in base64url, the first two JSON
// objects. An empty signature is left to [Verify].
func Split(s string) (*Compact, error) {
	header, rest, _ := strings.Cut(s, ".")
	payload, signature, ok := strings.Cut(rest, ".")
	if !ok || strings.Contains(signature, ".") {
		return nil, &FormatError{Reason: parts(s)}
	}
	c := &Compact{SigningInput: s[:len(header)+1+len(payload)], Canonical: true}
	var err error
	if c.RawHeader, c.Header, err = c.part("header", header); err != nil {
		return nil, err
	}
	if c.RawPayload, c.Payload, err = c.part("payload", payload); err != nil {
		return nil, err
	}
	if c.Signature, err = c.decode("signature", signature); err != nil {
		return nil, err
	}
	return c, nil
}

func parts(s string) string {
	switch n := strings.Count(s, ".") + 1; {
	case s == "":
		return "empty"
	case n == 5:
		return "5 parts, as an encrypted JWT has, not 3"
	case n == 1:
		return "1 part, not 3"
	default:
		return strconv.Itoa(n) + " parts, not 3"
	}
}

func (c *Compact) part(name, s string) ([]byte, *Object, error) {
	raw, err := c.decode(name, s)
	if err != nil {
		return nil, nil, err
	}
	o, err := ParseObject(raw)
	if err != nil {
		return nil, nil, &FormatError{Part: name, Reason: err.Error()}
	}
	return raw, o, nil
}

func (c *Compact) decode(name, s string) ([]byte, error) {
	raw, canonical, ok := decodeBase64(s)
	if !ok {
		return nil, &FormatError{Part: name, Reason: "not base64url"}
	}
	c.Canonical = c.Canonical && canonical
	return raw, nil
}

// decodeBase64 decodes base64url without padding. It is lax about the unused
// bits of the last character, and reports them.
func decodeBase64(s string) (raw []byte, canonical, ok bool) {
	// "Base64 encoding using the URL- and filename-safe character set [...] with
	// all trailing '=' characters omitted [...] and without the inclusion of any
	// line breaks, whitespace, or other additional characters."
	// https://www.rfc-editor.org/rfc/rfc7515#section-2
	if strings.IndexByte(s, '\n') >= 0 || strings.IndexByte(s, '\r') >= 0 { // encoding/base64 skips them
		return nil, false, false
	}
	raw, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return nil, false, false
	}
	tail := len(s) % 4
	if tail == 0 {
		return raw, true, true
	}
	var again [4]byte
	last := again[:tail]
	base64.RawURLEncoding.Encode(last, raw[len(raw)-(tail-1):])
	return raw, string(last) == s[len(s)-tail:], true
}
