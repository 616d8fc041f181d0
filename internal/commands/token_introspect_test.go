package commands_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const opaqueToken = "Q..Zkm29lexi8VnWg2zPW1x-tgGad0Ibc3s3EwM"

// introspecting is an issuer whose introspection endpoint answers what a test says.
type introspecting struct {
	*fakeIssuer
	token, tokenType string
	status           int
	said             string
}

func newIntrospecting(t *testing.T) *introspecting {
	t.Helper()
	i := &introspecting{}
	i.fakeIssuer = newFakeIssuer(t, func(f *fakeIssuer, w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch r.URL.Path {
		case "/.well-known/openid-configuration":
			_ = json.NewEncoder(w).Encode(map[string]any{
				"issuer": f.URL, "token_endpoint": f.URL + "/token", "introspection_endpoint": f.URL + "/introspect", "revocation_endpoint": f.URL + "/revoke", "jwks_uri": f.URL + "/jwks",
				"mtls_endpoint_aliases":                            map[string]string{"introspection_endpoint": f.URL + "/alias/introspect", "revocation_endpoint": f.URL + "/alias/revoke"},
				"token_endpoint_auth_signing_alg_values_supported": []string{"HS384", "ES256"},
			})
		case "/token":
			_ = json.NewEncoder(w).Encode(map[string]any{"access_token": i.token, "token_type": i.tokenType})
		default:
			w.WriteHeader(i.status)
			_, _ = w.Write([]byte(i.said))
		}
	})
	return i
}

// ask asks for a token, and returns what was asked of the other endpoint.
func (i *introspecting) ask(t *testing.T, more ...string) (code int, stdout, stderr string, asked []*http.Request) {
	t.Helper()
	i.seen = nil
	code, stdout, stderr = runMain(nil, append([]string{
		"token", "--issuer", i.URL, "--client-id", "app", "--client-secret", "s3cret", "--dpop", "--key", i.key, "--cacert", i.cacert, "-o", "json",
	}, more...)...)
	for _, r := range i.seen {
		if strings.HasSuffix(r.URL.Path, "introspect") {
			asked = append(asked, r)
		}
	}
	return code, stdout, stderr, asked
}

func TestTokenIsIntrospected(t *testing.T) {
	i := newIntrospecting(t)
	bound := accessToken(map[string]string{"jkt": i.jkt})
	for _, tt := range []struct {
		name, token, tokenType, said string
		status, code, asked          int
		verdict, reason, source      string
	}{
		{"bound", opaqueToken, "DPoP", `{"active":true,"cnf":{"jkt":"JKT"},"token_type":"DPoP"}`, 200, 0, 1, "bound-and-matches", "", "introspection"},
		{"another key's", opaqueToken, "DPoP", `{"active":true,"cnf":{"jkt":"0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}}`, 200, 3, 1, "bound-to-another-key", "key-differs", "introspection"},
		{"unbound", opaqueToken, "DPoP", `{"active":true}`, 200, 3, 1, "not-bound", "no-cnf", "introspection"},
		{"inactive", opaqueToken, "DPoP", `{"active":false}`, 200, 3, 1, "cannot-tell", "inactive", ""},
		{"bound, and token_type Bearer", opaqueToken, "Bearer", `{"active":true,"cnf":{"jkt":"JKT"}}`, 200, 3, 1, "bound-and-matches", "", "introspection"},
		{"a JWT that says it itself", bound, "DPoP", `{"active":false}`, 200, 0, 0, "bound-and-matches", "", "jwt"},
		{"a JWT that says nothing", accessToken(nil), "DPoP", `{"active":true,"cnf":{"jkt":"JKT"}}`, 200, 0, 1, "bound-and-matches", "", "introspection"},
		{"refused", opaqueToken, "DPoP", `{"error":"invalid_client","error_description":"not you"}`, 401, 4, 1, "", "", ""},
		{"a page", opaqueToken, "DPoP", `<html>`, 200, 4, 1, "", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			i.token, i.tokenType, i.status, i.said = tt.token, tt.tokenType, tt.status, strings.ReplaceAll(tt.said, "JKT", i.jkt)
			code, stdout, stderr, asked := i.ask(t, "--introspect", "--require-verified")
			if code != tt.code || len(asked) != tt.asked {
				t.Fatalf("exit %d, asked %d times: %s%s", code, len(asked), stdout, stderr)
			}
			var got struct {
				Binding struct{ Verdict, Reason, Source string }
			}
			if err := json.Unmarshal([]byte(stdout), &got); err != nil {
				t.Fatal(err)
			}
			if b := got.Binding; b.Verdict != tt.verdict || b.Reason != tt.reason || tt.source != "" && b.Source != tt.source {
				t.Errorf("binding %+v", b)
			}
			if code != 0 && strings.Contains(stdout, tt.token) {
				t.Errorf("the token is printed: %s", stdout)
			}
			if tt.asked == 1 {
				user, password, _ := asked[0].BasicAuth()
				if form := asked[0].Form; form.Get("token") != tt.token || user != "app" || password != "s3cret" || asked[0].Header.Get("DPoP") != "" {
					t.Errorf("asked with %v as %s", form, user)
				}
			}
		})
	}
}

// Another client may ask, by any method, and with a certificate at the alias.
func TestAnotherClientIntrospects(t *testing.T) {
	i := newIntrospecting(t)
	i.token, i.tokenType, i.status, i.said = opaqueToken, "DPoP", 200, `{"active":true,"cnf":{"jkt":"`+i.jkt+`"}}`
	cert := filepath.Join(i.dir, "rs")
	mustRun(t, 0, "cert", "issue", "--cn", "rs", "--self-signed", "--out", cert)
	secret := strings.Repeat("x", 50)
	for name, tt := range map[string]struct {
		flags, path, sent string
	}{
		"by a secret":      {"--introspect-client-secret s", "/introspect", "Authorization"},
		"in the form":      {"--introspect-client-secret s --introspect-auth-method client_secret_post", "/introspect", "client_secret"},
		"by an assertion":  {"--introspect-client-secret " + secret + " --introspect-auth-method client_secret_jwt", "/introspect", "HS384"},
		"by a key":         {"--introspect-client-key " + i.key + " --introspect-client-kid k", "/introspect", `"kid":"k"`},
		"by a certificate": {"--introspect-cert " + cert + ".pem", "/alias/introspect", "client_id"},
	} {
		t.Run(name, func(t *testing.T) {
			code, stdout, stderr, asked := i.ask(t, append(strings.Fields("--introspect --introspect-client-id rs"), strings.Fields(tt.flags)...)...)
			if code != 0 || len(asked) != 1 || asked[0].URL.Path != tt.path {
				t.Fatalf("exit %d, asked %v: %s%s", code, asked, stdout, stderr)
			}
			r := asked[0]
			header, _, _ := strings.Cut(r.Form.Get("client_assertion"), ".")
			raw, _ := base64.RawURLEncoding.DecodeString(header)
			if !r.Form.Has(tt.sent) && r.Header.Get(tt.sent) == "" && !strings.Contains(string(raw), tt.sent) {
				t.Errorf("sent %v", r.Form)
			}
			if id, _, _ := r.BasicAuth(); id == "app" || r.Form.Get("client_id") == "app" {
				t.Errorf("the token's client asked")
			}
		})
	}
}

func TestIntrospectionThatIsHalfSaid(t *testing.T) {
	i := newIntrospecting(t)
	for flags, says := range map[string]string{
		"--introspect-client-id rs":                                                  "--introspect-client-id would not be used",
		"--introspect-cert x.pem":                                                    "--introspect-cert would not be used",
		"--introspect --introspect-client-secret s":                                  "without --introspect-client-id",
		"--introspect --introspect-client-id rs --introspect-client-kid k":           "--introspect-client-kid would not be used",
		"--introspect --introspect-client-id rs --introspect-cert-key k.pem":         "without --introspect-cert",
		"--introspect --introspect-client-id rs --introspect-auth-method magic":      `--introspect-auth-method "magic"`,
		"--introspect --print-curl":                                                  "--introspect would not be used",
		"--introspect --introspect-client-id rs --introspect-client-secret @no-such": "no-such",
	} {
		if code, _, stderr, _ := i.ask(t, append(strings.Fields(flags), "-o", "text")...); code != 2 || !strings.Contains(stderr, says) || len(i.seen) > 0 {
			t.Errorf("%s: exit %d, %d requests: %s", flags, code, len(i.seen), stderr)
		}
	}
	if code, _, stderr := i.fakeIssuer.token("/token", "--introspect"); code != 2 || !strings.Contains(stderr, "--introspect needs --issuer") {
		t.Errorf("without an issuer: exit %d: %s", code, stderr)
	}
}

func TestTokenIsRevoked(t *testing.T) {
	i := newIntrospecting(t)
	i.status = 200
	cert := filepath.Join(i.dir, "app")
	mustRun(t, 0, "cert", "issue", "--cn", "app", "--self-signed", "--out", cert)
	file := i.write(t, "token.txt", []byte("from-a-file\r\n"))
	for _, tt := range []struct {
		arg, flags          string
		path, token, method string
	}{
		{"tok", "--client-secret s", "/revoke", "tok", "Authorization"},
		{"@" + file, "--client-secret s --auth-method client_secret_post", "/revoke", "from-a-file", "client_secret"},
		{"@@tok", "--cert " + cert + ".pem", "/alias/revoke", "@tok", "client_id"},
		{"tok", "--client-key " + i.key + " --token-type-hint refresh_token", "/revoke", "tok", "client_assertion"},
		{"tok", "", "/revoke", "tok", "client_id"},
	} {
		i.seen = nil
		args := append([]string{"token", "revoke", tt.arg, "--issuer", i.URL, "--client-id", "app", "--cacert", i.cacert, "-o", "json"}, strings.Fields(tt.flags)...)
		out := mustRun(t, 0, args...)
		conforms(t, "token-revoke", out)
		last := i.seen[len(i.seen)-1]
		if last.URL.Path != tt.path || last.Form.Get("token") != tt.token || !last.Form.Has(tt.method) && last.Header.Get(tt.method) == "" {
			t.Errorf("%s %s: sent %v to %s", tt.arg, tt.flags, last.Form, last.URL)
		}
		if hinted := strings.Contains(tt.flags, "hint"); last.Form.Has("token_type_hint") != hinted {
			t.Errorf("%s: %v", tt.flags, last.Form)
		}
	}
}

func TestTokenThatIsNotRevoked(t *testing.T) {
	i := newIntrospecting(t)
	known := []string{"--issuer", i.URL, "--client-id", "app", "--client-secret", "s", "--cacert", i.cacert}
	for _, tt := range []struct {
		status int
		said   string
		says   []string
	}{
		{400, `{"error":"unsupported_token_type","error_description":"no JWTs"}`, []string{"unsupported_token_type", "no JWTs"}},
		{503, "", []string{"503", "try again later"}},
		{200, `{"error":"invalid_client"}`, []string{"invalid_client"}},
		{404, "<html>", []string{"404", "revocation endpoint"}},
	} {
		i.status, i.said = tt.status, tt.said
		code, stdout, stderr := runMain(nil, append([]string{"token", "revoke", "tok"}, known...)...)
		if code != 4 || stdout != "" || slices.ContainsFunc(tt.says, func(s string) bool { return !strings.Contains(stderr, s) }) {
			t.Errorf("%d %s: exit %d: %s%s", tt.status, tt.said, code, stdout, stderr)
		}
	}
	for _, args := range [][]string{
		append([]string{"token", "revok", "tok"}, known...),
		append([]string{"token", "tok"}, known...),
		append([]string{"token", "revoke"}, known...),
		append([]string{"token", "revoke", ""}, known...),
		append([]string{"token", "revoke", "a\nb"}, known...),
		append([]string{"token", "revoke", "tok", "--token-type-hint", "id_token"}, known...),
		append([]string{"token", "revoke", "tok", "--client-kid", "k"}, known...),
		{"token", "revoke", "tok", "--client-id", "app"},
		{"token", "revoke", "tok", "--issuer", i.URL, "--cacert", i.cacert},
	} {
		i.seen = nil
		if code, _, stderr := runMain(nil, args...); code != 2 || len(i.seen) > 0 {
			t.Errorf("%q: exit %d after %d requests: %s", args, code, len(i.seen), stderr)
		}
	}
}

// Opaque tokens are base64url, of which one in 64 begins with a hyphen.
func TestTokenThatBeginsLikeAFlag(t *testing.T) {
	for _, arg := range []string{"-D9f89cqmFQlwMO_Yqh", "--D9f89cqmFQlwMO_YqhprKUGjnTzKA-Nwqfsxavg6vL"} {
		code, _, stderr := runMain(nil, "inspect", arg)
		if code != 2 || !strings.Contains(stderr, "stands behind --") || strings.Contains(stderr, "cqmFQl") {
			t.Errorf("%s: exit %d: %s", arg, code, stderr)
		}
		if code, _, stderr := runMain(nil, "inspect", "--", arg); code != 0 {
			t.Errorf("behind --: exit %d: %s", code, stderr)
		}
	}
}
