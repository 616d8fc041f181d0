package commands_test

import (
	"context"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/oauthpop/oauthpop/internal/cli"
	"github.com/oauthpop/oauthpop/internal/commands"
)

// A signal while the server is thinking ends the program with 128 and its number;
// nothing is written by then, and nothing half-written is left.
func TestASignalEndsARequest(t *testing.T) {
	for _, tt := range []struct {
		signal syscall.Signal
		code   int
		word   string
	}{{syscall.SIGINT, 130, "interrupted"}, {syscall.SIGTERM, 143, "terminated"}} {
		arrived := make(chan struct{})
		f := newFakeIssuer(t, func(_ *fakeIssuer, w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "half") {
				_, _ = w.Write([]byte("half of the "))
				w.(http.Flusher).Flush()
			}
			close(arrived)
			<-r.Context().Done()
		})
		for _, args := range [][]string{
			{"token", "--token-endpoint", f.URL + "/token", "--client-id", "app", "--grant", "client_credentials", "--dpop", "--key", f.key, "--cacert", f.cacert},
			{"call", f.URL + "/x", "--token", someToken, "--key", f.key, "--cacert", f.cacert},
			{"call", f.URL + "/half", "--token", someToken, "--key", f.key, "--cacert", f.cacert, "-O", f.dir + "/out/body"},
		} {
			arrived = make(chan struct{})
			if err := os.MkdirAll(f.dir+"/out", 0o700); err != nil {
				t.Fatal(err)
			}
			env, stdout, stderr := testWorld(nil)
			env.Notify = func(parent context.Context) (context.Context, context.CancelFunc) {
				ctx, cancel := context.WithCancelCause(parent)
				go func() {
					<-arrived
					cancel(&cli.InterruptedError{Signal: tt.signal})
				}()
				return ctx, func() { cancel(nil) }
			}
			if code := commands.Main(env, args); code != tt.code || stdout.Len() > 0 || !strings.Contains(stderr.String(), tt.word) {
				t.Errorf("%v: exit %d, want %d; %q, %s", args[:2], code, tt.code, stdout, stderr)
			}
			if left, _ := os.ReadDir(f.dir + "/out"); len(left) > 0 {
				t.Errorf("%v left %v", args[:2], left)
			}
		}
	}
}
