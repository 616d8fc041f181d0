package binding

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"

	"github.com/oauthpop/oauthpop/internal/jwt"
	"github.com/oauthpop/oauthpop/internal/wire"
)

// Confirmation is what a token says about its key, read from its cnf.
type Confirmation struct {
	JKT, X5T Member
	// Unknown are the names of the other members, in their order.
	Unknown []string
	// Fault says why cnf as a whole cannot be used; "" if it can.
	Fault string
}

// Member is one thumbprint of cnf.
type Member struct {
	Present bool
	// Value is as it was written; "" where it was not a string.
	Value string
	// Malformed: it is no thumbprint. Fault says what it is where that is already
	// clear from its JSON type.
	Malformed bool
	Fault     string
}

func (m Member) wellFormed() bool { return m.Present && !m.Malformed }

// Malformed says whether cnf, or a member that oauthpop knows, is not what the
// RFCs say.
func (c Confirmation) Malformed() bool {
	return c.Fault != "" || c.JKT.Malformed || c.X5T.Malformed
}

// ParseCnf reads a cnf.
//
// "[...] all confirmation members that are not understood by implementations MUST
// be ignored": beside a known one they do no harm, and a cnf of nothing else says
// nothing that could be compared.
// https://www.rfc-editor.org/rfc/rfc7800#section-3.1
func ParseCnf(raw json.RawMessage) Confirmation {
	object, err := jwt.ParseObject(raw)
	if err != nil {
		if kind := jsonKind(raw); kind != "" && kind != "an object" {
			return Confirmation{Fault: "is " + kind + ", not an object"}
		}
		return Confirmation{Fault: "is not valid JSON"}
	}
	c := Confirmation{JKT: parseMember(object, wire.CnfJKT), X5T: parseMember(object, wire.CnfX5T)}
	for _, name := range object.Names() {
		if name != wire.CnfJKT && name != wire.CnfX5T {
			c.Unknown = append(c.Unknown, name)
		}
	}
	switch {
	case len(object.Names()) == 0:
		c.Fault = "is empty"
	// One parser takes the first, another the last: nobody knows what a server
	// compares (RFC 7519 section 4).
	case slices.Contains(object.Duplicates(), wire.CnfJKT):
		c.Fault = "has jkt twice"
	case slices.Contains(object.Duplicates(), wire.CnfX5T):
		c.Fault = "has x5t#S256 twice"
	}
	return c
}

func parseMember(object *jwt.Object, name string) Member {
	raw, ok := object.Get(name)
	if !ok {
		return Member{}
	}
	value, ok := object.String(name)
	if !ok {
		return Member{Present: true, Malformed: true, Fault: "is " + jsonKind(raw) + ", not a string"}
	}
	return Member{Present: true, Value: value, Malformed: !wellFormed(value)}
}

// wellFormed says whether s is the base64url of a SHA-256 as an encoder writes it:
// unpadded, and no bits set beyond the last byte.
func wellFormed(s string) bool {
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	// DecodeString skips line breaks; a thumbprint has none.
	return err == nil && len(b) == sha256.Size && !strings.ContainsAny(s, "\r\n")
}

// jsonKind says what a JSON value is, "" where it is none.
func jsonKind(raw json.RawMessage) string {
	s := strings.TrimSpace(string(raw))
	switch {
	case s == "":
		return ""
	case s == "null":
		return "null"
	case s == "true" || s == "false":
		return "a boolean"
	case s[0] == '"':
		return "a string"
	case s[0] == '[':
		return "an array"
	case s[0] == '{':
		return "an object"
	case strings.ContainsRune("-0123456789", rune(s[0])):
		return "a number"
	}
	return ""
}

// lookalike finds a name that was written where a known member was meant.
func lookalike(unknown []string) (name, meant string) {
	for _, known := range []string{wire.CnfX5T, wire.CnfJKT} {
		i := slices.IndexFunc(unknown, func(s string) bool { return squeeze(s) == squeeze(known) })
		if i >= 0 {
			return unknown[i], known
		}
	}
	return "", ""
}

// squeeze leaves of a name what people remember of it: letters and digits.
func squeeze(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, strings.ToLower(s))
}
