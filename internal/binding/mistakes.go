package binding

import (
	"crypto/sha1" //nolint:gosec // to name a SHA-1 where a SHA-256 belongs; nothing trusts it
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
)

// MalformedKind names what stands in the place of a thumbprint, for instance
// `hex, not base64url: the SHA-256 of the certificate "app.pem"`. member is the
// member of cnf that the value was found in. For a well-formed value it names the
// mistakes that only the local material gives away (the key's thumbprint instead
// of the certificate's), and returns "" for any other.
func MalformedKind(member, value string, local Local) string {
	form, digest := unwrap(value)
	what, right := identify(member, digest, local)
	switch {
	case wellFormed(value) && right:
		return ""
	case wellFormed(value):
		return what
	case what != "":
		return form + ": " + what
	}
	return form
}

// encoding is a way to write bytes that servers are known for. decode returns nil
// where it does not apply.
type encoding struct {
	name, fault string // both "" for the right one
	decode      func(string) []byte
}

// encodings are in the order in which they are tried, the unmistakable ones first.
func encodings() []encoding {
	strict := func(e *base64.Encoding) func(string) []byte { return lax(e.Strict()) }
	return []encoding{
		{"hex", ", not base64url", hexBytes},
		{"hex with colons", ", not base64url", func(s string) []byte { return separated(s, ":") }},
		{"hex with spaces", ", not base64url", func(s string) []byte { return separated(s, " ") }},
		{"", "", strict(base64.RawURLEncoding)},
		{"padded base64url", ", and cnf has no padding", strict(base64.URLEncoding)},
		{"standard base64", ", not base64url", strict(base64.RawStdEncoding)},
		{"padded standard base64", ", not base64url", strict(base64.StdEncoding)},
		{"non-canonical base64url", ": bits are set after the last byte, which no encoder does", lax(base64.RawURLEncoding)},
	}
}

// uri begins a thumbprint in the form of RFC 9278, which cnf does not use.
const uri = "urn:ietf:params:oauth:jwk-thumbprint:sha-256:"

// unwrap finds the bytes behind a value and says what is wrong with how they were
// written, or "" where nothing is.
func unwrap(value string) (form string, digest []byte) {
	if rest, ok := strings.CutPrefix(value, uri); ok {
		_, digest := unwrap(rest)
		return "a thumbprint URI (RFC 9278), not the thumbprint alone", digest
	}
	if rest := strings.TrimSpace(value); rest != value && rest != "" {
		form, digest := unwrap(rest)
		if form == "" {
			form = "a thumbprint"
		}
		return form + ", with white space around it", digest
	}
	if strings.TrimSpace(value) == "" {
		return "empty", nil
	}
	for _, e := range encodings() {
		if b := e.decode(value); b != nil {
			return e.describe(b)
		}
	}
	return "not base64url", nil
}

// describe says what b is, which was written in this encoding.
func (e encoding) describe(b []byte) (form string, digest []byte) {
	// The text of a digest encoded once more: many libraries return hex.
	for _, inner := range encodings()[:4] {
		if digest := inner.decode(string(b)); len(b) > sha256.Size && algorithm(len(digest)) != "" {
			name := inner.name
			if name == "" {
				name = "base64url"
			}
			return fmt.Sprintf("the base64url of the %s of a digest (%s), not of the digest itself", name, algorithm(len(digest))), digest
		}
	}
	switch name := algorithm(len(b)); {
	case name == "SHA-256":
		return e.name + e.fault, b
	case name == "":
		return fmt.Sprintf("%d bytes, not the %d of a SHA-256", len(b), sha256.Size), b
	case e.name == "":
		return "as long as a " + name + ", not a SHA-256", b
	default:
		return "as long as a " + name + ", not a SHA-256, and in " + e.name, b
	}
}

// algorithm is the hash that gives so many bytes.
func algorithm(size int) string {
	switch size {
	case 16:
		return "MD5"
	case sha1.Size:
		return "SHA-1"
	case sha256.Size:
		return "SHA-256"
	case 48:
		return "SHA-384"
	case 64:
		return "SHA-512"
	}
	return ""
}

func lax(e *base64.Encoding) func(string) []byte {
	return func(s string) []byte {
		b, err := e.DecodeString(s)
		if err != nil || len(b) == 0 || strings.ContainsAny(s, "\r\n") {
			return nil
		}
		return b
	}
}

// hexBytes decodes what is unmistakably hex: at least as long as an MD5.
func hexBytes(s string) []byte {
	b, err := hex.DecodeString(s)
	if err != nil || len(b) < 16 {
		return nil
	}
	return b
}

func separated(s, separator string) []byte {
	parts := strings.Split(s, separator)
	for _, p := range parts {
		if len(p) != 2 {
			return nil
		}
	}
	return hexBytes(strings.Join(parts, ""))
}
