package diagnose

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oauthpop/oauthpop/internal/dpop"
	"github.com/oauthpop/oauthpop/internal/wire"
)

// exchange is a refused request that has nothing wrong with it.
func exchange(change ...func(*wire.Exchange)) *wire.Exchange {
	ex := &wire.Exchange{
		Request: wire.RequestFacts{
			Method: "POST", URL: "https://as.example/token?p=q", Header: http.Header{},
			HTU: "https://as.example/token", IAT: at, Certificate: true,
		},
		Response: wire.ResponseFacts{Status: 400, Header: http.Header{"Date": {at.Format(http.TimeFormat)}}, Received: at},
		TLS:      wire.TLSFacts{Used: true, Asked: true, Sent: true},
	}
	for _, c := range change {
		c(ex)
	}
	return ex
}

var at = time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC)

func received(late time.Duration) func(*wire.Exchange) {
	return func(ex *wire.Exchange) { ex.Response.Received = at.Add(late) }
}

func status(n int) func(*wire.Exchange) {
	return func(ex *wire.Exchange) { ex.Response.Status = n }
}

func header(name string, values ...string) func(*wire.Exchange) {
	return func(ex *wire.Exchange) { ex.Response.Header[name] = values }
}

func htu(s string) func(*wire.Exchange) { return func(ex *wire.Exchange) { ex.Request.HTU = s } }

func tls(used, asked, sent bool) func(*wire.Exchange) {
	return func(ex *wire.Exchange) { ex.TLS = wire.TLSFacts{Used: used, Asked: asked, Sent: sent} }
}

func noProof(ex *wire.Exchange) { ex.Request.HTU, ex.Request.IAT = "", time.Time{} }

// proof sends one with a nonce.
func proof(t *testing.T, nonce string) func(*wire.Exchange) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p, err := dpop.NewProver(key, "ES256")
	if err != nil {
		t.Fatal(err)
	}
	text, err := p.Proof(dpop.Claims{Method: "POST", HTU: "https://as.example/token", Nonce: nonce, Time: at})
	if err != nil {
		t.Fatal(err)
	}
	return func(ex *wire.Exchange) { ex.Request.Header["DPoP"] = []string{text} }
}

func TestCauses(t *testing.T) {
	type change = func(*wire.Exchange)
	for _, c := range []struct {
		name    string
		code    string
		changes []change
		want    []string // ids
		says    []string
	}{
		{"nothing to see", "invalid_dpop_proof", nil, nil, nil},
		{"another code", "invalid_scope", []change{received(-time.Hour), htu("https://x/"), tls(true, false, false)}, nil, nil},

		{"clock behind", "invalid_dpop_proof", []change{received(-600 * time.Second)}, []string{"clock-skew"}, []string{"600 s (10 minutes) behind"}},
		{"clock ahead", "invalid_dpop_proof", []change{received(600 * time.Second)}, []string{"clock-skew"}, []string{"600 s (10 minutes) ahead of"}},
		{"half a minute", "invalid_token", []change{status(401), received(-31 * time.Second)}, []string{"clock-skew"}, []string{"31 s behind"}},
		{"hours", "invalid_request", []change{received(-7200 * time.Second)}, []string{"clock-skew"}, []string{"7200 s (2 hours)"}},
		{"days", "", []change{status(401), received(72 * time.Hour)}, []string{"clock-skew"}, []string{"259200 s (3 days)"}},
		{"the bound itself", "invalid_dpop_proof", []change{received(10 * time.Second)}, []string{"clock-skew"}, []string{"10 s"}},
		{"within the bound", "invalid_dpop_proof", []change{received(9999 * time.Millisecond)}, nil, nil},
		{"an assertion has a time too", "invalid_client", []change{noProof, received(-time.Hour)}, []string{"clock-skew"}, nil},
		{"without a proof", "invalid_token", []change{noProof, received(-time.Hour)}, nil, nil},
		{"not found", "", []change{status(404), received(-time.Hour), htu("https://x/"), tls(true, false, false)}, nil, nil},
		{"out of a cache", "invalid_dpop_proof", []change{received(-time.Hour), header("Age", "7")}, nil, nil},
		{"no date", "invalid_dpop_proof", []change{received(-time.Hour), header("Date")}, nil, nil},
		{"a date that is none", "invalid_dpop_proof", []change{received(-time.Hour), header("Date", "now")}, nil, nil},

		{"another htu", "invalid_dpop_proof", []change{htu("https://inside/token")}, []string{"htu-differs"}, []string{`"https://inside/token"`, `"https://as.example/token"`}},
		{"another path", "", []change{status(401), htu("https://as.example/Token")}, []string{"htu-differs"}, nil},
		{"a query more", "invalid_dpop_proof", []change{htu("https://as.example/token?x")}, nil, nil},
		{"written otherwise", "invalid_dpop_proof", []change{htu("HTTPS://AS.example:443/%74oken")}, nil, nil},
		{"accepted all the same", "", []change{status(200), htu("https://inside/token"), tls(true, false, false)}, nil, nil},

		{"no nonce given", "use_dpop_nonce", nil, []string{"nonce-missing"}, []string{"no DPoP-Nonce field"}},
		{"two nonces given", "use_dpop_nonce", []change{header("Dpop-Nonce", "a", "b")}, []string{"nonce-missing"}, []string{"2 DPoP-Nonce fields"}},
		{"the same nonce", "use_dpop_nonce", []change{proof(t, "n1"), header("Dpop-Nonce", "n1")}, []string{"nonce-repeated"}, []string{`"n1"`}},
		{"another nonce", "use_dpop_nonce", []change{proof(t, "n1"), header("Dpop-Nonce", "n2")}, []string{"nonce-again"}, []string{`"n1"`, `"n2"`}},
		{"the first nonce", "use_dpop_nonce", []change{proof(t, ""), header("Dpop-Nonce", "n2")}, []string{"nonce-not-sent"}, []string{`"n2"`}},
		{"a nonce beside", "invalid_dpop_proof", []change{proof(t, "n1"), header("Dpop-Nonce", "n2")}, nil, nil},

		{"not asked", "invalid_client", []change{tls(true, false, false)}, []string{"certificate-not-asked"}, []string{"did not ask"}},
		{"plain http", "invalid_token", []change{status(401), tls(false, false, false)}, []string{"certificate-not-asked"}, []string{"plain http"}},
		{"asked, none there", "invalid_client", []change{tls(true, true, false), func(ex *wire.Exchange) { ex.Request.Certificate = false }}, []string{"certificate-not-sent"}, nil},
		{"no certificate, none asked", "invalid_client", []change{tls(true, false, false), func(ex *wire.Exchange) { ex.Request.Certificate = false }}, nil, nil},

		{
			"several", "invalid_token",
			[]change{status(401), received(-time.Minute), htu("https://inside/"), tls(true, false, false)},
			[]string{"clock-skew", "htu-differs", "certificate-not-asked"},
			nil,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			var ids []string
			text := ""
			for _, found := range Causes(exchange(c.changes...), c.code) {
				ids = append(ids, found.ID)
				text += found.Text + "\n"
			}
			if !slices.Equal(ids, c.want) {
				t.Errorf("causes %q (%s), want %q", ids, text, c.want)
			}
			for _, s := range c.says {
				if !strings.Contains(text, s) {
					t.Errorf("%q does not say %q", text, s)
				}
			}
		})
	}
}

func TestNoExchangeHasNoCauses(t *testing.T) {
	if got := Causes(nil, "invalid_client"); got != nil {
		t.Errorf("%+v", got)
	}
	if got := Causes(&wire.Exchange{}, "use_dpop_nonce"); len(got) != 1 {
		t.Errorf("an empty exchange has %+v", got)
	}
}

func TestListIsComplete(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range List() {
		if c.ID == "" || !strings.Contains(c.Section, "RFC ") || c.Text == "" || c.Fix == "" || seen[c.ID] {
			t.Errorf("%+v", c)
		}
		seen[c.ID] = true
	}
}
