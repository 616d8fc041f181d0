package certs

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"math/big"
	"reflect"
	"strings"
	"testing"
	"time"
)

func now() time.Time { return time.Date(2026, 5, 4, 3, 2, 1, 0, time.UTC) }

func ecKey(t testing.TB, curve elliptic.Curve) crypto.Signer {
	t.Helper()
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func dn(t testing.TB, s string) pkix.RDNSequence {
	t.Helper()
	name, err := ParseDN(s)
	if err != nil {
		t.Fatal(err)
	}
	return name
}

// sample is a request that is right, and a key for it.
func sample(t testing.TB) (Request, crypto.Signer) {
	t.Helper()
	key := ecKey(t, elliptic.P256())
	return Request{
		Subject: dn(t, "CN=client,O=Example,C=NO"), Usage: UsageClient,
		NotBefore: now(), NotAfter: now().AddDate(1, 0, 0), PublicKey: key.Public(),
	}, key
}

func newCA(t testing.TB, key crypto.Signer) *CA {
	t.Helper()
	ca, err := NewCA(dn(t, "CN=test CA"), key, now().Add(-time.Hour), now().AddDate(10, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	return ca
}

func TestIssuedLeavesVerifyWithEveryKindOfKey(t *testing.T) {
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		kind string
		key  crypto.Signer
		want x509.SignatureAlgorithm
	}{
		{"EC P-256", ecKey(t, elliptic.P256()), x509.ECDSAWithSHA256},
		{"EC P-384", ecKey(t, elliptic.P384()), x509.ECDSAWithSHA384},
		{"EC P-521", ecKey(t, elliptic.P521()), x509.ECDSAWithSHA512},
		{"RSA 2048", rsaKey, x509.SHA256WithRSA},
		{"Ed25519", ed, x509.PureEd25519},
	} {
		t.Run(test.kind, func(t *testing.T) {
			ca := newCA(t, test.key)
			r, _ := sample(t)
			r.PublicKey = test.key.Public()
			leaf, err := ca.Issue(r)
			if err != nil {
				t.Fatal(err)
			}
			if leaf.SignatureAlgorithm != test.want || ca.Certificate.SignatureAlgorithm != test.want {
				t.Errorf("signed with %v and %v, want %v", leaf.SignatureAlgorithm, ca.Certificate.SignatureAlgorithm, test.want)
			}
			if got := Describe(leaf).KeyKind; got != test.kind {
				t.Errorf("the key is described as %q", got)
			}
			roots := x509.NewCertPool()
			roots.AddCert(ca.Certificate)
			options := x509.VerifyOptions{Roots: roots, CurrentTime: now(), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}
			if _, err := leaf.Verify(options); err != nil {
				t.Error(err)
			}
			options.KeyUsages = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
			if _, err := leaf.Verify(options); err == nil {
				t.Error("a client certificate verifies as a server's")
			}
		})
	}
}

func TestWhatALeafHolds(t *testing.T) {
	ca := newCA(t, ecKey(t, elliptic.P256()))
	r, key := sample(t)
	for usage, want := range map[string][]x509.ExtKeyUsage{
		UsageClient: {x509.ExtKeyUsageClientAuth},
		UsageServer: {x509.ExtKeyUsageServerAuth},
		UsageBoth:   {x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth},
	} {
		r.Usage = usage
		issued, err := ca.Issue(r)
		if err != nil {
			t.Fatal(err)
		}
		own, err := SelfSigned(r, key)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []*x509.Certificate{issued, own} {
			if c.Version != 3 || !c.BasicConstraintsValid || c.IsCA || c.KeyUsage != x509.KeyUsageDigitalSignature {
				t.Errorf("version %d, basic constraints %t, CA %t, key usage %b", c.Version, c.BasicConstraintsValid, c.IsCA, c.KeyUsage)
			}
			if !reflect.DeepEqual(c.ExtKeyUsage, want) || Describe(c).Usage != usage {
				t.Errorf("usage %s: extended key usage %v, described as %q", usage, c.ExtKeyUsage, Describe(c).Usage)
			}
			if n := c.SerialNumber; n.Sign() <= 0 || n.BitLen() > 128 || n.BitLen() < 64 {
				t.Errorf("serial number %x", n)
			}
			if !c.NotBefore.Equal(r.NotBefore) || !c.NotAfter.Equal(r.NotAfter) {
				t.Errorf("valid from %v to %v", c.NotBefore, c.NotAfter)
			}
			if len(c.SubjectKeyId) != 20 {
				t.Errorf("subject key identifier %x", c.SubjectKeyId)
			}
		}
		if !bytes.Equal(issued.AuthorityKeyId, ca.Certificate.SubjectKeyId) {
			t.Errorf("authority key identifier %x, want %x", issued.AuthorityKeyId, ca.Certificate.SubjectKeyId)
		}
		if Describe(issued).SelfSigned || !Describe(own).SelfSigned {
			t.Error("issued and self-signed are mistaken for each other")
		}
		if issued.SerialNumber.Cmp(own.SerialNumber) == 0 {
			t.Error("two certificates have the same serial number")
		}
	}
}

func TestWhatACAHolds(t *testing.T) {
	c := newCA(t, ecKey(t, elliptic.P384())).Certificate
	if !c.IsCA || c.KeyUsage != x509.KeyUsageCertSign|x509.KeyUsageCRLSign || len(c.ExtKeyUsage) != 0 {
		t.Errorf("CA %t, key usage %b, extended %v", c.IsCA, c.KeyUsage, c.ExtKeyUsage)
	}
	for _, ext := range c.Extensions {
		if ext.Id.Equal(asn1.ObjectIdentifier{2, 5, 29, 19}) && !ext.Critical {
			t.Error("basic constraints are not critical")
		}
	}
	if d := Describe(c); d.Usage != UsageCA || !d.SelfSigned {
		t.Errorf("described as %+v", d)
	}
}

// A leaf with the very name of its CA is not self-signed, and still says who
// signed it.
func TestALeafWithTheNameOfItsCA(t *testing.T) {
	ca := newCA(t, ecKey(t, elliptic.P256()))
	r, _ := sample(t)
	r.Subject = dn(t, "CN=test CA")
	c, err := ca.Issue(r)
	if err != nil {
		t.Fatal(err)
	}
	if Describe(c).SelfSigned || !bytes.Equal(c.AuthorityKeyId, ca.Certificate.SubjectKeyId) {
		t.Errorf("self-signed %t, authority key identifier %x", Describe(c).SelfSigned, c.AuthorityKeyId)
	}
}

func TestALeafEndsWithItsCA(t *testing.T) {
	ca := newCA(t, ecKey(t, elliptic.P256()))
	end := ca.Certificate.NotAfter
	r, _ := sample(t)
	r.NotAfter = end.AddDate(1, 0, 0)
	c, err := ca.Issue(r)
	if err != nil {
		t.Fatal(err)
	}
	if !c.NotAfter.Equal(end) {
		t.Errorf("ends %v, want %v", c.NotAfter, end)
	}
	r.NotBefore = end
	var requestErr *RequestError
	if _, err := ca.Issue(r); !errors.As(err, &requestErr) || !strings.Contains(err.Error(), "CA's certificate ends") {
		t.Errorf("error %v", err)
	}
}

func TestTheChainLeavesOutRoots(t *testing.T) {
	root := newCA(t, ecKey(t, elliptic.P256()))
	if got := root.Intermediates(); len(got) != 0 {
		t.Errorf("a root gives %d certificates", len(got))
	}
	key := ecKey(t, elliptic.P256())
	subject, err := asn1.Marshal(dn(t, "CN=middle"))
	if err != nil {
		t.Fatal(err)
	}
	middle, err := sign(&x509.Certificate{
		SerialNumber: big.NewInt(7), RawSubject: subject, NotBefore: now(), NotAfter: now().AddDate(1, 0, 0),
		BasicConstraintsValid: true, IsCA: true,
	}, root.Certificate, key.Public(), root.Key)
	if err != nil {
		t.Fatal(err)
	}
	ca := &CA{Certificate: middle, Key: key, Chain: []*x509.Certificate{root.Certificate}}
	if got := ca.Intermediates(); len(got) != 1 || got[0] != middle {
		t.Errorf("an intermediate gives %d certificates", len(got))
	}
	r, _ := sample(t)
	leaf, err := ca.Issue(r)
	if err != nil {
		t.Fatal(err)
	}
	roots, between := x509.NewCertPool(), x509.NewCertPool()
	roots.AddCert(root.Certificate)
	between.AddCert(middle)
	if _, err := leaf.Verify(x509.VerifyOptions{
		Roots: roots, Intermediates: between, CurrentTime: now(),
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}); err != nil {
		t.Error(err)
	}
}

func TestSubjectsStandInTheCertificateAsGiven(t *testing.T) {
	r, key := sample(t)
	for _, subject := range []string{
		"CN=mtls-ca-client,O=oauthpop interop,C=NO",
		`CN=Jürgen\, Müller+serialNumber=7,O=Ä\+B,C=NO`,
		`CN=a\00b,emailAddress=a@b,DC=x,2.5.4.97=#130b5053444e4f2d4653412d31`,
		"CN=" + strings.Repeat("ü", 64),
	} {
		r.Subject = dn(t, subject)
		c, err := SelfSigned(r, key)
		if err != nil {
			t.Errorf("%s: %v", subject, err)
			continue
		}
		if got := Describe(c); got.SubjectDN != subject || got.IssuerDN != subject {
			t.Errorf("%q becomes %q, issuer %q", subject, got.SubjectDN, got.IssuerDN)
		}
	}
}

func TestSubjectsThatCertificatesCannotHold(t *testing.T) {
	r, key := sample(t)
	for subject, want := range map[string]string{
		"CN=":                           "empty",
		"CN=" + strings.Repeat("a", 65): "65 characters, at most 64",
		"C=NOR":                         "two letters",
		"C=N":                           "two letters",
		"CN=#04024869":                  "ASN.1 tag 4",
		"1.2.3=#0500":                   "1.2.3 is not a string",
		"CN=#0c01ff":                    "does not fit",
		"O=a,CN=#1e0141":                "does not fit",
	} {
		r.Subject = dn(t, subject)
		_, err := SelfSigned(r, key)
		var dnErr *DNError
		if !errors.As(err, &dnErr) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q in it", subject, err, want)
		}
	}
}

func TestASubjectMayBeLeftToTheAlternativeNames(t *testing.T) {
	ca := newCA(t, ecKey(t, elliptic.P256()))
	r, key := sample(t)
	r.Subject = nil
	if _, err := ca.Issue(r); err == nil {
		t.Error("a certificate without any name is issued")
	}
	r.SANs.URI = []string{"spiffe://example.org/client"}
	c, err := ca.Issue(r)
	if err != nil {
		t.Fatal(err)
	}
	if got := SubjectDN(c); got != "" {
		t.Errorf("subject %q", got)
	}
	if _, err := SelfSigned(r, key); err == nil {
		t.Error("a self-signed certificate without issuer is made")
	}
	if _, err := NewCA(nil, key, r.NotBefore, r.NotAfter); err == nil {
		t.Error("a CA without name is made")
	}
}

func TestRequestsThatCannotBeMet(t *testing.T) {
	good, key := sample(t)
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(*Request){
		"ends":                  func(r *Request) { r.NotAfter = r.NotBefore },
		"usage":                 func(r *Request) { r.Usage = "Client" },
		"RSA key of 1024 bits":  func(r *Request) { r.PublicKey = small.Public() },
		"curve P-224":           func(r *Request) { r.PublicKey = ecKey(t, elliptic.P224()).Public() },
		"key of type <nil>":     func(r *Request) { r.PublicKey = nil },
		"years 1950 to 9999":    func(r *Request) { r.NotBefore = r.NotBefore.AddDate(-80, 0, 0) },
		"subject alternative":   func(r *Request) { r.SANs.DNS = []string{"a b"} },
		"end (2025-05-04T03:02": func(r *Request) { r.NotAfter = r.NotBefore.AddDate(-1, 0, 0) },
	} {
		r := good
		change(&r)
		if want == "ends" {
			want = "would end"
		}
		if _, err := newCA(t, key).Issue(r); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q in it", err, want)
		}
	}
}

func TestNoCertificateOutlivesTheCalendar(t *testing.T) {
	r, key := sample(t)
	r.NotAfter = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)
	var requestErr *RequestError
	if _, err := SelfSigned(r, key); !errors.As(err, &requestErr) {
		t.Errorf("error %v, want a *RequestError", err)
	}
}

func TestOnlyACAIssues(t *testing.T) {
	r, key := sample(t)
	leaf, err := SelfSigned(r, key)
	if err != nil {
		t.Fatal(err)
	}
	other := newCA(t, ecKey(t, elliptic.P256()))
	weak := *newCA(t, key).Certificate
	weak.KeyUsage = x509.KeyUsageDigitalSignature
	for want, ca := range map[string]*CA{
		"not the certificate of a CA":   {Certificate: leaf, Key: key},
		"does not fit":                  {Certificate: other.Certificate, Key: key},
		"may not sign certificates":     {Certificate: &weak, Key: key},
		"\"CN=test CA\" may not sign c": {Certificate: &weak, Key: key},
	} {
		var requestErr *RequestError
		if _, err := ca.Issue(r); !errors.As(err, &requestErr) || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q in it", err, want)
		}
	}
}
