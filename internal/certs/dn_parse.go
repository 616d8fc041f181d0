package certs

import (
	"bytes"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// CommonName returns a name of one CN, taken literally.
func CommonName(name string) (pkix.RDNSequence, error) {
	if !utf8.ValidString(name) {
		return nil, &DNError{DN: name, Reason: "it is not UTF-8"}
	}
	cn, _ := attributeNamed("CN")
	return pkix.RDNSequence{{{Type: cn.oid, Value: name}}}, nil
}

// ParseDN reads an RFC 4514 string. The last RDN of the string is the first of
// the sequence; the values of one RDN are in DER's order.
// https://www.rfc-editor.org/rfc/rfc4514#section-3
func ParseDN(s string) (pkix.RDNSequence, error) {
	if !utf8.ValidString(s) {
		return nil, &DNError{DN: s, Reason: "it is not UTF-8"}
	}
	name := pkix.RDNSequence{}
	p := dnParser{rest: s}
	for more := s != ""; more; {
		rdn, separator, err := p.rdn()
		if err != nil {
			return nil, p.fail(s, err)
		}
		name = append(name, rdn)
		more = separator == ','
	}
	slices.Reverse(name)
	return name, nil
}

// dnParser walks over a string. The first error ends it; hint belongs to it.
type dnParser struct {
	rest string
	hint string
}

func (p *dnParser) fail(dn string, err error) error {
	if strings.HasPrefix(dn, "/") {
		p.hint = "this is OpenSSL's old form: write the name as RFC 4514 does, for example CN=client,O=Example,C=NO"
	}
	return &DNError{DN: dn, Reason: err.Error(), Hint: p.hint}
}

// rdn reads one RDN and the comma after it; separator is 0 at the end.
func (p *dnParser) rdn() (rdn pkix.RelativeDistinguishedNameSET, separator byte, err error) {
	for separator = '+'; separator == '+'; {
		var v pkix.AttributeTypeAndValue
		a, err := p.attributeType()
		if err != nil {
			return nil, 0, err
		}
		v.Type = a.oid
		if v.Value, separator, err = p.attributeValue(a); err != nil {
			return nil, 0, err
		}
		rdn = append(rdn, v)
	}
	return rdn, separator, sortSet(rdn)
}

// sortSet puts the values of an RDN into the order of DER's SET OF, which is how
// they will stand in a certificate.
func sortSet(rdn pkix.RelativeDistinguishedNameSET) error {
	type encoded struct {
		der   []byte
		value pkix.AttributeTypeAndValue
	}
	set := make([]encoded, 0, len(rdn))
	for _, v := range rdn {
		der, err := asn1.Marshal(v)
		if err != nil {
			return err
		}
		set = append(set, encoded{der, v})
	}
	slices.SortFunc(set, func(a, b encoded) int { return bytes.Compare(a.der, b.der) })
	for i, e := range set {
		rdn[i] = e.value
	}
	return nil
}

const noSpaces = "RFC 4514 has no spaces around , + and =: write CN=client,O=Example,C=NO; a space that belongs to a value is escaped (\\20)"

// attributeType reads a descriptor or a dotted OID, and the equals sign.
func (p *dnParser) attributeType() (attribute, error) {
	name, rest, found := strings.Cut(p.rest, "=")
	if !found {
		return attribute{}, fmt.Errorf("%q has no =", p.rest)
	}
	p.rest = rest
	switch {
	case name == "":
		return attribute{}, fmt.Errorf("no attribute type stands before =%s", rest)
	case strings.Trim(name, " ") != name:
		p.hint = noSpaces
		return attribute{}, fmt.Errorf("a space stands beside the attribute type %q", strings.Trim(name, " "))
	case name[0] >= '0' && name[0] <= '9':
		oid, err := parseOID(name)
		if err != nil {
			return attribute{}, err
		}
		a, _ := attributeOf(oid)
		return a, nil
	}
	a, known := attributeNamed(name)
	if !known {
		p.hint = "give the attribute type as a dotted OID"
		return attribute{}, fmt.Errorf("attribute type %q is not known", name)
	}
	return a, nil
}

// parseOID reads numericoid (RFC 4512 section 1.4): no leading zeros.
func parseOID(s string) (asn1.ObjectIdentifier, error) {
	var oid asn1.ObjectIdentifier
	for arc := range strings.SplitSeq(s, ".") {
		n, err := strconv.ParseUint(arc, 10, 31)
		if err != nil || strconv.FormatUint(n, 10) != arc {
			return nil, fmt.Errorf("%q is not an object identifier", s)
		}
		oid = append(oid, int(n))
	}
	// The first two arcs share a number, 40 times the first plus the second.
	if len(oid) < 2 || oid[0] > 2 || oid[0] < 2 && oid[1] >= 40 || oid[1] > math.MaxInt32-80 {
		return nil, fmt.Errorf("%q is not an object identifier", s)
	}
	return oid, nil
}

// attributeValue reads a string or a hexstring, and what ends it.
func (p *dnParser) attributeValue(a attribute) (value any, separator byte, err error) {
	if rest, ok := strings.CutPrefix(p.rest, "#"); ok {
		digits := rest
		if i := strings.IndexAny(rest, ",+"); i >= 0 {
			digits, separator, p.rest = rest[:i], rest[i], rest[i+1:]
		}
		value, err = hexValue(a, digits)
		return value, separator, err
	}
	text, separator, err := p.text()
	if err != nil {
		return nil, 0, err
	}
	value, err = a.encodeValue(text)
	if err != nil {
		return nil, 0, fmt.Errorf("value %q cannot stand in %s: %w", text, a.label(), err)
	}
	return value, separator, nil
}

func (a attribute) label() string {
	if a.name == "" {
		return a.oid.String()
	}
	return a.name
}

// hexValue reads the encoding of a value. Where it is how the text would be
// encoded anyhow the result is the same as for the text.
func hexValue(a attribute, digits string) (any, error) {
	der, err := hex.DecodeString(digits)
	if err != nil || len(der) == 0 {
		return nil, fmt.Errorf("#%s is not hexadecimal", digits)
	}
	var raw asn1.RawValue
	if rest, err := asn1.Unmarshal(der, &raw); err != nil || len(rest) > 0 {
		return nil, fmt.Errorf("#%s is not the DER of one value", digits)
	}
	raw.FullBytes = nil
	if text, ok := decodeText(raw); ok {
		if value, err := a.encodeValue(text); err == nil {
			if same, err := asn1.Marshal(value); err == nil && bytes.Equal(same, der) {
				return value, nil
			}
		}
	}
	return raw, nil
}

// text reads a string with its escapes, up to a comma, a plus or the end.
//
//	string = [ ( leadchar / pair ) [ *( stringchar / pair ) ( trailchar / pair ) ] ]
func (p *dnParser) text() (text string, separator byte, err error) {
	var out []byte
	s, trailing := p.rest, false
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch c {
		case '\\':
			octet, size, err := unescape(s[i+1:])
			if err != nil {
				return "", 0, err
			}
			out, trailing = append(out, octet), false
			i += size
			continue
		case ',', '+':
			p.rest = s[i+1:]
			return p.finish(out, trailing, c)
		case '"', ';', '<', '>', 0:
			p.hint = fmt.Sprintf(`write it as \%02X`, c)
			return "", 0, fmt.Errorf("%q stands without an escape", c)
		case ' ':
			if i == 0 {
				p.hint = noSpaces
				return "", 0, errors.New("a value begins with a space")
			}
		}
		out, trailing = append(out, c), c == ' '
	}
	p.rest = ""
	return p.finish(out, trailing, 0)
}

func (p *dnParser) finish(out []byte, trailing bool, separator byte) (string, byte, error) {
	if trailing {
		p.hint = noSpaces
		return "", 0, errors.New("a value ends with a space")
	}
	if !utf8.Valid(out) {
		return "", 0, fmt.Errorf("the escapes of value %q do not give UTF-8", out)
	}
	return string(out), separator, nil
}

// unescape reads what follows a backslash.
//
//	pair = ESC ( ESC / special / hexpair )
func unescape(s string) (octet byte, size int, err error) {
	if s != "" && strings.IndexByte(`\"+,;<> #=`, s[0]) >= 0 {
		return s[0], 1, nil
	}
	if len(s) >= 2 {
		if pair, err := hex.DecodeString(s[:2]); err == nil {
			return pair[0], 2, nil
		}
	}
	return 0, 0, fmt.Errorf(`\ stands before %.2q, which it does not escape`, s)
}
