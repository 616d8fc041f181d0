package transport

import (
	"bytes"
	"context"
	"errors"
	"io"

	"github.com/oauthpop/oauthpop/internal/bounds"
)

// answer is the body of an answer on its way in.
type answer struct {
	transport *Transport
	caller    context.Context // its end is told as it is
	own       context.Context // of this attempt
	abort     func(error)
	stop      context.CancelFunc // ends the time for everything
	round     *round
	host      string
	status    int
	coding    string // Content-Encoding

	body   io.Reader // closer with what has been looked at before it
	closer io.Closer
}

// Read reads the body; an error says what failed as one of Do does.
//
// The end of a body that was given up is no end: closing the connection says so to
// the server first, and one that is quick finishes its answer politely.
func (a *answer) Read(p []byte) (int, error) {
	n, err := a.body.Read(p)
	if err != nil && (!errors.Is(err, io.EOF) || a.own.Err() != nil) {
		err = a.failure(err)
	}
	return n, err
}

// Close ends the exchange.
func (a *answer) Close() error {
	err := a.closer.Close()
	a.abort(nil)
	a.stop()
	return err
}

// readAll reads the body up to its bound, packed and unpacked, in the time of
// --timeout: who reads an answer whole cannot do anything before its end.
func (a *answer) readAll(limit int64) ([]byte, error) {
	inTime := a.timed()
	defer inTime()
	body, err := io.ReadAll(io.LimitReader(a, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(body)) <= limit {
		body = unpack(a.coding, body, limit)
	}
	if int64(len(body)) > limit {
		return nil, &AnswerTooLargeError{Host: a.host, What: "body", Limit: limit, Status: a.status}
	}
	return body, nil
}

// Peek returns the beginning of the body, unpacked. The body is then read once more,
// as it came.
func (a *answer) Peek() []byte {
	inTime := a.timed()
	defer inTime()
	head, err := io.ReadAll(io.LimitReader(a.body, bounds.ErrorBody))
	rest := a.body
	if err != nil {
		rest = failing{err}
	}
	a.body = io.MultiReader(bytes.NewReader(head), rest)
	content := unpack(a.coding, head, bounds.ErrorBody)
	return content[:min(len(content), bounds.ErrorBody)]
}

// finish reads what is left, so that the connection can carry the next request,
// and ends this attempt. The time for everything goes on.
func (a *answer) finish() {
	a.Peek()
	_ = a.closer.Close()
	a.abort(nil)
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
