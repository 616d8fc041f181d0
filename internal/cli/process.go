package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"time"
)

// StartError says that a command could not be run. Code is that of a shell: 127
// where there is none of that name, 126 where it cannot be run.
type StartError struct {
	Command string
	Code    int
	Err     error
}

func (e *StartError) Error() string { return fmt.Sprintf("run %q: %v", e.Command, e.Err) }

func (e *StartError) Unwrap() error { return e.Err }

// settle is how long the streams of a command may stay open after its end, where
// something that it left running holds them.
const settle = 500 * time.Millisecond

// RunCommand runs a command with the streams of this process and another
// environment. Signals are passed on to it; what they do is its own affair. It
// returns the exit code of the command: 128+n where the signal n ended it. If ctx
// has ended before, the command is not run.
func (e *Env) RunCommand(ctx context.Context, args []string, environ map[string]string) (int, error) {
	// Not CommandContext: a context that ends would kill the command.
	cmd := exec.Command(args[0], args[1:]...) //nolint:gosec,noctx // running it is what was asked for
	cmd.Stdin, cmd.Stdout, cmd.Stderr = e.inherited, e.Stdout, e.Stderr
	cmd.WaitDelay = settle
	for _, name := range slices.Sorted(maps.Keys(environ)) {
		cmd.Env = append(cmd.Env, name+"="+environ[name])
	}
	received := make(chan os.Signal, 8)
	signal.Notify(received, passedOn(e.StdinTerminal)...)
	defer signal.Stop(received)
	if ctx.Err() != nil {
		return 0, Stopped(ctx)
	}
	if err := cmd.Start(); err != nil {
		return 0, startError(args[0], err)
	}
	done := make(chan struct{})
	go func() {
		for {
			select {
			case s := <-received:
				_ = cmd.Process.Signal(s)
			case <-done:
				return
			}
		}
	}()
	err := cmd.Wait()
	close(done)
	var ended *exec.ExitError
	if err != nil && !errors.As(err, &ended) && !errors.Is(err, exec.ErrWaitDelay) {
		return 0, fmt.Errorf("run %q: %w", args[0], err)
	}
	return exitCode(cmd.ProcessState), nil
}

func startError(command string, err error) error {
	code := 126
	if errors.Is(err, exec.ErrNotFound) || errors.Is(err, fs.ErrNotExist) {
		code = 127
	}
	var wrapped *exec.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	return &StartError{Command: command, Code: code, Err: err}
}

// TempDir makes a folder for this run, which only its owner can enter. remove
// takes it away with all that is in it.
func (e *Env) TempDir() (dir string, remove func(), err error) {
	dir, err = os.MkdirTemp("", "oauthpop-")
	if err != nil {
		return "", nil, fmt.Errorf("make a temporary folder: %w", err)
	}
	return dir, func() { _ = os.RemoveAll(dir) }, nil
}

// Remove takes a file away. One that is gone is no error.
func (e *Env) Remove(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove the file: %w", err)
	}
	return nil
}

// Stopped returns why the process was asked to stop, once ctx has ended.
func Stopped(ctx context.Context) error {
	var stop *InterruptedError
	if errors.As(context.Cause(ctx), &stop) {
		return stop
	}
	return ctx.Err()
}
