//go:build interop

package interop

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// The client certificates of these tests are made by the program itself, and the
// server is told of them as an operator would be: by subject, by alternative name,
// or by the certificate. Each client of the server takes exactly one of these.
const subject = "CN=issued client,O=oauthpop interop,C=NO"

var certificates = []struct {
	name string
	args []string
}{
	{"dn", []string{"--subject", subject}},
	{"dn-rsa", []string{"--subject", subject, "--alg", "RS256"}},
	{"dn-ed25519", []string{"--subject", subject, "--alg", "Ed25519"}},
	{"dns", []string{"--cn", "dns client", "--san-dns", "issued.client.test"}},
	{"uri", []string{"--cn", "uri client", "--san-uri", "urn:oauthpop:issued"}},
	{"email", []string{"--cn", "email client", "--san-email", "issued@client.test"}},
	{"ip", []string{"--cn", "ip client", "--san-ip", "127.0.0.9"}},
	{"all", []string{"--cn", "all names", "--san-dns", "all.client.test", "--san-uri", "urn:oauthpop:all", "--san-email", "all@client.test", "--san-ip", "::9"}},
	{"stranger", []string{"--cn", "somebody else"}},
}

var selfSigned = []struct {
	name string
	args []string
}{
	{"self", nil},
	{"self-rsa", []string{"--alg", "PS256"}},
	{"unregistered", nil},
}

// issue makes the program's keys and certificates, and the metadata of the
// clients that use them.
func (s *site) issue() error {
	if err := s.do("cert", "ca", "--cn", "oauthpop test CA", "--out", "ca"); err != nil {
		return err
	}
	for _, c := range certificates {
		if err := s.do(append([]string{"cert", "issue", "--ca", "ca", "--out", c.name}, c.args...)...); err != nil {
			return err
		}
	}
	for _, c := range selfSigned {
		if err := s.do(append([]string{"cert", "issue", "--self-signed", "--cn", c.name, "--out", c.name}, c.args...)...); err != nil {
			return err
		}
	}
	for _, name := range []string{"dpop.jwk", "other.jwk", "assertion.jwk"} {
		if err := s.do("key", "generate", "--out", name); err != nil {
			return err
		}
	}
	// Keys that say nothing of an algorithm: what the server's metadata lists decides.
	for name, alg := range map[string]string{"assertion-rsa.pem": "PS256", "assertion-ed25519.pem": "Ed25519"} {
		if err := s.do("key", "generate", "--alg", alg, "--format", "pem", "--out", name); err != nil {
			return err
		}
	}
	return s.writeClients()
}

func (s *site) do(args ...string) error {
	r, err := s.run(context.Background(), "", args...)
	if err == nil && r.code != 0 {
		err = fmt.Errorf("%s", r)
	}
	return err
}

// writeClients takes what is registered from the program's own `cert show` and
// `key jwks`, so that their words are what the server compares.
func (s *site) writeClients() error {
	dn, err := s.subjectDN("dn.pem")
	if err != nil {
		return err
	}
	certificatesOf, err := s.jwks("self.pem", "self-rsa.pem")
	if err != nil {
		return err
	}
	assertionKey, err := s.jwks("assertion.jwk", "assertion-rsa.pem", "assertion-ed25519.pem")
	if err != nil {
		return err
	}
	tls := func(id, member, value string, more ...string) map[string]any {
		c := map[string]any{"client_id": id, "token_endpoint_auth_method": "tls_client_auth", member: value}
		for _, m := range more {
			c[m] = true
		}
		return c
	}
	const certBound, keyBound = "tls_client_certificate_bound_access_tokens", "dpop_bound_access_tokens"
	clients := []map[string]any{
		tls("issued-dn", "tls_client_auth_subject_dn", dn, certBound),
		tls("issued-dns", "tls_client_auth_san_dns", "issued.client.test", certBound),
		tls("issued-uri", "tls_client_auth_san_uri", "urn:oauthpop:issued", certBound),
		tls("issued-email", "tls_client_auth_san_email", "issued@client.test", certBound),
		tls("issued-ip", "tls_client_auth_san_ip", "127.0.0.9", certBound),
		tls("issued-all", "tls_client_auth_san_uri", "urn:oauthpop:all", certBound),
		tls("issued-dpop", "tls_client_auth_subject_dn", dn, keyBound),
		{"client_id": "issued-self", "token_endpoint_auth_method": "self_signed_tls_client_auth", "jwks": certificatesOf, certBound: true},
		{"client_id": "issued-assertion", "token_endpoint_auth_method": "private_key_jwt", "jwks": assertionKey, keyBound: true},
	}
	for _, c := range clients {
		c["grant_types"], c["response_types"], c["redirect_uris"] = []string{"client_credentials"}, []string{}, []string{}
	}
	text, err := json.MarshalIndent(clients, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(s.path("clients.json"), text, 0o600)
}

func (s *site) subjectDN(cert string) (string, error) {
	r, err := s.run(context.Background(), "", "cert", "show", cert, "-o", "json")
	if err != nil {
		return "", err
	}
	var shown struct {
		SubjectDN string `json:"subject_dn"`
	}
	if err := json.Unmarshal([]byte(r.stdout), &shown); err != nil {
		return "", fmt.Errorf("%w\n%s", err, r)
	}
	return shown.SubjectDN, nil
}

func (s *site) jwks(files ...string) (json.RawMessage, error) {
	r, err := s.run(context.Background(), "", append([]string{"key", "jwks"}, files...)...)
	if err == nil && (r.code != 0 || !json.Valid([]byte(r.stdout))) {
		err = fmt.Errorf("no JWKS\n%s", r)
	}
	return json.RawMessage(r.stdout), err
}

func TestSubjectThatIsRegisteredIsTheOneAskedFor(t *testing.T) {
	dn, err := at.subjectDN("dn.pem")
	if err != nil || dn != subject {
		t.Errorf("cert show says %q, %v; want %q", dn, err, subject)
	}
}

// opensslThumbprint is what OpenSSL says of a certificate: x5t#S256.
func opensslThumbprint(t *testing.T, file string) string {
	t.Helper()
	script := `openssl x509 -in "$1" -outform DER | openssl dgst -sha256 -binary | basenc --base64url | tr -d '=\n'`
	out, err := exec.CommandContext(t.Context(), "sh", "-c", script, "sh", file).Output()
	if err != nil || len(out) != 43 {
		t.Fatalf("openssl: %q, %v", out, err)
	}
	return string(out)
}

func TestThumbprintsAgreeWithOpenSSL(t *testing.T) {
	var names []string
	for _, c := range certificates {
		names = append(names, c.name)
	}
	for _, c := range selfSigned {
		names = append(names, c.name)
	}
	for _, name := range names {
		file := at.path(name + ".pem")
		if got, want := line(want(t, 0, "cert", "thumbprint", file)), opensslThumbprint(t, file); got != want {
			t.Errorf("%s: %s, OpenSSL says %s", name, got, want)
		}
	}
}

func TestOpenSSLVerifiesIssuedCertificates(t *testing.T) {
	for _, c := range certificates {
		out, err := exec.CommandContext(t.Context(), "openssl", "verify", "-x509_strict", "-purpose", "sslclient",
			"-CAfile", at.path("ca/ca.pem"), at.path(c.name+".pem")).CombinedOutput()
		if err != nil || !strings.Contains(string(out), ": OK") {
			t.Errorf("%s: %v\n%s", c.name, err, out)
		}
	}
}
