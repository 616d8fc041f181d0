package commands_test

import (
	"encoding/json"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/oauthpop/oauthpop/internal/jwt"
	"github.com/oauthpop/oauthpop/internal/keys"
)

// newSigning is an introspecting issuer that signs tokens, too.
func newSigning(t *testing.T) (i *introspecting, sign func(jkt string) string) {
	t.Helper()
	k, err := keys.Generate("ES256", 0)
	if err != nil {
		t.Fatal(err)
	}
	set, err := keys.JWKS([]keys.Entry{{Key: k}})
	if err != nil {
		t.Fatal(err)
	}
	i = newIntrospecting(t)
	answer := i.Config.Handler
	i.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/jwks" {
			_, _ = w.Write(set)
			return
		}
		answer.ServeHTTP(w, r)
	})
	return i, func(jkt string) string {
		claims := map[string]any{"iss": i.URL, "exp": 1_700_000_100, "cnf": map[string]string{"jkt": jkt}}
		token, err := jwt.Encode(k.Private, map[string]any{"alg": "ES256", "typ": "at+jwt"}, claims)
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
}

func TestInspectAsksTheIssuer(t *testing.T) {
	i, sign := newSigning(t)
	i.status = 200
	mine, others := sign(i.jkt), sign("0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I")
	for _, tt := range []struct {
		name, token, said, flags string
		code                     int
		verdict, reason          string
	}{
		{"an opaque token", opaqueToken, `{"active":true,"cnf":{"jkt":"JKT"},"exp":1700000100}`, "--require-valid --require-bound", 0, "bound-and-matches", ""},
		{"one that is expired", opaqueToken, `{"active":true,"cnf":{"jkt":"JKT"},"exp":1600000000}`, "--require-valid", 3, "bound-and-matches", ""},
		{"one that is not active", opaqueToken, `{"active":false}`, "", 3, "cannot-tell", "inactive"},
		{"one that is unbound", opaqueToken, `{"active":true,"scope":"a"}`, "", 3, "not-bound", "no-cnf"},
		{"a JWT that ended", mine, `{"active":false}`, "", 3, "cannot-tell", "inactive"},
		{"a JWT of which the issuer says no more", mine, `{"active":true}`, "--require-valid", 0, "bound-and-matches", ""},
		{"a JWT of which the issuer knows better", others, `{"active":true,"cnf":{"jkt":"JKT"}}`, "", 0, "bound-and-matches", ""},
		{"a JWT that was changed", mine[:len(mine)-8] + "AAAAAAAA", `{"active":true,"cnf":{"jkt":"JKT"}}`, "", 3, "cannot-tell", "signature-invalid"},
		{"an issuer that is not authenticated", opaqueToken, `{"active":true,"cnf":{"jkt":"JKT"}}`, "-k --require-valid", 3, "bound-and-matches", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			i.said = strings.ReplaceAll(tt.said, "JKT", i.jkt)
			args := []string{"inspect", tt.token, "--key", i.key, "--issuer", i.URL, "--introspect", "--client-id", "rs", "--client-secret", "s", "--cacert", i.cacert}
			args = append(args, strings.Fields(tt.flags)...)
			code, stdout, stderr := runMain(nil, append(args, "-o", "json")...)
			var got struct {
				Binding       struct{ Verdict, Reason string }
				Introspection map[string]any
			}
			if err := json.Unmarshal([]byte(stdout), &got); err != nil || code != tt.code {
				t.Fatalf("exit %d, %v: %s%s", code, err, stdout, stderr)
			}
			conforms(t, "inspect", stdout)
			if got.Binding.Verdict != tt.verdict || got.Binding.Reason != tt.reason || got.Introspection["active"] == nil {
				t.Errorf("%+v", got)
			}
			if _, shown, _ := runMain(nil, args...); !strings.Contains(shown, "issuer says") {
				t.Errorf("a person is shown\n%s", shown)
			}
		})
	}
}

func TestInspectAsksWithACertificate(t *testing.T) {
	i, _ := newSigning(t)
	i.status, i.said = 200, `{"active":true,"cnf":{"jkt":"`+i.jkt+`"}}`
	cert := filepath.Join(i.dir, "rs")
	mustRun(t, 0, "cert", "issue", "--cn", "rs", "--self-signed", "--out", cert)
	i.seen = nil
	mustRun(t, 0, "inspect", opaqueToken, "--key", i.key, "--issuer", i.URL, "--introspect", "--client-id", "rs", "--introspect-cert", cert+".pem", "--cacert", i.cacert)
	if last := i.seen[len(i.seen)-1]; last.URL.Path != "/alias/introspect" || last.Form.Get("client_id") != "rs" {
		t.Errorf("asked %s with %v", last.URL, last.Form)
	}
}

func TestInspectThatIsToAskAndCannot(t *testing.T) {
	i, _ := newSigning(t)
	for _, tt := range [][2]string{
		{"--introspect --client-id rs", "--introspect needs --issuer"},
		{"--client-id rs", "--client-id would not be used"},
		{"--introspect-cert x.pem", "--introspect-cert would not be used"},
		{"--introspect --issuer " + i.URL, "--client-id is missing"},
		{"--introspect --client-id rs --client-kid k --issuer " + i.URL, "--client-kid would not be used"},
		{"--introspect --client-id rs --auth-method magic --issuer " + i.URL, `"magic" is not known`},
	} {
		flags, says := tt[0], tt[1]
		i.seen = nil
		args := append([]string{"inspect", opaqueToken, "--key", i.key, "--cacert", i.cacert}, strings.Fields(flags)...)
		if code, _, stderr := runMain(nil, args...); code != 2 || !strings.Contains(stderr, says) || len(i.seen) > 0 {
			t.Errorf("%s: exit %d, %d requests: %s", flags, code, len(i.seen), stderr)
		}
	}
	// What the environment has does not make it ask.
	environ := map[string]string{"OAUTHPOP_CLIENT_ID": "app", "OAUTHPOP_CLIENT_SECRET": "s"}
	if code, _, stderr := runMain(environ, "inspect", opaqueToken); code != 0 || len(i.seen) > 0 {
		t.Errorf("exit %d, %d requests: %s", code, len(i.seen), stderr)
	}
}
