package transport

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

func TestTheEndOfABodyThatWasGivenUpIsNoEnd(t *testing.T) {
	for name, give := range map[string]struct {
		cause  error
		caller bool // the caller ends, or a limit of the transport's own
	}{"by the caller": {context.Canceled, true}, "by --max-time": {errMaxTime, false}} {
		caller, end := context.WithCancel(t.Context())
		own, abort := context.WithCancelCause(caller)
		a := &answer{
			transport: New(Config{Now: time.Now, MaxTime: time.Second}), caller: caller, own: own, abort: abort,
			round: &round{}, host: "a.example", body: strings.NewReader(""),
		}
		if give.caller {
			end()
		} else {
			abort(give.cause)
		}
		if _, err := a.Read(make([]byte, 1)); !errors.Is(err, give.cause) {
			t.Errorf("%s: %v", name, err)
		}
		end()
	}
}
