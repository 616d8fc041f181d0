package commands_test

import (
	"encoding/json"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
)

// Where a certificate is offered the alias is used, entry by entry; an endpoint
// that was named wins over both. The proof names the one that was asked.
// https://www.rfc-editor.org/rfc/rfc8705#section-5
func TestWhichTokenEndpointIsAsked(t *testing.T) {
	aliases := map[string]any{}
	f := newFakeIssuer(t, func(f *fakeIssuer, w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.URL.Path == "/.well-known/openid-configuration" {
			_ = json.NewEncoder(w).Encode(map[string]any{
				"issuer": f.URL, "token_endpoint": f.URL + "/plain?a=b", "mtls_endpoint_aliases": aliases,
			})
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"access_token": accessToken(map[string]string{"jkt": f.jkt}), "token_type": "DPoP"})
	})
	aliases["token_endpoint"] = f.URL + "/alias"
	cert := filepath.Join(f.dir, "app")
	mustRun(t, 0, "cert", "issue", "--cn", "app", "--self-signed", "--out", cert)
	for _, tt := range []struct {
		name       string
		alias      bool // whether the metadata have one for this endpoint
		more       []string
		asked, htu string
	}{
		{"without a certificate the plain one, with its query", true, nil, "/plain?a=b", "/plain"},
		{"with a certificate the alias", true, []string{"--cert", cert + ".pem"}, "/alias", "/alias"},
		{"without an alias of its own the plain one", false, []string{"--cert", cert + ".pem"}, "/plain?a=b", "/plain"},
		{"the one that was named, with a certificate too", true, []string{"--cert", cert + ".pem", "--token-endpoint", f.URL + "/named"}, "/named", "/named"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			aliases["token_endpoint"] = f.URL + "/alias"
			if !tt.alias {
				delete(aliases, "token_endpoint")
			}
			f.seen = nil
			mustRun(t, 0, append([]string{
				"token", "--issuer", f.URL, "--client-id", "app", "--grant", "client_credentials", "--auth-method", "none",
				"--dpop", "--key", f.key, "--cacert", f.cacert,
			}, tt.more...)...)
			last := f.seen[len(f.seen)-1]
			if htu := claimsOf(t, last)["htu"]; last.RequestURI != tt.asked || htu != f.URL+tt.htu {
				t.Errorf("asked %s with htu %v", last.RequestURI, htu)
			}
		})
	}
}

// Metadata that sends clients where an issuer must not is the server's fault.
func TestEndpointsThatMetadataMustNotName(t *testing.T) {
	endpoint := ""
	f := newFakeIssuer(t, func(f *fakeIssuer, w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"issuer": f.URL, "token_endpoint": endpoint})
	})
	for _, endpoint = range []string{"http://as.example/token", "https://user:hush@as.example/token", "/token", "ftp://as.example/token"} {
		code, _, stderr := runMain(nil, "token", "--issuer", f.URL, "--client-id", "app", "--grant", "client_credentials",
			"--auth-method", "none", "--dpop", "--key", f.key, "--cacert", f.cacert)
		if code != 4 || strings.Contains(stderr, "--insecure") {
			t.Errorf("%s: exit %d: %s", endpoint, code, stderr)
		}
	}
}
