package material

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"
	"time"
)

// party is a certificate with its key.
type party struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// issue makes a certificate; without an issuer it signs itself.
func issue(t testing.TB, name string, ca bool, issuer *party, key *ecdsa.PrivateKey) *party {
	t.Helper()
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: name},
		NotBefore: start, NotAfter: start.AddDate(1, 0, 0), IsCA: ca, BasicConstraintsValid: true,
	}
	if issuer == nil {
		issuer = &party{template, key}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, issuer.cert, &key.PublicKey, issuer.key)
	if err != nil {
		t.Fatal(err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &party{c, key}
}

func (p *party) pem() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.cert.Raw}))
}

func keyPEM(t testing.TB, k crypto.PrivateKey) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

func TestARevocationListIsNamed(t *testing.T) {
	ca := newPKI(t).root
	ca.cert.KeyUsage |= x509.KeyUsageCRLSign
	ca.cert.SubjectKeyId = []byte{1}
	list, err := x509.CreateRevocationList(rand.Reader, &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: ca.cert.NotBefore, NextUpdate: ca.cert.NotAfter}, ca.cert, ca.key)
	if err != nil {
		t.Fatal(err)
	}
	_, err = Chain("c.crl", list, nil)
	wantError(t, err, "c.crl", "a certificate revocation list, not a certificate")
}

type pki struct{ root, intermediate, leaf, other *party }

func newPKI(t testing.TB) pki {
	root := issue(t, "root", true, nil, newKey(t))
	intermediate := issue(t, "intermediate", true, root, newKey(t))
	return pki{root, intermediate, issue(t, "leaf", false, intermediate, newKey(t)), issue(t, "other", false, root, newKey(t))}
}

func namesOf(chain []*x509.Certificate) string {
	var names []string
	for _, c := range chain {
		names = append(names, c.Subject.CommonName)
	}
	return strings.Join(names, " ")
}

func TestChainBeginsWithTheLeaf(t *testing.T) {
	p := newPKI(t)
	leaf, mid, root := p.leaf.pem(), p.intermediate.pem(), p.root.pem()
	key := keyPEM(t, p.leaf.key)
	for name, c := range map[string]struct{ file, want string }{
		"leaf alone":                  {leaf, "leaf"},
		"in order":                    {leaf + mid + root, "leaf intermediate root"},
		"leaf last":                   {root + mid + leaf, "leaf intermediate root"},
		"leaf in the middle":          {mid + leaf + root, "leaf intermediate root"},
		"twice":                       {leaf + mid + leaf, "leaf intermediate"},
		"a gap":                       {root + leaf, "leaf root"},
		"with its key":                {root + key + mid + leaf, "leaf intermediate root"},
		"the key decides":             {p.other.pem() + leaf + mid + key, "leaf intermediate other"},
		"self-signed beside a CA":     {root + issue(t, "self", false, nil, newKey(t)).pem(), "self root"},
		"a CA of its own":             {root, "root"},
		"a key that fits nothing":     {leaf + mid + keyPEM(t, newKey(t)), "leaf intermediate"},
		"a CA with its key":           {mid + leaf + keyPEM(t, p.intermediate.key), "intermediate leaf"},
		"a key that cannot be opened": {leaf + mid + string(load(t, "legacy-aes.pem")), "leaf intermediate"},
	} {
		t.Run(name, func(t *testing.T) {
			chain, err := Chain("c.pem", []byte(c.file), nil)
			if err != nil {
				t.Fatal(err)
			}
			if got := namesOf(chain); got != c.want {
				t.Errorf("the chain is %q, want %q", got, c.want)
			}
		})
	}
	chain, err := Chain("c.der", p.leaf.cert.Raw, nil)
	if err != nil || namesOf(chain) != "leaf" {
		t.Errorf("a DER certificate: %v, %v", chain, err)
	}
}

func TestChainIsRefusedWhereTheLeafIsUnclear(t *testing.T) {
	p := newPKI(t)
	renewed := issue(t, "leaf", false, p.intermediate, p.leaf.key)
	for name, file := range map[string]string{
		"two leaves":              p.leaf.pem() + p.other.pem(),
		"two for one key":         p.leaf.pem() + renewed.pem() + keyPEM(t, p.leaf.key),
		"two of one name and key": p.leaf.pem() + renewed.pem(),
	} {
		_, err := Chain("c.pem", []byte(file), nil)
		if err == nil {
			t.Errorf("%s: no error", name)
			continue
		}
		wantError(t, err, "c.pem", "2 certificates", "leaf")
	}
	_, err := Chain("k.pem", load(t, "pkcs8.pem"), nil)
	wantError(t, err, "k.pem", "a private key, not a certificate")
	_, err = Chain("k.pem", load(t, "spki.pem"), nil)
	wantError(t, err, "k.pem", "a public key, not a certificate")
	_, err = Chain("k.pem", load(t, "openssh.pem"), nil)
	wantError(t, err, "k.pem", "OpenSSH")
}

// Certificates of the same name, as self-signed ones for localhost have, issued
// each other by name only.
func TestNamesAloneDoNotMakeAnIssuer(t *testing.T) {
	key := newKey(t)
	one, two := issue(t, "localhost", false, nil, key), issue(t, "localhost", false, nil, newKey(t))
	chain, err := Chain("c.pem", []byte(two.pem()+one.pem()+keyPEM(t, key)), nil)
	if err != nil || !chain[0].Equal(one.cert) {
		t.Errorf("%v, %v", chain, err)
	}
	if issued(one.cert, two.cert) {
		t.Error("one is taken for the issuer of the other")
	}
}

func TestPairTakesTheLeafThatFitsTheKey(t *testing.T) {
	p := newPKI(t)
	key := keyPEM(t, p.leaf.key)
	all := p.root.pem() + p.intermediate.pem() + p.leaf.pem()
	for name, c := range map[string]struct{ cert, key string }{
		"two files":                         {all, key},
		"one file, key last":                {all + key, ""},
		"one file, key first":               {key + all, ""},
		"one file, key in the middle":       {p.root.pem() + key + p.intermediate.pem() + p.leaf.pem(), ""},
		"both files are the same":           {all + key, all + key},
		"another key beside it":             {all + keyPEM(t, p.root.key), key},
		"another leaf first":                {p.other.pem() + all, key},
		"an encrypted key not needed":       {all + string(load(t, "legacy-aes.pem")), key},
		"the public key beside the private": {all + key, ""},
	} {
		t.Run(name, func(t *testing.T) {
			keyName := ""
			if c.key != "" {
				keyName = "c-key.pem"
			}
			pair, err := Pair("c.pem", []byte(c.cert), keyName, []byte(c.key), nil)
			if err != nil {
				t.Fatal(err)
			}
			if !pair.Leaf.Equal(p.leaf.cert) || !bytes.Equal(pair.Certificate[0], p.leaf.cert.Raw) || !bytes.Equal(pair.Certificate[1], p.intermediate.cert.Raw) {
				t.Errorf("the pair begins with %q", pair.Leaf.Subject)
			}
			if !p.leaf.key.Equal(pair.PrivateKey) {
				t.Error("the pair has another key")
			}
		})
	}
}

func TestPairWorksInAHandshake(t *testing.T) {
	p := newPKI(t)
	pair, err := Pair("c.pem", []byte(p.intermediate.pem()+p.leaf.pem()+keyPEM(t, p.leaf.key)), "", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(p.root.cert)
	if _, err := tls.X509KeyPair([]byte(p.leaf.pem()), []byte(keyPEM(t, pair.PrivateKey))); err != nil {
		t.Errorf("crypto/tls does not take the pair: %v", err)
	}
	between := x509.NewCertPool()
	for _, raw := range pair.Certificate[1:] {
		c, err := x509.ParseCertificate(raw)
		if err != nil {
			t.Fatal(err)
		}
		between.AddCert(c)
	}
	if _, err := pair.Leaf.Verify(x509.VerifyOptions{Roots: roots, Intermediates: between, CurrentTime: pair.Leaf.NotBefore, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}}); err != nil {
		t.Errorf("the chain does not verify: %v", err)
	}
}

func TestPairRefusesHalves(t *testing.T) {
	p := newPKI(t)
	leaf, key, other := p.leaf.pem(), keyPEM(t, p.leaf.key), keyPEM(t, p.other.key)
	for name, c := range map[string]struct {
		cert, key string
		file      string
		words     []string
	}{
		"halves that do not fit":   {leaf, other, "c-key.pem", []string{"c.pem", "does not fit"}},
		"one file, not fitting":    {leaf + other, "", "c.pem", []string{"do not fit"}},
		"no key":                   {leaf, "", "c.pem", []string{"a certificate without its private key", "--cert-key"}},
		"no certificate":           {key, key, "c.pem", []string{"a private key, not a certificate"}},
		"two certificates":         {leaf, leaf, "c-key.pem", []string{"a certificate, not a private key"}},
		"a public key":             {leaf, string(load(t, "spki.pem")), "c-key.pem", []string{"a public key, not a private key"}},
		"two keys in one file":     {leaf + key + other, "", "c.pem", []string{"2 private keys"}},
		"the key is encrypted":     {leaf, string(load(t, "pkcs8-aes256.pem")), "c-key.pem", []string{"encrypted", "--passphrase"}},
		"its own key is encrypted": {leaf + string(load(t, "pkcs8-aes256.pem")), "", "c.pem", []string{"encrypted", "--passphrase"}},
		"an OpenSSH key":           {leaf, string(load(t, "openssh.pem")), "c-key.pem", []string{"OpenSSH"}},
		"an empty key file":        {leaf, " ", "c-key.pem", []string{"nothing"}},
		"a weak key":               {leaf, string(load(t, "rsa1024.pem")), "c-key.pem", []string{"1024"}},
	} {
		t.Run(name, func(t *testing.T) {
			keyName := ""
			if c.key != "" {
				keyName = "c-key.pem"
			}
			_, err := Pair("c.pem", []byte(c.cert), keyName, []byte(c.key), nil)
			wantError(t, err, c.file, c.words...)
		})
	}
}
