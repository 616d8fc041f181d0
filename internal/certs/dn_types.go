package certs

import (
	"encoding/asn1"
	"errors"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// attribute is one attribute type that has a short name.
type attribute struct {
	name   string
	oid    asn1.ObjectIdentifier
	syntax syntax
	max    int // upper bound in characters, 0 where RFC 5280 has none
}

// syntax says which ASN.1 string types a value may have.
type syntax int

const (
	directory syntax = iota // PrintableString where it fits, else UTF8String
	printable               // PrintableString only
	ia5                     // IA5String only
)

// attributes are the names of the table in RFC 4514 section 3, and the other
// registered ones that certificates carry (RFC 4519, RFC 5280 section 4.1.2.4).
// The first name of an OID is the one that is printed. The bounds are those of
// https://www.rfc-editor.org/rfc/rfc5280#appendix-A.1
var attributes = []attribute{
	{"CN", x520(3), directory, 64},
	{"L", x520(7), directory, 128},
	{"ST", x520(8), directory, 128},
	{"O", x520(10), directory, 64},
	{"OU", x520(11), directory, 64},
	{"C", x520(6), printable, 2},
	{"STREET", x520(9), directory, 0},
	{"DC", pilot(25), ia5, 0},
	{"UID", pilot(1), directory, 0},

	{"emailAddress", pkcs9(1), ia5, 255},
	{"serialNumber", x520(5), printable, 64},
	{"SN", x520(4), directory, 32768},
	{"givenName", x520(42), directory, 32768},
	{"initials", x520(43), directory, 32768},
	{"generationQualifier", x520(44), directory, 32768},
	{"name", x520(41), directory, 32768},
	{"title", x520(12), directory, 64},
	{"description", x520(13), directory, 0},
	{"businessCategory", x520(15), directory, 0},
	{"postalCode", x520(17), directory, 0},
	{"dnQualifier", x520(46), printable, 0},
	{"pseudonym", x520(65), directory, 128},

	{"commonName", x520(3), directory, 64},
	{"localityName", x520(7), directory, 128},
	{"stateOrProvinceName", x520(8), directory, 128},
	{"organizationName", x520(10), directory, 64},
	{"organizationalUnitName", x520(11), directory, 64},
	{"countryName", x520(6), printable, 2},
	{"streetAddress", x520(9), directory, 0},
	{"domainComponent", pilot(25), ia5, 0},
	{"userId", pilot(1), directory, 0},
	{"surname", x520(4), directory, 32768},
	{"GN", x520(42), directory, 32768},
	{"email", pkcs9(1), ia5, 255},
	{"E", pkcs9(1), ia5, 255},
}

func x520(n int) asn1.ObjectIdentifier { return asn1.ObjectIdentifier{2, 5, 4, n} }

func pkcs9(n int) asn1.ObjectIdentifier { return asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, n} }

// pilot is the arc of the COSINE pilot project (RFC 4519 section 2.4).
func pilot(n int) asn1.ObjectIdentifier {
	return asn1.ObjectIdentifier{0, 9, 2342, 19200300, 100, 1, n}
}

// attributeOf returns the entry of an OID. Without one the value is a directory
// string and is printed as hexadecimal.
func attributeOf(oid asn1.ObjectIdentifier) (attribute, bool) {
	for _, a := range attributes {
		if a.oid.Equal(oid) {
			return a, true
		}
	}
	return attribute{oid: oid}, false
}

// attributeNamed finds a short name: "the short names are case insensitive"
// (RFC 4512 section 2.5).
func attributeNamed(name string) (attribute, bool) {
	i := slices.IndexFunc(attributes, func(a attribute) bool { return strings.EqualFold(a.name, name) })
	if i < 0 {
		return attribute{}, false
	}
	return attributes[i], true
}

var (
	errNotPrintable = errors.New("it holds a character that PrintableString has not (letters, digits, space and '()+,-./:=? only)")
	errNotIA5       = errors.New("it holds a character outside ASCII")
)

// encodeValue gives text the string type that the attribute demands, in the form
// that encoding/asn1 marshals to it.
//
// "CAs MUST encode DirectoryString values as either PrintableString or UTF8String"
// https://www.rfc-editor.org/rfc/rfc5280#section-4.1.2.4
func (a attribute) encodeValue(text string) (any, error) {
	switch a.syntax {
	case printable:
		if strings.ContainsFunc(text, notPrintable) {
			return nil, errNotPrintable
		}
	case ia5:
		if strings.ContainsFunc(text, func(r rune) bool { return r >= utf8.RuneSelf }) {
			return nil, errNotIA5
		}
		return asn1.RawValue{Tag: asn1.TagIA5String, Bytes: []byte(text)}, nil
	}
	return text, nil
}

func notPrintable(r rune) bool {
	switch {
	case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9':
		return false
	}
	return !strings.ContainsRune("'()+,-./:=? ", r)
}

// Tags of string types that encoding/asn1 has no names for.
const (
	tagVisibleString   = 26
	tagUniversalString = 28
)

// decodeText returns the characters of an ASN.1 string of any type; false when
// the value is no string, or holds bytes that its type does not allow.
func decodeText(v asn1.RawValue) (string, bool) {
	if v.Class != asn1.ClassUniversal || v.IsCompound {
		return "", false
	}
	switch v.Tag {
	case asn1.TagUTF8String:
		return string(v.Bytes), utf8.Valid(v.Bytes)
	case asn1.TagPrintableString, asn1.TagIA5String, asn1.TagNumericString, tagVisibleString:
		ascii := !slices.ContainsFunc(v.Bytes, func(b byte) bool { return b >= utf8.RuneSelf })
		return string(v.Bytes), ascii
	case asn1.TagT61String:
		// In certificates TeletexString holds ISO 8859-1, whatever T.61 says.
		runes := make([]rune, len(v.Bytes))
		for i, b := range v.Bytes {
			runes[i] = rune(b)
		}
		return string(runes), true
	case asn1.TagBMPString:
		return decodeUnits(v.Bytes, 2)
	case tagUniversalString:
		return decodeUnits(v.Bytes, 4)
	}
	return "", false
}

// decodeUnits reads big-endian UCS-2 (surrogate pairs are taken) or UCS-4.
func decodeUnits(b []byte, width int) (string, bool) {
	if len(b)%width != 0 {
		return "", false
	}
	var runes []rune
	for chunk := range slices.Chunk(b, width) {
		var u rune
		for _, octet := range chunk {
			u = u<<8 | rune(octet)
		}
		if n := len(runes); n > 0 && width == 2 && utf16.IsSurrogate(runes[n-1]) {
			if pair := utf16.DecodeRune(runes[n-1], u); pair != utf8.RuneError {
				runes[n-1] = pair
				continue
			}
		}
		runes = append(runes, u)
	}
	for _, r := range runes {
		if !utf8.ValidRune(r) {
			return "", false
		}
	}
	return string(runes), true
}
