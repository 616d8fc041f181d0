package commands_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/oauthpop/oauthpop/internal/commands"
	"github.com/oauthpop/oauthpop/internal/dpop"
)

const someToken = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU"

// claimsOf returns the claims of the only proof of a request.
func claimsOf(t *testing.T, r *http.Request) map[string]any {
	t.Helper()
	proofs := r.Header.Values("DPoP")
	if len(proofs) != 1 {
		t.Fatalf("%d proofs", len(proofs))
	}
	raw, err := base64.RawURLEncoding.DecodeString(strings.Split(proofs[0], ".")[1])
	if err != nil {
		t.Fatal(err)
	}
	var claims map[string]any
	if err := json.Unmarshal(raw, &claims); err != nil {
		t.Fatal(err)
	}
	return claims
}

// htu is "without query and fragment parts", and otherwise what goes over the wire.
// https://www.rfc-editor.org/rfc/rfc9449#section-4.2
func TestCallSendsWhatItSigns(t *testing.T) {
	f := newFakeIssuer(t, func(*fakeIssuer, http.ResponseWriter, *http.Request) {})
	tests := []struct {
		name, args            string
		method, uri, htu, ath string
	}{
		{"a plain GET", "URL/x", "GET", "/x", "/x", "with"},
		{"a method before the URL", "DELETE URL/x", "DELETE", "/x", "/x", "with"},
		{"a method in small letters before the URL", "put URL/x", "PUT", "/x", "/x", "with"},
		{"-X", "-X PATCH URL/x", "PATCH", "/x", "/x", "with"},
		{"a body makes a POST", "URL/x -d a=b", "POST", "/x", "/x", "with"},
		{"the query stays out of htu", "URL/x?a=1%2F2&b=%7E#frag", "GET", "/x?a=1%2F2&b=%7E", "/x", "with"},
		{"no path", "URL", "GET", "/", "/", "with"},
		{"encoded bytes stay", "URL/jo%40corp/a%2Fb%20c", "GET", "/jo%40corp/a%2Fb%20c", "/jo%40corp/a%2Fb%20c", "with"},
		{"dot segments stay", "URL/a//b/./c/../d", "GET", "/a//b/./c/../d", "/a//b/./c/../d", "with"},
		{"letters outside ASCII are encoded, the rest stays", "URL/\u00e4/a%2Fb?q=\u00e4", "GET", "/%C3%A4/a%2Fb?q=%C3%A4", "/%C3%A4/a%2Fb", "with"},
		{"--htu", "URL/outer --htu https://inner.example/x?q=1", "GET", "/outer", "https://inner.example/x", "with"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f.seen = nil
			args := []string{"call", "--token", someToken, "--key", f.key, "--cacert", f.cacert}
			code, _, stderr := runMain(nil, append(args, strings.Fields(strings.ReplaceAll(tt.args, "URL", f.URL))...)...)
			if code != 0 || len(f.seen) != 1 {
				t.Fatalf("exit %d, %d requests: %s", code, len(f.seen), stderr)
			}
			r := f.seen[0]
			claims := claimsOf(t, r)
			htu := tt.htu
			if strings.HasPrefix(htu, "/") {
				htu = f.URL + htu
			}
			if r.Method != tt.method || r.RequestURI != tt.uri || claims["htm"] != tt.method || claims["htu"] != htu {
				t.Errorf("sent %s %s, signed %v %v", r.Method, r.RequestURI, claims["htm"], claims["htu"])
			}
			if r.Header.Get("Authorization") != "DPoP "+someToken || claims["ath"] != dpop.ATH(someToken) {
				t.Errorf("authorization %q, ath %v", r.Header.Get("Authorization"), claims["ath"])
			}
		})
	}
}

func TestCallRefusesBeforeItSends(t *testing.T) {
	f := newFakeIssuer(t, func(*fakeIssuer, http.ResponseWriter, *http.Request) {})
	existing := f.write(t, "there", []byte("x"))
	tests := []struct{ args, says string }{
		{"", "needs a URL"},
		{"localhost/x --token t", "no scheme"},
		{"ftp://localhost/x --token t", "not https or http"},
		{"https://user:hush@localhost/x --token t --key KEY", "user"},
		{"GET URL/x -X POST --token t", "twice"},
		{"G3T URL/x --token t", "not a method"},
		{"GET URL/x more --token t", "3 arguments"},
		{"URL/x", "no token"},
		{"URL/x --token a\tb", "not a token"},
		{"URL/x --token t -H nonsense", "NAME: VALUE"},
		{"URL/x --token t -H Authorization:x", "made by the call itself"},
		{"URL/x --token t -H dpop:x", "made by the call itself"},
		{"URL/x --token t -d @/no/such/file", "/no/such/file"},
		{"URL/x --token t --key /no/such/key", "/no/such/key"},
		{"URL/x --token t --issuer https://as.example", "--issuer would not be used"},
		{"URL/x --token t -O there -i", "-i and -O"},
		{"URL/x --token t -o out.json", "-O FILE"},
		{"URL/x --token - -d -", "both be standard input"},
		{"http://api.example/x --token t", "plain http"},
	}
	for _, tt := range tests {
		t.Run(tt.says+" "+tt.args, func(t *testing.T) {
			args := []string{"call", "--cacert", f.cacert}
			for _, a := range strings.Split(tt.args, " ") {
				if a != "" {
					args = append(args, strings.NewReplacer("URL", f.URL, "KEY", f.key).Replace(a))
				}
			}
			code, stdout, stderr := runMain(nil, args...)
			if code != 2 || stdout != "" || !strings.Contains(stderr, tt.says) {
				t.Errorf("exit %d, %q\n%s", code, stdout, stderr)
			}
		})
	}
	if len(f.seen) > 0 {
		t.Errorf("%d requests were sent", len(f.seen))
	}
	if code, _, stderr := runMain(nil, "call", f.URL, "--token", "t", "--cacert", f.cacert, "-O", existing); code != 2 || !strings.Contains(stderr, "--force") {
		t.Errorf("an existing file: exit %d, %s", code, stderr)
	}
}

// askOnce is an API that wants a nonce, and then echoes the body.
func askOnce(_ *fakeIssuer, w http.ResponseWriter, r *http.Request) {
	if !proofHas(r, "n-1") {
		w.Header().Set("DPoP-Nonce", "n-1")
		w.Header().Set("WWW-Authenticate", `Bearer, DPoP error="use_dpop_nonce", algs="ES256"`)
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	body, _ := io.ReadAll(r.Body)
	_, _ = w.Write(append([]byte("got "), body...))
}

func proofHas(r *http.Request, nonce string) bool {
	raw, _ := base64.RawURLEncoding.DecodeString(strings.Split(r.Header.Get("DPoP")+"..", ".")[1])
	var claims struct {
		Nonce string `json:"nonce"`
	}
	_ = json.Unmarshal(raw, &claims)
	return claims.Nonce == nonce
}

func TestCallSendsTheBodyAgainWithTheNonce(t *testing.T) {
	body := "\x00\xff binary\r\n\n"
	f := newFakeIssuer(t, askOnce)
	file := f.write(t, "body", []byte(body))
	args := []string{"call", f.URL + "/x", "--token", someToken, "--key", f.key, "--cacert", f.cacert, "-H", "Content-Type: application/octet-stream", "-d"}
	if code, stdout, stderr := runMain(nil, append(args, "@"+file)...); code != 0 || stdout != "got "+body {
		t.Errorf("a file: exit %d, %q, %s", code, stdout, stderr)
	}
	env, out, errOut := testWorld(nil)
	env.Stdin = strings.NewReader(body)
	if code := commands.Main(env, append(args, "-")); code != 0 || out.String() != "got "+body {
		t.Errorf("standard input: exit %d, %q, %s", code, out, errOut)
	}
	env, out, errOut = testWorld(nil)
	env.Stdin = strings.NewReader(strings.Repeat("x", 3<<20))
	if code := commands.Main(env, append(args, "-")); code != 2 || !strings.Contains(errOut.String(), "-d @FILE") {
		t.Errorf("more than is kept: exit %d, %.40q, %s", code, out, errOut)
	}
	if first, second := claimsOf(t, f.seen[0]), claimsOf(t, f.seen[1]); first["jti"] == second["jti"] {
		t.Error("the same jti was sent twice")
	}
}

func TestCallDeliversTheAnswer(t *testing.T) {
	f := newFakeIssuer(t, func(_ *fakeIssuer, w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/no":
			w.Header().Set("WWW-Authenticate", `DPoP error="invalid_token", error_description="Invalid DPoP key binding"`)
			w.WriteHeader(401)
			_, _ = w.Write([]byte("body of the refusal"))
		case "/moved":
			http.Redirect(w, r, "https://evil.example/", http.StatusTemporaryRedirect)
		default:
			w.Header().Set("X-Here", "yes")
			_, _ = w.Write([]byte("\x00\xffbinary"))
		}
	})
	call := func(args ...string) (int, string, string) {
		return runMain(nil, append([]string{"call", "--token", someToken, "--key", f.key, "--cacert", f.cacert}, args...)...)
	}
	if code, out, _ := call(f.URL + "/yes"); code != 0 || out != "\x00\xffbinary" {
		t.Errorf("exit %d, %q", code, out)
	}
	if code, out, _ := call(f.URL+"/yes", "-i"); code != 0 || !strings.HasPrefix(out, "HTTP/") || !strings.Contains(out, "\r\nX-Here: yes\r\n") || !strings.HasSuffix(out, "\r\n\r\n\x00\xffbinary") {
		t.Errorf("-i: exit %d, %q", code, out)
	}
	if code, out, errOut := call(f.URL + "/no"); code != 0 || out != "body of the refusal" || !strings.Contains(errOut, "Invalid DPoP key binding") {
		t.Errorf("a refusal: exit %d, %q, %s", code, out, errOut)
	}
	if code, out, errOut := call(f.URL+"/no", "--fail"); code != 4 || out != "" || !strings.Contains(errOut, "Invalid DPoP key binding") {
		t.Errorf("--fail: exit %d, %q, %s", code, out, errOut)
	}
	before := len(f.seen)
	if code, _, _ := call(f.URL + "/moved"); code != 0 || len(f.seen) != before+1 {
		t.Errorf("a redirect: exit %d, %d requests", code, len(f.seen)-before)
	}
	file := filepath.Join(f.dir, "out")
	if code, out, _ := call(f.URL+"/yes", "-O", file); code != 0 || out != "" {
		t.Errorf("-O: exit %d, %q", code, out)
	}
	if b, _ := os.ReadFile(file); string(b) != "\x00\xffbinary" {
		t.Errorf("the file holds %q", b)
	}
}

func TestCallAsJSON(t *testing.T) {
	f := newFakeIssuer(t, askOnce)
	code, out, errOut := runMain(nil, "call", f.URL+"/x", "--token", someToken, "--key", f.key, "--cacert", f.cacert, "-o", "json")
	var o struct {
		Status   int
		Body     string
		Attempts []struct {
			NonceRetry bool `json:"nonce_retry"`
		}
		TLS struct {
			ClientCertificate string `json:"client_certificate"`
		}
	}
	if err := json.Unmarshal([]byte(out), &o); err != nil || code != 0 {
		t.Fatalf("exit %d, %v, %s", code, err, errOut)
	}
	if o.Status != 200 || o.Body != "got " || len(o.Attempts) != 2 || !o.Attempts[1].NonceRetry || o.TLS.ClientCertificate != "not-asked" {
		t.Errorf("%+v", o)
	}
}

func TestCallWithoutKeyIsBearer(t *testing.T) {
	f := newFakeIssuer(t, func(*fakeIssuer, http.ResponseWriter, *http.Request) {})
	token := f.write(t, "token", []byte(someToken+"\r\n"))
	if code, _, errOut := runMain(nil, "call", f.URL, "--token", "@"+token, "--cacert", f.cacert); code != 0 {
		t.Fatal(errOut)
	}
	if r := f.seen[0]; r.Header.Get("Authorization") != "Bearer "+someToken || len(r.Header.Values("DPoP")) != 0 {
		t.Errorf("%v", r.Header)
	}
}

// streamed says when the first bytes have arrived.
type streamed struct {
	all   bytes.Buffer
	first chan struct{}
}

func (s *streamed) Write(b []byte) (int, error) {
	if s.all.Len() == 0 && len(b) > 0 {
		close(s.first)
	}
	return s.all.Write(b)
}

func TestCallStreamsTheAnswer(t *testing.T) {
	out := &streamed{first: make(chan struct{})}
	f := newFakeIssuer(t, func(_ *fakeIssuer, w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte("first "))
		w.(http.Flusher).Flush()
		select { // the rest comes only once the beginning is on standard output
		case <-out.first:
			_, _ = w.Write([]byte("second"))
		case <-r.Context().Done():
		}
	})
	env, _, _ := testWorld(nil)
	env.Stdout = out
	if code := commands.Main(env, []string{"call", f.URL, "--token", someToken, "--cacert", f.cacert}); code != 0 || out.all.String() != "first second" {
		t.Errorf("exit %d, %q", code, out.all.String())
	}
}

// A call gets no further than a token that is not bound as asked: exit 3, with the
// binding and the error in one object, and nothing is called.
func TestCallWithAnUnboundTokenOfItsOwn(t *testing.T) {
	f := newFakeIssuer(t, func(_ *fakeIssuer, w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"access_token":"` + accessToken(nil) + `","token_type":"Bearer"}`))
	})
	code, out, _ := runMain(nil, "call", f.URL+"/api", "--token-endpoint", f.URL+"/token", "--client-id", "app",
		"--grant", "client_credentials", "--auth-method", "none", "--dpop", "--key", f.key, "--cacert", f.cacert, "-o", "json")
	var o struct {
		AccessToken string                   `json:"access_token"`
		Binding     struct{ Verdict string } `json:"binding"`
		Error       struct{ Code int }       `json:"error"`
	}
	if err := json.Unmarshal([]byte(out), &o); err != nil || code != 3 || o.Error.Code != 3 || o.Binding.Verdict != "not-bound" || o.AccessToken != "" {
		t.Errorf("exit %d, %v: %s", code, err, out)
	}
	if len(f.seen) != 1 {
		t.Errorf("%d requests", len(f.seen))
	}
}

// A server that refuses and then says no more is still told for what it said.
func TestCallTellsARefusalWhoseBodyDoesNotCome(t *testing.T) {
	f := newFakeIssuer(t, func(_ *fakeIssuer, w http.ResponseWriter, r *http.Request) {
		w.Header().Set("WWW-Authenticate", `DPoP error="invalid_token"`)
		w.WriteHeader(401)
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	code, _, stderr := runMain(nil, "call", f.URL, "--fail", "--token", someToken, "--key", f.key, "--cacert", f.cacert, "--timeout", "300ms")
	if code != 4 || !strings.Contains(stderr, "invalid_token") {
		t.Errorf("exit %d: %s", code, stderr)
	}
}

func TestCallWritesAFileOrAnObject(t *testing.T) {
	f := newFakeIssuer(t, func(*fakeIssuer, http.ResponseWriter, *http.Request) {})
	code, _, _ := runMain(nil, "call", f.URL, "--token", someToken, "--cacert", f.cacert, "-O", f.dir+"/body", "-o", "json")
	if code != 2 || len(f.seen) > 0 {
		t.Errorf("exit %d, %d requests", code, len(f.seen))
	}
}

func TestCallWarnsOfATokenOfAnotherKey(t *testing.T) {
	f := newFakeIssuer(t, func(*fakeIssuer, http.ResponseWriter, *http.Request) {})
	token := accessToken(map[string]string{"jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"})
	code, _, stderr := runMain(nil, "call", f.URL, "--token", token, "--key", f.key, "--cacert", f.cacert, "-q")
	if code != 0 || !strings.Contains(stderr, "bound-to-another-key") {
		t.Errorf("exit %d: %s", code, stderr)
	}
}

// Where the answer goes can fail, too, and then the server is not to blame.
func TestCallTellsOfAFullDisk(t *testing.T) {
	f := newFakeIssuer(t, func(_ *fakeIssuer, w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("x")) })
	for _, more := range [][]string{nil, {"-i"}} {
		env, _, errOut := testWorld(nil)
		env.Stdout = &full{}
		code := commands.Main(env, append([]string{"call", f.URL, "--token", someToken, "--cacert", f.cacert}, more...))
		if code != 1 || !strings.Contains(errOut.String(), "write the answer") {
			t.Errorf("%v: exit %d: %s", more, code, errOut)
		}
	}
}
