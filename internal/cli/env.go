// Package cli is the edge between the commands and the machine: streams, clock,
// environment, signals, and the flags that several commands share.
package cli

import (
	"context"
	"crypto/x509"
	"io"
	"log"
	"net"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/oauthpop/oauthpop/internal/ui"
)

// Env is the world as a command sees it. System and Test make one.
type Env struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	// StdinTerminal and the others say which streams are a person's.
	StdinTerminal, StdoutTerminal, StderrTerminal bool
	// StdoutWidth and StderrWidth are the columns of those that are; 0 is not known.
	StdoutWidth, StderrWidth int
	Environ                  map[string]string
	Now                      func() time.Time
	Listen                   func(ctx context.Context, address string) (net.Listener, error)
	// Notify returns a context that ends when the process is asked to stop.
	Notify func(context.Context) (context.Context, context.CancelFunc)
	// SystemRoots are the roots that --cacert is added to.
	SystemRoots func() (*x509.CertPool, error)
	Build       Build

	// Global is filled from the flags of the root command before a command runs.
	Global Global

	ctx       context.Context   // of the process, once a command runs
	inherited io.Reader         // standard input as the process has it
	origins   map[string]string // flag name -> layer it came from, if not a flag
	stdinUsed string            // what has read standard input
	result    ui.Drawer         // what a failed command had to show, for the error object
}

// Build says which build this is.
type Build struct{ Version, Commit, Date string }

// System returns the world of the process.
func System(build Build) *Env {
	// net/http writes to the logger of the standard library what a server sent beyond
	// its answer: it would stand on standard error, a token too, whatever -q says.
	log.SetOutput(io.Discard)
	return &Env{
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		StdinTerminal:  term.IsTerminal(int(os.Stdin.Fd())),
		StdoutTerminal: term.IsTerminal(int(os.Stdout.Fd())),
		StderrTerminal: term.IsTerminal(int(os.Stderr.Fd())),
		StdoutWidth:    width(os.Stdout),
		StderrWidth:    width(os.Stderr),
		Environ:        environ(os.Environ()),
		Now:            time.Now,
		Listen: func(ctx context.Context, address string) (net.Listener, error) {
			var c net.ListenConfig
			return c.Listen(ctx, "tcp", address)
		},
		Notify:      notify,
		SystemRoots: x509.SystemCertPool,
		Build:       build,
	}
}

// Test returns a world without the process: buffers, an environment of the
// test's own, a fixed clock. Fields may be replaced before use.
func Test(stdin io.Reader, stdout, stderr io.Writer, environ map[string]string, now time.Time) *Env {
	e := System(Build{Version: "test"})
	e.Stdin, e.Stdout, e.Stderr = stdin, stdout, stderr
	e.StdinTerminal, e.StdoutTerminal, e.StderrTerminal = false, false, false
	e.StdoutWidth, e.StderrWidth = 0, 0
	e.Environ = environ
	e.Now = func() time.Time { return now }
	e.Notify = context.WithCancel
	return e
}

// width is how many columns a terminal has; 0 for anything else. COLUMNS is not
// read: it is the shell's, and rarely exported.
func width(f *os.File) int {
	columns, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0
	}
	return columns
}

func environ(pairs []string) map[string]string {
	m := make(map[string]string, len(pairs))
	for _, p := range pairs {
		if k, v, ok := strings.Cut(p, "="); ok {
			m[k] = v
		}
	}
	return m
}

// Getenv returns a variable of the environment, or "".
func (e *Env) Getenv(name string) string { return e.Environ[name] }
