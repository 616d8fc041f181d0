package jwt

import (
	"fmt"
	"strings"

	"github.com/oauthpop/oauthpop/internal/bounds"
)

// scanner walks over JSON text (RFC 8259) without building values. encoding/json
// cannot be used: it drops the first of two members with one name silently.
type scanner struct {
	text       string
	i          int
	duplicates []string
}

// mapFrom is the number of members from which names are looked up in a map.
const mapFrom = 16

func (s *scanner) fail(reason string) error {
	return &FormatError{Reason: fmt.Sprintf("%s (byte %d)", reason, s.i)}
}

// peek returns the next byte, 0 at the end.
func (s *scanner) peek() byte {
	if s.i < len(s.text) {
		return s.text[s.i]
	}
	return 0
}

func (s *scanner) space() {
	for s.i < len(s.text) {
		switch s.text[s.i] {
		case ' ', '\t', '\r', '\n':
			s.i++
		default:
			return
		}
	}
}

// object reads an object that begins here and appends its members to members.
// path is the way to it, with a final dot.
func (s *scanner) object(path string, depth int, members []member) ([]member, error) {
	if depth > bounds.JSONDepth {
		return nil, s.fail("nested too deeply")
	}
	s.i++
	s.space()
	if s.peek() == '}' {
		s.i++
		return members, nil
	}
	var seen map[string]bool
	for {
		name, err := s.name()
		if err != nil {
			return nil, err
		}
		if len(members) == mapFrom {
			seen = index(members)
		}
		if has(members, seen, name) {
			s.duplicates = append(s.duplicates, path+name)
		}
		if seen != nil {
			seen[name] = true
		}
		start := s.i
		if err := s.value(path, name, depth); err != nil {
			return nil, err
		}
		members = append(members, member{name, start, s.i})
		more, err := s.next('}')
		if err != nil || !more {
			return members, err
		}
	}
}

func index(members []member) map[string]bool {
	seen := make(map[string]bool, 2*mapFrom)
	for _, m := range members {
		seen[m.name] = true
	}
	return seen
}

func has(members []member, seen map[string]bool, name string) bool {
	if seen != nil {
		return seen[name]
	}
	for _, m := range members {
		if m.name == name {
			return true
		}
	}
	return false
}

// name reads a member name with the colon, up to the first byte of the value.
func (s *scanner) name() (string, error) {
	if s.peek() != '"' {
		return "", s.fail("a member name is missing")
	}
	start := s.i
	if err := s.string(); err != nil {
		return "", err
	}
	name, _ := unquote(s.text[start:s.i])
	s.space()
	if s.peek() != ':' {
		return "", s.fail("a colon is missing")
	}
	s.i++
	s.space()
	return name, nil
}

// next reads what stands after a value: a comma (true) or the end.
func (s *scanner) next(end byte) (bool, error) {
	s.space()
	switch s.peek() {
	case ',':
		s.i++
		s.space()
		return true, nil
	case end:
		s.i++
		return false, nil
	default:
		return false, s.fail("a comma is missing")
	}
}

func (s *scanner) value(path, name string, depth int) error {
	switch c := s.peek(); {
	case c == '{':
		_, err := s.object(path+name+".", depth+1, make([]member, 0, 4))
		return err
	case c == '[':
		return s.array(path, name, depth+1)
	case c == '"':
		return s.string()
	case c == '-' || digit(c):
		return s.number()
	default:
		return s.literal()
	}
}

func (s *scanner) array(path, name string, depth int) error {
	if depth > bounds.JSONDepth {
		return s.fail("nested too deeply")
	}
	s.i++
	s.space()
	if s.peek() == ']' {
		s.i++
		return nil
	}
	for {
		if err := s.value(path, name, depth); err != nil {
			return err
		}
		more, err := s.next(']')
		if err != nil || !more {
			return err
		}
	}
}

func (s *scanner) literal() error {
	for _, word := range [...]string{"true", "false", "null"} {
		if strings.HasPrefix(s.text[s.i:], word) {
			s.i += len(word)
			return nil
		}
	}
	return s.fail("not a JSON value")
}
