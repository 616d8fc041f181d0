package diagnose

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oauthpop/oauthpop/internal/wire"
)

// Each row changes one thing of a fixture, and what was found changes with it.
func TestCausesEndWhereTheirReasonEnds(t *testing.T) {
	type change = func(*wire.Exchange)
	request := func(name, value string) change {
		return func(ex *wire.Exchange) { ex.Request.Header.Set(name, value) }
	}
	without := func(names ...string) change {
		return func(ex *wire.Exchange) {
			for _, name := range names {
				ex.Request.Header.Del(name)
			}
		}
	}
	calls := func(url string) change { return func(ex *wire.Exchange) { ex.Request.URL = url } }
	answer := func(name, value string) change {
		return func(ex *wire.Exchange) { ex.Response.Header.Set(name, value) }
	}
	all := fixtures(t)
	for _, c := range []struct {
		name, fixture, code string
		change              change
		want                []string
	}{
		{"another certificate than the right one at a proxy", "certificate-at-proxy", "invalid_token", func(ex *wire.Exchange) { ex.Known.X5T = "" }, nil},
		{"no certificate at a proxy's server", "certificate-at-proxy", "invalid_token", func(ex *wire.Exchange) { ex.TLS.Sent = false }, []string{"certificate-not-sent"}},
		{"the right certificate, another complaint", "certificate-at-proxy", "invalid_request", func(*wire.Exchange) {}, nil},
		{"the right certificate, no code", "certificate-at-proxy", "", func(*wire.Exchange) {}, []string{"certificate-at-proxy"}},
		{"the right certificate, no answer", "certificate-at-proxy", "", status(0), nil},

		{"no proxy", "htu-inner-keycloak", "invalid_request", without("X-Forwarded-Proto", "X-Forwarded-For"), []string{"htu-differs"}},
		{"a proxy, and https in front and behind", "htu-inner-keycloak", "invalid_request", calls("https://other.example.com/token"), []string{"htu-differs"}},
		{"a proxy, and another path", "htu-inner-keycloak", "invalid_request", calls("http://server.example.com/other"), []string{"htu-differs"}},
		{"a proxy, and a prefix of its own", "htu-inner-prefix", "invalid_dpop_proof", calls("https://api.example.com/svc2/my-api/x"), []string{"htu-differs"}},
		{"a private address", "htu-inner-forwarded", "", chain(without("X-Forwarded-Host"), calls("http://10.1.2.3/protectedresource")), []string{"htu-inner"}},
		{"a link-local address", "htu-inner-forwarded", "", chain(without("X-Forwarded-Host"), calls("http://169.254.1.1/protectedresource")), []string{"htu-inner"}},
		{"a public address", "htu-inner-forwarded", "", chain(without("X-Forwarded-Host"), calls("http://203.0.113.9/protectedresource")), []string{"htu-differs"}},
		{"a name of a cluster", "htu-inner-forwarded", "", chain(without("X-Forwarded-Host"), calls("http://api.prod.svc/protectedresource")), []string{"htu-inner"}},
		{"a prefix taken off", "htu-inner-forwarded", "", chain(without("X-Forwarded-Host"), calls("http://api:8080/protectedresource/more")), []string{"htu-differs"}},
		{"two inner names", "htu-inner-signed", "", calls("http://localhost/protectedresource"), []string{"htu-differs"}},
		{"the inner URL of another path", "htu-inner-signed", "", calls("https://resource.example.org/other"), []string{"htu-differs"}},

		{"the nonce of this very server", "nonce-of-another-server", "use_dpop_nonce", func(ex *wire.Exchange) {
			ex.Known.Nonces = map[string]string{"https://resource.example.org": "eyJ7S_zG.eyJH0-Z.HX4w-7v", "https://server.example.com": "eyJ7S_zG.eyJH0-Z.HX4w-7v"}
		}, []string{"nonce-again"}},
		{"a nonce of nobody", "nonce-of-another-server", "use_dpop_nonce", func(ex *wire.Exchange) { ex.Known.Nonces = map[string]string{"https://server.example.com": "x"} }, []string{"nonce-again"}},
		{"a foreign nonce is a wrong proof, too", "nonce-of-another-server", "invalid_dpop_proof", func(*wire.Exchange) {}, []string{"nonce-of-another-server"}},
		{"a foreign nonce, another complaint", "nonce-of-another-server", "invalid_scope", func(*wire.Exchange) {}, nil},
		{"a proof that is not shown", "nonce-not-sent-no-proof", "use_dpop_nonce", func(ex *wire.Exchange) { ex.Request.HTU = "https://server.example.com/token" }, nil},

		{"expired, without a code", "token-expired", "", func(*wire.Exchange) {}, []string{"token-expired"}},
		{"expired, another code", "token-expired", "invalid_dpop_proof", func(*wire.Exchange) {}, nil},
		{"expired by the client's clock", "token-expired", "invalid_token", func(ex *wire.Exchange) { ex.Response.Header.Del("Date") }, []string{"token-expired"}},
		{"not expired then", "token-expired", "invalid_token", answer("Date", "Thu, 04 Jul 2019 17:49:17 GMT"), []string{"clock-skew"}},
		{"no clock at all", "token-expired", "invalid_token", func(ex *wire.Exchange) {
			ex.Response.Header.Del("Date")
			ex.Response.Received = time.Time{}
		}, nil},

		{"Bearer, opaque, no proof", "bearer-with-proof-opaque", "", without("Dpop"), nil},
		{"Bearer, bound, another complaint", "bearer-with-bound-token", "invalid_scope", func(*wire.Exchange) {}, nil},
		{"a proof that was sent is not missing", "proof-missing-token", "invalid_dpop_proof", func(ex *wire.Exchange) { ex.Request.IAT = ex.Response.Received }, nil},
		{"Basic is no token", "ath-missing", "invalid_dpop_proof", request("Authorization", "Basic YTpi"), nil},

		{"an opaque token of the right type", "token-unbound-opaque", "", func(ex *wire.Exchange) {
			ex.Response.Body = []byte(`{"access_token":"abc","token_type":"dpop"}`)
		}, nil},
		{"no token", "token-unbound-opaque", "", func(ex *wire.Exchange) { ex.Response.Body = []byte(`{"token_type":"Bearer"}`) }, nil},
		{"no proof", "token-unbound-opaque", "", without("Dpop"), nil},

		{"a proof alone, refused in front", "refused-in-front", "", without("Authorization"), []string{"refused-in-front"}},
		{"a token alone, refused in front", "refused-in-front", "", chain(without("Dpop"), request("Authorization", "Bearer abc")), []string{"refused-in-front"}},
		{"a certificate alone, refused in front", "refused-in-front", "", chain(without("Dpop", "Authorization"), tls(true, true, true)), []string{"refused-in-front"}},
		{"nothing to check, refused", "refused-in-front", "", without("Dpop", "Authorization"), nil},
		{"a challenge", "refused-in-front", "", answer("Www-Authenticate", "DPoP"), nil},
		{"a body that was streamed", "refused-in-front", "", answer("Content-Length", "12"), nil},
		{"a body of unknown length", "refused-in-front", "", func(ex *wire.Exchange) {
			ex.Response.Header.Del("Content-Length")
			ex.Response.Header.Set("Content-Type", "text/html")
		}, nil},
		{"no length and no type", "refused-in-front", "", func(ex *wire.Exchange) { ex.Response.Header.Del("Content-Length") }, []string{"refused-in-front"}},

		{"algorithms in quotes with rubbish", "right-but-scope", "invalid_dpop_proof", answer("Www-Authenticate", `DPoP algs="<b> ES256 \"x"`), nil},
		{"algorithms of rubbish only", "right-but-scope", "invalid_dpop_proof", answer("Www-Authenticate", `DPoP algs="<b> é [ ~ :"`), nil},
		{"names of algorithms in every letter", "right-but-scope", "invalid_dpop_proof", answer("Www-Authenticate", `DPoP algs="az-AZ_09"`), []string{"alg-not-offered"}},
		{"algorithms of Bearer", "right-but-scope", "invalid_dpop_proof", answer("Www-Authenticate", `Bearer algs="PS256"`), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := all[c.fixture]
			if f == nil {
				t.Fatalf("no fixture %q", c.fixture)
			}
			ex := f.exchange()
			c.change(ex)
			if got := ids(Causes(ex, c.code)); !slices.Equal(got, c.want) {
				t.Errorf("found %q, want %q", got, c.want)
			}
		})
	}
}

func chain(changes ...func(*wire.Exchange)) func(*wire.Exchange) {
	return func(ex *wire.Exchange) {
		for _, c := range changes {
			c(ex)
		}
	}
}

// A finding says what is the matter in this case.
func TestTextsSayWhatIsTheMatter(t *testing.T) {
	all := fixtures(t)
	for fixture, want := range map[string]string{
		"htu-differs":              `the proof was made for "https://resource.example.org/other", and "https://resource.example.org/protectedresource" was called: another path: a proof is for one URL`,
		"proof-malformed-claims":   "claims of the proof: expected strings jti (1 to 512 bytes), htm and htu, and a number iat, found no jti",
		"proof-not-fresh-copied":   "the proof when it was used: 15m0s old (a proof is made for one request: make a new one, or correct the clock)",
		"proof-reused":             `a proof of the same key with the jti "-BwC3ESc6acc2lTc" was sent before`,
		"ath-differs-hex":          "hexadecimal",
		"two-proofs-joined":        "the DPoP header field holds more than one proof, joined by commas: something put several fields together",
		"certificate-renewed":      `the token is bound to "client-2018.pem", and "client.pem" was presented: two certificates of one key`,
		"nonce-not-sent-no-proof":  `the server asks for the nonce "eyJ7S_zG.eyJH0-Z.HX4w-7v", and the request has no proof`,
		"clock-skew-har":           "the clock of this machine is 600 s (10 minutes) behind that of the server, by the Date of its answer",
		"dpop-with-unknown-cnf":    "the token has no cnf.jkt: it is bound to no DPoP key",
		"token-unbound-opaque":     `token_type is "bearer" instead of DPoP: the server did not use the proof, and gave no error`,
		"certificate-not-given":    `the token is bound to the certificate "A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0", and none was given`,
		"method-differs-case":      `htm of the proof: expected "GET", found "get" (methods are case-sensitive; lenient servers ignore case)`,
		"nonce-of-another-server":  `the proof for https://resource.example.org has the nonce "eyJ7S_zG.eyJH0-Z.HX4w-7v", which https://server.example.com gave`,
		"alg-not-offered-metadata": `alg of the proof: expected one of RS256, found "ES256" (a server lists what it accepts as dpop_signing_alg_values_supported)`,
	} {
		f := all[fixture]
		found := Causes(f.exchange(), f.code())
		if len(found) == 0 || !strings.Contains(found[0].Text, want) {
			t.Errorf("%s: %+v", fixture, found)
		}
	}
}
