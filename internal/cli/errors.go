package cli

import (
	"fmt"

	"github.com/oauthpop/oauthpop/internal/wire"
)

// UsageError is a fault of the command line: nothing was sent, nothing written.
type UsageError struct{ Message, Hint string }

func (e *UsageError) Error() string { return e.Message }

// HintText is the second line of the message.
func (e *UsageError) HintText() string { return e.Hint }

// Usage returns a UsageError with a formatted message and no hint.
func Usage(format string, args ...any) *UsageError {
	return &UsageError{Message: fmt.Sprintf(format, args...)}
}

// InputError is a fault of a file or of another input: nothing was sent, nothing
// written.
type InputError struct {
	Message, Hint string
	Err           error
}

func (e *InputError) Error() string {
	switch {
	case e.Err == nil:
		return e.Message
	case e.Message == "":
		return e.Err.Error()
	}
	return e.Message + ": " + e.Err.Error()
}

// HintText is the second line of the message.
func (e *InputError) HintText() string { return e.Hint }

func (e *InputError) Unwrap() error { return e.Err }

// Input returns an InputError with a formatted message and no hint.
func Input(format string, args ...any) *InputError {
	return &InputError{Message: fmt.Sprintf(format, args...)}
}

// CheckError says that a check said no; the result has been shown.
type CheckError struct {
	Message, Hint string
	// Exchange is what was judged, where it was one: its likely causes go before Hint.
	Exchange *wire.Exchange
}

func (e *CheckError) Error() string { return e.Message }

// HintText is the second line of the message.
func (e *CheckError) HintText() string { return e.Hint }

// StatusError says that a server refused what was to succeed (--fail), or that its
// answer is of no use.
type StatusError struct {
	Message, Hint string
	Exchange      *wire.Exchange
}

func (e *StatusError) Error() string { return e.Message }

// HintText is the second line of the message.
func (e *StatusError) HintText() string { return e.Hint }

// ExitError ends the program with the code of a command that it ran. Nothing is
// said about it.
type ExitError struct{ Code int }

func (e *ExitError) Error() string { return fmt.Sprintf("the command ended with code %d", e.Code) }
