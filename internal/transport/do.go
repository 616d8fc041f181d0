package transport

import (
	"context"
	"errors"
	"io"
	"net/http"

	"github.com/oauthpop/oauthpop/internal/wire"
)

// Attempt is one sending of a request.
type Attempt struct {
	// Number counts from 1.
	Number int
	// Redirect is where the last answer led; nil for the request itself.
	Redirect *Redirect
	nonces   map[string]string
}

// Nonce returns the nonce that the server of a URL gave last, "" without one.
func (a Attempt) Nonce(rawURL string) string { return a.nonces[originOf(rawURL)] }

// Build makes the request of an attempt: all of it, each time, so that a retry
// carries a new proof and a new assertion.
type Build func(Attempt) (*http.Request, error)

// Do sends a request and reads the answer whole. It sends it once more, built
// anew, where the server asks for a nonce that the request did not have.
//
// The exchange is returned with the error, too, where a request was sent. An
// answer of more than limit bytes, packed or unpacked, is an AnswerTooLargeError. An
// answer of any status is no error. A context that has ended is its own error.
func (t *Transport) Do(ctx context.Context, build Build, limit int64) (*wire.Exchange, error) {
	ex, a, err := t.exchange(ctx, build, 0)
	if err != nil {
		return ex, err
	}
	defer a.Close()
	body, err := a.readAll(limit)
	if err != nil {
		return ex, err
	}
	ex.Response.Body = body
	return ex, nil
}

// Body is the body of an answer. Peek returns its beginning, as much of it as comes
// within --timeout, unpacked; the body is then read once more, as it came.
type Body interface {
	io.ReadCloser
	Peek() []byte
}

// Stream is Do for an answer that the caller reads and closes. What the body
// reports is what Do would.
func (t *Transport) Stream(ctx context.Context, build Build) (*wire.Exchange, Body, error) {
	ex, a, err := t.exchange(ctx, build, 0)
	if err != nil {
		return ex, nil, err
	}
	return ex, a, nil
}

// exchange is the one loop of attempts.
func (t *Transport) exchange(ctx context.Context, build Build, redirects int) (*wire.Exchange, *answer, error) {
	whole, stop := ctx, context.CancelFunc(func() {})
	if t.config.MaxTime > 0 {
		whole, stop = context.WithTimeoutCause(ctx, t.config.MaxTime, errMaxTime)
	}
	var (
		ex         *wire.Exchange // the last one that was sent
		attempts   []wire.Attempt
		forNonce   bool // this attempt is the retry with a nonce
		forLostOne bool // this attempt is the retry after a lost connection
	)
	w := way{allowed: redirects}
	for number := 1; ; number++ {
		at := Attempt{Number: number, Redirect: w.now, nonces: t.nonces.snapshot()}
		last, a, err := t.attempt(ctx, whole, build, at)
		if last != nil {
			ex = last
			attempts = append(attempts, wire.Attempt{URL: ex.Request.URL, Status: ex.Response.Status, NonceRetry: forNonce})
			ex.Attempts = attempts
		}
		switch {
		case errors.Is(err, errSentTwice) && !forLostOne:
			forLostOne = true
			t.note(TraceRetry, number, "the server closed a connection that had been kept open: the request is sent again, with a new proof")
			continue
		case err != nil:
			stop()
			return ex, nil, err
		}
		a.stop = stop
		if t.wantsNonce(ex, a, at, forNonce) {
			forNonce = true
			a.finish()
			continue
		}
		next, err := w.onwards(ex)
		if err == nil && next == nil {
			return ex, a, nil
		}
		a.finish()
		if err != nil {
			stop()
			return ex, nil, err
		}
		t.noteRedirect(number, ex, next)
		// Where it leads is another request, which may want a nonce of its own.
		w.now, forNonce, forLostOne = next, false, false
	}
}

// attempt builds and sends one request, and learns the nonce of the answer.
func (t *Transport) attempt(ctx, whole context.Context, build Build, at Attempt) (*wire.Exchange, *answer, error) {
	req, err := build(at)
	if err != nil {
		return nil, nil, err
	}
	if err := t.check(req); err != nil {
		if req.Body != nil {
			_ = req.Body.Close()
		}
		return nil, nil, misled(at, req, err)
	}
	if at.Redirect != nil && at.Redirect.Foreign {
		req = bared(req)
	}
	if req.Header.Get("User-Agent") == "" && t.config.UserAgent != "" {
		req.Header.Set("User-Agent", t.config.UserAgent)
	}
	ex, a, err := t.send(ctx, whole, req, at)
	if err != nil {
		return ex, nil, err
	}
	if why := t.nonces.learn(originOf(ex.Request.URL), ex.Response.Header); why != "" {
		t.note(TraceWarning, at.Number, why)
	}
	return ex, a, nil
}
