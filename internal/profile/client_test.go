package profile

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oauthpop/oauthpop/internal/material"
	"github.com/oauthpop/oauthpop/internal/wire"
)

func newKey(t *testing.T) *material.Key {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return &material.Key{Private: k, Public: k.Public()}
}

func certificateOf(k *material.Key) *tls.Certificate {
	return &tls.Certificate{PrivateKey: k.Private, Leaf: &x509.Certificate{PublicKey: k.Public}}
}

func TestWhatAClientAsksForAndHow(t *testing.T) {
	key, assertion, cert := newKey(t), newKey(t), certificateOf(newKey(t))
	base := Spec{Issuer: "https://as.example", ClientID: "app", KeyFile: "key.jwk", CertFile: "cert.pem"}
	tests := []struct {
		name              string
		change            func(*Spec)
		method, requested string
	}{
		{"a public client with a key", func(s *Spec) { s.DPoP, s.Key = true, key }, "none", "dpop"},
		{"a secret is basic", func(s *Spec) { s.DPoP, s.Key, s.Secret = true, key, "x" }, "client_secret_basic", "dpop"},
		{"a secret in the form", func(s *Spec) { s.Bearer, s.Secret, s.AuthMethod = true, "x", wire.AuthPost }, "client_secret_post", "none"},
		{"a secret that signs, by name", func(s *Spec) {
			s.Bearer, s.Secret, s.AuthMethod = true, wire.Secret(strings.Repeat("x", 32)), wire.AuthSecretJWT
		}, "client_secret_jwt", "none"},
		{"a client key is private_key_jwt", func(s *Spec) { s.DPoP, s.Key, s.AssertionKey = true, key, assertion }, "private_key_jwt", "dpop"},
		{"a certificate with --mtls authenticates", func(s *Spec) { s.MTLS, s.Certificate = true, cert }, "tls_client_auth", "mtls"},
		{"a certificate without --mtls does not", func(s *Spec) { s.DPoP, s.Key, s.Certificate = true, key, cert }, "none", "dpop"},
		{"a secret is above the certificate", func(s *Spec) { s.MTLS, s.Certificate, s.Secret = true, cert, "x" }, "client_secret_basic", "mtls"},
		{"self-signed by name", func(s *Spec) { s.MTLS, s.Certificate, s.AuthMethod = true, cert, wire.AuthTLSSelfSigned }, "self_signed_tls_client_auth", "mtls"},
		{"both mechanisms", func(s *Spec) { s.DPoP, s.MTLS, s.Key, s.Certificate = true, true, key, cert }, "tls_client_auth", "dpop+mtls"},
		{"an endpoint without an issuer", func(s *Spec) { s.Issuer, s.TokenEndpoint, s.Bearer = "", "https://as.example/t", true }, "none", "none"},
		{"of a secret and a key, what the command line has", func(s *Spec) {
			s.DPoP, s.Key, s.Secret, s.AssertionKey = true, key, "x", assertion
			s.OnCommandLine = func(f string) bool { return f == "client-key" }
		}, "private_key_jwt", "dpop"},
		{"a value of the environment that is not used is no error", func(s *Spec) { s.MTLS, s.Certificate, s.Key = true, cert, key }, "tls_client_auth", "mtls"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := base
			tt.change(&s)
			c, err := New(s)
			if err != nil {
				t.Fatal(err)
			}
			if c.Method != tt.method || string(c.Requested) != tt.requested {
				t.Errorf("got %s for %s, want %s for %s", c.Method, c.Requested, tt.method, tt.requested)
			}
		})
	}
}

func TestWhatIsMissingOrContradicts(t *testing.T) {
	key, cert := newKey(t), certificateOf(newKey(t))
	given := func(flags ...string) func(string) bool {
		return func(f string) bool { return slices.Contains(flags, f) }
	}
	base := Spec{Issuer: "https://as.example", ClientID: "app", KeyFile: "key.jwk", CertFile: "cert.pem"}
	tests := []struct {
		change func(*Spec)
		says   string
	}{
		{func(s *Spec) { s.Issuer = "" }, "neither --issuer nor --token-endpoint"},
		{func(s *Spec) { s.ClientID = "" }, "--client-id is missing"},
		{func(s *Spec) {}, "--dpop, --mtls or --bearer"},
		{func(s *Spec) { s.Bearer, s.DPoP = true, true }, "--bearer contradicts"},
		{func(s *Spec) { s.DPoP = true }, "--key is missing"},
		{func(s *Spec) { s.MTLS = true }, "--cert is missing"},
		{func(s *Spec) { s.DPoP, s.Key, s.AuthMethod = true, key, "client_secret_basic" }, "needs --client-secret"},
		{func(s *Spec) { s.DPoP, s.Key, s.AuthMethod = true, key, "private_key_jwt" }, "needs --client-key"},
		{func(s *Spec) { s.DPoP, s.Key, s.AuthMethod = true, key, "client_secret_jwt" }, "needs --client-secret"},
		{func(s *Spec) {
			s.Bearer, s.AuthMethod, s.Secret = true, "client_secret_jwt", wire.Secret(strings.Repeat("x", 31))
		}, "has 31 bytes, and 32 are needed"},
		{func(s *Spec) {
			s.Bearer, s.AuthMethod, s.Secret, s.OnCommandLine = true, "client_secret_jwt", wire.Secret(strings.Repeat("x", 32)), given("client-kid")
		}, "--client-kid would not be used"},
		{func(s *Spec) { s.Bearer, s.AuthMethod, s.Prefix = true, "client_secret_post", "other-" }, "--other-auth-method client_secret_post needs --other-client-secret"},
		{func(s *Spec) { s.DPoP, s.Key, s.AuthMethod = true, key, "tls_client_auth" }, "needs --cert"},
		{func(s *Spec) { s.DPoP, s.Key, s.AuthMethod = true, key, "magic" }, `"magic" is not known`},
		{func(s *Spec) { s.DPoP, s.Key, s.Secret, s.AssertionKey = true, key, "x", key }, "both --client-secret and --client-key"},
		{func(s *Spec) { s.MTLS, s.Certificate, s.Key, s.OnCommandLine = true, cert, key, given("key") }, "--key would not be used"},
		{func(s *Spec) {
			s.DPoP, s.Key, s.Secret, s.AuthMethod, s.OnCommandLine = true, key, "x", "none", given("client-secret")
		}, "--client-secret would not be used"},
		{func(s *Spec) { s.DPoP, s.Key, s.OnCommandLine = true, key, given("assertion-aud") }, "--assertion-aud would not be used"},
		{func(s *Spec) { s.DPoP, s.Key, s.Certificate = true, key, certificateOf(key) }, `--key "key.jwk" is the private key of --cert "cert.pem"`},
	}
	for _, tt := range tests {
		t.Run(tt.says, func(t *testing.T) {
			s := base
			tt.change(&s)
			_, err := New(s)
			var fault *Error
			if !errors.As(err, &fault) || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestAnAssertionNeedsAnAudience(t *testing.T) {
	s := Spec{TokenEndpoint: "https://as.example/t", ClientID: "app", Bearer: true, AssertionKey: newKey(t)}
	c, err := New(s)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.OAuth("", nil, nil, time.Now); err == nil {
		t.Error("an assertion for nobody was made ready")
	}
	c.AssertionAudience = "https://as.example"
	if o, err := c.OAuth("", nil, nil, time.Now); err != nil || o.Assertion.Audience != "https://as.example" {
		t.Error(o, err)
	}
}

func TestSigningAlg(t *testing.T) {
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	big, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	ec := newKey(t)
	tests := []struct {
		key       material.Key
		supported []string
		want      string
	}{
		{*ec, nil, "ES256"},
		{*ec, []string{"RS256"}, "ES256"}, // advice, never a gate
		{material.Key{Public: ed.Public()}, nil, "EdDSA"},
		{material.Key{Public: ed.Public()}, []string{"ES256", "Ed25519"}, "Ed25519"},
		{material.Key{Public: ed.Public()}, []string{"Ed25519", "EdDSA"}, "EdDSA"},
		{material.Key{Public: ed.Public(), Alg: "Ed25519"}, []string{"EdDSA"}, "Ed25519"},
		{material.Key{Public: big.Public()}, nil, "PS256"},
		{material.Key{Public: big.Public()}, []string{"RS256"}, "RS256"},
		{material.Key{Public: big.Public()}, []string{"RS256", "PS256"}, "PS256"},
		{material.Key{Public: big.Public()}, []string{"RS512", "PS384", "ES256"}, "PS384"},
		{material.Key{Public: big.Public(), Alg: "RS256"}, []string{"PS256"}, "RS256"},
	}
	for _, tt := range tests {
		if got, err := SigningAlg(tt.key, tt.supported); err != nil || got != tt.want {
			t.Errorf("%T %q with %v: got %s, %v; want %s", tt.key.Public, tt.key.Alg, tt.supported, got, err, tt.want)
		}
	}
}

func TestAlgorithmOfAssertionsByASecret(t *testing.T) {
	for _, tt := range []struct {
		length    int
		supported []string
		want      string
	}{
		{32, nil, "HS256"},
		{64, []string{"HS512", "RS256", "HS256"}, "HS256"},
		{64, []string{"HS512", "HS384"}, "HS384"},
		{64, []string{"HS512"}, "HS512"},
		{48, []string{"HS512"}, "HS256"}, // too short for what is listed: advice, never a gate
		{64, []string{"RS256"}, "HS256"},
	} {
		s := Spec{Issuer: "https://as.example", ClientID: "app", Bearer: true, AuthMethod: wire.AuthSecretJWT, Secret: wire.Secret(strings.Repeat("x", tt.length))}
		c, err := New(s)
		if err != nil {
			t.Fatal(err)
		}
		o, err := c.OAuth("https://as.example", tt.supported, nil, time.Now)
		if err != nil || o.Assertion.Alg != tt.want || o.Assertion.Key != nil {
			t.Errorf("%d bytes with %v: %+v, %v", tt.length, tt.supported, o, err)
		}
	}
}

// The algorithm of a client key is that of a proof: the metadata decides between
// those that the key serves.
func TestAlgorithmOfAssertionsByAKey(t *testing.T) {
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c, err := New(Spec{Issuer: "https://as.example", ClientID: "app", Bearer: true, AssertionKID: "mine", AssertionKey: &material.Key{Private: ed, Public: ed.Public(), KID: "own"}})
	if err != nil {
		t.Fatal(err)
	}
	for listed, want := range map[string]string{"": "EdDSA", "Ed25519": "Ed25519", "EdDSA": "EdDSA"} {
		o, err := c.OAuth("https://as.example", []string{listed}, nil, time.Now)
		if err != nil || o.Assertion.Alg != want || o.Assertion.KID != "mine" {
			t.Errorf("%q listed: %+v, %v", listed, o, err)
		}
	}
}
