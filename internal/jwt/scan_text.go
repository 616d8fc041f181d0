package jwt

import "strings"

// string reads a JSON string with its quotes.
func (s *scanner) string() error {
	for s.i++; s.i < len(s.text); s.i++ {
		switch c := s.text[s.i]; {
		case c == '"':
			s.i++
			return nil
		case c < 0x20:
			return s.fail("a control character in a string")
		case c == '\\':
			if err := s.escape(); err != nil {
				return err
			}
		}
	}
	return s.fail("a string does not end")
}

// escape reads an escape and stops at its last byte.
func (s *scanner) escape() error {
	s.i++
	c := s.peek()
	if c != 'u' {
		if c == 0 || strings.IndexByte(`"\/bfnrt`, c) < 0 {
			return s.fail("an unknown escape in a string")
		}
		return nil
	}
	for range 4 {
		s.i++
		if !hexDigit(s.peek()) {
			return s.fail("an escape without four hexadecimal digits")
		}
	}
	return nil
}

// number reads "[ minus ] int [ frac ] [ exp ]".
// https://www.rfc-editor.org/rfc/rfc8259#section-6
func (s *scanner) number() error {
	if s.peek() == '-' {
		s.i++
	}
	if s.peek() == '0' {
		s.i++
	} else if !s.digits() {
		return s.fail("a number without digits")
	}
	if s.peek() == '.' {
		s.i++
		if !s.digits() {
			return s.fail("a number without digits after its point")
		}
	}
	if c := s.peek(); c == 'e' || c == 'E' {
		s.i++
		if c := s.peek(); c == '+' || c == '-' {
			s.i++
		}
		if !s.digits() {
			return s.fail("a number without digits in its exponent")
		}
	}
	return nil
}

func (s *scanner) digits() bool {
	start := s.i
	for digit(s.peek()) {
		s.i++
	}
	return s.i > start
}

func digit(c byte) bool { return '0' <= c && c <= '9' }

func hexDigit(c byte) bool {
	return digit(c) || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}
