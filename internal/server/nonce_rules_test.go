package server_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/oauthpop/oauthpop/internal/server"
)

// "there MUST NOT be more than one DPoP-Nonce header", and answers that carry one
// "should be uncacheable": at both kinds of server, for each way to be refused or not.
// https://www.rfc-editor.org/rfc/rfc9449#section-8
// https://www.rfc-editor.org/rfc/rfc9449#section-8.2
func TestEachAnswerHasOneNonceAndIsNotKept(t *testing.T) {
	w := newWorld(t, policy(server.NoncesRequired))
	p := w.prover()
	at := func(nonce string) http.Header { return w.proof(p, "POST", w.main+"/token", "", nonce) }
	asked := w.token(call{basic: "basic", header: at("")})
	nonce := nonceOf(t, asked)
	given := w.token(call{basic: "basic", header: at(nonce)})
	token := given.text("access_token")
	api := func(nonce string) answer {
		return w.get(w.main+"/api", "DPoP "+token, w.proof(p, "GET", w.main+"/api", token, nonce), nil)
	}
	for name, a := range map[string]answer{
		"token, asked":      asked,
		"token, given":      given,
		"token, wrong":      w.token(call{basic: "basic", header: at("wrong")}),
		"token, no proof":   w.token(call{basic: "basic"}),
		"token, no client":  w.token(call{form: map[string][]string{"client_id": {"nobody"}}}),
		"api, asked":        api(""),
		"api, given":        api(nonce),
		"api, wrong":        api("wrong"),
		"api, nothing sent": w.get(w.main+"/api", "", nil, nil),
	} {
		nonceOf(t, a) // exactly one
		if got := a.header.Get("Cache-Control"); got != "no-store" {
			t.Errorf("%s: status %d, Cache-Control %q", name, a.status, got)
		}
	}
}

// "A server MUST NOT accept any DPoP proofs without the nonce claim when a DPoP nonce
// has been provided to the client", also where the client had one accepted before.
// https://www.rfc-editor.org/rfc/rfc9449#section-11.3
func TestAProofWithoutTheNonceThatWasGivenIsRefused(t *testing.T) {
	w := newWorld(t, policy(server.NoncesRequired))
	p := w.prover()
	send := func(nonce string) answer {
		return w.token(call{basic: "basic", header: w.proof(p, "POST", w.main+"/token", "", nonce)})
	}
	nonce := nonceOf(t, send(""))
	accepted := send(nonce)
	if accepted.status != 200 {
		t.Fatalf("with the nonce: %d %v", accepted.status, accepted.body)
	}
	if a := send(""); a.status != 400 || a.text("error") != "use_dpop_nonce" {
		t.Errorf("the token endpoint, then without: %d %v", a.status, a.body)
	}
	token := accepted.text("access_token")
	api := func(nonce string) int {
		return w.get(w.main+"/api", "DPoP "+token, w.proof(p, "GET", w.main+"/api", token, nonce), nil).status
	}
	if with, without := api(nonce), api(""); with != 200 || without != 401 {
		t.Errorf("the API with the nonce %d, then without %d", with, without)
	}
}

// One nonce serves many requests, each with a jti of its own: what was seen is
// remembered for as long as the nonce lives.
// https://www.rfc-editor.org/rfc/rfc9449#section-11.1
func TestANonceServesManyRequestsAndAJTIOne(t *testing.T) {
	w := newWorld(t, policy(server.NoncesRequired))
	p := w.prover()
	first := w.proof(p, "POST", w.main+"/token", "", "")
	nonce := nonceOf(t, w.token(call{basic: "basic", header: first}))
	used := w.proof(p, "POST", w.main+"/token", "", nonce)
	for range 5 {
		if a := w.token(call{basic: "basic", header: w.proof(p, "POST", w.main+"/token", "", nonce)}); a.status != 200 {
			t.Fatalf("with one nonce: %d %v", a.status, a.body)
		}
	}
	if a := w.token(call{basic: "basic", header: used}); a.status != 200 {
		t.Fatalf("a proof for the first time: %d %v", a.status, a.body)
	}
	w.now = w.now.Add(4 * time.Minute)
	if a := w.token(call{basic: "basic", header: used}); a.status != 400 || a.text("error") != "invalid_dpop_proof" {
		t.Errorf("a proof for the second time, its nonce still good: %d %v", a.status, a.body)
	}
}
