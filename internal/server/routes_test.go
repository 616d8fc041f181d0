package server

// The table of routes is the server's own, so that none is left out.

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/oauthpop/oauthpop/internal/dpop"
)

type routeWorld struct {
	t          *testing.T
	now        time.Time
	srv        *Server
	own, other *dpop.Prover
	token      string
}

func newRouteWorld(t *testing.T) *routeWorld {
	t.Helper()
	w := &routeWorld{t: t, now: time.Unix(1_800_000_000, 0)}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	w.srv, err = New(Config{
		Issuer: "https://localhost:1", MTLS: "https://localhost:2", Key: key, Nonces: NoncesOff,
		Clients: []Client{{ID: "c", Secret: "s", AuthMethod: "client_secret_post"}},
		Now:     func() time.Time { return w.now },
	})
	if err != nil {
		t.Fatal(err)
	}
	w.own, w.other = w.prover(), w.prover()
	body := url.Values{"grant_type": {"client_credentials"}, "client_id": {"c"}, "client_secret": {"s"}}
	r := httptest.NewRequest("POST", "/token", strings.NewReader(body.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("DPoP", w.proof(w.own, "POST", "https://localhost:1/token", ""))
	rec := httptest.NewRecorder()
	w.srv.Handler().ServeHTTP(rec, r)
	_, rest, ok := strings.Cut(rec.Body.String(), `"access_token":"`)
	if !ok {
		t.Fatal(rec.Body.String())
	}
	w.token, _, _ = strings.Cut(rest, `"`)
	return w
}

func (w *routeWorld) prover() *dpop.Prover {
	w.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		w.t.Fatal(err)
	}
	p, err := dpop.NewProver(key, "ES256")
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

func (w *routeWorld) proof(p *dpop.Prover, method, target, token string) string {
	w.t.Helper()
	s, err := p.Proof(dpop.Claims{Method: method, HTU: target, Token: token, Time: w.now})
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

func (w *routeWorld) status(site *site, method, path string, header http.Header) int {
	r := httptest.NewRequest(method, path, nil)
	for name, values := range header {
		r.Header[http.CanonicalHeaderKey(name)] = values
	}
	rec := httptest.NewRecorder()
	site.ServeHTTP(rec, r)
	return rec.Code
}

// Every route of every port: the protected ones refuse whoever has no token, has a
// bound token without its key, or another key; the others are named public, or are
// for clients and refuse whoever is none.
func TestEveryRouteKeepsItsAccess(t *testing.T) {
	w := newRouteWorld(t)
	holders := 0
	for _, site := range []*site{w.srv.main, w.srv.mtls} {
		for _, r := range site.routes {
			methods := r.methods
			if methods == nil {
				methods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"}
			}
			paths := []string{r.path}
			if r.below {
				paths = append(paths, r.path+"/", r.path+"/deeper/still")
			}
			for _, path := range paths {
				for _, method := range methods {
					w.checkAccess(site, r, method, path)
				}
			}
			if r.access == forHolders {
				holders++
			}
		}
	}
	if holders < 2 {
		t.Errorf("%d protected routes, want one on each port", holders)
	}
}

func (w *routeWorld) checkAccess(site *site, r route, method, path string) {
	w.t.Helper()
	target := site.url(path)
	tries := map[string]http.Header{
		"nothing":        {},
		"as Bearer":      {"Authorization": {"Bearer " + w.token}},
		"another key":    {"Authorization": {"DPoP " + w.token}, "DPoP": {w.proof(w.other, method, target, w.token)}},
		"without proof":  {"Authorization": {"DPoP " + w.token}},
		"another target": {"Authorization": {"DPoP " + w.token}, "DPoP": {w.proof(w.own, method, target+"x", w.token)}},
	}
	for name, header := range tries {
		got := w.status(site, method, path, header)
		refused := got == 401 || got == 400
		if want := r.access != public; refused != want {
			w.t.Errorf("%s %s with %s: %d, but the route is for %s", method, target, name, got, r.access)
		}
	}
	holder := http.Header{"Authorization": {"DPoP " + w.token}, "DPoP": {w.proof(w.own, method, target, w.token)}}
	if got := w.status(site, method, path, holder); r.access == forHolders && got != 200 {
		w.t.Errorf("%s %s: the holder gets %d", method, target, got)
	}
}

func TestPublicRoutesAreThese(t *testing.T) {
	w := newRouteWorld(t)
	var got []string
	for _, r := range w.srv.main.routes {
		if r.access == public {
			got = append(got, r.path)
		}
	}
	want := "/.well-known/oauth-authorization-server /.well-known/openid-configuration /jwks"
	if strings.Join(got, " ") != want {
		t.Errorf("got %q, want %q", strings.Join(got, " "), want)
	}
}

// A path must not be one thing to the router and another to whoever compares htu.
func TestPathsThatAreNoRoute(t *testing.T) {
	w := newRouteWorld(t)
	for path, want := range map[string]int{
		"/":                404,
		"/apis":            404,
		"/API":             404,
		"/token/":          404,
		"/api/../token":    404,
		"/api/./x":         404,
		"/x/../api":        404,
		"/api/%2e%2e/jwks": 404,
		"//api":            404,
		"/api%2Fx":         401, // decoded it is below /api: guarded
		"/%61pi":           401,
	} {
		if got := w.status(w.srv.main, "GET", path, nil); got != want {
			t.Errorf("%s: got %d, want %d", path, got, want)
		}
	}
}

func TestMethodsThatARouteDoesNotTake(t *testing.T) {
	w := newRouteWorld(t)
	r := httptest.NewRequest("GET", "/token", nil)
	rec := httptest.NewRecorder()
	w.srv.Handler().ServeHTTP(rec, r)
	if rec.Code != 405 || rec.Header().Get("Allow") != "POST" {
		t.Errorf("got %d, Allow %q", rec.Code, rec.Header().Get("Allow"))
	}
}
