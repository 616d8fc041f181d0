// Package certs makes and describes the certificates that RFC 8705 works with:
// a CA, leaves that it issues, self-signed ones, and their x5t#S256. It is pure:
// no file, no clock.
package certs

import (
	"crypto/x509"
	"encoding/asn1"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// DNError says what is wrong with a distinguished name.
type DNError struct {
	DN     string // as it was given
	Reason string
	Hint   string
}

func (e *DNError) Error() string {
	return fmt.Sprintf("distinguished name %q: %s", e.DN, e.Reason)
}

// HintText says what to try.
func (e *DNError) HintText() string { return e.Hint }

// rawAttribute is one AttributeTypeAndValue with its value untouched.
type rawAttribute struct {
	Type  asn1.ObjectIdentifier
	Value asn1.RawValue
}

// rawNameSET is one RDN; encoding/asn1 knows a SET by the end of the type's name.
type rawNameSET []rawAttribute

// SubjectDN returns the subject of c as an RFC 4514 string.
func SubjectDN(c *x509.Certificate) string { return nameString(c.RawSubject) }

// IssuerDN returns the issuer of c as an RFC 4514 string.
func IssuerDN(c *x509.Certificate) string { return nameString(c.RawIssuer) }

func nameString(der []byte) string {
	s, err := FormatDN(der)
	if err != nil {
		return "#" + hex.EncodeToString(der)
	}
	return s
}

// FormatDN returns the DER of a Name as an RFC 4514 string.
//
// "The output consists of the string encodings of each RelativeDistinguishedName
// in the RDNSequence […], starting with the last element of the sequence and
// moving backwards toward the first."
// https://www.rfc-editor.org/rfc/rfc4514#section-2.1
//
// The values of one RDN may come in any order (section 2.2); backwards as well is
// what OpenSSL prints.
func FormatDN(der []byte) (string, error) {
	var name []rawNameSET
	if rest, err := asn1.Unmarshal(der, &name); err != nil {
		return "", fmt.Errorf("read a name: %w", err)
	} else if len(rest) > 0 {
		return "", fmt.Errorf("read a name: %d bytes follow it", len(rest))
	}
	rdns := make([]string, 0, len(name))
	for _, rdn := range slices.Backward(name) {
		values := make([]string, 0, len(rdn))
		for _, v := range slices.Backward(rdn) {
			values = append(values, formatAttribute(v))
		}
		rdns = append(rdns, strings.Join(values, "+"))
	}
	return strings.Join(rdns, ","), nil
}

// formatAttribute prints the short name and the text where both are known.
//
// "If the AttributeType is of the dotted-decimal form, the AttributeValue is
// represented by a number sign character followed by the hexadecimal encoding of
// each of the octets of the BER encoding of the X.500 AttributeValue."
// https://www.rfc-editor.org/rfc/rfc4514#section-2.4
func formatAttribute(v rawAttribute) string {
	hexForm := "=#" + hex.EncodeToString(v.Value.FullBytes)
	a, known := attributeOf(v.Type)
	if !known {
		return v.Type.String() + hexForm
	}
	text, ok := decodeText(v.Value)
	if !ok {
		return a.name + hexForm
	}
	// Text that could not be put back into this attribute stays hexadecimal.
	if _, err := a.encodeValue(text); err != nil {
		return a.name + hexForm
	}
	return a.name + "=" + escapeValue(text)
}

// escapeValue escapes what section 2.4 names, and as hexadecimal pairs whatever
// does not print: a name must not forge a line or colour a terminal.
func escapeValue(text string) string {
	var b strings.Builder
	for i, r := range text {
		size := utf8.RuneLen(r)
		switch {
		case strings.ContainsRune(`"+,;<>\`, r),
			i == 0 && (r == ' ' || r == '#'),
			i+size == len(text) && r == ' ':
			b.WriteByte('\\')
			b.WriteRune(r)
		case !unicode.IsPrint(r):
			for _, octet := range []byte(text[i : i+size]) {
				fmt.Fprintf(&b, `\%02X`, octet)
			}
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
