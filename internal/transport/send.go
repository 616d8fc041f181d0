package transport

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/oauthpop/oauthpop/internal/bounds"
	"github.com/oauthpop/oauthpop/internal/wire"
)

// send sends one request and returns when the header of the answer has come. ctx
// is the caller's, whole is ctx with the time for everything.
func (t *Transport) send(ctx, whole context.Context, req *http.Request, at Attempt) (*wire.Exchange, *answer, error) {
	number, via := at.Number, t.http
	ex := &wire.Exchange{Request: t.facts(req)}
	own, abort := context.WithCancelCause(whole)
	r := &round{abort: abort, onConn: func(c *conn, reused bool) { t.traceConn(number, c, reused) }}
	a := &answer{transport: t, caller: ctx, own: own, abort: abort, round: r, host: req.URL.Host, stop: func() {}}

	if at.Redirect != nil && at.Redirect.Foreign {
		via, r.bare, ex.Request.Certificate = t.bare, true, false
	}

	t.traceRequest(number, req)
	inTime := a.timed()
	// This is the only RoundTrip; an http.Client would follow redirects.
	res, err := via.RoundTrip(req.WithContext(r.in(own)))
	late := !inTime()
	c := r.carrier()
	if c != nil {
		ex.TLS = c.tls()
	}
	if err == nil && (late || res.StatusCode == http.StatusSwitchingProtocols) {
		_ = res.Body.Close()
		err = errSwitched
		if late {
			err = errTimeout
		}
	}
	if err != nil {
		err = a.failure(err)
		abort(nil)
		return ex, nil, err
	}
	if c != nil {
		c.gotAnswer()
	}
	ex.Response = wire.ResponseFacts{Proto: res.Proto, Status: res.StatusCode, Header: res.Header, Received: t.config.Now()}
	a.body, a.closer, a.status = res.Body, res.Body, res.StatusCode
	a.coding = strings.Join(res.Header.Values("Content-Encoding"), ",")
	t.traceAnswer(number, res)
	return ex, a, nil
}

func (t *Transport) facts(req *http.Request) wire.RequestFacts {
	f := wire.RequestFacts{
		Method: req.Method, URL: req.URL.String(), Header: req.Header.Clone(),
		Certificate: t.config.Certificate != nil,
	}
	if p, ok := req.Context().Value(proofKey{}).(proof); ok {
		f.HTU, f.IAT = p.htu, p.iat
	}
	return f
}

// timed gives the next step the time of --timeout; what it returns ends that, and
// reports whether it was in time.
func (a *answer) timed() func() bool {
	limit := a.transport.config.Timeout
	if limit <= 0 {
		return func() bool { return true }
	}
	timer := time.AfterFunc(limit, func() { a.abort(errTimeout) })
	return timer.Stop
}

// failure says what an error of net/http means.
func (a *answer) failure(err error) error {
	if ended := a.caller.Err(); ended != nil {
		return ended
	}
	var wrong *RequestError
	if errors.As(err, &wrong) {
		return wrong
	}
	config, cause := a.transport.config, context.Cause(a.own)
	switch {
	case errors.Is(cause, errMaxTime):
		return a.overdue(config.MaxTime, errMaxTime)
	case errors.Is(cause, errTimeout), errors.Is(err, errTimeout):
		return a.overdue(config.Timeout, errTimeout)
	case errors.Is(cause, errSentTwice):
		return &NetworkError{Op: OpAnswer, Host: a.host, Err: errSentTwice}
	case headerNotUnpacked(err):
		return &AnswerTooLargeError{Host: a.host, What: "header", Limit: bounds.Header, Status: a.status, Err: err}
	case headerTooLong(err):
		return &AnswerTooLargeError{Host: a.host, What: "header", Limit: bounds.Header, Status: a.status}
	}
	sorted := network(a.host, err)
	if c := a.round.carrier(); c != nil && c.refused() && sorted.Op != OpTimeout && !a.round.answering() && !overHTTP2(err) {
		return refusal(a.host, c.tls(), err)
	}
	return sorted
}

func (a *answer) overdue(after time.Duration, which error) error {
	return &NetworkError{Op: OpTimeout, Host: a.host, Err: fmt.Errorf("no answer within %v (%w)", after, which)}
}
