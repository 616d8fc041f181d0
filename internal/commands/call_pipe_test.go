//go:build unix

package commands_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// A pipe that has a name, as of a shell's <(...), can be read once only: the nonce that
// the API asks for must not make an empty body of it.
func TestCallSendsWhatANamedPipeGives(t *testing.T) {
	f := newFakeIssuer(t, func(_ *fakeIssuer, w http.ResponseWriter, r *http.Request) { askOnce(nil, w, r) })
	pipe := filepath.Join(f.dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	feed := func(content string) {
		go func() {
			if w, err := os.OpenFile(pipe, os.O_WRONLY, 0); err == nil {
				_, _ = w.WriteString(content)
				_ = w.Close()
			}
		}()
	}
	args := []string{"call", f.URL, "--token", someToken, "--key", f.key, "--cacert", f.cacert, "-H", "Content-Type: text/plain", "-d", "@" + pipe}
	feed("\x00piped\n")
	if code, stdout, stderr := runMain(nil, args...); code != 0 || stdout != "got \x00piped\n" || len(f.seen) != 2 {
		t.Errorf("exit %d, %q, %d requests: %s", code, stdout, len(f.seen), stderr)
	}
	for _, flags := range [][]string{{"--print-curl"}, {"--repeat", "2"}} {
		f.seen = nil
		feed("x")
		if code, _, stderr := runMain(nil, append(args, flags...)...); code != 2 || len(f.seen) > 0 || !strings.Contains(stderr, "-d @") {
			t.Errorf("%v: exit %d, %d requests: %s", flags, code, len(f.seen), stderr)
		}
	}
}
