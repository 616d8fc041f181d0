package commands_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// askingForCertificates is an API that asks for client certificates of one CA, takes
// any, and refuses every token.
func askingForCertificates(t *testing.T, dir string) (url, cacert string) {
	t.Helper()
	mustRun(t, 0, "cert", "ca", "--cn", "Clients", "--out", filepath.Join(dir, "ca"))
	ca, err := os.ReadFile(filepath.Join(dir, "ca", "ca.pem"))
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(ca)
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
		w.WriteHeader(http.StatusUnauthorized)
	}))
	s.TLS = &tls.Config{ClientAuth: tls.RequestClientCert, ClientCAs: pool}
	s.StartTLS()
	t.Cleanup(s.Close)
	cacert = filepath.Join(dir, "server.pem")
	if err := os.WriteFile(cacert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	return s.URL, cacert
}

// What became of the client certificate is told: in the object, in the hint of a
// refusal, and on the wire.
func TestCallTellsOfTheCertificate(t *testing.T) {
	dir := t.TempDir()
	url, cacert := askingForCertificates(t, dir)
	other := filepath.Join(dir, "other")
	mustRun(t, 0, "cert", "issue", "--cn", "other", "--self-signed", "--out", other)
	x5t := strings.TrimSpace(mustRun(t, 0, "cert", "thumbprint", other+".pem"))
	bound := accessToken(map[string]string{"x5t#S256": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"})
	for _, tt := range []struct {
		name, became string
		args         []string
		says         []string
	}{
		{"none is given", "asked-not-sent", nil, []string{"there was none to send", "--cert FILE", "names these CAs: CN=Clients", "asked for and not sent (the server names the CAs CN=Clients)"}},
		{"another than the token's", "sent", []string{"--cert", other + ".pem"}, []string{"and \"" + x5t + "\" was presented", "names these CAs: CN=Clients", "client certificate sent"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			args := append([]string{"call", url, "--token", bound, "--cacert", cacert, "-v"}, tt.args...)
			code, _, stderr := runMain(nil, append(args, "--fail")...)
			if code != 4 {
				t.Errorf("exit %d", code)
			}
			for _, part := range tt.says {
				if !strings.Contains(strings.Join(strings.Fields(stderr), " "), part) {
					t.Errorf("no %q in %s", part, stderr)
				}
			}
			_, stdout, _ := runMain(nil, append(args, "-o", "json")...)
			var o struct {
				TLS struct {
					ClientCertificate string   `json:"client_certificate"`
					AcceptableCAs     []string `json:"acceptable_cas"`
				}
			}
			if err := json.Unmarshal([]byte(stdout), &o); err != nil {
				t.Fatal(err)
			}
			if o.TLS.ClientCertificate != tt.became || strings.Join(o.TLS.AcceptableCAs, "|") != "CN=Clients" {
				t.Errorf("%+v", o)
			}
			conforms(t, "call", stdout)
		})
	}
	// Where the certificate is not to blame, nobody need look for a CA.
	key := filepath.Join(dir, "key.jwk")
	mustRun(t, 0, "key", "generate", "--out", key)
	keyBound := accessToken(map[string]string{"jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"})
	_, _, stderr := runMain(nil, "call", url, "--token", keyBound, "--key", key, "--cert", other+".pem", "--cacert", cacert, "--fail")
	if !strings.Contains(stderr, "is signed by") || strings.Contains(stderr, "CN=Clients") {
		t.Error(stderr)
	}
}
