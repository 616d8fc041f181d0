package challenge

import "strings"

// scanner reads one header value from its beginning.
type scanner struct{ rest string }

// skip leaves out the bytes of set and reports whether there were any.
func (s *scanner) skip(set string) bool {
	before := len(s.rest)
	s.rest = strings.TrimLeft(s.rest, set)
	return len(s.rest) < before
}

func (s *scanner) while(f func(byte) bool) string {
	n := 0
	for n < len(s.rest) && f(s.rest[n]) {
		n++
	}
	taken := s.rest[:n]
	s.rest = s.rest[n:]
	return taken
}

func (s *scanner) token() string { return s.while(isToken) }

// value reads "=" and a token or a quoted string, and what follows up to the
// comma. Without a value nothing is read: the "=" may belong to a token68.
func (s *scanner) value() (string, bool) {
	after, ok := strings.CutPrefix(s.rest, "=")
	if !ok {
		return "", false
	}
	try := scanner{rest: after}
	try.skip(" \t")
	var value string
	switch {
	case strings.HasPrefix(try.rest, `"`):
		try.rest = try.rest[1:]
		value = try.quoted()
	case try.rest != "" && isToken(try.rest[0]):
		// Servers forget the quotes around URLs and lists.
		value = try.while(func(b byte) bool { return b != ',' && b != ' ' && b != '\t' })
	default:
		return "", false
	}
	if !try.parameterFollows() {
		try.drop()
	}
	s.rest = try.rest
	return value, true
}

// parameterFollows: servers forget the comma between two parameters, too.
func (s *scanner) parameterFollows() bool {
	next := *s
	if !next.skip(" \t") || next.token() == "" {
		return false
	}
	next.skip(" \t")
	return strings.HasPrefix(next.rest, "=")
}

// quoted reads the inside of a quoted string with its closing quote. One that is
// never closed reaches to the end.
func (s *scanner) quoted() string {
	var b strings.Builder
	for i := 0; i < len(s.rest); i++ {
		switch c := s.rest[i]; {
		case c == '"':
			s.rest = s.rest[i+1:]
			return b.String()
		case c == '\\' && i+1 < len(s.rest):
			i++
			b.WriteByte(s.rest[i])
		default:
			b.WriteByte(c)
		}
	}
	s.rest = ""
	return b.String()
}

// drop leaves out everything up to the next comma outside quotes.
func (s *scanner) drop() {
	for s.rest != "" && s.rest[0] != ',' {
		quoted := s.rest[0] == '"'
		s.rest = s.rest[1:]
		if quoted {
			s.quoted()
		}
	}
}

func isAlphaNum(b byte) bool {
	return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9'
}

// isToken: https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2
func isToken(b byte) bool { return isAlphaNum(b) || strings.IndexByte("!#$%&'*+-.^_`|~", b) >= 0 }

// isToken68: https://www.rfc-editor.org/rfc/rfc9110#section-11.2
func isToken68(b byte) bool { return isAlphaNum(b) || strings.IndexByte("-._~+/", b) >= 0 }
