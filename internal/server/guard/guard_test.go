package guard_test

import (
	"crypto/x509"
	"strings"
	"testing"
	"time"

	"github.com/oauthpop/oauthpop/internal/dpop"
	"github.com/oauthpop/oauthpop/internal/server/guard"
	"github.com/oauthpop/oauthpop/internal/wire"
)

// attempt is a request and what a resource has to say to it.
type attempt struct {
	name, section string
	// before is sent first and must pass; nil for nothing.
	before func(*fixture) guard.Request
	send   func(*fixture) guard.Request
	nonces bool
	status int
	error  string
	check  string // the rule that refuses
}

func with(r guard.Request, c *x509.Certificate) guard.Request { r.Certificate = c; return r }

// thief is everything that somebody tries who has the token and not the key, and
// what clients get wrong.
var thief = []attempt{
	// RFC 9449
	{
		name: "a DPoP-bound token without proof", section: "RFC 9449 §7.1", status: 401, error: "invalid_dpop_proof", check: "proof",
		send: func(f *fixture) guard.Request { return f.request("DPoP " + dpopToken) },
	},
	{
		name: "a DPoP-bound token as Bearer", section: "RFC 9449 §7.2", status: 401, error: "invalid_token", check: "bearer-downgrade",
		send: func(f *fixture) guard.Request { return f.request("Bearer " + dpopToken) },
	},
	{
		name: "a DPoP-bound token as Bearer with its holder's proof", section: "RFC 9449 §7.2", status: 401, error: "invalid_token", check: "bearer-downgrade",
		send: func(f *fixture) guard.Request { return f.request("Bearer "+dpopToken, f.proof(f.own, dpopToken)) },
	},
	{
		name: "a DPoP-bound token as bearer in small letters", section: "RFC 9449 §7.2", status: 401, error: "invalid_token", check: "bearer-downgrade",
		send: func(f *fixture) guard.Request { return f.request("bearer " + dpopToken) },
	},
	{
		name: "the thief's own key with the right ath", section: "RFC 9449 §7.1", status: 401, error: "invalid_token", check: "proof",
		send: func(f *fixture) guard.Request { return f.request("DPoP "+dpopToken, f.proof(f.other, dpopToken)) },
	},
	{
		name: "a replayed proof", section: "RFC 9449 §11.1", status: 401, error: "invalid_dpop_proof", check: "replay",
		before: func(f *fixture) guard.Request { return f.request("DPoP "+dpopToken, f.fixed()) },
		send:   func(f *fixture) guard.Request { return f.request("DPoP "+dpopToken, f.fixed()) },
	},
	{
		name: "a proof without ath", section: "RFC 9449 §7", status: 401, error: "invalid_dpop_proof", check: "proof",
		send: func(f *fixture) guard.Request { return f.request("DPoP "+dpopToken, f.proof(f.own, "")) },
	},
	{
		name: "the proof of another token of the same key", section: "RFC 9449 §7", status: 401, error: "invalid_dpop_proof", check: "proof",
		send: func(f *fixture) guard.Request { return f.request("DPoP "+dpopToken, f.proof(f.own, dpopToken2)) },
	},
	{
		name: "the proof of another method", section: "RFC 9449 §4.3", status: 401, error: "invalid_dpop_proof", check: "proof",
		send: func(f *fixture) guard.Request {
			r := f.request("DPoP "+dpopToken, f.proof(f.own, dpopToken))
			r.Method = "DELETE"
			return r
		},
	},
	{
		name: "the proof of another path", section: "RFC 9449 §4.3", status: 401, error: "invalid_dpop_proof", check: "proof",
		send: func(f *fixture) guard.Request {
			r := f.request("DPoP "+dpopToken, f.proof(f.own, dpopToken))
			r.URL += "/1"
			return r
		},
	},
	{
		name: "an old proof", section: "RFC 9449 §11.1", status: 401, error: "invalid_dpop_proof", check: "proof",
		send: func(f *fixture) guard.Request {
			return f.request("DPoP "+dpopToken, f.proofOf(f.own, dpop.Claims{Method: "GET", HTU: f.url, Token: dpopToken, Time: f.now.Add(-time.Hour)}))
		},
	},
	{
		name: "two proofs", section: "RFC 9449 §4.3", status: 401, error: "invalid_dpop_proof", check: "proof",
		send: func(f *fixture) guard.Request {
			return f.request("DPoP "+dpopToken, f.proof(f.own, dpopToken), f.proof(f.own, dpopToken))
		},
	},
	{
		name: "an empty DPoP header", section: "RFC 9449 §4.3", status: 401, error: "invalid_dpop_proof", check: "proof",
		send: func(f *fixture) guard.Request { return f.request("DPoP "+dpopToken, "") },
	},
	{
		name: "a proof without the nonce that is needed", section: "RFC 9449 §9", nonces: true, status: 401, error: "use_dpop_nonce", check: "proof",
		send: func(f *fixture) guard.Request { return f.request("DPoP "+dpopToken, f.proof(f.own, dpopToken)) },
	},
	{
		name: "a proof with a nonce of somewhere else", section: "RFC 9449 §9", nonces: true, status: 401, error: "use_dpop_nonce", check: "proof",
		send: func(f *fixture) guard.Request {
			return f.request("DPoP "+dpopToken, f.proofOf(f.own, dpop.Claims{Method: "GET", HTU: f.url, Token: dpopToken, Time: f.now, Nonce: "another"}))
		},
	},
	{
		name: "an unbound token with the scheme DPoP", section: "RFC 9449 §7.1", status: 401, error: "invalid_token", check: "scheme",
		send: func(f *fixture) guard.Request { return f.request("DPoP "+plainToken, f.proof(f.own, plainToken)) },
	},
	{
		name: "an unbound token as Bearer with a proof", section: "RFC 9449 §7.1", status: 400, error: "invalid_request", check: "bearer-proof",
		send: func(f *fixture) guard.Request { return f.request("Bearer "+plainToken, f.proof(f.own, plainToken)) },
	},
	{
		name: "Bearer and DPoP in one request", section: "RFC 9449 §7.2", status: 400, error: "invalid_request", check: "one-credential",
		send: func(f *fixture) guard.Request {
			r := f.request("Bearer " + plainToken)
			r.Authorization = append(r.Authorization, "DPoP "+dpopToken)
			return r
		},
	},
	// RFC 8705
	{
		name: "a certificate-bound token without certificate", section: "RFC 8705 §3", status: 401, error: "invalid_token", check: "certificate",
		send: func(f *fixture) guard.Request { return f.request("Bearer " + mtlsToken) },
	},
	{
		name: "a certificate-bound token with another certificate of the same CA", section: "RFC 8705 §3", status: 401, error: "invalid_token", check: "certificate",
		send: func(f *fixture) guard.Request { return with(f.request("Bearer "+mtlsToken), f.sibling) },
	},
	{
		name: "a certificate-bound token with the same key in a new certificate", section: "RFC 8705 §3.1", status: 401, error: "invalid_token", check: "certificate",
		send: func(f *fixture) guard.Request { return with(f.request("Bearer "+mtlsToken), f.reissued) },
	},
	{
		name: "a certificate-bound token on a connection that carried its holder before", section: "RFC 8705 §3", status: 401, error: "invalid_token", check: "certificate",
		before: func(f *fixture) guard.Request { return with(f.request("Bearer "+mtlsToken), f.cert) },
		send:   func(f *fixture) guard.Request { return with(f.request("Bearer "+mtlsToken), f.sibling) },
	},
	{
		name: "a certificate-bound token with a proof instead", section: "RFC 8705 §3", status: 401, error: "invalid_token", check: "scheme",
		send: func(f *fixture) guard.Request { return f.request("DPoP "+mtlsToken, f.proof(f.own, mtlsToken)) },
	},
	{
		name: "a token bound by both, with the proof only", section: "RFC 7800 §3.1", status: 401, error: "invalid_token", check: "certificate",
		send: func(f *fixture) guard.Request { return f.request("DPoP "+bothToken, f.proof(f.own, bothToken)) },
	},
	{
		name: "a token bound by both, with the certificate only", section: "RFC 7800 §3.1", status: 401, error: "invalid_token", check: "bearer-downgrade",
		send: func(f *fixture) guard.Request { return with(f.request("Bearer "+bothToken), f.cert) },
	},
	{
		name: "a token bound by both, with the right proof and another certificate", section: "RFC 7800 §3.1", status: 401, error: "invalid_token", check: "certificate",
		send: func(f *fixture) guard.Request {
			return with(f.request("DPoP "+bothToken, f.proof(f.own, bothToken)), f.sibling)
		},
	},
	{
		name: "a token bound by both, with the right certificate and another key", section: "RFC 7800 §3.1", status: 401, error: "invalid_token", check: "proof",
		send: func(f *fixture) guard.Request {
			return with(f.request("DPoP "+bothToken, f.proof(f.other, bothToken)), f.cert)
		},
	},
	{
		name: "a token bound by a method that is not known", section: "RFC 7800 §3", status: 401, error: "invalid_token", check: "confirmation",
		send: func(f *fixture) guard.Request { return f.request("Bearer " + oddToken) },
	},
	// RFC 6750
	{
		name: "a token that is not valid", section: "RFC 6750 §3.1", status: 401, error: "invalid_token", check: "token",
		send: func(f *fixture) guard.Request { return f.request("Bearer forged.token") },
	},
	{
		name: "a token in the query", section: "RFC 9700 §4.3.2", status: 400, error: "invalid_request", check: "no-query-token",
		send: func(f *fixture) guard.Request {
			r := f.request("Bearer " + plainToken)
			r.TokenInQuery = true
			return r
		},
	},
	{
		name: "no credentials", section: "RFC 9449 §7.2", status: 401, check: "credentials",
		send: func(f *fixture) guard.Request { return guard.Request{Method: "GET", URL: f.url, Now: f.now} },
	},
	{
		name: "another scheme", section: "RFC 9110 §11.6.2", status: 401, check: "credentials",
		send: func(f *fixture) guard.Request { return f.request("Basic YTpi") },
	},
	{
		name: "a scheme without token", section: "RFC 6750 §3.1", status: 400, error: "invalid_request", check: "credentials",
		send: func(f *fixture) guard.Request { return f.request("DPoP ") },
	},
	{
		name: "two tokens in one line", section: "RFC 9110 §11.2", status: 400, error: "invalid_request", check: "credentials",
		send: func(f *fixture) guard.Request { return f.request("Bearer " + plainToken + ", DPoP " + dpopToken) },
	},
}

// fixed is one proof, the same each time.
func (f *fixture) fixed() string {
	if f.replayed == "" {
		f.replayed = f.proof(f.own, dpopToken)
	}
	return f.replayed
}

func TestGuardRefuses(t *testing.T) {
	for _, a := range thief {
		t.Run(a.name, func(t *testing.T) {
			_, refusal := a.try(newFixture(t), guard.Checks())
			if refusal == nil {
				t.Fatalf("it was let in, against %s", a.section)
			}
			if refusal.Status != a.status || refusal.Error != a.error || refusal.Check != a.check {
				t.Errorf("got %d %q by %s, want %d %q by %s: %s", refusal.Status, refusal.Error, refusal.Check, a.status, a.error, a.check, refusal.Description)
			}
		})
	}
}

func (a attempt) try(f *fixture, checks []guard.Check) (*guard.Verdict, *guard.Refusal) {
	f.t.Helper()
	g := f.guard(checks)
	if a.nonces {
		f.needNonce(g)
	}
	if a.before != nil {
		if _, refusal := g.Judge(a.before(f)); refusal != nil {
			f.t.Fatalf("the holder was refused first: %s", refusal.Description)
		}
	}
	return g.Judge(a.send(f))
}

// Each rule is there for something: without it some attempt ends otherwise.
func TestEachCheckIsNeeded(t *testing.T) {
	for i, c := range guard.Checks() {
		t.Run(c.ID, func(t *testing.T) {
			without := append(guard.Checks()[:i:i], guard.Checks()[i+1:]...)
			for _, a := range thief {
				_, refusal := a.try(newFixture(t), without)
				if refusal == nil || refusal.Status != a.status || refusal.Error != a.error {
					return
				}
			}
			t.Error("every attempt is refused as before")
		})
	}
}

// What each rule alone keeps out.
func TestWithoutACheckTheThiefGetsIn(t *testing.T) {
	letsIn := map[string]string{
		"bearer-downgrade": "a DPoP-bound token as Bearer",
		"scheme":           "an unbound token with the scheme DPoP",
		"bearer-proof":     "an unbound token as Bearer with a proof",
		"proof":            "a DPoP-bound token without proof",
		"replay":           "a replayed proof",
		"certificate":      "a certificate-bound token with the same key in a new certificate",
		"confirmation":     "a token bound by a method that is not known",
		"token":            "a token that is not valid",
		"no-query-token":   "a token in the query",
		"one-credential":   "Bearer and DPoP in one request",
	}
	for i, c := range guard.Checks() {
		for _, a := range thief {
			if letsIn[c.ID] != a.name {
				continue
			}
			t.Run(c.ID, func(t *testing.T) {
				without := append(guard.Checks()[:i:i], guard.Checks()[i+1:]...)
				if _, refusal := a.try(newFixture(t), without); refusal != nil {
					t.Errorf("%s is refused all the same, by %s", a.name, refusal.Check)
				}
			})
			delete(letsIn, c.ID)
		}
	}
	if len(letsIn) > 0 {
		t.Errorf("not tried: %v", letsIn)
	}
}

func TestGuardLetsTheHolderIn(t *testing.T) {
	for _, c := range []struct {
		name, bound string
		send        func(*fixture) guard.Request
	}{
		{"DPoP", "dpop", func(f *fixture) guard.Request { return f.request("DPoP "+dpopToken, f.proof(f.own, dpopToken)) }},
		{"dpop in small letters", "dpop", func(f *fixture) guard.Request { return f.request("dpop "+dpopToken, f.proof(f.own, dpopToken)) }},
		{"DPOP in capitals", "dpop", func(f *fixture) guard.Request { return f.request("DPOP "+dpopToken, f.proof(f.own, dpopToken)) }},
		{"several spaces after the scheme", "dpop", func(f *fixture) guard.Request {
			return f.request("DPoP   "+dpopToken, f.proof(f.own, dpopToken))
		}},
		{"DPoP with a certificate that the token says nothing of", "dpop", func(f *fixture) guard.Request {
			return with(f.request("DPoP "+dpopToken, f.proof(f.own, dpopToken)), f.cert)
		}},
		{"certificate", "mtls", func(f *fixture) guard.Request { return with(f.request("Bearer "+mtlsToken), f.cert) }},
		{"both", "dpop+mtls", func(f *fixture) guard.Request {
			return with(f.request("DPoP "+bothToken, f.proof(f.own, bothToken)), f.cert)
		}},
		{"an unbound token", "none", func(f *fixture) guard.Request { return f.request("Bearer " + plainToken) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFixture(t)
			verdict, refusal := f.guard(guard.Checks()).Judge(c.send(f))
			if refusal != nil {
				t.Fatalf("refused by %s: %s", refusal.Check, refusal.Description)
			}
			if verdict.Bound != c.bound || verdict.Claims.Subject != "s" {
				t.Errorf("got %q for %q, want %q for s", verdict.Bound, verdict.Claims.Subject, c.bound)
			}
		})
	}
}

// One client must not be able to use up the jti of another.
func TestSameJTIOfAnotherKeyIsNoReplay(t *testing.T) {
	f := newFixture(t)
	f.tokens[dpopToken2] = guard.Claims{Confirmation: wire.Thumbprints{JKT: f.other.JKT()}}
	g := f.guard(guard.Checks())
	for token, prover := range map[string]*dpop.Prover{dpopToken: f.own, dpopToken2: f.other} {
		proof := f.proofOf(prover, dpop.Claims{Method: "GET", HTU: f.url, Token: token, Time: f.now, JTI: "one"})
		if _, refusal := g.Judge(f.request("DPoP "+token, proof)); refusal != nil {
			t.Errorf("%s: refused by %s: %s", token, refusal.Check, refusal.Description)
		}
	}
}

func TestNonceOfThisResourceIsAccepted(t *testing.T) {
	f := newFixture(t)
	g := f.guard(guard.Checks())
	f.needNonce(g)
	proof := f.proofOf(f.own, dpop.Claims{Method: "GET", HTU: f.url, Token: dpopToken, Time: f.now, Nonce: f.nonce})
	if _, refusal := g.Judge(f.request("DPoP "+dpopToken, proof)); refusal != nil {
		t.Errorf("refused by %s: %s", refusal.Check, refusal.Description)
	}
}

// The examples of RFC 9449 section 7.1 and 7.2.
func TestChallenges(t *testing.T) {
	algs := []string{"ES256", "PS256"}
	for _, c := range []struct {
		name string
		send func(*fixture) guard.Request
		want []string
	}{
		{
			"no credentials: no error", func(f *fixture) guard.Request { return guard.Request{Method: "GET", URL: f.url, Now: f.now} },
			[]string{`DPoP algs="ES256 PS256"`, `Bearer`},
		},
		{
			"a bearer token: its challenge has the error", func(f *fixture) guard.Request { return f.request("Bearer INVALID_TOKEN") },
			[]string{`DPoP algs="ES256 PS256"`, `Bearer error="invalid_token", error_description="the token is unknown"`},
		},
		{
			"a DPoP token: only its challenge", func(f *fixture) guard.Request { return f.request("DPoP INVALID_TOKEN") },
			[]string{`DPoP error="invalid_token", error_description="the token is unknown", algs="ES256 PS256"`},
		},
		{"both: both have the error", func(f *fixture) guard.Request {
			r := f.request("Bearer " + plainToken)
			r.Authorization = append(r.Authorization, "DPoP "+dpopToken)
			return r
		}, []string{
			`DPoP error="invalid_request", error_description="multiple methods used to include access token", algs="ES256 PS256"`,
			`Bearer error="invalid_request", error_description="multiple methods used to include access token"`,
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFixture(t)
			_, refusal := f.guard(guard.Checks()).Judge(c.send(f))
			if refusal == nil {
				t.Fatal("it was let in")
			}
			got := refusal.Challenges(algs)
			if strings.Join(got, "\n") != strings.Join(c.want, "\n") {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
		})
	}
}

// What a client sends comes back in descriptions: it must not break out of them.
func TestDescriptionsAreQuotable(t *testing.T) {
	if got, want := guard.Printable("a\"b\\c\nd€"), "a'b'c?d?"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
