package commands

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/oauthpop/oauthpop/internal/bounds"
	"github.com/oauthpop/oauthpop/internal/cli"
	"github.com/oauthpop/oauthpop/internal/commands/view"
	"github.com/oauthpop/oauthpop/internal/files"
	"github.com/oauthpop/oauthpop/internal/transport"
	"github.com/oauthpop/oauthpop/internal/wire"
)

// deliver writes the answer where it belongs.
func (o *callOptions) deliver(ctx context.Context, c *call, x *wire.Exchange, body transport.Body) error {
	failed := o.fail && x.Response.Status >= 400
	if failed {
		x.Response.Body = body.Peek() // for the error in it; what is beyond goes by unread
	}
	switch {
	case failed && !o.env.JSON():
		return refused(x)
	case failed:
		return o.show(c, x, bytes.NewReader(x.Response.Body), refused(x))
	}
	o.explain(x)
	if o.env.JSON() {
		return o.show(c, x, body, nil)
	}
	if o.outFile != "" {
		return o.save(body)
	}
	out := &output{Writer: o.env.Stdout}
	if o.include {
		writeHead(out, x)
	}
	_, err := io.Copy(out, body)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case out.err != nil:
		return fmt.Errorf("write the answer: %w", out.err)
	}
	return fmt.Errorf("the answer broke off: %w", err)
}

// output knows whether it was writing that failed.
type output struct {
	io.Writer
	err error
}

// Write writes, until that fails.
func (w *output) Write(b []byte) (int, error) {
	if w.err != nil {
		return 0, w.err
	}
	n, err := w.Writer.Write(b)
	w.err = err
	return n, err
}

// save writes the body to a file, whole or not at all.
func (o *callOptions) save(body io.Reader) error {
	n, err := files.WriteFrom(o.outFile, body, 0o644, o.force)
	if err == nil {
		o.env.Say("%d bytes written to %s", n, o.outFile)
	}
	return err
}

// show writes the answer as one JSON object.
func (o *callOptions) show(c *call, x *wire.Exchange, body io.Reader, failure error) error {
	v, err := shownAnswer(c, x, body, bounds.Shown)
	if err != nil {
		return err
	}
	return o.env.Result(v, failure)
}

// shownAnswer reads a body, of limit bytes at most, into what is shown of an answer.
func shownAnswer(c *call, x *wire.Exchange, body io.Reader, limit int64) (*view.Call, error) {
	content, err := io.ReadAll(io.LimitReader(body, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(content)) > limit {
		return nil, &transport.AnswerTooLargeError{Host: hostOf(x.Request.URL), What: "body", Limit: limit, Status: x.Response.Status}
	}
	v := &view.Call{Status: x.Response.Status, Headers: x.Response.Header, Attempts: x.Attempts, Binding: c.binding, TLS: view.TLSOf(x.TLS)}
	if utf8.Valid(content) {
		text := string(content)
		v.Body = &text
	} else {
		v.BodyBase64 = content
	}
	return v, nil
}

// refused is the error of a status of 400 and above, with the server's words and
// the likely causes.
func refused(x *wire.Exchange) error {
	e := &cli.StatusError{
		Exchange: x, Message: fmt.Sprintf("%s %s: %s", x.Request.Method, shownURL(x.Request.URL), words(x)),
		Hint: "without --fail, -i shows the whole answer",
	}
	if x.Response.Status >= 500 || x.Response.Status == http.StatusTooManyRequests {
		e.Hint = "the server is not able to answer now: try again later"
	}
	return e
}

// explain says on standard error what a refusal says about the token, and where a
// redirect leads that is not followed.
func (o *callOptions) explain(x *wire.Exchange) {
	switch {
	case x.Response.Status >= 400:
		o.env.Say("%s", words(x))
		if hint := whatToTry(x, errorCode(x)); hint != "" {
			o.env.Say("hint:  %s", hint)
		}
	case !o.follow && x.Response.Status/100 == 3 && x.Response.Header.Get("Location") != "":
		o.env.Say("the server answered %s and leads to another URL; -L follows it, with a proof for that URL", status(x))
	}
}

// words returns status and challenges of an answer.
func words(x *wire.Exchange) string {
	s := "the server answered " + status(x)
	if c := x.Response.Header.Values("WWW-Authenticate"); len(c) > 0 {
		s += "; WWW-Authenticate: " + strings.Join(c, ", ")
	}
	if after := x.Response.Header.Get("Retry-After"); after != "" {
		s += "; Retry-After: " + after
	}
	return s + bodyWords(x)
}

// bodyWords is the error that the body tells, where no challenge tells it: the only
// words that some servers have for it.
func bodyWords(x *wire.Exchange) string {
	said := oauthError(&wire.Exchange{Response: wire.ResponseFacts{Body: x.Response.Body}})
	if said == nil || said.Error == errorCode(&wire.Exchange{Response: wire.ResponseFacts{Header: x.Response.Header}}) {
		return ""
	}
	words := "; the body says " + said.Error
	if said.Description != "" {
		words += ": " + said.Description
	}
	return words[:min(len(words), bounds.Words)]
}

func status(x *wire.Exchange) string { return statusLine(x.Response.Status) }

func statusLine(status int) string {
	return strings.TrimSpace(fmt.Sprintf("%d %s", status, http.StatusText(status)))
}

// writeHead writes status line and headers as they came, in a fixed order.
func writeHead(w io.Writer, x *wire.Exchange) {
	_, _ = fmt.Fprintf(w, "%s %d %s\r\n", x.Response.Proto, x.Response.Status, http.StatusText(x.Response.Status))
	for _, name := range slices.Sorted(maps.Keys(x.Response.Header)) {
		for _, value := range x.Response.Header[name] {
			_, _ = fmt.Fprintf(w, "%s: %s\r\n", name, value)
		}
	}
	_, _ = io.WriteString(w, "\r\n")
}
