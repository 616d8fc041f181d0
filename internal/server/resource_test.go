package server_test

import (
	"crypto/tls"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/oauthpop/oauthpop/internal/certs"
	"github.com/oauthpop/oauthpop/internal/dpop"
	"github.com/oauthpop/oauthpop/internal/jwt"
	"github.com/oauthpop/oauthpop/internal/server"
)

// bound gets a DPoP-bound token for basic.
func (w *world) bound(p *dpop.Prover) string {
	w.t.Helper()
	a := w.token(call{basic: "basic", header: w.proof(p, "POST", w.main+"/token", "", "")})
	if a.status != 200 {
		w.t.Fatalf("got %d %v", a.status, a.body)
	}
	return a.text("access_token")
}

// certified gets a certificate-bound token for mtls-ca.
func (w *world) certified() string {
	w.t.Helper()
	a := w.token(call{url: w.mtls, cert: &w.ca, form: url.Values{"client_id": {"mtls-ca"}}})
	if a.status != 200 {
		w.t.Fatalf("got %d %v", a.status, a.body)
	}
	return a.text("access_token")
}

func TestTheHolderIsServedOnBothPorts(t *testing.T) {
	w := newWorld(t)
	p := w.prover()
	token, plain := w.bound(p), w.token(call{basic: "basic"}, "scope", "read").text("access_token")
	for _, base := range []string{w.main, w.mtls} {
		a := w.get(base+"/api/items/a%2Fb?q=1", "DPoP "+token, w.proof(p, "GET", base+"/api/items/a%2Fb", token, ""), nil)
		if a.status != 200 || a.text("bound") != "dpop" || a.text("path") != "/api/items/a%2Fb" || a.text("method") != "GET" {
			t.Errorf("%s: got %d %v", base, a.status, a.body)
		}
		a = w.get(base+"/api", "Bearer "+plain, nil, nil)
		if a.status != 200 || a.text("bound") != "none" || a.text("scope") != "read" || a.text("client_id") != "basic" || a.text("sub") != "basic" {
			t.Errorf("%s: got %d %v", base, a.status, a.body)
		}
	}
	a := w.get(w.mtls+"/api", "Bearer "+w.certified(), nil, &w.ca)
	cnf, _ := a.body["cnf"].(map[string]any)
	if a.status != 200 || a.text("bound") != "mtls" || cnf["x5t#S256"] != certs.Thumbprint(w.ca.Leaf) {
		t.Errorf("certificate: got %d %v", a.status, a.body)
	}
	bothHeader := w.proof(p, "POST", w.mtls+"/token", "", "")
	both := w.token(call{basic: "mtls-bound", url: w.mtls, cert: &w.self, header: bothHeader}).text("access_token")
	a = w.get(w.mtls+"/api", "DPoP "+both, w.proof(p, "GET", w.mtls+"/api", both, ""), &w.self)
	if a.status != 200 || a.text("bound") != "dpop+mtls" {
		t.Errorf("both: got %d %v", a.status, a.body)
	}
	a = w.get(w.mtls+"/api", "DPoP "+both, w.proof(p, "GET", w.mtls+"/api", both, ""), &w.ca)
	if a.status != 401 {
		t.Errorf("both with another certificate: got %d %v", a.status, a.body)
	}
}

// Every method, and none is let through: also OPTIONS, where it is no preflight.
func TestEveryMethodIsGuarded(t *testing.T) {
	w := newWorld(t)
	p := w.prover()
	token := w.bound(p)
	for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "get"} {
		refused := w.do(call{method: method, url: w.main + "/api/x", header: http.Header{"Authorization": {"Bearer " + token}}})
		header := w.proof(p, method, w.main+"/api/x", token, "")
		header["Authorization"] = []string{"DPoP " + token}
		served := w.do(call{method: method, url: w.main + "/api/x", header: header})
		if refused.status != 401 || served.status != 200 {
			t.Errorf("%s: Bearer gets %d, the holder %d", method, refused.status, served.status)
		}
	}
}

// The seven attempts of whoever has the token and not the key.
func TestTheThiefIsRefused(t *testing.T) {
	w := newWorld(t)
	p, thief := w.prover(), w.prover()
	token, certified := w.bound(p), w.certified()
	used := w.proof(p, "GET", w.main+"/api", token, "")
	if a := w.get(w.main+"/api", "DPoP "+token, used, nil); a.status != 200 {
		t.Fatalf("the holder: %d %v", a.status, a.body)
	}
	another := w.leaf("CN=another,O=oauthpop,C=NO", certs.SANs{})
	again, err := w.clientCA.Issue(certs.Request{Subject: parseDN(t, "CN=mtls-ca,O=oauthpop,C=NO"), Usage: certs.UsageClient, NotBefore: w.now, NotAfter: w.now.Add(time.Hour), PublicKey: w.ca.Leaf.PublicKey})
	must(t, err)
	reissued := tls.Certificate{Certificate: [][]byte{again.Raw}, PrivateKey: w.ca.PrivateKey}
	for _, c := range []struct {
		name, authorization string
		base                string
		header              http.Header
		cert                *tls.Certificate
		want                string
	}{
		{"no proof", "DPoP " + token, w.main, nil, nil, "invalid_dpop_proof"},
		{"as Bearer", "Bearer " + token, w.main, nil, nil, "invalid_token"},
		{"own key with the right ath", "DPoP " + token, w.main, w.proof(thief, "GET", w.main+"/api", token, ""), nil, "invalid_token"},
		{"a replayed proof", "DPoP " + token, w.main, used, nil, "invalid_dpop_proof"},
		{"no certificate", "Bearer " + certified, w.mtls, nil, nil, "invalid_token"},
		{"on the port without certificates", "Bearer " + certified, w.main, nil, &w.ca, "invalid_token"},
		{"another certificate of the CA", "Bearer " + certified, w.mtls, nil, &another, "invalid_token"},
		{"the same key re-issued", "Bearer " + certified, w.mtls, nil, &reissued, "invalid_token"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := w.get(c.base+"/api", c.authorization, c.header, c.cert)
			challenge := strings.Join(a.header.Values("WWW-Authenticate"), ", ")
			if a.status != 401 || !strings.Contains(challenge, `error="`+c.want+`"`) || a.body["sub"] != nil {
				t.Errorf("got %d %s %v", a.status, challenge, a.body)
			}
		})
	}
}

// The Host header is the thief's: it must not move a proof to another URL.
func TestHostDoesNotChangeWhatAProofIsFor(t *testing.T) {
	w := newWorld(t)
	p := w.prover()
	token := w.bound(p)
	for _, host := range []string{"localhost:1", "localhost", "evil.example"} {
		proof := w.proof(p, "GET", "https://"+host+"/api", token, "")
		r, err := http.NewRequestWithContext(t.Context(), "GET", w.main+"/api", nil)
		must(t, err)
		r.Host = host
		r.Header = http.Header{
			"Authorization": {"DPoP " + token}, "DPoP": proof["DPoP"],
			"X-Forwarded-Host": {host}, "Forwarded": {"host=" + host},
		}
		transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: w.roots}}
		resp, err := transport.RoundTrip(r)
		must(t, err)
		_, _ = io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		transport.CloseIdleConnections()
		if resp.StatusCode != 401 {
			t.Errorf("Host %s: got %d", host, resp.StatusCode)
		}
	}
}

func TestForgedTokensAreRefused(t *testing.T) {
	w := newWorld(t)
	good := w.token(call{basic: "basic"}).text("access_token")
	c := claims(t, good)
	key := newKey(t)
	forge := func(change func(h, c map[string]any)) string {
		header, body := map[string]any{"typ": "at+jwt", "alg": "ES256"}, map[string]any{}
		for k, v := range c {
			body[k] = v
		}
		change(header, body)
		s, err := jwt.Encode(key, header, body)
		must(t, err)
		return s
	}
	other := newWorld(t, func(c *server.Config) { c.Key = key }) // tokens of key are genuine there
	keep := func(h, c map[string]any) { c["iss"], c["aud"] = other.main, other.main+"/api" }
	if a := other.get(other.main+"/api", "Bearer "+forge(keep), nil, nil); a.status != 200 {
		t.Fatalf("the right one: %d %v", a.status, a.body)
	}
	also := func(f func(h, c map[string]any)) string {
		return forge(func(h, c map[string]any) { keep(h, c); f(h, c) })
	}
	for name, token := range map[string]string{
		"by another key":      good,
		"signature cut":       forge(keep)[:len(forge(keep))-8],
		"another issuer":      also(func(_, c map[string]any) { c["iss"] = w.main }),
		"another audience":    also(func(_, c map[string]any) { c["aud"] = "https://other.example/api" }),
		"no audience":         also(func(_, c map[string]any) { delete(c, "aud") }),
		"expired":             also(func(_, c map[string]any) { c["exp"] = other.now.Unix() }),
		"no exp":              also(func(_, c map[string]any) { delete(c, "exp") }),
		"not yet":             also(func(_, c map[string]any) { c["nbf"] = other.now.Add(time.Minute).Unix() }),
		"typ JWT":             also(func(h, _ map[string]any) { h["typ"] = "JWT" }),
		"no typ":              also(func(h, _ map[string]any) { delete(h, "typ") }),
		"typ of a proof":      also(func(h, _ map[string]any) { h["typ"] = "dpop+jwt" }),
		"crit":                also(func(h, _ map[string]any) { h["crit"] = []string{"x"} }),
		"cnf is text":         also(func(_, c map[string]any) { c["cnf"] = "jkt" }),
		"cnf.jkt is a number": also(func(_, c map[string]any) { c["cnf"] = map[string]any{"jkt": 1} }),
		"cnf of nothing":      also(func(_, c map[string]any) { c["cnf"] = map[string]any{} }),
		"cnf.jwk alone":       also(func(_, c map[string]any) { c["cnf"] = map[string]any{"jwk": map[string]any{}} }),
		"none":                "eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.e30.",
		"text":                "not-a-token",
	} {
		t.Run(name, func(t *testing.T) {
			a := other.get(other.main+"/api", "Bearer "+token, nil, nil)
			if challenge := strings.Join(a.header.Values("WWW-Authenticate"), ", "); a.status != 401 || !strings.Contains(challenge, `error="invalid_token"`) {
				t.Errorf("got %d %s", a.status, challenge)
			}
		})
	}
	// Unknown members beside a known one do no harm (RFC 7800 section 3).
	p := w.prover()
	token := also(func(_, c map[string]any) { c["cnf"] = map[string]any{"jkt": p.JKT(), "x": 1} })
	if a := other.get(other.main+"/api", "DPoP "+token, other.proof(p, "GET", other.main+"/api", token, ""), nil); a.status != 200 {
		t.Errorf("unknown member beside jkt: %d %v", a.status, a.body)
	}
}

// A body that is left unread makes an HTTP/2 server reset the stream behind its
// answer, which some clients take for a failure.
func TestTheResourceReadsABody(t *testing.T) {
	w := newWorld(t)
	p := w.prover()
	token := w.bound(p)
	for _, authorization := range []string{"DPoP " + token, "DPoP wrong"} {
		body := strings.NewReader("a body")
		r := httptest.NewRequest(http.MethodPut, w.main+"/api", body)
		r.Header.Set("Authorization", authorization)
		r.Header["DPoP"] = w.proof(p, "PUT", w.main+"/api", token, "")["DPoP"]
		w.srv.Handler().ServeHTTP(httptest.NewRecorder(), r)
		if body.Len() > 0 {
			t.Errorf("%.10s: %d bytes are left", authorization, body.Len())
		}
	}
}
