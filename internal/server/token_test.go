package server_test

import (
	"crypto/tls"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/oauthpop/oauthpop/internal/certs"
	"github.com/oauthpop/oauthpop/internal/jwt"
	"github.com/oauthpop/oauthpop/internal/server"
)

// assertion is a client assertion of pkjwt with claims changed.
func (w *world) assertion(change map[string]any) string {
	w.t.Helper()
	c := map[string]any{
		"iss": "pkjwt", "sub": "pkjwt", "aud": w.main, "jti": rnd(),
		"iat": w.now.Unix(), "exp": w.now.Add(time.Minute).Unix(),
	}
	header := map[string]any{"alg": "ES256", "typ": "JWT"}
	for k, v := range change {
		if name, ok := strings.CutPrefix(k, "header."); ok {
			header[name] = v
		} else if v == nil {
			delete(c, k)
		} else {
			c[k] = v
		}
	}
	s, err := jwt.Encode(w.assertKey, header, c)
	must(w.t, err)
	return s
}

func assertionForm(assertion string) url.Values {
	return url.Values{"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}, "client_assertion": {assertion}}
}

func TestEveryClientAuthenticationGetsAToken(t *testing.T) {
	w := newWorld(t)
	for name, c := range map[string]call{
		"basic":                 {basic: "basic"},
		"basic with client_id":  {basic: "basic", form: url.Values{"client_id": {"basic"}}},
		"post":                  {form: url.Values{"client_id": {"post"}, "client_secret": {secret}}},
		"pkjwt":                 {form: assertionForm(w.assertion(nil))},
		"pkjwt token endpoint":  {form: assertionForm(w.assertion(map[string]any{"aud": w.main + "/token"}))},
		"pkjwt list of aud":     {form: assertionForm(w.assertion(map[string]any{"aud": []string{"https://other.example", w.main}}))},
		"pkjwt alias":           {url: w.mtls, form: assertionForm(w.assertion(map[string]any{"aud": w.mtls + "/token"}))},
		"pkjwt explicit typ":    {form: assertionForm(w.assertion(map[string]any{"header.typ": "client-authentication+jwt"}))},
		"tls subject":           {url: w.mtls, cert: &w.ca, form: url.Values{"client_id": {"mtls-ca"}}},
		"tls dns":               {url: w.mtls, cert: &w.ca, form: url.Values{"client_id": {"mtls-dns"}}},
		"tls uri":               {url: w.mtls, cert: &w.ca, form: url.Values{"client_id": {"mtls-uri"}}},
		"tls ip":                {url: w.mtls, cert: &w.ca, form: url.Values{"client_id": {"mtls-ip"}}},
		"tls email":             {url: w.mtls, cert: &w.ca, form: url.Values{"client_id": {"mtls-email"}}},
		"tls self-signed":       {url: w.mtls, cert: &w.self, form: url.Values{"client_id": {"mtls-self"}}},
		"basic on the mtls url": {url: w.mtls, basic: "basic"},
	} {
		t.Run(name, func(t *testing.T) {
			a := w.token(c)
			if a.status != 200 || a.text("access_token") == "" {
				t.Fatalf("got %d %v", a.status, a.body)
			}
			bound := claims(t, a.text("access_token"))["cnf"] != nil
			if want := c.cert != nil; bound != want || a.text("token_type") != "Bearer" {
				t.Errorf("bound %v, token_type %q; want bound %v, Bearer", bound, a.text("token_type"), want)
			}
			if a.header.Get("Cache-Control") != "no-store" {
				t.Errorf("Cache-Control is %q", a.header.Get("Cache-Control"))
			}
		})
	}
}

func TestWrongClientsAreRefused(t *testing.T) {
	w := newWorld(t)
	post := func(id, secret string) url.Values { return url.Values{"client_id": {id}, "client_secret": {secret}} }
	id := func(id string) url.Values { return url.Values{"client_id": {id}} }
	replayed := w.assertion(nil)
	if a := w.token(call{form: assertionForm(replayed)}); a.status != 200 {
		t.Fatalf("the first use: %d %v", a.status, a.body)
	}
	other := w.leaf("CN=mtls-other", certs.SANs{DNS: []string{"mtls-ca"}})
	reordered := w.leaf("C=NO,O=oauthpop,CN=mtls-ca", certs.SANs{})
	rogue := &world{t: t, now: w.now, clientCA: newCA(t, "CN=client CA", w.now)}
	rogueCert := rogue.leaf("CN=mtls-ca,O=oauthpop,C=NO", certs.SANs{})
	trick := tls.Certificate{Certificate: [][]byte{rogueCert.Certificate[0], w.ca.Certificate[0]}, PrivateKey: rogueCert.PrivateKey}
	expired := leafOf(t, w.clientCA, certs.Request{Subject: parseDN(t, "CN=mtls-ca,O=oauthpop,C=NO"), Usage: certs.UsageClient, NotBefore: w.now.Add(-time.Hour), NotAfter: w.now.Add(-time.Minute)}, newKey(t))
	serverUse := leafOf(t, w.clientCA, certs.Request{Subject: parseDN(t, "CN=mtls-ca,O=oauthpop,C=NO"), Usage: certs.UsageServer, NotBefore: w.now.Add(-time.Hour), NotAfter: w.now.Add(time.Minute)}, newKey(t))
	unregistered := w.selfSigned("CN=mtls-self")
	selfKey, err := certs.SelfSigned(certs.Request{Subject: parseDN(t, "CN=mtls-self"), Usage: certs.UsageClient, NotBefore: w.now, NotAfter: w.now.Add(time.Hour)}, signerOf(t, w.self))
	must(t, err)
	reissued := tls.Certificate{Certificate: [][]byte{selfKey.Raw}, PrivateKey: w.self.PrivateKey}

	for name, c := range map[string]call{
		"nobody":                                {},
		"unknown client":                        {form: id("nobody")},
		"wrong secret":                          {form: post("post", "no")},
		"empty secret":                          {form: post("post", "")},
		"secret of basic in the body":           {form: post("basic", secret)},
		"post in the header":                    {basic: "post"},
		"id alone":                              {form: id("basic")},
		"secret not form-encoded":               {header: http.Header{"Authorization": {"Basic YmFzaWM6cyUr"}}},
		"another scheme":                        {header: http.Header{"Authorization": {"Bearer x"}}},
		"assertion replayed":                    {form: assertionForm(replayed)},
		"assertion for another server":          {form: assertionForm(w.assertion(map[string]any{"aud": "https://other.example"}))},
		"assertion for the server and a slash":  {form: assertionForm(w.assertion(map[string]any{"aud": w.main + "/"}))},
		"assertion without aud":                 {form: assertionForm(w.assertion(map[string]any{"aud": nil}))},
		"assertion expired":                     {form: assertionForm(w.assertion(map[string]any{"exp": w.now.Add(-time.Second).Unix()}))},
		"assertion without exp":                 {form: assertionForm(w.assertion(map[string]any{"exp": nil}))},
		"assertion valid for a year":            {form: assertionForm(w.assertion(map[string]any{"exp": w.now.Add(8760 * time.Hour).Unix()}))},
		"assertion of tomorrow":                 {form: assertionForm(w.assertion(map[string]any{"nbf": w.now.Add(24 * time.Hour).Unix()}))},
		"assertion without jti":                 {form: assertionForm(w.assertion(map[string]any{"jti": nil}))},
		"assertion with another iss":            {form: assertionForm(w.assertion(map[string]any{"iss": "basic"}))},
		"assertion with another sub":            {form: assertionForm(w.assertion(map[string]any{"sub": "basic"}))},
		"assertion with the typ of a proof":     {form: assertionForm(w.assertion(map[string]any{"header.typ": "dpop+jwt"}))},
		"assertion with crit":                   {form: assertionForm(w.assertion(map[string]any{"header.crit": []string{"x"}}))},
		"assertion by another key":              {form: assertionForm((&world{t: t, now: w.now, main: w.main, assertKey: newKey(t)}).assertion(nil))},
		"no certificate":                        {url: w.mtls, form: id("mtls-ca")},
		"certificate on the main port":          {url: w.main, form: id("mtls-ca"), cert: &w.ca},
		"no client_id":                          {url: w.mtls, cert: &w.ca},
		"another client's certificate":          {url: w.mtls, form: id("mtls-ca"), cert: &other},
		"subject in another order":              {url: w.mtls, form: id("mtls-ca"), cert: &reordered},
		"same subject from another CA":          {url: w.mtls, form: id("mtls-ca"), cert: &rogueCert},
		"genuine certificate behind a rogue":    {url: w.mtls, form: id("mtls-ca"), cert: &trick},
		"expired certificate":                   {url: w.mtls, form: id("mtls-ca"), cert: &expired},
		"certificate for servers":               {url: w.mtls, form: id("mtls-ca"), cert: &serverUse},
		"self-signed for a CA client":           {url: w.mtls, form: id("mtls-ca"), cert: &w.self},
		"CA certificate for a self-signed one":  {url: w.mtls, form: id("mtls-self"), cert: &w.ca},
		"unregistered self-signed":              {url: w.mtls, form: id("mtls-self"), cert: &unregistered},
		"registered key in another certificate": {url: w.mtls, form: id("mtls-self"), cert: &reissued},
		"dns client without that name":          {url: w.mtls, form: id("mtls-dns"), cert: &other},
		"uri client without that name":          {url: w.mtls, form: id("mtls-uri"), cert: &other},
		"ip client without that name":           {url: w.mtls, form: id("mtls-ip"), cert: &other},
		"email client without that name":        {url: w.mtls, form: id("mtls-email"), cert: &other},
	} {
		t.Run(name, func(t *testing.T) {
			a := w.token(c)
			if a.status != 401 || a.text("error") != "invalid_client" || a.text("access_token") != "" {
				t.Errorf("got %d %v", a.status, a.body)
			}
			// A client library takes a challenge for the answer of a resource.
			usedHeader := c.basic != "" || c.header != nil
			if got := a.header.Get("WWW-Authenticate") != ""; got != usedHeader {
				t.Errorf("WWW-Authenticate is %q", a.header.Get("WWW-Authenticate"))
			}
		})
	}
}

func TestWrongTokenRequestsAreRefused(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		name   string
		send   call
		params []string
		status int
		want   string
	}{
		{"no grant", call{basic: "basic", form: url.Values{"grant_type": {""}}}, nil, 400, "invalid_request"},
		{"another grant", call{basic: "basic", form: url.Values{"grant_type": {"password"}}}, nil, 400, "unsupported_grant_type"},
		{"a public client", call{form: url.Values{"client_id": {"public"}}}, nil, 400, "unauthorized_client"},
		{"a client of another grant", call{basic: "code-only"}, nil, 400, "unauthorized_client"},
		{"an unregistered scope", call{form: url.Values{"client_id": {"post"}, "client_secret": {secret}}}, []string{"scope", "read admin"}, 400, "invalid_scope"},
		{"a malformed scope", call{basic: "basic"}, []string{"scope", "a\"b"}, 400, "invalid_scope"},
		{"another resource", call{basic: "basic"}, []string{"resource", "https://other.example/"}, 400, "invalid_target"},
		{"another audience", call{basic: "basic"}, []string{"audience", "https://other.example/"}, 400, "invalid_target"},
		{"a parameter twice", call{basic: "basic"}, []string{"scope", "a", "scope", "b"}, 400, "invalid_request"},
		{"two ways of authentication", call{basic: "basic"}, []string{"client_secret", secret}, 400, "invalid_request"},
		{"another client in the body", call{basic: "basic"}, []string{"client_id", "post"}, 400, "invalid_request"},
		{"two Authorization lines", call{header: http.Header{"Authorization": {"Basic YTpi", "Basic YTpi"}}}, nil, 400, "invalid_request"},
		{"another assertion type", call{form: url.Values{"client_assertion": {"x"}, "client_assertion_type": {"saml"}}}, nil, 400, "invalid_request"},
		{"JSON", call{basic: "basic", header: http.Header{"Content-Type": {"application/json"}}}, nil, 400, "invalid_request"},
		{"a large body", call{basic: "basic"}, []string{"x", strings.Repeat("x", 100_000)}, 413, "invalid_request"},
		{"a bound client without proof", call{basic: "dpop-bound"}, nil, 400, "invalid_dpop_proof"},
		{"a bound client without certificate", call{basic: "mtls-bound", url: w.mtls}, nil, 400, "invalid_request"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := w.token(c.send, c.params...)
			if a.status != c.status || a.text("error") != c.want || a.text("access_token") != "" {
				t.Errorf("got %d %v, want %d %s", a.status, a.body, c.status, c.want)
			}
		})
	}
}

func TestWhatATokenIsBoundTo(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		name      string
		send      call
		proof     bool
		tokenType string
		jkt, x5t  bool
	}{
		{name: "nothing", send: call{basic: "basic"}, tokenType: "Bearer"},
		{name: "proof", send: call{basic: "basic"}, proof: true, tokenType: "DPoP", jkt: true},
		{name: "certificate of a bound client", send: call{basic: "mtls-bound", url: w.mtls, cert: &w.ca}, tokenType: "Bearer", x5t: true},
		{name: "any certificate of a bound client", send: call{basic: "mtls-bound", url: w.mtls, cert: &w.self}, tokenType: "Bearer", x5t: true},
		{name: "certificate beside a secret", send: call{basic: "basic", url: w.mtls, cert: &w.ca}, tokenType: "Bearer", x5t: true},
		{name: "certificate and proof beside a secret", send: call{basic: "basic", url: w.mtls, cert: &w.ca}, proof: true, tokenType: "DPoP", jkt: true},
		{name: "certificate authentication", send: call{form: url.Values{"client_id": {"mtls-ca"}}, url: w.mtls, cert: &w.ca}, tokenType: "Bearer", x5t: true},
		{name: "certificate authentication and proof", send: call{form: url.Values{"client_id": {"mtls-ca"}}, url: w.mtls, cert: &w.ca}, proof: true, tokenType: "DPoP", jkt: true},
		{name: "both of a bound client", send: call{basic: "mtls-bound", url: w.mtls, cert: &w.ca}, proof: true, tokenType: "DPoP", jkt: true, x5t: true},
		{name: "proof of a bound client", send: call{basic: "dpop-bound"}, proof: true, tokenType: "DPoP", jkt: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := w.prover()
			base := c.send.url
			if base == "" {
				base = w.main
			}
			if c.proof {
				c.send.header = w.proof(p, "POST", base+"/token", "", "")
			}
			a := w.token(c.send)
			if a.status != 200 || a.text("token_type") != c.tokenType {
				t.Fatalf("got %d %v, want token_type %s", a.status, a.body, c.tokenType)
			}
			cnf, _ := claims(t, a.text("access_token"))["cnf"].(map[string]any)
			want := map[string]any{}
			if c.jkt {
				want["jkt"] = p.JKT()
			}
			if c.x5t {
				want["x5t#S256"] = certs.Thumbprint(leafFrom(t, *c.send.cert))
			}
			if len(cnf) != len(want) || cnf["jkt"] != want["jkt"] || cnf["x5t#S256"] != want["x5t#S256"] {
				t.Errorf("cnf is %v, want %v", cnf, want)
			}
		})
	}
}

func TestProofsAtTheTokenEndpoint(t *testing.T) {
	w := newWorld(t)
	p := w.prover()
	once := w.proof(p, "POST", w.main+"/token", "", "")
	if a := w.token(call{basic: "basic", header: once}); a.status != 200 {
		t.Fatalf("got %d %v", a.status, a.body)
	}
	fresh := func() string { return w.proof(p, "POST", w.main+"/token", "", "")["DPoP"][0] }
	for name, header := range map[string]http.Header{
		"replayed":                   once,
		"two":                        {"DPoP": {fresh(), fresh()}},
		"empty":                      {"DPoP": {""}},
		"of another endpoint":        w.proof(p, "POST", w.mtls+"/token", "", ""),
		"of another method":          w.proof(p, "GET", w.main+"/token", "", ""),
		"of the resource":            w.proof(p, "POST", w.main+"/api", "", ""),
		"a client assertion":         {"DPoP": {w.assertion(nil)}},
		"of the right key, tampered": {"DPoP": {fresh() + "AAAA"}},
	} {
		t.Run(name, func(t *testing.T) {
			a := w.token(call{basic: "basic", header: header})
			if a.status != 400 || a.text("error") != "invalid_dpop_proof" {
				t.Errorf("got %d %v", a.status, a.body)
			}
		})
	}
}

// A client that is not the one must not fill the memory for proofs, nor use one up.
func TestProofOfARefusedClientIsNotRemembered(t *testing.T) {
	w := newWorld(t)
	header := w.proof(w.prover(), "POST", w.main+"/token", "", "")
	if a := w.token(call{form: url.Values{"client_id": {"post"}, "client_secret": {"no"}}, header: header}); a.status != 401 {
		t.Fatalf("got %d %v", a.status, a.body)
	}
	if a := w.token(call{basic: "basic", header: header}); a.status != 200 {
		t.Errorf("got %d %v", a.status, a.body)
	}
}

func TestScopeAndAudienceAreEchoed(t *testing.T) {
	w := newWorld(t, func(c *server.Config) { c.TokenLifetime = 90 * time.Second })
	a := w.token(call{basic: "basic"}, "scope", "read  write", "resource", w.main+"/api", "resource", w.mtls+"/api")
	c := claims(t, a.text("access_token"))
	if a.text("scope") != "read write" || c["scope"] != "read write" {
		t.Errorf("scope is %q in the answer, %q in the token", a.text("scope"), c["scope"])
	}
	if list, _ := c["aud"].([]any); len(list) != 2 {
		t.Errorf("aud is %v", c["aud"])
	}
	if a.body["expires_in"] != 90.0 || c["exp"].(float64)-c["iat"].(float64) != 90 {
		t.Errorf("expires_in is %v", a.body["expires_in"])
	}
	if c["iss"] != w.main || c["sub"] != "basic" || c["client_id"] != "basic" || c["jti"] == "" {
		t.Errorf("claims are %v", c)
	}
	a = w.token(call{form: url.Values{"client_id": {"post"}, "client_secret": {secret}}})
	if a.text("scope") != "read write" {
		t.Errorf("without scope: %q, want the registered one", a.text("scope"))
	}
	for base, want := range map[string]string{w.main: w.main + "/api", w.mtls: w.mtls + "/api"} {
		if got := claims(t, w.token(call{basic: "basic", url: base}).text("access_token"))["aud"]; got != want {
			t.Errorf("%s: default aud is %v, want %s", base, got, want)
		}
	}
}
