package cli

import (
	"context"
	"io"
)

// Until makes everything that only waits end with ctx: a read of standard input,
// and what is given to Await. A command that is run inherits the stream itself.
func (e *Env) Until(ctx context.Context) {
	e.ctx, e.inherited = ctx, e.Stdin
	e.Stdin = &reader{ctx: ctx, source: e.Stdin}
}

// Await runs work that nothing else can interrupt, and leaves it to itself when the
// process is asked to stop.
func (e *Env) Await(work func() error) error {
	if e.ctx == nil {
		return work()
	}
	done := make(chan error, 1)
	go func() { done <- work() }()
	select {
	case err := <-done:
		return err
	case <-e.ctx.Done():
		return context.Cause(e.ctx)
	}
}

// reader is a stream whose reads end with a context. A read that was given up goes
// on in a buffer of its own, so that it never writes into the caller's.
type reader struct {
	ctx    context.Context
	source io.Reader
	buffer []byte
}

type chunk struct {
	n   int
	err error
}

func (r *reader) Read(p []byte) (int, error) {
	if err := context.Cause(r.ctx); err != nil {
		return 0, err
	}
	if len(r.buffer) < len(p) {
		r.buffer = make([]byte, len(p))
	}
	buffer := r.buffer[:len(p)]
	done := make(chan chunk, 1)
	go func() {
		n, err := r.source.Read(buffer)
		done <- chunk{n, err}
	}()
	select {
	case c := <-done:
		return copy(p, buffer[:c.n]), c.err
	case <-r.ctx.Done():
		return 0, context.Cause(r.ctx)
	}
}
