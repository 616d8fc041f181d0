package commands_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/oauthpop/oauthpop/internal/commands"
	"github.com/oauthpop/oauthpop/internal/dpop"
)

func TestCallSendsJSON(t *testing.T) {
	var body string
	f := newFakeIssuer(t, func(_ *fakeIssuer, _ http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		body = string(b)
	})
	file := f.write(t, "order.json", []byte("{\"a\": \"\xff\"}\n"))
	for _, tt := range []struct {
		args                            []string
		method, content, accepted, body string
	}{
		{[]string{"--json", `{"a":1}`}, "POST", "application/json", "application/json", `{"a":1}`},
		{[]string{"--json", "@" + file}, "POST", "application/json", "application/json", "{\"a\": \"\xff\"}\n"},
		{[]string{"--json", "@@x", "-X", "PATCH"}, "PATCH", "application/json", "application/json", "@x"},
		{[]string{"--json", "-"}, "POST", "application/json", "application/json", "piped\r\n"},
		{[]string{"--json", "@-"}, "POST", "application/json", "application/json", "piped\r\n"},
		{[]string{"--json", "[]", "-H", "content-type: application/merge-patch+json", "-H", "Accept: */*"}, "POST", "application/merge-patch+json", "*/*", "[]"},
	} {
		f.seen = nil
		env, _, errOut := testWorld(nil)
		env.Stdin = strings.NewReader("piped\r\n")
		args := append([]string{"call", f.URL, "--token", someToken, "--cacert", f.cacert}, tt.args...)
		if code := commands.Main(env, args); code != 0 {
			t.Fatalf("%v: exit %d: %s", tt.args, code, errOut)
		}
		r := f.seen[0]
		if r.Method != tt.method || strings.Join(r.Header.Values("Content-Type"), ",") != tt.content || strings.Join(r.Header.Values("Accept"), ",") != tt.accepted || body != tt.body {
			t.Errorf("%v: %s %v %q", tt.args, r.Method, r.Header, body)
		}
	}
}

func TestCallWithAnotherScheme(t *testing.T) {
	f := newFakeIssuer(t, func(*fakeIssuer, http.ResponseWriter, *http.Request) {})
	for _, tt := range []struct {
		args   string
		scheme string
		proofs int
	}{
		{"--key KEY", "DPoP", 1},
		{"--key KEY --auth-scheme dpop", "DPoP", 1},
		{"--key KEY --auth-scheme bearer", "Bearer", 1},
		{"", "Bearer", 0},
		{"--auth-scheme bearer", "Bearer", 0},
		{"--auth-scheme dpop", "DPoP", 0},
	} {
		f.seen = nil
		args := append([]string{"call", f.URL, "--token", someToken, "--cacert", f.cacert}, strings.Fields(strings.ReplaceAll(tt.args, "KEY", f.key))...)
		if code, _, stderr := runMain(nil, args...); code != 0 {
			t.Fatalf("%s: exit %d: %s", tt.args, code, stderr)
		}
		r := f.seen[0]
		if r.Header.Get("Authorization") != tt.scheme+" "+someToken || len(r.Header.Values("DPoP")) != tt.proofs {
			t.Errorf("%s: %v", tt.args, r.Header)
		}
		if tt.proofs > 0 && claimsOf(t, r)["ath"] != dpop.ATH(someToken) {
			t.Errorf("%s: %v", tt.args, claimsOf(t, r))
		}
	}
}

func TestCallRefusesWhatContradicts(t *testing.T) {
	f := newFakeIssuer(t, func(*fakeIssuer, http.ResponseWriter, *http.Request) {})
	for _, tt := range []struct{ args, says string }{
		{"-d a --json b", "-d and --json"},
		{"--auth-scheme DPOP", "not dpop or bearer"},
		{"--htu https://a.example --htu-map https://a.example=https://b.example --key KEY", "--htu and --htu-map"},
		{"--htu-map https://a.example=https://b.example", "no proof is sent"},
		{"--htu-map nonsense --key KEY", "FROM=TO"},
	} {
		args := append([]string{"call", f.URL, "--token", someToken, "--cacert", f.cacert}, strings.Fields(strings.ReplaceAll(tt.args, "KEY", f.key))...)
		code, stdout, stderr := runMain(nil, args...)
		if code != 2 || stdout != "" || !strings.Contains(stderr, tt.says) || len(f.seen) > 0 {
			t.Errorf("%s: exit %d, %d requests: %s", tt.args, code, len(f.seen), stderr)
		}
	}
	own := []string{
		"call", f.URL, "--token-endpoint", f.URL, "--client-id", "app", "--bearer", "--grant", "client_credentials", "--cacert", f.cacert,
		"--htu-map", "https://a.example=https://b.example",
	}
	if code, _, stderr := runMain(nil, own...); code != 2 || len(f.seen) > 0 || !strings.Contains(stderr, "no proof is sent") {
		t.Errorf("a bearer token of its own: exit %d, %d requests: %s", code, len(f.seen), stderr)
	}
	if code, _, stderr := runMain(nil, append([]string{"token"}, own[2:]...)...); code != 2 || len(f.seen) > 0 || !strings.Contains(stderr, "no proof is sent") {
		t.Errorf("token: exit %d, %d requests: %s", code, len(f.seen), stderr)
	}
}

// A server behind a proxy that rewrites URLs knows itself, and its token endpoint, by
// others than are called.
func TestProofsForTheURLBehindAProxy(t *testing.T) {
	f := newTiring(t, func(int) bool { return true })
	m := []string{"--htu-map", f.URL + "=http://backend:8080/as", "--htu-map", f.URL + "/api=http://api:9090"}
	if code, _, stderr := runMain(nil, f.args(m...)...); code != 0 {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	if got := claimsOf(t, f.seen[0])["htu"]; got != "http://backend:8080/as/token" {
		t.Errorf("to the token endpoint: %v", got)
	}
	if got := claimsOf(t, f.seen[1])["htu"]; got != "http://api:9090/" {
		t.Errorf("to the API: %v", got)
	}
	if code, _, stderr := f.fakeIssuer.token("/token", m...); code != 0 {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	if got := claimsOf(t, f.seen[2])["htu"]; got != "http://backend:8080/as/token" {
		t.Errorf("token: %v", got)
	}
	if code, _, stderr := f.fakeIssuer.token("/token", "--htu-map", "nonsense"); code != 2 || len(f.seen) > 3 {
		t.Errorf("exit %d: %s", code, stderr)
	}
}

// What comes from a pipe goes on before the pipe has ended.
func TestCallStreamsTheBody(t *testing.T) {
	from, to := io.Pipe()
	arrived := make(chan struct{})
	f := newFakeIssuer(t, func(_ *fakeIssuer, w http.ResponseWriter, r *http.Request) {
		head := make([]byte, 1<<20)
		if _, err := io.ReadFull(r.Body, head); err == nil {
			close(arrived)
		}
		rest, _ := io.ReadAll(r.Body)
		_, _ = w.Write(rest)
	})
	go func() {
		_, _ = to.Write(make([]byte, 2<<20))
		select { // the end comes only once the beginning has arrived
		case <-arrived:
			_, _ = to.Write([]byte("\x00end"))
		case <-t.Context().Done():
		}
		_ = to.Close()
	}()
	env, out, errOut := testWorld(nil)
	env.Stdin = from
	code := commands.Main(env, []string{"call", f.URL, "--token", someToken, "--key", f.key, "--cacert", f.cacert, "-d", "-", "-H", "Content-Type: application/octet-stream"})
	if code != 0 || out.Len() != 1<<20+4 || !strings.HasSuffix(out.String(), "\x00end") {
		t.Errorf("exit %d, %d bytes: %s", code, out.Len(), errOut)
	}
}
