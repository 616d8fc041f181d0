package commands_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"

	"github.com/oauthpop/oauthpop/internal/cli"
	"github.com/oauthpop/oauthpop/internal/commands"
	"github.com/oauthpop/oauthpop/internal/hostile"
)

// Wherever a server lets the client wait, in the handshake, in a body, in a retry, an
// interrupt ends it: nothing is written by then, and nothing half-written is left.
func TestAnInterruptEndsEveryWait(t *testing.T) {
	dir := t.TempDir()
	key := filepath.Join(dir, "key.jwk")
	mustRun(t, 0, "key", "generate", "--out", key)
	for _, f := range hostile.Faults() {
		if !f.Hangs {
			continue
		}
		for at := range f.Want {
			t.Run(fmt.Sprintf("%s/%s", f.Name, at), func(t *testing.T) {
				s := hostile.Start(t, f, at)
				// Nothing else would end it.
				args := slices.Concat(hostileArgs(t, s, at, key, "jkt"), f.Want[at].Args, []string{"--timeout", "1h", "--max-time", "1h"})
				out := t.TempDir()
				if at == hostile.Resource {
					args = append(args, "-O", filepath.Join(out, "body"))
				}
				env, stdout, stderr := testWorld(nil)
				env.Notify = func(parent context.Context) (context.Context, context.CancelFunc) {
					ctx, cancel := context.WithCancelCause(parent)
					go func() {
						<-s.Hanging()
						cancel(&cli.InterruptedError{Signal: syscall.SIGINT})
					}()
					return ctx, func() { cancel(nil) }
				}
				if code := commands.Main(env, args); code != 130 || stdout.Len() > 0 {
					t.Errorf("exit %d, %q, %s", code, stdout, stderr)
				}
				if left, _ := os.ReadDir(out); len(left) > 0 {
					t.Errorf("left behind: %v", left)
				}
			})
		}
	}
}

// A body that breaks off is no body: no file is made, and one that was there stays.
func TestABodyThatBreaksOffLeavesNoFile(t *testing.T) {
	for _, name := range []string{
		"half a body", "half a body in HTTP/2", "dripping body", "reset in the body", "short body", "bad chunks",
		"chunks break off", "endless trailer", "body of another length in HTTP/2",
	} {
		t.Run(name, func(t *testing.T) {
			w := newWireWorld(t, name, hostile.Resource)
			out := t.TempDir()
			old := filepath.Join(out, "old")
			if err := os.WriteFile(old, []byte("kept"), 0o600); err != nil {
				t.Fatal(err)
			}
			more := hostile.Named(name).Want[hostile.Resource].Args
			for _, args := range [][]string{{"-O", filepath.Join(out, "new")}, {"-O", old, "--force"}} {
				if code, said := w.call(nil, w.URL+"/api", slices.Concat(args, more)...); code != 5 {
					t.Errorf("%v: exit %d: %s", args, code, said)
				}
			}
			left, err := os.ReadDir(out)
			if kept, _ := os.ReadFile(old); err != nil || len(left) != 1 || string(kept) != "kept" {
				t.Errorf("left: %v, %q, %v", left, kept, err)
			}
		})
	}
}

// What is streamed goes through, whatever its length, and is not kept.
func TestAStreamIsNotKept(t *testing.T) {
	w := newWireWorld(t, "a gigabyte", hostile.Resource)
	env, _, stderr := testWorld(nil)
	out := &counting{until: 128 << 20}
	env.Stdout = out
	before := allocated()
	code := commands.Main(env, []string{"call", w.URL + "/api", "--token", w.AccessToken(w.jkt), "--key", w.key, "--cacert", w.ca})
	if memory := allocated() - before; code == 0 || out.n < out.until || memory > 64<<20 {
		t.Errorf("exit %d after %d MiB, %d MiB of memory: %s", code, out.n>>20, memory>>20, stderr)
	}
}

// counting is a standard output that is closed after so many bytes.
type counting struct{ n, until int }

func (c *counting) Write(b []byte) (int, error) {
	if c.n >= c.until {
		return 0, io.ErrClosedPipe
	}
	c.n += len(b)
	return len(b), nil
}
