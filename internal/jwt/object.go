package jwt

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"
)

// Object is a parsed JSON object. Its members keep the bytes they came with.
type Object struct {
	text       string
	members    []member
	duplicates []string
}

// member is a name, decoded, and where its value stands in the text.
type member struct {
	name       string
	start, end int
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
	s := scanner{text: string(b)}
	s.space()
	if s.peek() != '{' {
		return nil, &FormatError{Reason: "not a JSON object"}
	}
	members, err := s.object("", 1, make([]member, 0, 8))
	if err != nil {
		return nil, err
	}
	s.space()
	if s.i != len(s.text) {
		return nil, s.fail("something follows the JSON object")
	}
	return &Object{text: s.text, members: members, duplicates: s.duplicates}, nil
}

// Get returns the value of a member as it came. Of a member that stands twice it
// is the last, which most parsers take.
func (o *Object) Get(name string) (json.RawMessage, bool) {
	text, ok := o.Text(name)
	return json.RawMessage(text), ok
}

// Text returns what [Object.Get] does, as a string: nothing is copied.
func (o *Object) Text(name string) (string, bool) {
	for _, m := range slices.Backward(o.members) {
		if m.name == name {
			return o.text[m.start:m.end], true
		}
	}
	return "", false
}

// String returns the value of a member that is a JSON string.
func (o *Object) String(name string) (string, bool) {
	text, ok := o.Text(name)
	if !ok {
		return "", false
	}
	return unquote(text)
}

// Duplicates names the members that stand twice, those of nested objects by
// their path, for example "jwk.kty".
func (o *Object) Duplicates() []string { return o.duplicates }

// Names lists the members in the order they came, each once.
func (o *Object) Names() []string {
	names := make([]string, 0, len(o.members))
	seen := make(map[string]bool, len(o.members))
	for _, m := range o.members {
		if !seen[m.name] {
			seen[m.name] = true
			names = append(names, m.name)
		}
	}
	return names
}

// unquote decodes a JSON string that was scanned before. Without escapes it is
// the text itself.
func unquote(text string) (string, bool) {
	if len(text) < 2 || text[0] != '"' {
		return "", false
	}
	if strings.IndexByte(text, '\\') < 0 {
		return text[1 : len(text)-1], true
	}
	var s string
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return "", false
	}
	return s, true
}

// Text decodes a JSON string that was scanned before.
func Text(raw json.RawMessage) (string, bool) { return unquote(string(raw)) }
