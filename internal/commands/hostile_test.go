package commands_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"

	"github.com/oauthpop/oauthpop/internal/hostile"
)

// A server that does everything wrong: what becomes of it is one exit code, one type
// and one cause, in bounded time and memory.
func TestHostileServer(t *testing.T) {
	key := filepath.Join(t.TempDir(), "key.jwk")
	mustRun(t, 0, "key", "generate", "--out", key)
	jkt := strings.TrimSpace(mustRun(t, 0, "key", "thumbprint", key))
	eachFault(t, func(f hostile.Fault) []hostile.Place {
		return slices.DeleteFunc(hostile.Places(), func(at hostile.Place) bool { _, ok := f.Want[at]; return !ok })
	}, func(t *testing.T, f hostile.Fault, at hostile.Place) {
		s, want := hostile.Start(t, f, at), f.Want[at]
		args := append(hostileArgs(t, s, at, key, jkt), want.Args...)
		meet(t, s, f, at, args)
		if !f.Hangs && (at != hostile.Resource || slices.Contains(args, "--fail")) {
			inWords(t, args, want.Code)
		}
	})
}

// Discovery looks at the same documents as a token request does, and comes to the same
// ends, but for endpoints, which it only reports.
func TestHostileServerIsDiscovered(t *testing.T) {
	eachFault(t, func(f hostile.Fault) []hostile.Place {
		if _, ok := f.Want[hostile.Metadata]; !ok || strings.Contains(f.Name, "endpoint") {
			return nil
		}
		return []hostile.Place{hostile.Metadata}
	}, func(t *testing.T, f hostile.Fault, at hostile.Place) {
		s := hostile.Start(t, f, at)
		args := append([]string{"discover", s.URL, "--cacert", caOf(t, s)}, f.Want[at].Args...)
		meet(t, s, f, at, args)
		if !f.Hangs {
			inWords(t, args, f.Want[at].Code)
		}
	})
}

// eachFault meets each fault at its places: those that only let wait all at once, the
// others one after the other, so that their memory is their own.
func eachFault(t *testing.T, places func(hostile.Fault) []hostile.Place, run func(*testing.T, hostile.Fault, hostile.Place)) {
	t.Helper()
	var waiting sync.WaitGroup
	for _, hangs := range []bool{false, true} {
		for _, f := range hostile.Faults() {
			for _, at := range places(f) {
				name, test := fmt.Sprintf("%s/%s", f.Name, at), func(t *testing.T) { run(t, f, at) }
				switch {
				case f.Hangs != hangs:
				case hangs:
					waiting.Go(func() { t.Run(name, test) })
				default:
					t.Run(name, test)
				}
			}
		}
	}
	waiting.Wait()
}

// meet runs a command that meets a fault.
func meet(t *testing.T, s *hostile.Server, f hostile.Fault, at hostile.Place, args []string) {
	t.Helper()
	want := f.Want[at]
	began, before := time.Now(), allocated()
	code, stdout, stderr := runMain(nil, append(args, "-o", "json")...)
	took, memory := time.Since(began), allocated()-before
	told := errorOf(t, stdout)
	t.Logf("exit %d %s, %v, %d KiB written, %d KiB allocated: %s | %s", code, told.Type, took.Round(time.Millisecond), s.Written()>>10, memory>>10, told.Message, told.Hint)
	if code != want.Code || told.Code != want.Code || told.Type != want.Type || !strings.Contains(told.Message+"\n"+told.Hint, want.Cause) {
		t.Errorf("exit %d %q, want %d %q and %q: %s%s", code, told.Type, want.Code, want.Type, want.Cause, stdout, stderr)
	}
	checkHostile(t, s, at, want, stderr)
	if memory > 256<<20 {
		t.Errorf("%d MiB of memory", memory>>20)
	}
}

// inWords runs the command for a person, and for one who wants to know all: the same
// exit code, in lines that leave the terminal alone and show no secret.
func inWords(t *testing.T, args []string, want int) {
	t.Helper()
	for _, v := range []string{"-q", "-v"} {
		code, stdout, stderr := runMain(nil, append(args, v)...)
		if code != want || strings.ContainsFunc(stdout+stderr, steers) || len(stderr) > 1<<20 {
			t.Errorf("%s: exit %d, want %d: %.2000q", v, code, want, stdout+stderr)
		}
		if code != 0 && !strings.Contains(stderr, "\nhint:") {
			t.Errorf("%s: nothing is said of what to try: %s", v, stderr)
		}
		if at := slices.Index(args, "--token"); at >= 0 && strings.Contains(stderr, args[at+1][len(args[at+1])-40:]) {
			t.Errorf("%s: the token is shown: %s", v, stderr)
		}
	}
}

// hostileArgs is the command that meets the place, and all that it needs.
func hostileArgs(t *testing.T, s *hostile.Server, at hostile.Place, key, jkt string) []string {
	t.Helper()
	ca := caOf(t, s)
	client := []string{"--client-id", "app", "--grant", "client_credentials", "--auth-method", "none", "--dpop", "--key", key, "--cacert", ca}
	switch at {
	case hostile.Metadata:
		return append([]string{"token", "--issuer", s.URL}, client...)
	case hostile.Token:
		return append([]string{"token", "--token-endpoint", s.URL + "/token"}, client...)
	case hostile.Introspection:
		return []string{"token", "--issuer", s.URL, "--client-id", "app", "--client-secret", "s3cret", "--dpop", "--key", key, "--cacert", ca, "--introspect", "--require-verified"}
	case hostile.Revocation:
		return []string{"token", "revoke", "opaque", "--issuer", s.URL, "--client-id", "app", "--client-secret", "s3cret", "--cacert", ca}
	case hostile.Keys:
		return []string{"inspect", s.AccessToken(jkt), "--key", key, "--issuer", s.URL, "--cacert", ca}
	}
	return []string{"call", s.URL + "/api", "--token", s.AccessToken(jkt), "--key", key, "--cacert", ca}
}

func caOf(t *testing.T, s *hostile.Server) string {
	t.Helper()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, s.CA, 0o600); err != nil {
		t.Fatal(err)
	}
	return ca
}

type toldError struct {
	Code          int
	Type          string
	Message, Hint string
}

func errorOf(t *testing.T, stdout string) toldError {
	t.Helper()
	var o struct{ Error toldError }
	if err := json.Unmarshal([]byte(stdout), &o); err != nil {
		t.Fatalf("not one object: %v\n%.2000s", err, stdout)
	}
	return o.Error
}

// checkHostile checks what holds for each fault: how often it was asked, how much was
// taken, how much is said and in which characters, and that nothing went elsewhere.
func checkHostile(t *testing.T, s *hostile.Server, at hostile.Place, want hostile.Outcome, said string) {
	t.Helper()
	requests := s.Requests(at)
	if want.Requests > 0 && len(requests) != want.Requests {
		t.Errorf("%d requests, want %d", len(requests), want.Requests)
	}
	proofs := map[string]bool{}
	for _, r := range requests {
		proof := r.Header.Get("DPoP")
		if proof != "" && proofs[proof] {
			t.Errorf("a proof was sent twice: %s", proof)
		}
		proofs[proof] = true
	}
	// The bound of the largest body, and what the sockets hold.
	if s.Written() > 40<<20 {
		t.Errorf("%d MiB were taken", s.Written()>>20)
	}
	if strings.ContainsFunc(said, steers) {
		t.Errorf("control characters: %.2000q", said)
	}
	for _, r := range s.Foreign() {
		if !slices.Contains(want.Args, "-L") || r.Header.Get("Authorization") != "" || r.Header.Get("DPoP") != "" {
			t.Errorf("to another origin went %s with %v", r.Method, r.Header)
		}
	}
}

// steers: what a terminal could be steered with.
func steers(r rune) bool { return unicode.IsControl(r) && r != '\n' || unicode.Is(unicode.Cf, r) }

// allocated is how much memory was ever taken.
func allocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}
