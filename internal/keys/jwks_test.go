package keys

import (
	"bytes"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"errors"
	"math/big"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/oauthpop/oauthpop/internal/material"
)

func generateKey(t *testing.T, alg string) material.Key {
	t.Helper()
	k, err := Generate(alg, 0)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func certificate(t *testing.T, k material.Key) *x509.Certificate {
	t.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "c"}, NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1<<31, 0)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, k.Public, k.Private)
	if err != nil {
		t.Fatal(err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func set(t *testing.T, entries ...Entry) []jose.JSONWebKey {
	t.Helper()
	b, err := JWKS(entries)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{`"d":`, `"p":`, `"qi":`} {
		if bytes.Contains(b, []byte(secret)) {
			t.Errorf("the set has private members: %s", b)
		}
	}
	var s jose.JSONWebKeySet
	if err := json.Unmarshal(b, &s); err != nil {
		t.Fatalf("go-jose does not read %s: %v", b, err)
	}
	return s.Keys
}

func TestJWKSHasWhatARegistrationNeeds(t *testing.T) {
	ec, rsa, named := generateKey(t, "ES256"), generateKey(t, "RS256"), generateKey(t, "Ed25519")
	ec.KID, ec.Alg = "", "" // as read from PEM
	rsa.Private = nil
	named.KID, named.Use = "mine", "enc"
	cert := certificate(t, generateKey(t, "ES384"))
	keys := set(t, Entry{Key: ec}, Entry{Key: rsa}, Entry{Key: named}, Entry{Key: material.Key{Public: cert.PublicKey}, Chain: []*x509.Certificate{cert}})
	if len(keys) != 4 {
		t.Fatalf("%d keys", len(keys))
	}
	want := []struct{ kid, alg string }{{thumbprint(t, ec), "ES256"}, {rsa.KID, "RS256"}, {"mine", "Ed25519"}, {"", "ES384"}}
	for i, k := range keys {
		if i == 3 {
			want[i].kid = thumbprint(t, material.Key{Public: cert.PublicKey})
		}
		if k.KeyID != want[i].kid || k.Algorithm != want[i].alg || k.Use != "sig" || !k.IsPublic() {
			t.Errorf("key %d: kid %q, alg %q, use %q; want %+v", i, k.KeyID, k.Algorithm, k.Use, want[i])
		}
	}
	if len(keys[3].Certificates) != 1 || !keys[3].Certificates[0].Equal(cert) || len(keys[0].Certificates) != 0 {
		t.Error("x5c is not that of the certificate alone")
	}
}

func TestAKeyAndItsCertificateAreOneEntry(t *testing.T) {
	k := generateKey(t, "ES256")
	k.KID = "mine"
	one, two := certificate(t, k), certificate(t, k)
	byCert := func(c *x509.Certificate) Entry {
		return Entry{Key: material.Key{Public: c.PublicKey}, Chain: []*x509.Certificate{c}}
	}
	for _, entries := range [][]Entry{{{Key: k}, byCert(one)}, {byCert(one), {Key: k}}, {byCert(one), {Key: k}, {Key: k}}} {
		keys := set(t, entries...)
		if len(keys) != 1 || keys[0].KeyID != "mine" || len(keys[0].Certificates) != 1 {
			t.Errorf("%d keys, the first %+v", len(keys), keys[0])
		}
	}
	if keys := set(t, byCert(one), byCert(two)); len(keys) != 2 {
		t.Errorf("two certificates of one key are %d entries", len(keys))
	}
}

func TestTwoKeysOfOneKidAreRefused(t *testing.T) {
	a, b := generateKey(t, "ES256"), generateKey(t, "ES256")
	a.KID, b.KID = "1", "1"
	_, err := JWKS([]Entry{{Key: a}, {Key: b}})
	var o *OptionError
	if !errors.As(err, &o) {
		t.Errorf("JWKS = %v", err)
	}
	if b, err := JWKS(nil); err != nil || string(b) != `{"keys":[]}` {
		t.Errorf("an empty set is %s, %v", b, err)
	}
}
