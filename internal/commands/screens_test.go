package commands_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/oauthpop/oauthpop/internal/cli"
	"github.com/oauthpop/oauthpop/internal/commands"
)

// shot is a command line whose screen is kept.
type shot struct {
	title string
	args  []string
}

// screens compares what a person sees at 80 and at 60 columns, with colour and
// without, with the files of testdata/screens. OAUTHPOP_SCREENS=write in the
// environment of the test writes them anew: look at them then. Files named in args
// are those of the folder testdata/screens/files.
func screens(t *testing.T, name string, shots []shot) {
	t.Helper()
	root, err := filepath.Abs(filepath.Join("testdata", "screens"))
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(filepath.Join(root, "files"))
	for _, columns := range []int{80, 60} {
		for _, color := range []string{"never", "always"} {
			file := filepath.Join(root, fmt.Sprintf("%s-%d-%s.txt", name, columns, map[string]string{"never": "plain", "always": "colour"}[color]))
			var all strings.Builder
			for _, s := range shots {
				fmt.Fprintf(&all, "== %s\n%s\n", s.title, screen(columns, append(s.args, "--color", color)))
			}
			if os.Getenv("OAUTHPOP_SCREENS") == "write" {
				if err := os.WriteFile(file, []byte(all.String()), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if got := all.String(); got != strings.ReplaceAll(string(want), "\r\n", "\n") {
				t.Errorf("%s is not what is drawn now:\n%s", file, got)
			}
		}
	}
}

// screen is what a terminal of that width shows of a command.
func screen(columns int, args []string) string {
	var terminal bytes.Buffer
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	env := cli.Test(strings.NewReader(""), &terminal, &terminal, map[string]string{}, now)
	env.StdoutWidth, env.StderrWidth = columns, columns
	code := commands.Main(env, args)
	return fmt.Sprintf("%s-- exit %d\n", &terminal, code)
}

func TestScreensOfInspect(t *testing.T) {
	screens(t, "inspect", []shot{
		{"bound and matches", []string{"inspect", "@bound.txt", "--key", "mine.jwk", "--jwks", "issuer.jwks"}},
		{"bound, nothing to compare", []string{"inspect", "@bound.txt"}},
		{"another key", []string{"inspect", "@bound.txt", "--key", "other.jwk"}},
		{"none of many", []string{"inspect", "@bound.txt", "--jkt", "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k", "--key", "other.jwk"}},
		{"expired", []string{"inspect", "@expired.txt", "--proof", "@proof.txt", "--require-valid"}},
		{"not bound", []string{"inspect", "@unbound.txt", "--require-bound"}},
		{"encrypted", []string{"inspect", "@encrypted.txt", "--key", "mine.jwk"}},
		{"an ID token", []string{"inspect", "@id.txt"}},
		{"no thumbprint", []string{"inspect", "@bound.txt", "--x5t", "03:80:ED:2F:62:66:50:C8:40:B2:F2:63:E6:D2:B2:9F:AE:12:AB:39:AE:5D:B3:2B:25:AD:27:EF:AD:72:E6:FD"}},
	})
}
