package certs

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"math"
	"slices"
	"time"
)

// Thumbprint returns the x5t#S256 of c: "the base64url-encoded [RFC4648] SHA-256
// [SHS] hash (a.k.a., thumbprint, fingerprint, or digest) of the DER encoding
// [X690] of the X.509 certificate [RFC5280]. The base64url-encoded value MUST omit
// all trailing pad '=' characters and MUST NOT include any line breaks, whitespace,
// or other additional characters."
// https://www.rfc-editor.org/rfc/rfc8705#section-3.1
func Thumbprint(c *x509.Certificate) string {
	hash := sha256.Sum256(c.Raw)
	return base64.RawURLEncoding.EncodeToString(hash[:])
}

// EncodePEM returns the certificates in the order given.
func EncodePEM(chain ...*x509.Certificate) []byte {
	var out bytes.Buffer
	for _, c := range chain {
		out.Write(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}))
	}
	return out.Bytes()
}

// Usages of certificates that were not made here.
const (
	UsageCA    = "ca"    // it issues certificates, and nothing else
	UsageAny   = "any"   // nothing limits it
	UsageOther = "other" // neither clients nor servers in TLS
)

// Description is what matters to RFC 8705 in a certificate.
type Description struct {
	SubjectDN  string
	IssuerDN   string
	SANs       SANs
	Usage      string // client, server, both, any, ca, other
	NotBefore  time.Time
	NotAfter   time.Time
	Thumbprint string // x5t#S256
	Serial     string // hexadecimal
	SelfSigned bool   // its own key signed it
	KeyKind    string // "EC P-256", "RSA 2048", "Ed25519"
}

// Describe reads a certificate.
func Describe(c *x509.Certificate) Description {
	return Description{
		SubjectDN:  SubjectDN(c),
		IssuerDN:   IssuerDN(c),
		SANs:       sansOf(c),
		Usage:      usageOf(c),
		NotBefore:  c.NotBefore.UTC(),
		NotAfter:   c.NotAfter.UTC(),
		Thumbprint: Thumbprint(c),
		Serial:     serialString(c),
		SelfSigned: selfSigned(c),
		KeyKind:    keyKind(c),
	}
}

// serialString returns whole octets, as OpenSSL prints them.
func serialString(c *x509.Certificate) string {
	digits := c.SerialNumber.Text(16)
	if len(digits)%2 == 1 {
		return "0" + digits
	}
	return digits
}

// DaysLeft returns the whole days until the end of validity, rounded down:
// negative as soon as it is over.
func (d Description) DaysLeft(now time.Time) int {
	return int(math.Floor(d.NotAfter.Sub(now).Hours() / 24))
}

// selfSigned does not trust names: anybody can write them.
func selfSigned(c *x509.Certificate) bool {
	return bytes.Equal(c.RawSubject, c.RawIssuer) &&
		c.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature) == nil
}

// usageOf obeys: "If the extension is present, then the certificate MUST only be
// used for one of the purposes indicated."
// https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.12
func usageOf(c *x509.Certificate) string {
	client := slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageClientAuth)
	server := slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageServerAuth)
	none := len(c.ExtKeyUsage)+len(c.UnknownExtKeyUsage) == 0
	switch {
	// TLS needs signatures of other things than certificates. Many self-signed
	// client certificates are marked as a CA, but may do both.
	case c.IsCA && c.KeyUsage != 0 && c.KeyUsage&x509.KeyUsageDigitalSignature == 0:
		return UsageCA
	case none || slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageAny):
		return UsageAny
	case client && server:
		return UsageBoth
	case client:
		return UsageClient
	case server:
		return UsageServer
	}
	return UsageOther
}

func keyKind(c *x509.Certificate) string {
	switch k := c.PublicKey.(type) {
	case *ecdsa.PublicKey:
		return "EC " + k.Curve.Params().Name
	case *rsa.PublicKey:
		return fmt.Sprintf("RSA %d", k.N.BitLen())
	case ed25519.PublicKey:
		return "Ed25519"
	}
	return c.PublicKeyAlgorithm.String()
}
