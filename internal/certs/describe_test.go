package certs

import (
	"crypto/elliptic"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"encoding/pem"
	"reflect"
	"strings"
	"testing"
	"time"
)

// The certificate of https://www.rfc-editor.org/rfc/rfc8705#appendix-A: X.509
// version 1, expired.
const rfc8705Certificate = `-----BEGIN CERTIFICATE-----
MIIBBjCBrAIBAjAKBggqhkjOPQQDAjAPMQ0wCwYDVQQDDARtdGxzMB4XDTE4MTAx
ODEyMzcwOVoXDTIyMDUwMjEyMzcwOVowDzENMAsGA1UEAwwEbXRsczBZMBMGByqG
SM49AgEGCCqGSM49AwEHA0IABNcnyxwqV6hY8QnhxxzFQ03C7HKW9OylMbnQZjjJ
/Au08/coZwxS7LfA4vOLS9WuneIXhbGGWvsDSb0tH6IxLm8wCgYIKoZIzj0EAwID
SQAwRgIhAP0RC1E+vwJD/D1AGHGzuri+hlV/PpQEKTWUVeORWz83AiEA5x2eXZOV
bUlJSGQgjwD5vaUaKlLR50Q2DmFfQj1L+SY=
-----END CERTIFICATE-----
`

func parsePEM(t *testing.T, text string) *x509.Certificate {
	t.Helper()
	block, _ := pem.Decode([]byte(text))
	c, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestThumbprintOfRFC8705(t *testing.T) {
	got := Thumbprint(parsePEM(t, rfc8705Certificate))
	if want := "A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0"; got != want {
		t.Errorf("x5t#S256 is %s, want %s", got, want)
	}
	for what, wrong := range map[string]string{
		"SHA-256 of the PEM text":      "nNDSgJ6q45Iw2Hc-S2tedp4pIakuDqxFpeBilovbTTg",
		"SHA-1":                        "T8Qp8fPmVYqb9iHyzQUaAbxBedY",
		"base64url of the hexadecimal": "MDM4MGVkMmY2MjY2NTBjODQw",
		"the thumbprint of its key":    "Fvi_j8Immo6AlgIwpZKqaXnNP_9b09pLKkQHObRebQY",
		"the sample of section 3.1 (no certificate has it)": "bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2",
	} {
		if strings.HasPrefix(got, wrong) {
			t.Errorf("x5t#S256 is %s", what)
		}
	}
	if b, err := base64.RawURLEncoding.Strict().DecodeString(got); err != nil || len(b) != 32 {
		t.Errorf("x5t#S256 decodes to %d bytes, error %v", len(b), err)
	}
}

func TestDescriptionOfRFC8705(t *testing.T) {
	got := Describe(parsePEM(t, rfc8705Certificate))
	want := Description{
		SubjectDN: "CN=mtls", IssuerDN: "CN=mtls", Usage: UsageAny,
		NotBefore:  time.Date(2018, 10, 18, 12, 37, 9, 0, time.UTC),
		NotAfter:   time.Date(2022, 5, 2, 12, 37, 9, 0, time.UTC),
		Thumbprint: "A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0",
		Serial:     "02", SelfSigned: true, KeyKind: "EC P-256",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("described as\n%+v, want\n%+v", got, want)
	}
}

func TestDaysLeft(t *testing.T) {
	d := Description{NotAfter: now()}
	for offset, want := range map[time.Duration]int{
		0: 0, -time.Second: 0, -24*time.Hour + time.Second: 0, -24 * time.Hour: 1, -36 * time.Hour: 1,
		time.Second: -1, 24 * time.Hour: -1, 25 * time.Hour: -2,
	} {
		if got := d.DaysLeft(now().Add(offset)); got != want {
			t.Errorf("%v after the end: %d days left, want %d", offset, got, want)
		}
	}
}

func TestUsagesOfForeignCertificates(t *testing.T) {
	const sign, certSign = x509.KeyUsageDigitalSignature, x509.KeyUsageCertSign
	type ekus = []x509.ExtKeyUsage
	for _, test := range []struct {
		want string
		c    x509.Certificate
	}{
		{UsageAny, x509.Certificate{}},
		{UsageAny, x509.Certificate{ExtKeyUsage: ekus{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageAny}}},
		{UsageOther, x509.Certificate{ExtKeyUsage: ekus{x509.ExtKeyUsageCodeSigning}}},
		{UsageOther, x509.Certificate{UnknownExtKeyUsage: []asn1.ObjectIdentifier{{1, 2, 3}}}},
		{UsageServer, x509.Certificate{ExtKeyUsage: ekus{x509.ExtKeyUsageCodeSigning, x509.ExtKeyUsageServerAuth}}},
		{UsageCA, x509.Certificate{IsCA: true, KeyUsage: certSign}},
		{UsageCA, x509.Certificate{IsCA: true, KeyUsage: certSign, ExtKeyUsage: ekus{x509.ExtKeyUsageClientAuth}}},
		// What `openssl req -x509` makes.
		{UsageAny, x509.Certificate{IsCA: true}},
		{UsageClient, x509.Certificate{IsCA: true, KeyUsage: certSign | sign, ExtKeyUsage: ekus{x509.ExtKeyUsageClientAuth}}},
	} {
		if got := usageOf(&test.c); got != test.want {
			t.Errorf("%+v: usage %q, want %q", test.c, got, test.want)
		}
	}
}

// Whoever writes the name of a CA into the issuer has not been signed by it.
func TestSelfSignedIsDecidedByTheSignature(t *testing.T) {
	r, key := sample(t)
	c, err := SelfSigned(r, key)
	if err != nil {
		t.Fatal(err)
	}
	forged := *c
	forged.PublicKey = ecKey(t, elliptic.P256()).Public()
	if !selfSigned(c) || selfSigned(&forged) {
		t.Errorf("genuine %t, forged %t", selfSigned(c), selfSigned(&forged))
	}
}

func TestEncodePEMKeepsTheOrder(t *testing.T) {
	a := parsePEM(t, rfc8705Certificate)
	b := newCA(t, ecKey(t, elliptic.P256())).Certificate
	text := EncodePEM(a, b)
	if !strings.HasPrefix(string(text), rfc8705Certificate) {
		t.Errorf("the first certificate is written as\n%s", text)
	}
	_, rest := pem.Decode(text)
	block, rest := pem.Decode(rest)
	if string(block.Bytes) != string(b.Raw) || len(rest) != 0 {
		t.Error("the second certificate differs")
	}
}
