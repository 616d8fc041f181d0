//go:build !windows

package commands_test

import (
	"strings"
	"testing"

	"github.com/oauthpop/oauthpop/internal/hostile"
)

// A server that sends more than it says it does makes net/http tell it to the logger
// of the process, in the server's words.
func TestNothingIsSaidBesidesWhatTheProgramSays(t *testing.T) {
	w := newWireWorld(t, "longer than it says", hostile.Metadata)
	cmd := newProgram(t).command("token", "--issuer", w.URL, "--client-id", "app", "--grant", "client_credentials",
		"--auth-method", "none", "--dpop", "--key", w.key, "--cacert", w.ca, "-q")
	said, err := cmd.CombinedOutput()
	if code := codeOf(t, err); code != 4 || strings.Contains(string(said), "access_token") || strings.Count(string(said), "\n") != 2 {
		t.Errorf("exit %d: %s", code, said)
	}
}
