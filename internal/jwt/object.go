package jwt

import (
	"bytes"
	"encoding/json"
	"slices"
	"unicode/utf8"
)

// Object is a parsed JSON object. Its members keep the bytes they came with.
type Object struct {
	members    []member
	duplicates []string
}

type member struct {
	name []byte
	raw  json.RawMessage
}

// ParseObject reads b, which must be one JSON object and nothing else. Members
// that stand twice are not refused but remembered: see [Object.Duplicates].
func ParseObject(b []byte) (*Object, error) {
	// "Verify that the resulting octet sequence is a UTF-8-encoded representation
	// of a completely valid JSON object conforming to RFC 7159"
	// https://www.rfc-editor.org/rfc/rfc7515#section-5.2
	if !utf8.Valid(b) {
		return nil, &FormatError{Reason: "not valid UTF-8"}
	}
	s := scanner{b: b}
	s.space()
	if s.peek() != '{' {
		return nil, &FormatError{Reason: "not a JSON object"}
	}
	members, err := s.object("", 1, make([]member, 0, 8))
	if err != nil {
		return nil, err
	}
	s.space()
	if s.i != len(b) {
		return nil, s.fail("something follows the JSON object")
	}
	return &Object{members: members, duplicates: s.duplicates}, nil
}

// Get returns the value of a member as it came. Of a member that stands twice it
// is the last, which most parsers take.
func (o *Object) Get(name string) (json.RawMessage, bool) {
	for _, m := range slices.Backward(o.members) {
		if string(m.name) == name {
			return m.raw, true
		}
	}
	return nil, false
}

// String returns the value of a member that is a JSON string.
func (o *Object) String(name string) (string, bool) {
	raw, ok := o.Get(name)
	if !ok {
		return "", false
	}
	return Text(raw)
}

// Duplicates names the members that stand twice, those of nested objects by
// their path, for example "jwk.kty".
func (o *Object) Duplicates() []string { return o.duplicates }

// Names lists the members in the order they came, each once.
func (o *Object) Names() []string {
	names := make([]string, 0, len(o.members))
	for _, m := range o.members {
		if !slices.Contains(names, string(m.name)) {
			names = append(names, string(m.name))
		}
	}
	return names
}

// Text decodes a JSON string that was scanned before.
func Text(raw json.RawMessage) (string, bool) {
	if len(raw) < 2 || raw[0] != '"' {
		return "", false
	}
	if bytes.IndexByte(raw, '\\') < 0 {
		return string(raw[1 : len(raw)-1]), true
	}
	var s string
	if err := json.Unmarshal(raw, &s); err != nil {
		return "", false
	}
	return s, true
}
