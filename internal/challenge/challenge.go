// Package challenge reads the challenges of WWW-Authenticate.
package challenge

import "strings"

// Challenge is one challenge of a server (RFC 9110 section 11.6.1).
type Challenge struct {
	// Scheme as the server wrote it; it is compared without regard to case.
	Scheme string
	// Params by name in lower case. Of a name that stands twice the first counts.
	Params map[string]string
	// Token68 is what stands in place of parameters, for example with Negotiate.
	Token68 string
}

// Is reports whether the challenge has this scheme.
//
// "It uses a case-insensitive token to identify the authentication scheme"
// https://www.rfc-editor.org/rfc/rfc9110#section-11.1
func (c Challenge) Is(scheme string) bool { return strings.EqualFold(c.Scheme, scheme) }

// ParseChallenges reads all challenges of all lines of the header field, in their
// order. What cannot be read is left out, up to the next comma: a challenge is
// shown and acted upon, and never a reason to give up.
//
// "User agents will need to take special care in parsing the WWW-Authenticate or
// Proxy-Authenticate header field value if it contains more than one challenge, or
// if more than one header field of each is provided, since the contents of a
// challenge can itself contain a comma-separated list of authentication parameters."
// https://www.rfc-editor.org/rfc/rfc7235#section-4.1
func ParseChallenges(values []string) []Challenge {
	var all []Challenge
	for _, v := range values {
		s := scanner{rest: v}
		var here []Challenge // parameters never reach over to another line
		for s.skip(" \t,"); s.rest != ""; s.skip(" \t,") {
			here = s.element(here)
		}
		all = append(all, here...)
	}
	return all
}

// element reads one member of the list: a new challenge with, perhaps, its first
// parameter, or a further parameter of the last one.
func (s *scanner) element(all []Challenge) []Challenge {
	name := s.token()
	if name == "" {
		s.drop()
		return all
	}
	spaced := s.skip(" \t")
	if value, ok := s.value(); ok {
		if len(all) > 0 {
			all[len(all)-1].set(name, value)
		}
		return all
	}
	all = append(all, Challenge{Scheme: name, Params: map[string]string{}})
	if !spaced {
		s.drop() // a scheme stands alone or before a space
		return all
	}
	s.arguments(&all[len(all)-1])
	return all
}

// arguments reads what follows a scheme up to the comma: one parameter or a token68.
func (s *scanner) arguments(c *Challenge) {
	before := s.rest
	if name := s.token(); name != "" {
		s.skip(" \t")
		if value, ok := s.value(); ok {
			c.set(name, value)
			return
		}
	}
	s.rest = before
	c.Token68 = s.while(isToken68)
	c.Token68 += s.while(func(b byte) bool { return b == '=' })
	s.drop()
}

func (c *Challenge) set(name, value string) {
	name = strings.ToLower(name)
	// "the name part of which MUST only occur once per challenge"
	// https://www.rfc-editor.org/rfc/rfc9110#section-11.2
	if _, twice := c.Params[name]; !twice {
		c.Params[name] = value
	}
}
