package certs

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/oauthpop/oauthpop/internal/bounds"
)

// leaf returns the template of an end-entity certificate.
func leaf(r Request) (*x509.Certificate, error) {
	t, err := template(r)
	if err != nil {
		return nil, err
	}
	if len(r.Subject) == 0 && r.SANs.Empty() {
		return nil, &RequestError{Reason: "the certificate names nobody: it has no subject and no alternative name"}
	}
	t.KeyUsage = x509.KeyUsageDigitalSignature
	switch r.Usage {
	case UsageClient:
		t.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	case UsageServer:
		t.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	case UsageBoth:
		t.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth}
	default:
		return nil, &RequestError{Reason: fmt.Sprintf("usage %q is none of client, server and both", r.Usage)}
	}
	t.ExtraExtensions, err = r.SANs.extension(len(r.Subject) == 0)
	return t, err
}

// template holds what CA and leaf certificates have in common. Version 3, and the
// signature algorithm that fits the key, are what crypto/x509 chooses: SHA-256,
// SHA-384 or SHA-512 by the curve, SHA256WithRSA, pure Ed25519.
func template(r Request) (*x509.Certificate, error) {
	subject, err := marshalSubject(r.Subject)
	if err != nil {
		return nil, err
	}
	if err := checkValidity(r.NotBefore, r.NotAfter); err != nil {
		return nil, err
	}
	if err := checkKey(r.PublicKey); err != nil {
		return nil, err
	}
	keyID, err := keyIdentifier(r.PublicKey)
	if err != nil {
		return nil, err
	}
	number, err := serial()
	if err != nil {
		return nil, err
	}
	return &x509.Certificate{
		SerialNumber:          number,
		RawSubject:            subject,
		NotBefore:             r.NotBefore,
		NotAfter:              r.NotAfter,
		BasicConstraintsValid: true,
		SubjectKeyId:          keyID,
	}, nil
}

// marshalSubject encodes a name within the bounds that RFC 5280 appendix A.1 sets,
// and of types that every reader of certificates knows.
func marshalSubject(name pkix.RDNSequence) ([]byte, error) {
	der, err := asn1.Marshal(name)
	if err != nil {
		return nil, fmt.Errorf("encode a name: %w", err)
	}
	var raw []rawNameSET
	if _, err := asn1.Unmarshal(der, &raw); err != nil {
		return nil, fmt.Errorf("encode a name: %w", err)
	}
	for _, rdn := range raw {
		for _, v := range rdn {
			if reason := outOfBounds(v); reason != "" {
				return nil, &DNError{DN: nameString(der), Reason: reason}
			}
		}
	}
	return der, nil
}

// outOfBounds returns what is wrong with one value, or nothing.
func outOfBounds(v rawAttribute) string {
	a, _ := attributeOf(v.Type)
	switch v.Value.Tag {
	case asn1.TagUTF8String, asn1.TagPrintableString, asn1.TagIA5String,
		asn1.TagT61String, asn1.TagBMPString, asn1.TagNumericString:
	default:
		return fmt.Sprintf("the value of %s is not a string that certificates hold (ASN.1 tag %d)", a.label(), v.Value.Tag)
	}
	text, ok := decodeText(v.Value)
	n := utf8.RuneCountInString(text)
	switch {
	case !ok:
		return fmt.Sprintf("the value of %s does not fit its string type", a.label())
	case n == 0:
		return fmt.Sprintf("the value of %s is empty", a.label())
	case a.name == "C" && n != a.max:
		return fmt.Sprintf("a country (C) is a code of two letters (ISO 3166), not %q", text)
	case a.max > 0 && n > a.max:
		return fmt.Sprintf("the value of %s has %d characters, at most %d are allowed", a.label(), n, a.max)
	}
	return ""
}

func checkValidity(notBefore, notAfter time.Time) error {
	switch {
	case !notAfter.Truncate(time.Second).After(notBefore):
		return &RequestError{Reason: fmt.Sprintf("the certificate would end (%s) before it begins (%s)",
			notAfter.UTC().Format(time.RFC3339), notBefore.UTC().Format(time.RFC3339))}
	case notBefore.UTC().Year() < 1950 || notAfter.UTC().Year() > 9999:
		// https://www.rfc-editor.org/rfc/rfc5280#section-4.1.2.5
		return &RequestError{Reason: "a certificate is valid within the years 1950 to 9999 only"}
	}
	return nil
}

// checkKey accepts the keys that the rest of oauthpop, and TLS 1.3, can use.
func checkKey(pub crypto.PublicKey) error {
	switch k := pub.(type) {
	case *ecdsa.PublicKey:
		switch k.Curve {
		case elliptic.P256(), elliptic.P384(), elliptic.P521():
			return nil
		}
		return &RequestError{Reason: fmt.Sprintf("no certificate for a key on curve %s", k.Curve.Params().Name)}
	case *rsa.PublicKey:
		if n := k.N.BitLen(); n < bounds.RSABits {
			return &RequestError{Reason: fmt.Sprintf("no certificate for an RSA key of %d bits, at least %d are needed", n, bounds.RSABits)}
		}
		return nil
	case ed25519.PublicKey:
		return nil
	}
	return &RequestError{Reason: fmt.Sprintf("no certificate for a key of type %T", pub)}
}

// keyIdentifier is "the leftmost 160-bits of the SHA-256 hash of the value of the
// BIT STRING subjectPublicKey (excluding the tag, length, and number of unused bits)"
// https://www.rfc-editor.org/rfc/rfc7093#section-2
func keyIdentifier(pub crypto.PublicKey) ([]byte, error) {
	der, err := x509.MarshalPKIXPublicKey(pub)
	if err != nil {
		return nil, err
	}
	var info struct {
		Algorithm pkix.AlgorithmIdentifier
		Key       asn1.BitString
	}
	if _, err := asn1.Unmarshal(der, &info); err != nil {
		return nil, err
	}
	hash := sha256.Sum256(info.Key.Bytes)
	return hash[:20], nil
}
