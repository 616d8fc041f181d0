package commands_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/oauthpop/oauthpop/internal/commands"
	"github.com/oauthpop/oauthpop/internal/jwt"
)

// fakeIssuer is an authorization server that answers what a test says.
type fakeIssuer struct {
	*httptest.Server
	dir, cacert, key string
	jkt              string
	seen             []*http.Request // with their forms parsed
}

func newFakeIssuer(t *testing.T, answer func(*fakeIssuer, http.ResponseWriter, *http.Request)) *fakeIssuer {
	t.Helper()
	f := &fakeIssuer{dir: t.TempDir()}
	f.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		f.seen = append(f.seen, r)
		answer(f, w, r)
	}))
	t.Cleanup(f.Close)
	f.cacert = f.write(t, "ca.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: f.Certificate().Raw}))
	f.key, f.jkt = f.newKey(t, "key.pem")
	return f
}

func (f *fakeIssuer) write(t *testing.T, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(f.dir, name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func (f *fakeIssuer) newKey(t *testing.T, name string) (path, jkt string) {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if jkt, err = jwt.Thumbprint(k.Public()); err != nil {
		t.Fatal(err)
	}
	return f.write(t, name, privatePEM(t, k)), jkt
}

// token asks the fake issuer and returns what the program did.
func (f *fakeIssuer) token(path string, more ...string) (code int, stdout, stderr string) {
	args := append([]string{
		"token", "--token-endpoint", f.URL + path, "--client-id", "app", "--grant", "client_credentials",
		"--auth-method", "none", "--dpop", "--key", f.key, "--cacert", f.cacert,
	}, more...)
	return runMain(nil, args...)
}

func runMain(environ map[string]string, args ...string) (code int, stdout, stderr string) {
	env, out, errOut := testWorld(environ)
	code = commands.Main(env, args)
	return code, out.String(), errOut.String()
}

// accessToken is a JWT that nobody's key has signed: the tool does not verify what
// came straight from the issuer.
func accessToken(cnf map[string]string) string {
	claims := map[string]any{"iss": "https://as.example", "sub": "app"}
	if cnf != nil {
		claims["cnf"] = cnf
	}
	body, _ := json.Marshal(claims)
	return encode([]byte(`{"alg":"ES256","typ":"at+jwt"}`)) + "." + encode(body) + "." + encode(make([]byte, 64))
}

func TestAnswersOfATokenEndpoint(t *testing.T) {
	const opaque = "Q..Zkm29lexi8VnWg2zPW1x-tgGad0Ibc3s3EwM"
	other := "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"
	f := newFakeIssuer(t, func(f *fakeIssuer, w http.ResponseWriter, r *http.Request) {
		page := func(status int, body string) {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		}
		answer := func(token any, tokenType string) {
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(map[string]any{"access_token": token, "token_type": tokenType, "expires_in": 60})
		}
		switch strings.TrimPrefix(r.URL.Path, "/") {
		case "right":
			answer(accessToken(map[string]string{"jkt": f.jkt}), "DPoP")
		case "small":
			answer(accessToken(map[string]string{"jkt": f.jkt}), "dpop")
		case "extra":
			answer(accessToken(map[string]string{"jkt": f.jkt, "kid": "x"}), "DPoP")
		case "unbound":
			answer(accessToken(nil), "Bearer")
		case "nominal":
			answer(accessToken(nil), "DPoP")
		case "mislabelled":
			answer(accessToken(map[string]string{"jkt": f.jkt}), "Bearer")
		case "other":
			answer(accessToken(map[string]string{"jkt": other}), "DPoP")
		case "hex":
			digest, _ := base64.RawURLEncoding.DecodeString(f.jkt)
			answer(accessToken(map[string]string{"jkt": hex.EncodeToString(digest)}), "DPoP")
		case "certificate":
			answer(accessToken(map[string]string{"x5t#S256": other}), "DPoP")
		case "opaque":
			answer(opaque, "DPoP")
		case "opaque-bearer":
			answer(opaque, "Bearer")
		case "soft":
			page(200, `{"error":"invalid_client","error_description":"who are you?"}`)
		case "page":
			page(200, "<html><title>Sign in</title>")
		case "gateway":
			page(502, "<html>502</html>")
		case "empty":
			answer("", "DPoP")
		case "number":
			answer(7, "DPoP")
		case "steering":
			answer("abc\x1b[2Jdef\nEVIL", "DPoP")
		default:
			w.WriteHeader(403)
		}
	})
	tests := []struct {
		path, flags  string
		code         int
		token        bool   // whether a token stands on standard output
		verdict, say string // in the JSON, and anywhere in what is said
	}{
		{"right", "", 0, true, "bound-and-matches", ""},
		{"small", "", 0, true, "bound-and-matches", ""},
		{"extra", "", 0, true, "bound-and-matches", ""},
		{"unbound", "", 3, false, "not-bound", "not-bound"},
		{"unbound", "--allow-unbound", 0, true, "not-bound", "warning"},
		{"unbound", "--allow-unbound -q", 0, true, "not-bound", "warning"},
		{"nominal", "", 3, false, "not-bound", "not-bound"},
		{"mislabelled", "", 3, false, "bound-and-matches", "token_type"},
		{"mislabelled", "--allow-unbound", 0, true, "bound-and-matches", "token_type"},
		{"other", "", 3, false, "bound-to-another-key", "another"},
		{"hex", "", 3, false, "cannot-tell", "hex"},
		{"certificate", "", 3, false, "cannot-tell", "x5t#S256"},
		{"opaque", "", 0, true, "cannot-tell", "cannot tell"},
		{"opaque", "-q", 0, true, "cannot-tell", "cannot tell"},
		{"opaque", "--require-verified", 3, false, "cannot-tell", "opaque"},
		{"opaque-bearer", "", 3, false, "not-bound", "Bearer"},
		{"soft", "", 4, false, "", "who are you?"},
		{"page", "", 4, false, "", "HTML"},
		{"gateway", "", 4, false, "", "502"},
		{"empty", "", 4, false, "", "access_token"},
		{"number", "", 4, false, "", "access_token"},
		{"steering", "", 4, false, "", "access_token"},
		{"right", "-k", 0, true, "bound-and-matches", "not verified"},
		{"right", "-k --require-verified", 3, false, "bound-and-matches", "not verified"},
		{"forbidden", "", 4, false, "", "403"},
	}
	for _, tt := range tests {
		t.Run(tt.path+tt.flags, func(t *testing.T) {
			flags := strings.Fields(tt.flags)
			code, stdout, stderr := f.token("/"+tt.path, flags...)
			if code != tt.code {
				t.Errorf("exit %d, want %d: %s", code, tt.code, stderr)
			}
			if has := stdout != ""; has != tt.token {
				t.Errorf("standard output: %q", stdout)
			}
			if !strings.Contains(strings.ToLower(stderr), strings.ToLower(tt.say)) {
				t.Errorf("nothing is said of %q: %s", tt.say, stderr)
			}
			checkTokenJSON(t, f, tt.path, flags, tt.code, tt.token, tt.verdict)
		})
	}
}

// checkTokenJSON asks once more, for JSON: one object with the same verdict, with
// the error where there is one, and without a token that is not as asked.
func checkTokenJSON(t *testing.T, f *fakeIssuer, path string, flags []string, code int, token bool, verdict string) {
	t.Helper()
	got, stdout, _ := f.token("/"+path, append(flags, "-o", "json")...)
	if got != code {
		t.Errorf("with JSON: exit %d, want %d", got, code)
	}
	var o struct {
		AccessToken any `json:"access_token"`
		Binding     struct {
			Verdict  string `json:"verdict"`
			Verified bool   `json:"verified"`
		} `json:"binding"`
		Error struct {
			Code int `json:"code"`
		} `json:"error"`
	}
	if err := json.Unmarshal([]byte(stdout), &o); err != nil {
		t.Fatalf("not one object: %v\n%s", err, stdout)
	}
	if o.Binding.Verified && strings.HasPrefix(path, "opaque") {
		t.Errorf("what cannot be read is said to be verified: %s", stdout)
	}
	if o.Binding.Verdict != verdict || o.Error.Code != code || (o.AccessToken != nil) != token {
		t.Errorf("verdict %q, error code %d, token %v: %s", o.Binding.Verdict, o.Error.Code, o.AccessToken != nil, stdout)
	}
}

// A token that came back unbound, without an error: the cause is named as for a
// refusal, before what is said of the token.
func TestAnUnboundTokenHasItsLikelyCause(t *testing.T) {
	f := newFakeIssuer(t, func(f *fakeIssuer, w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"access_token": accessToken(nil), "token_type": "Bearer"})
	})
	code, out, said := f.token("/token", "-o", "json")
	var v struct{ Error struct{ Hint string } }
	if err := json.Unmarshal([]byte(out), &v); err != nil || code != 3 {
		t.Fatalf("exit %d: %v %s%s", code, err, out, said)
	}
	if h := v.Error.Hint; !strings.Contains(h, "RFC 9449 section 5") || !strings.HasSuffix(h, "--allow-unbound prints it all the same") {
		t.Errorf("the hint is %q", h)
	}
}
