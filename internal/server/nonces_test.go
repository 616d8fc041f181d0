package server_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/oauthpop/oauthpop/internal/dpop"
	"github.com/oauthpop/oauthpop/internal/server"
)

func policy(p server.NoncePolicy) func(*server.Config) {
	return func(c *server.Config) { c.Nonces = p }
}

func nonceOf(t *testing.T, a answer) string {
	t.Helper()
	values := a.header.Values("DPoP-Nonce")
	if len(values) != 1 || !dpop.ValidNonce(values[0]) {
		t.Fatalf("DPoP-Nonce is %q, want one", values)
	}
	return values[0]
}

func TestNoncesOff(t *testing.T) {
	w := newWorld(t, policy(server.NoncesOff))
	p := w.prover()
	a := w.token(call{basic: "basic", header: w.proof(p, "POST", w.main+"/token", "", "whatever")})
	if a.status != 200 || a.header.Values("DPoP-Nonce") != nil {
		t.Errorf("got %d, DPoP-Nonce %q", a.status, a.header.Values("DPoP-Nonce"))
	}
	if a := w.get(w.main+"/api", "", nil, nil); a.header.Values("DPoP-Nonce") != nil {
		t.Errorf("resource: DPoP-Nonce %q", a.header.Values("DPoP-Nonce"))
	}
}

func TestNoncesOptional(t *testing.T) {
	w := newWorld(t, policy(server.NoncesOptional))
	p := w.prover()
	send := func(nonce string) answer {
		return w.token(call{basic: "basic", header: w.proof(p, "POST", w.main+"/token", "", nonce)})
	}
	first := send("")
	if first.status != 200 {
		t.Fatalf("without: %d %v", first.status, first.body)
	}
	if a := send(nonceOf(t, first)); a.status != 200 {
		t.Errorf("with the one that was given: %d %v", a.status, a.body)
	}
	if a := send("wrong"); a.status != 400 || a.text("error") != "use_dpop_nonce" {
		t.Errorf("with another: %d %v", a.status, a.body)
	}
	token := first.text("access_token")
	a := w.get(w.main+"/api", "DPoP "+token, w.proof(p, "GET", w.main+"/api", token, ""), nil)
	if a.status != 200 {
		t.Errorf("resource without: %d %v", a.status, a.body)
	}
	a = w.get(w.main+"/api", "DPoP "+token, w.proof(p, "GET", w.main+"/api", token, "wrong"), nil)
	if a.status != 401 || !strings.Contains(a.header.Get("WWW-Authenticate"), `DPoP error="use_dpop_nonce"`) {
		t.Errorf("resource with another: %d %q", a.status, a.header.Get("WWW-Authenticate"))
	}
}

// https://www.rfc-editor.org/rfc/rfc9449#section-8
// https://www.rfc-editor.org/rfc/rfc9449#section-9
func TestNoncesRequired(t *testing.T) {
	w := newWorld(t, policy(server.NoncesRequired))
	p := w.prover()
	challenged := w.token(call{basic: "basic", header: w.proof(p, "POST", w.main+"/token", "", "")})
	if challenged.status != 400 || challenged.text("error") != "use_dpop_nonce" {
		t.Fatalf("without: %d %v", challenged.status, challenged.body)
	}
	nonce := nonceOf(t, challenged)
	a := w.token(call{basic: "basic", header: w.proof(p, "POST", w.main+"/token", "", nonce)})
	if a.status != 200 {
		t.Fatalf("with it: %d %v", a.status, a.body)
	}
	token := a.text("access_token")
	refused := w.get(w.main+"/api", "DPoP "+token, w.proof(p, "GET", w.main+"/api", token, ""), nil)
	if refused.status != 401 || !strings.HasPrefix(refused.header.Get("WWW-Authenticate"), `DPoP error="use_dpop_nonce"`) {
		t.Errorf("resource without: %d %q", refused.status, refused.header.Get("WWW-Authenticate"))
	}
	if a := w.get(w.main+"/api", "DPoP "+token, w.proof(p, "GET", w.main+"/api", token, nonceOf(t, refused)), nil); a.status != 200 {
		t.Errorf("resource with it: %d %v", a.status, a.body)
	}
	// Nonces are the origin's that gave them: a client keeps them by origin.
	if a := w.get(w.mtls+"/api", "DPoP "+token, w.proof(p, "GET", w.mtls+"/api", token, nonce), nil); a.status != 401 {
		t.Errorf("at another origin: %d %v", a.status, a.body)
	}
	if a := w.token(call{basic: "basic"}); a.status != 200 || a.text("token_type") != "Bearer" {
		t.Errorf("a request without proof needs none: %d %v", a.status, a.body)
	}
}

// "If the nonce claim in the DPoP proof does not exactly match a nonce recently supplied
// by the authorization server to the client, the authorization server MUST reject the
// request." https://www.rfc-editor.org/rfc/rfc9449#section-8
func TestNoncesAgeAndAreReplaced(t *testing.T) {
	w := newWorld(t, policy(server.NoncesRequired))
	p := w.prover()
	send := func(nonce string) answer {
		return w.token(call{basic: "basic", header: w.proof(p, "POST", w.main+"/token", "", nonce)})
	}
	old := nonceOf(t, send(""))
	w.now = w.now.Add(5 * time.Minute)
	a := send(old)
	if a.status != 200 || nonceOf(t, a) == old {
		t.Errorf("the one before: %d, the new one is new: %v", a.status, nonceOf(t, a) != old)
	}
	w.now = w.now.Add(10 * time.Minute)
	if a := send(old); a.status != 400 || a.text("error") != "use_dpop_nonce" || nonceOf(t, a) == old {
		t.Errorf("an old one: %d %v", a.status, a.body)
	}
}

// A challenge whatever else is wrong with the client would lead nowhere.
func TestNonceIsGivenAlsoToRefusedClients(t *testing.T) {
	w := newWorld(t, policy(server.NoncesRequired))
	a := w.token(call{form: map[string][]string{"client_id": {"nobody"}}})
	if nonceOf(t, a); a.status != http.StatusUnauthorized {
		t.Errorf("got %d", a.status)
	}
}
