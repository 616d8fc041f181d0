package commands_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/oauthpop/oauthpop/internal/commands"
)

// What can't be written down is not asked for: exit 2 means that nothing was sent.
func TestCallLooksAtTheFileOfTheAnswerFirst(t *testing.T) {
	f := newFakeIssuer(t, func(*fakeIssuer, http.ResponseWriter, *http.Request) {})
	here := filepath.Join(t.TempDir(), "here")
	if err := os.WriteFile(here, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{filepath.Join(t.TempDir(), "no", "such"), here, t.TempDir()} {
		code, _, stderr := runMain(nil, "call", "POST", f.URL+"/a", "--token", someToken, "--key", f.key, "--cacert", f.cacert, "-d", "pay=1", "-O", file)
		if code != 2 || len(f.seen) != 0 {
			t.Errorf("-O %s: exit %d, %d requests: %s", file, code, len(f.seen), stderr)
		}
	}
}

// Where a redirect leads may hold what its server wants nobody else to see.
func TestARedirectsSecretIsInNoError(t *testing.T) {
	for _, to := range []string{"/b?code=SECRETCODE", "http://foreign.example/b?code=SECRETCODE&x=1"} {
		f := newFakeIssuer(t, func(_ *fakeIssuer, w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/a" {
				http.Redirect(w, r, to, http.StatusFound)
				return
			}
			w.WriteHeader(http.StatusUnauthorized)
		})
		code, stdout, stderr := runMain(nil, "call", f.URL+"/a", "--token", someToken, "--key", f.key, "--cacert", f.cacert, "-L", "--fail", "-v")
		if code != 4 || strings.Contains(stdout+stderr, "SECRETCODE") {
			t.Errorf("%s: exit %d: %s%s", to, code, stdout, stderr)
		}
	}
}

func TestPrintCurlHasNoCommandForHEADWithABody(t *testing.T) {
	if code, stdout, stderr := runMain(nil, "call", "HEAD", "https://api.example/x", "--token", someToken, "-d", "x", "--print-curl"); code != 2 || stdout != "" {
		t.Errorf("exit %d: %s%s", code, stdout, stderr)
	}
}

// Nobody reads what comes of the requests any more: no more are sent.
func TestRepetitionEndsWhereItsLinesCanNotBeWritten(t *testing.T) {
	var requests atomic.Int32
	f := newFakeIssuer(t, func(*fakeIssuer, http.ResponseWriter, *http.Request) { requests.Add(1) })
	env, _, stderr := testWorld(nil)
	env.Stdout = &full{}
	code := commands.Main(env, []string{"call", f.URL + "/a", "--token", someToken, "--key", f.key, "--cacert", f.cacert, "--repeat", "50", "-o", "json"})
	if n := requests.Load(); code == 0 || n > 3 {
		t.Errorf("exit %d after %d requests: %s", code, n, stderr)
	}
}
