package server_test

import (
	"encoding/json"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/oauthpop/oauthpop/internal/dpop"
	"github.com/oauthpop/oauthpop/internal/jwt"
	"github.com/oauthpop/oauthpop/internal/server"
)

func TestMetadataUnderBothNames(t *testing.T) {
	w := newWorld(t)
	want := map[string]any{
		"issuer":         w.main,
		"token_endpoint": w.main + "/token",
		"jwks_uri":       w.main + "/jwks",
		"tls_client_certificate_bound_access_tokens": true,
		"mtls_endpoint_aliases":                      map[string]any{"token_endpoint": w.mtls + "/token"},
		"grant_types_supported":                      []any{"client_credentials"},
		"response_types_supported":                   []any{},
		"token_endpoint_auth_methods_supported":      []any{"client_secret_basic", "client_secret_post", "private_key_jwt", "tls_client_auth", "self_signed_tls_client_auth"},
	}
	for _, base := range []string{w.main, w.mtls} {
		for _, path := range []string{"/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"} {
			a := w.get(base+path, "", nil, nil)
			if a.status != 200 || a.header.Get("Content-Type") != "application/json" {
				t.Fatalf("%s: %d, %s", path, a.status, a.header.Get("Content-Type"))
			}
			for name, v := range want {
				if !reflect.DeepEqual(a.body[name], v) {
					t.Errorf("%s%s: %s is %v, want %v", base, path, name, a.body[name], v)
				}
			}
			algs, _ := a.body["dpop_signing_alg_values_supported"].([]any)
			if len(algs) != len(dpop.DefaultAlgs()) {
				t.Errorf("dpop_signing_alg_values_supported is %v", algs)
			}
		}
	}
}

func TestJWKSVerifiesTheTokens(t *testing.T) {
	w := newWorld(t)
	a := w.get(w.main+"/jwks", "", nil, nil)
	list, _ := a.body["keys"].([]any)
	if len(list) != 1 {
		t.Fatalf("got %v", a.body)
	}
	raw, err := json.Marshal(list[0])
	must(t, err)
	key, err := jwt.ParseJWK(raw)
	must(t, err)
	c, err := jwt.Split(w.token(call{basic: "basic"}).text("access_token"))
	must(t, err)
	alg, _ := c.Header.String("alg")
	kid, _ := c.Header.String("kid")
	typ, _ := c.Header.String("typ")
	must(t, jwt.Verify(key, alg, c.SigningInput, c.Signature))
	jwk := list[0].(map[string]any)
	if typ != "at+jwt" || jwk["kid"] != kid || jwk["alg"] != alg || jwk["use"] != "sig" || jwk["d"] != nil {
		t.Errorf("header typ %q alg %q kid %q, key %v", typ, alg, kid, jwk)
	}
}

// Single-page apps: danielfett/draft-dpop#153.
func TestCrossOriginRequests(t *testing.T) {
	w := newWorld(t, policy(server.NoncesRequired))
	origin := http.Header{"Origin": {"https://app.example"}}
	lists := func(a answer, name string) string { return strings.ToLower(a.header.Get(name)) }
	for _, base := range []string{w.main, w.mtls} {
		for _, path := range []string{"/token", "/api", "/api/x", "/.well-known/openid-configuration", "/jwks", "/nowhere"} {
			asked := http.Header{"Origin": origin["Origin"], "Access-Control-Request-Method": {"POST"}, "Access-Control-Request-Headers": {"authorization,content-type,dpop"}}
			a := w.do(call{method: "OPTIONS", url: base + path, header: asked})
			if a.status != 204 || a.header.Get("Access-Control-Allow-Origin") != "*" {
				t.Errorf("%s: preflight %d, origin %q", path, a.status, a.header.Get("Access-Control-Allow-Origin"))
			}
			for _, name := range []string{"authorization", "content-type", "dpop"} {
				if !strings.Contains(lists(a, "Access-Control-Allow-Headers"), name) {
					t.Errorf("%s: preflight does not allow %s", path, name)
				}
			}
			for _, method := range []string{"GET", "POST"} {
				a := w.do(call{method: method, url: base + path, header: origin})
				exposed := lists(a, "Access-Control-Expose-Headers")
				if a.header.Get("Access-Control-Allow-Origin") != "*" || !strings.Contains(exposed, "dpop-nonce") || !strings.Contains(exposed, "www-authenticate") {
					t.Errorf("%s %s: %d does not let the page read it: %v", method, path, a.status, a.header)
				}
			}
		}
	}
}

func TestEventsTellWhatHappened(t *testing.T) {
	w := newWorld(t)
	p := w.prover()
	w.bound(p)
	w.get(w.main+"/api?access_token=x", "", nil, nil)
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.events) != 2 {
		t.Fatalf("%d events", len(w.events))
	}
	got, refused := w.events[0], w.events[1]
	if got.Method != "POST" || got.URL != w.main+"/token" || got.Status != 200 || got.ClientID != "basic" || got.Bound != "dpop" {
		t.Errorf("got %+v", got)
	}
	if refused.URL != w.main+"/api" || refused.Status != 400 || refused.Error != "invalid_request" {
		t.Errorf("got %+v", refused)
	}
}
