package cli

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

// InterruptedError says that the process was asked to stop. The exit code is 128
// and the number of the signal.
type InterruptedError struct{ Signal syscall.Signal }

func (e *InterruptedError) Error() string {
	if e.Signal == syscall.SIGTERM {
		return "terminated"
	}
	return "interrupted"
}

// Code returns 130 for an interrupt, 143 for a termination.
func (e *InterruptedError) Code() int { return 128 + int(e.Signal) }

// notify ends the context with an *InterruptedError as its cause on the first
// SIGINT or SIGTERM. A second one ends the process at once, as by default.
func notify(parent context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(parent)
	ch := make(chan os.Signal, 1)
	signal.Notify(ch, os.Interrupt, syscall.SIGTERM)
	go func() {
		select {
		case s := <-ch:
			number, ok := s.(syscall.Signal)
			if !ok {
				number = syscall.SIGINT
			}
			cancel(fmt.Errorf("%w", &InterruptedError{Signal: number}))
			signal.Stop(ch)
		case <-ctx.Done():
		}
	}()
	return ctx, func() { signal.Stop(ch); cancel(nil) }
}
