package commands_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/oauthpop/oauthpop/internal/commands"
	"github.com/oauthpop/oauthpop/internal/commands/view"
	"github.com/oauthpop/oauthpop/internal/jwt"
)

// issuer is an authorization server that signs with a key of its own.
type issuer struct {
	*httptest.Server
	key      *ecdsa.PrivateKey
	ca       string
	jwks     func(http.ResponseWriter)
	requests atomic.Int32
}

// newIssuer starts one. Without jwks it publishes its key.
func newIssuer(t *testing.T, jwks func(http.ResponseWriter)) *issuer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	members, err := jwt.PublicJWK(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	members["kid"] = "1"
	i := &issuer{key: key, ca: filepath.Join(t.TempDir(), "ca.pem"), jwks: jwks}
	if jwks == nil {
		i.jwks = func(w http.ResponseWriter) {
			_ = json.NewEncoder(w).Encode(map[string]any{"keys": []any{members, map[string]string{"kty": "oct", "k": "AA"}}})
		}
	}
	i.Server = httptest.NewTLSServer(http.HandlerFunc(i.serve))
	t.Cleanup(i.Close)
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: i.Certificate().Raw})
	if err := os.WriteFile(i.ca, block, 0o600); err != nil {
		t.Fatal(err)
	}
	return i
}

func (i *issuer) serve(w http.ResponseWriter, r *http.Request) {
	i.requests.Add(1)
	switch r.URL.Path {
	case "/.well-known/openid-configuration":
		_ = json.NewEncoder(w).Encode(map[string]string{"issuer": i.URL, "jwks_uri": i.URL + "/jwks"})
	case "/jwks":
		i.jwks(w)
	default:
		http.NotFound(w, r)
	}
}

func (i *issuer) token(t *testing.T, iss string) string {
	t.Helper()
	claims := map[string]any{"iss": iss, "cnf": map[string]string{"jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}}
	s, err := jwt.Encode(i.key, map[string]any{"alg": "ES256", "kid": "1"}, claims)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// inspect runs the command with -o json.
func inspect(t *testing.T, args ...string) (int, view.Inspect, string) {
	t.Helper()
	env, stdout, stderr := testWorld(nil)
	code := commands.Main(env, append([]string{"inspect", "-o", "json"}, args...))
	var v view.Inspect
	if err := json.Unmarshal(stdout.Bytes(), &v); err != nil {
		t.Fatalf("%v: %s %s", err, stdout, stderr)
	}
	return code, v, stdout.String() + stderr.String()
}

func TestInspectChecksTheSignatureWithTheIssuersKeys(t *testing.T) {
	i, other := newIssuer(t, nil), newIssuer(t, nil)
	for _, c := range []struct {
		name, token, issuer string
		code                int
		signature           string
		verified            bool
		says                string
	}{
		{"its own token", i.token(t, i.URL), i.URL, 0, view.SignatureValid, true, `"kid": "1"`},
		{"a slash too many", i.token(t, i.URL), i.URL + "/", 0, view.SignatureValid, true, "writes itself"},
		{"a token of another issuer", other.token(t, i.URL), i.URL, 3, view.SignatureInvalid, false, "signature-invalid"},
		{"a token that names another issuer", i.token(t, "https://as.example"), i.URL, 3, view.SignatureValid, false, "names the issuer"},
	} {
		t.Run(c.name, func(t *testing.T) {
			code, v, text := inspect(t, c.token, "--issuer", c.issuer, "--cacert", i.ca, "--require-valid")
			if code != c.code || v.Signature.Verdict != c.signature || v.Binding.Verified != c.verified || !strings.Contains(text, c.says) {
				t.Errorf("exit %d, signature %s, verified %v; want %d, %s, %v, and %q in\n%s",
					code, v.Signature.Verdict, v.Binding.Verified, c.code, c.signature, c.verified, c.says, text)
			}
		})
	}
}

func TestInspectAsksTheNetworkOnlyForASignature(t *testing.T) {
	i := newIssuer(t, nil)
	if code, _, text := inspect(t, "opaque", "--issuer", i.URL, "--cacert", i.ca); code != 0 || i.requests.Load() != 0 {
		t.Errorf("exit %d, %d requests, want 0, 0: %s", code, i.requests.Load(), text)
	}
	if code, _, text := inspect(t, i.token(t, i.URL), "--issuer", i.URL, "--cacert", i.ca, "--key", "missing.jwk"); code != 2 || i.requests.Load() != 0 {
		t.Errorf("exit %d, %d requests, want 2, 0: %s", code, i.requests.Load(), text)
	}
}

func TestInspectSaysWhatIsWrongWithTheIssuersKeys(t *testing.T) {
	for _, c := range []struct {
		name  string
		serve func(http.ResponseWriter)
		code  int
		says  string
	}{
		{"missing", func(w http.ResponseWriter) { w.WriteHeader(http.StatusNotFound) }, 4, "status 404"},
		{"a page", func(w http.ResponseWriter) { _, _ = w.Write([]byte("<html>")) }, 4, "not a JWK set"},
		{"none", func(w http.ResponseWriter) { _, _ = w.Write([]byte(`{"keys":[]}`)) }, 3, "no key that a signature can be checked with"},
	} {
		t.Run(c.name, func(t *testing.T) {
			i := newIssuer(t, c.serve)
			code, _, text := inspect(t, i.token(t, i.URL), "--issuer", i.URL, "--cacert", i.ca)
			if code != c.code || !strings.Contains(text, c.says) {
				t.Errorf("exit %d, want %d and %q: %s", code, c.code, c.says, text)
			}
		})
	}
	i := newIssuer(t, nil)
	i.Close()
	if code, _, text := inspect(t, i.token(t, i.URL), "--issuer", i.URL, "--cacert", i.ca); code != 5 {
		t.Errorf("exit %d for an issuer that is gone, want 5: %s", code, text)
	}
}
