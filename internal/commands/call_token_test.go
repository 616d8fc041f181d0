package commands_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/oauthpop/oauthpop/internal/commands"
)

// tiring is an issuer that gives another token each time, and an API that takes those
// that it is told to.
type tiring struct {
	*fakeIssuer
	given  int
	same   bool             // the issuer gives the same token again
	broken bool             // the issuer gives one token only
	takes  func(n int) bool // whether the API takes the token
	refuse func(w http.ResponseWriter)
	bodies []string
}

func newTiring(t *testing.T, takes func(int) bool) *tiring {
	t.Helper()
	f := &tiring{takes: takes, refuse: func(w http.ResponseWriter) {
		w.Header().Set("WWW-Authenticate", `DPoP error="invalid_token", error_description="revoked"`)
		w.WriteHeader(http.StatusUnauthorized)
	}}
	f.fakeIssuer = newFakeIssuer(t, f.answer)
	return f
}

func (f *tiring) answer(i *fakeIssuer, w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/token" {
		if f.broken && f.given > 0 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		if f.given == 0 || !f.same {
			f.given++
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"access_token": f.token(i), "token_type": "DPoP"})
		return
	}
	body, _ := io.ReadAll(r.Body)
	f.bodies = append(f.bodies, string(body))
	if r.Header.Get("Authorization") != "DPoP "+f.token(i) || !f.takes(f.given) {
		f.refuse(w)
		return
	}
	_, _ = fmt.Fprintf(w, "token %d", f.given)
}

func (f *tiring) token(i *fakeIssuer) string {
	return accessToken(map[string]string{"jkt": i.jkt, "n": fmt.Sprint(f.given)})
}

func (f *tiring) args(more ...string) []string {
	return append([]string{
		"call", f.URL + "/api", "--token-endpoint", f.URL + "/token", "--client-id", "app", "--grant", "client_credentials",
		"--auth-method", "none", "--dpop", "--key", f.key, "--cacert", f.cacert,
	}, more...)
}

func paths(seen []*http.Request) string {
	var all []string
	for _, r := range seen {
		all = append(all, r.URL.Path)
	}
	return strings.Join(all, " ")
}

// "The client MAY request a new access token and retry the protected resource request."
// https://www.rfc-editor.org/rfc/rfc6750#section-3.1
func TestCallGetsANewTokenOnce(t *testing.T) {
	inBody := func(w http.ResponseWriter) {
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = io.WriteString(w, `{"error":"invalid_token"}`)
	}
	forbidden := func(w http.ResponseWriter) {
		w.Header().Set("WWW-Authenticate", `DPoP error="insufficient_scope"`)
		w.WriteHeader(http.StatusForbidden)
	}
	for _, tt := range []struct {
		name   string
		change func(*tiring)
		code   int
		out    string
		seen   string
		says   string
	}{
		{"the second is taken", func(*tiring) {}, 0, "token 2", "/token /api /token /api", "another is asked for"},
		{"it says so in the body", func(f *tiring) { f.refuse = inBody }, 0, "token 2", "/token /api /token /api", "another is asked for"},
		{"none is taken", func(f *tiring) { f.takes = func(int) bool { return false } }, 4, "", "/token /api /token /api", "revoked"},
		{"the issuer has only that one", func(f *tiring) { f.same = true }, 4, "", "/token /api /token", "the same token again"},
		{"the issuer gives no other", func(f *tiring) { f.broken = true }, 4, "", "/token /api /token", "503"},
		{"another error", func(f *tiring) { f.refuse = forbidden }, 4, "", "/token /api", "insufficient_scope"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := newTiring(t, func(n int) bool { return n == 2 })
			tt.change(f)
			code, stdout, stderr := runMain(nil, f.args("--fail", "-d", "body", "-H", "Content-Type: text/plain")...)
			if code != tt.code || stdout != tt.out || paths(f.seen) != tt.seen || !strings.Contains(stderr, tt.says) {
				t.Errorf("exit %d, %q, %s: %s", code, stdout, paths(f.seen), stderr)
			}
			if strings.Trim(strings.Join(f.bodies, " "), "body ") != "" {
				t.Errorf("bodies %q", f.bodies)
			}
		})
	}
}

func TestCallGetsNoNewTokenForASchemeThatWasChosen(t *testing.T) {
	f := newTiring(t, func(n int) bool { return n == 2 })
	if code, _, stderr := runMain(nil, f.args("--fail", "--auth-scheme", "bearer")...); code != 4 || paths(f.seen) != "/token /api" {
		t.Errorf("exit %d, %s: %s", code, paths(f.seen), stderr)
	}
}

func TestCallTellsOfANewTokenInItsAttempts(t *testing.T) {
	f := newTiring(t, func(n int) bool { return n == 2 })
	code, stdout, stderr := runMain(nil, f.args("-o", "json")...)
	var o struct {
		Status   int
		Attempts []struct {
			Status     int
			NonceRetry bool `json:"nonce_retry"`
			TokenRetry bool `json:"token_retry"`
		}
	}
	if err := json.Unmarshal([]byte(stdout), &o); err != nil || code != 0 {
		t.Fatalf("exit %d, %v: %s", code, err, stderr)
	}
	if o.Status != 200 || len(o.Attempts) != 2 || o.Attempts[0].Status != 401 || o.Attempts[0].TokenRetry || !o.Attempts[1].TokenRetry {
		t.Errorf("%+v", o)
	}
	conforms(t, "call", stdout)
}

func TestCallGetsNoOtherTokenThanTheGivenOne(t *testing.T) {
	f := newTiring(t, func(int) bool { return false })
	code, _, stderr := runMain(nil, "call", f.URL+"/api", "--token", someToken, "--key", f.key, "--cacert", f.cacert, "--fail")
	if code != 4 || paths(f.seen) != "/api" || strings.Contains(stderr, "once more") {
		t.Errorf("exit %d, %s: %s", code, paths(f.seen), stderr)
	}
}

// Another server was not sent the token, and says nothing about it.
func TestCallGetsNoOtherTokenForAnotherOrigin(t *testing.T) {
	other := newTiring(t, func(int) bool { return false })
	f := newTiring(t, func(int) bool { return false })
	f.refuse = func(w http.ResponseWriter) {
		w.Header().Set("Location", other.URL+"/there")
		w.WriteHeader(http.StatusFound)
	}
	code, _, stderr := runMain(nil, f.args("--fail", "-L")...)
	if code != 4 || paths(f.seen) != "/token /api" || paths(other.seen) != "/there" {
		t.Errorf("exit %d, %s: %s", code, paths(f.seen), stderr)
	}
}

// What of standard input has gone by can't be sent again: the refusal stands.
func TestCallDoesNotRepeatABodyThatIsGone(t *testing.T) {
	f := newTiring(t, func(int) bool { return false })
	env, _, errOut := testWorld(nil)
	env.Stdin = strings.NewReader(strings.Repeat("x", 3<<20))
	code := commands.Main(env, f.args("--fail", "-d", "-", "-H", "Content-Type: text/plain"))
	if code != 4 || paths(f.seen) != "/token /api" || !strings.Contains(errOut.String(), "a second time") {
		t.Errorf("exit %d, %s: %s", code, paths(f.seen), errOut)
	}
}
