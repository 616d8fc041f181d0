package commands_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"

	"github.com/oauthpop/oauthpop/internal/cli"
	"github.com/oauthpop/oauthpop/internal/commands"
)

// Whoever waits for standard input, or for a long key, is ended by a signal.
func TestASignalEndsWhatOnlyWaits(t *testing.T) {
	for _, args := range [][]string{
		{"inspect", "-"},
		{"key", "thumbprint", "-"},
		{"cert", "show", "-"},
		{"dpop", "verify", "-"},
		{"call", "https://localhost:1/x", "--token", "-"},
		{"key", "generate", "--alg", "RS256", "--bits", "16384"},
	} {
		env, stdout, _ := testWorld(nil)
		silent, _ := io.Pipe() // nothing is ever written to it
		env.Stdin = silent
		env.Notify = func(parent context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancelCause(parent)
			cancel(&cli.InterruptedError{Signal: syscall.SIGINT})
			return ctx, func() {}
		}
		if code := commands.Main(env, args); code != 130 || stdout.Len() > 0 {
			t.Errorf("%v: exit %d, %q", args, code, stdout)
		}
	}
}

func TestCallRefusesWhatItWouldNotUse(t *testing.T) {
	f := newFakeIssuer(t, func(*fakeIssuer, http.ResponseWriter, *http.Request) {})
	for _, more := range [][]string{{"--dpop"}, {"--mtls"}, {"--htu", "https://inner.example/x"}} {
		args := append([]string{"call", f.URL, "--token", someToken, "--cacert", f.cacert}, more...)
		if code, _, stderr := runMain(nil, args...); code != 2 || len(f.seen) > 0 {
			t.Errorf("%v: exit %d, %d requests: %s", more, code, len(f.seen), stderr)
		}
	}
	// A token of the environment serves a call that names no client.
	code, _, stderr := runMain(map[string]string{"OAUTHPOP_TOKEN": someToken}, "call", f.URL, "--dpop", "--key", f.key, "--cacert", f.cacert)
	if code != 0 || len(f.seen) != 1 {
		t.Errorf("exit %d, %d requests: %s", code, len(f.seen), stderr)
	}
}

func TestAKeyOfTheEnvironmentThatIsNotUsedIsNoFault(t *testing.T) {
	f := newFakeIssuer(t, func(_ *fakeIssuer, w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"access_token":"` + accessToken(nil) + `","token_type":"Bearer"}`))
	})
	environ := map[string]string{"OAUTHPOP_KEY": "no-such-file", "OAUTHPOP_CLIENT_KEY": "no-such-file"}
	args := []string{"token", "--token-endpoint", f.URL, "--client-id", "app", "--grant", "client_credentials", "--auth-method", "none", "--bearer", "--cacert", f.cacert}
	code, _, stderr := runMain(environ, args...)
	if code != 0 || strings.Contains(stderr, "as asked") {
		t.Errorf("exit %d: %s", code, stderr)
	}
	if code, _, _ := runMain(environ, append(args, "--param", "grant_type=x")...); code != 2 {
		t.Errorf("a second grant_type: exit %d", code)
	}
}

func TestNoTokenIsRepeatedByAUsageError(t *testing.T) {
	token := markedToken("0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I")
	for _, args := range [][]string{
		{"inspect", "x", token}, {"call", "GET", "https://a.example", token}, {"token", token}, {"inspect", "-H 'Authorization: DPoP " + token + "'"}, {token},
	} {
		code, stdout, stderr := runMain(nil, args...)
		if code != 2 || strings.Contains(stdout+stderr, token[20:60]) {
			t.Errorf("%d: %s%s", code, stdout, stderr)
		}
	}
}

// The 2 of serve must not be taken for that of the command it was to run.
func TestServeFailsWith125AroundACommand(t *testing.T) {
	for _, args := range [][]string{{"serve", "--nope", "--", "true"}, {"serve", "--dpop-nonce", "foo", "--", "true"}, {"serve", "--"}} {
		code, stdout, _ := runMain(nil, append([]string{"-o", "json"}, args...)...)
		if code != 125 || !strings.Contains(stdout, `"code": 125`) {
			t.Errorf("%v: exit %d: %s", args, code, stdout)
		}
	}
}

func TestAnEmptyBodyHasALength(t *testing.T) {
	var length string
	f := newFakeIssuer(t, func(_ *fakeIssuer, _ http.ResponseWriter, r *http.Request) {
		length = r.Header.Get("Content-Length")
		if len(r.TransferEncoding) > 0 {
			length = "chunked"
		}
	})
	if code, _, stderr := runMain(nil, "call", f.URL, "--token", someToken, "--cacert", f.cacert, "-d", "", "-O", "-"); code != 0 || length == "chunked" {
		t.Errorf("exit %d, %q: %s", code, length, stderr)
	}
}

// full is a standard output that takes nothing.
type full struct{ bytes.Buffer }

func (*full) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

func TestAnErrorThatCannotBeAnObjectIsTold(t *testing.T) {
	env, _, stderr := testWorld(nil)
	env.Stdout = &full{}
	if code := commands.Main(env, []string{"version", "-o", "json"}); code != 1 || stderr.Len() == 0 {
		t.Errorf("exit %d, %q", code, stderr)
	}
}
