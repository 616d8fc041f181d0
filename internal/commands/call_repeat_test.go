package commands_test

import (
	"context"
	"encoding/json"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/oauthpop/oauthpop/internal/cli"
	"github.com/oauthpop/oauthpop/internal/commands"
)

// crowd is an API that is asked by many at a time. It answers the nth request by what
// answer does.
type crowd struct {
	*httptest.Server
	key, cacert string
	answer      func(n int, w http.ResponseWriter)

	mu     sync.Mutex
	jtis   map[any]int
	bodies map[string]int
}

func newCrowd(t *testing.T, answer func(int, http.ResponseWriter)) *crowd {
	t.Helper()
	c := &crowd{answer: answer, jtis: map[any]int{}, bodies: map[string]int{}}
	c.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		claims := claimsOf(t, r)
		c.mu.Lock()
		c.jtis[claims["jti"]]++
		c.bodies[string(body)]++
		n := len(c.jtis)
		c.mu.Unlock()
		c.answer(n, w)
	}))
	t.Cleanup(c.Close)
	dir := t.TempDir()
	c.key, c.cacert = filepath.Join(dir, "key.jwk"), filepath.Join(dir, "ca.pem")
	mustRun(t, 0, "key", "generate", "--out", c.key)
	if err := os.WriteFile(c.cacert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	return c
}

func (c *crowd) args(more ...string) []string {
	return append([]string{"call", c.URL, "--token", someToken, "--key", c.key, "--cacert", c.cacert}, more...)
}

func TestCallRepeatsWithAProofForEach(t *testing.T) {
	c := newCrowd(t, func(int, http.ResponseWriter) {})
	code, stdout, stderr := runMain(nil, c.args("--repeat", "40", "--concurrency", "8", "-d", "body", "-H", "Content-Type: text/plain", "-v")...)
	if code != 0 || stdout != "    40  200 OK\n" || len(c.jtis) != 40 || c.bodies["body"] != 40 {
		t.Errorf("exit %d, %q, %d proofs, %v", code, stdout, len(c.jtis), c.bodies)
	}
	if n := strings.Count(stderr, "> POST "+c.URL); n != 40 {
		t.Errorf("%d requests are told of", n)
	}
}

// The exit code is that of the worst, and a status is a failure only where it was said
// to be.
func TestCallRepeatsAndTellsTheWorst(t *testing.T) {
	refuse := func(w http.ResponseWriter) {
		w.Header().Set("WWW-Authenticate", `DPoP error="invalid_token"`)
		w.WriteHeader(http.StatusUnauthorized)
	}
	for _, tt := range []struct {
		name   string
		args   []string
		breaks int // the request that gets no answer
		code   int
		out    string
		says   string
	}{
		{"all the same", nil, 0, 0, "     6  401 Unauthorized\n     3  200 OK\n", ""},
		{"refusals are failures", []string{"--fail"}, 0, 4, "     6  401 Unauthorized\n     3  200 OK\n", "6 of 9 requests failed, one so: GET"},
		{"no answer is worse", []string{"--fail", "--concurrency", "1"}, 4, 5, "     5  401 Unauthorized\n     3  200 OK\n     1  no answer\n", "6 of 9 requests failed, one so: read the answer of"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := newCrowd(t, func(n int, w http.ResponseWriter) {
				switch {
				case n == tt.breaks:
					if conn, _, err := w.(http.Hijacker).Hijack(); err == nil {
						_, _ = io.WriteString(conn, "nonsense\r\n")
						_ = conn.Close()
					}
				case n%3 != 0:
					refuse(w)
				}
			})
			code, stdout, stderr := runMain(nil, c.args(append([]string{"--repeat", "9", "--concurrency", "3"}, tt.args...)...)...)
			if code != tt.code || stdout != tt.out || !strings.Contains(stderr, tt.says) {
				t.Errorf("exit %d, %q: %s", code, stdout, stderr)
			}
		})
	}
}

func TestCallRepeatsInLines(t *testing.T) {
	c := newCrowd(t, func(n int, w http.ResponseWriter) {
		if n == 2 {
			if conn, _, err := w.(http.Hijacker).Hijack(); err == nil {
				_, _ = io.WriteString(conn, "nonsense\r\n")
				_ = conn.Close()
			}
			return
		}
		_, _ = io.WriteString(w, "\xff")
	})
	code, stdout, stderr := runMain(nil, c.args("--repeat", "3", "-o", "json")...)
	lines := strings.Split(strings.TrimSuffix(stdout, "\n"), "\n")
	if code != 5 || len(lines) != 3 || !strings.Contains(stderr, "error: 1 of 3 requests failed") || !strings.Contains(stderr, "     2  200 OK\n") {
		t.Fatalf("exit %d, %s: %s", code, stdout, stderr)
	}
	conforms(t, "call", lines[0])
	conforms(t, "call", lines[2])
	var failed struct {
		Error struct {
			Code       int
			Type, Hint string
		}
	}
	if err := json.Unmarshal([]byte(lines[1]), &failed); err != nil || failed.Error.Code != 5 || failed.Error.Type != "network" || failed.Error.Hint == "" {
		t.Errorf("%v: %s", err, lines[1])
	}
}

func TestAnInterruptEndsRepetition(t *testing.T) {
	var stop context.CancelCauseFunc
	c := newCrowd(t, func(n int, _ http.ResponseWriter) {
		if n == 3 {
			stop(&cli.InterruptedError{Signal: syscall.SIGINT})
		}
	})
	env, stdout, stderr := testWorld(nil)
	env.Notify = func(parent context.Context) (context.Context, context.CancelFunc) {
		ctx, cancel := context.WithCancelCause(parent)
		stop = cancel
		return ctx, func() {}
	}
	code := commands.Main(env, c.args("--repeat", "1000"))
	if code != 130 || len(c.jtis) > 10 || !strings.Contains(stdout.String(), "200 OK") || strings.Contains(stdout.String(), "no answer") {
		t.Errorf("exit %d, %d requests, %s: %s", code, len(c.jtis), stdout, stderr)
	}
}

func TestCallRefusesToRepeatWhatIsForOne(t *testing.T) {
	c := newCrowd(t, func(int, http.ResponseWriter) {})
	for _, tt := range []struct{ args, says string }{
		{"--repeat 0", "from 1 to"},
		{"--repeat 1000001", "from 1 to"},
		{"--repeat 2 --concurrency 0", "from 1 to"},
		{"--repeat 2 --concurrency 129", "from 1 to"},
		{"--concurrency 2", "without --repeat"},
		{"--repeat 2 -i", "-i and --repeat"},
		{"--repeat 2 -O x", "-O and --repeat"},
		{"--repeat 2 --print-curl", "--print-curl and --repeat"},
		{"--repeat 2 -d -", "-d - and --repeat"},
		{"--repeat 2 --json @-", "--json @- and --repeat"},
	} {
		code, stdout, stderr := runMain(nil, c.args(strings.Fields(tt.args)...)...)
		if code != 2 || stdout != "" || !strings.Contains(stderr, tt.says) || len(c.jtis) > 0 {
			t.Errorf("%s: exit %d, %d requests: %s", tt.args, code, len(c.jtis), stderr)
		}
	}
}
