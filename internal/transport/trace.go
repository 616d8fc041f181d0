package transport

import (
	"fmt"
	"net/http"
	"net/url"

	"github.com/oauthpop/oauthpop/internal/wire"
)

// What a TraceEvent tells.
const (
	TraceRequest    = "request"    // Method, URL, Header, Form or BodySize
	TraceConnection = "connection" // Remote, Reused, TLS
	TraceAnswer     = "answer"     // Proto, Status, Header, BodySize
	TraceRetry      = "retry"      // Text: why there is another attempt
	TraceWarning    = "warning"    // Text: what was ignored, or is in vain
)

// TraceEvent is one thing that happened on the wire, fit to be shown: secrets in
// it are shortened.
type TraceEvent struct {
	Kind    string
	Attempt int

	Method, URL string
	Proto       string // "HTTP/2.0"
	Status      string // "400 Bad Request"
	Header      []Field
	Form        []Field
	BodySize    int64 // -1: not known

	Remote string // the address that was connected to
	Reused bool
	TLS    wire.TLSFacts

	Text string
}

// Field is a header field or a form value.
type Field struct{ Name, Value string }

func (t *Transport) trace(e TraceEvent) {
	if t.config.Trace != nil {
		t.config.Trace(e)
	}
}

func (t *Transport) note(kind string, attempt int, text string) {
	t.trace(TraceEvent{Kind: kind, Attempt: attempt, Text: text})
}

func (t *Transport) noteRedirect(attempt int, ex *wire.Exchange, to *Redirect) {
	where := "another URL"
	if u, err := url.Parse(to.URL); err == nil {
		where = redactURL(u)
	}
	text := fmt.Sprintf("the answer %d leads to %s", ex.Response.Status, where)
	if to.Foreign {
		text += ": another origin, which gets no token, no proof and no client certificate"
	}
	t.note(TraceRetry, attempt, text)
}

func (t *Transport) traceRequest(attempt int, req *http.Request) {
	if t.config.Trace == nil {
		return
	}
	e := TraceEvent{
		Kind: TraceRequest, Attempt: attempt, Method: req.Method, URL: redactURL(req.URL),
		Header: redactHeader(req.Header), Form: redactForm(req), BodySize: req.ContentLength,
	}
	if req.Body != nil && req.Body != http.NoBody && req.ContentLength == 0 {
		e.BodySize = -1
	}
	t.trace(e)
}

func (t *Transport) traceConn(attempt int, c *conn, reused bool) {
	t.trace(TraceEvent{
		Kind: TraceConnection, Attempt: attempt, Remote: c.RemoteAddr().String(), Reused: reused, TLS: c.tls(),
	})
}

func (t *Transport) traceAnswer(attempt int, res *http.Response) {
	if t.config.Trace == nil {
		return
	}
	t.trace(TraceEvent{
		Kind: TraceAnswer, Attempt: attempt, Proto: res.Proto, Status: res.Status,
		Header: redactHeader(res.Header), BodySize: res.ContentLength,
	})
}
