package certs

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// SANs are the subject alternative names of the four kinds that RFC 8705 section
// 2.1.2 can register: each value exactly as it stands, or will stand, in the
// certificate; addresses in the form of RFC 5952.
type SANs struct {
	DNS   []string `json:"dns,omitempty"`
	URI   []string `json:"uri,omitempty"`
	IP    []string `json:"ip,omitempty"`
	Email []string `json:"email,omitempty"`
}

// SANError says why a value cannot be a subject alternative name of its kind.
type SANError struct {
	Kind   string // dns, uri, ip, email
	Value  string
	Reason string
	Hint   string
}

func (e *SANError) Error() string {
	return fmt.Sprintf("subject alternative name %s %q: %s", e.Kind, e.Value, e.Reason)
}

// HintText says what to try.
func (e *SANError) HintText() string { return e.Hint }

// Empty says that there is none.
func (s SANs) Empty() bool { return len(s.DNS)+len(s.URI)+len(s.IP)+len(s.Email) == 0 }

// Check reports the first value that cannot stand in a certificate, as a *SANError.
func (s SANs) Check() error {
	_, err := s.generalNames()
	return err
}

// Tags of GeneralName: https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.6
const (
	tagEmail = 1
	tagDNS   = 2
	tagURI   = 6
	tagIP    = 7
)

// generalNames checks and encodes. crypto/x509 would rebuild each URI from its
// parts; servers compare what was registered byte for byte.
func (s SANs) generalNames() ([]asn1.RawValue, error) {
	var names []asn1.RawValue
	for _, kind := range []struct {
		name   string
		tag    int
		values []string
		encode func(string) ([]byte, error)
	}{
		{"dns", tagDNS, s.DNS, encodeDNS},
		{"uri", tagURI, s.URI, encodeURI},
		{"ip", tagIP, s.IP, encodeIP},
		{"email", tagEmail, s.Email, encodeEmail},
	} {
		for _, value := range kind.values {
			content, err := kind.encode(value)
			if err != nil {
				return nil, sanError(kind.name, value, err)
			}
			names = append(names, asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: kind.tag, Bytes: content})
		}
	}
	return names, nil
}

// reason is a cause with what to try.
type reason struct{ text, hint string }

func (r *reason) Error() string { return r.text }

func because(hint, format string, args ...any) error {
	return &reason{fmt.Sprintf(format, args...), hint}
}

func sanError(kind, value string, err error) error {
	e := &SANError{Kind: kind, Value: value, Reason: err.Error()}
	if r, ok := errors.AsType[*reason](err); ok {
		e.Hint = r.hint
	}
	return e
}

// extension returns the SAN extension; nil without names.
//
// "If the subject field contains an empty sequence, then the issuing CA MUST
// include a subjectAltName extension that is marked as critical."
// https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.6
func (s SANs) extension(emptySubject bool) ([]pkix.Extension, error) {
	names, err := s.generalNames()
	if err != nil || len(names) == 0 {
		return nil, err
	}
	der, err := asn1.Marshal(names)
	if err != nil {
		return nil, err
	}
	return []pkix.Extension{{Id: oidSAN(), Critical: emptySubject, Value: der}}, nil
}

func oidSAN() asn1.ObjectIdentifier { return asn1.ObjectIdentifier{2, 5, 29, 17} }

// sansOf reads the names as they stand; names of other kinds are passed over.
func sansOf(c *x509.Certificate) SANs {
	var s SANs
	for _, ext := range c.Extensions {
		var names []asn1.RawValue
		if !ext.Id.Equal(oidSAN()) {
			continue
		}
		if _, err := asn1.Unmarshal(ext.Value, &names); err != nil {
			continue
		}
		for _, n := range names {
			switch n.Tag {
			case tagDNS:
				s.DNS = append(s.DNS, string(n.Bytes))
			case tagURI:
				s.URI = append(s.URI, string(n.Bytes))
			case tagEmail:
				s.Email = append(s.Email, string(n.Bytes))
			case tagIP:
				if addr, ok := netip.AddrFromSlice(n.Bytes); ok {
					s.IP = append(s.IP, addr.String())
				}
			}
		}
	}
	return s
}

func encodeDNS(v string) ([]byte, error) {
	if _, err := netip.ParseAddr(v); err == nil {
		return nil, because("give an address as --san-ip", "it is an IP address")
	}
	host := strings.TrimPrefix(v, "*.")
	if err := checkHost(host); err != nil {
		return nil, err
	}
	return []byte(v), nil
}

// checkHost accepts the preferred name syntax of RFC 1034 section 3.5, and the
// underscore, which internal names do have.
func checkHost(host string) error {
	if strings.ContainsFunc(host, func(r rune) bool { return r >= utf8.RuneSelf }) {
		hint := "certificates hold internationalized names as A-labels (RFC 5280 section 7.2)"
		if ascii, err := idna.Lookup.ToASCII(host); err == nil {
			hint = "write the A-label: " + ascii
		}
		return because(hint, "it holds a character outside ASCII")
	}
	if len(host) > 253 {
		return because("", "a host name has at most 253 characters, this one has %d", len(host))
	}
	for label := range strings.SplitSeq(host, ".") {
		switch {
		case label == "":
			return because("", "it has an empty label")
		case len(label) > 63:
			return because("", "a label has at most 63 characters, %q has %d", label, len(label))
		case label[0] == '-' || label[len(label)-1] == '-':
			return because("", "label %q begins or ends with a hyphen", label)
		case label == "*":
			return because("", "a wildcard stands only as the whole first label, before a name")
		}
		if i := strings.IndexFunc(label, notHostCharacter); i >= 0 {
			return because("", "label %q holds %q", label, label[i:i+1])
		}
	}
	return nil
}

func notHostCharacter(r rune) bool {
	switch {
	case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', r == '-', r == '_':
		return false
	}
	return true
}

// encodeURI obeys: "The name MUST NOT be a relative URI […] MUST include both a
// scheme and a scheme-specific-part. URIs that include an authority MUST include
// a fully qualified domain name or IP address as the host."
// https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.6
func encodeURI(v string) ([]byte, error) {
	if i := strings.IndexFunc(v, func(r rune) bool { return r <= ' ' || r >= 0x7f }); i >= 0 {
		return nil, because("percent-encode it (RFC 3986 section 2.1)", "it holds a space or a character outside printable ASCII")
	}
	u, err := url.Parse(v)
	if err != nil {
		return nil, because("", "it is not a URI")
	}
	if u.Scheme == "" {
		return nil, because("for example urn:example:client, spiffe://example.org/client or https://example.org/client", "it has no scheme")
	}
	if len(v) == len(u.Scheme)+1 {
		return nil, because("", "nothing follows its scheme")
	}
	_, after, _ := strings.Cut(v, ":")
	if !strings.HasPrefix(after, "//") {
		return []byte(v), nil
	}
	host := u.Hostname()
	if host == "" {
		return nil, because("", "it has no host")
	}
	if _, err := netip.ParseAddr(host); err == nil {
		return []byte(v), nil
	}
	if err := checkHost(host); err != nil {
		return nil, err
	}
	return []byte(v), nil
}

func encodeIP(v string) ([]byte, error) {
	addr, err := netip.ParseAddr(v)
	if err != nil {
		return nil, because("for example 192.0.2.7 or 2001:db8::7", "it is not an IP address")
	}
	if addr.Zone() != "" {
		return nil, because("leave out %"+addr.Zone(), "a certificate holds no zone")
	}
	return addr.AsSlice(), nil
}

// encodeEmail takes Local-part "@" Domain without quoting: "has no phrase (such
// as a common name) before it, has no comment […] and is not surrounded by < and >"
// https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.6
func encodeEmail(v string) ([]byte, error) {
	i := strings.LastIndexByte(v, '@')
	if i <= 0 {
		return nil, because("for example client@example.org", "it is not an address of the form local@domain")
	}
	for atom := range strings.SplitSeq(v[:i], ".") {
		if atom == "" || strings.ContainsFunc(atom, notAtomCharacter) {
			return nil, because("give the address alone, for example client@example.org",
				"%q is not the local part of an address", v[:i])
		}
	}
	if err := checkHost(v[i+1:]); err != nil {
		return nil, err
	}
	return []byte(v), nil
}

func notAtomCharacter(r rune) bool {
	return notHostCharacter(r) && !strings.ContainsRune("!#$%&'*+/=?^`{|}~", r)
}
