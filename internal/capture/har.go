package capture

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/oauthpop/oauthpop/internal/bounds"
	"github.com/oauthpop/oauthpop/internal/wire"
)

// entry is what of a HAR's entry is read.
// http://www.softwareishard.com/blog/har-12-spec/#entries
type entry struct {
	Started string  `json:"startedDateTime"` //nolint:tagliatelle // the names of HAR
	Time    float64 `json:"time"`            // ms
	Request struct {
		Method   string    `json:"method"`
		URL      string    `json:"url"`
		Headers  []harPair `json:"headers"`
		PostData struct {
			Text string `json:"text"`
		} `json:"postData"` //nolint:tagliatelle // the names of HAR
	} `json:"request"`
	Response struct {
		Status  int       `json:"status"`
		Version string    `json:"httpVersion"` //nolint:tagliatelle // the names of HAR
		Headers []harPair `json:"headers"`
		Content struct {
			Size     float64 `json:"size"`
			Text     string  `json:"text"`
			Encoding string  `json:"encoding"`
		} `json:"content"`
		Error string `json:"_error"` //nolint:tagliatelle // of Chromium
	} `json:"response"`
}

type harPair struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// readHAR reads the requests of a HAR that carry credentials, or whose answer is
// about them. The others are counted.
func readHAR(text string) (*Reading, error) {
	d := json.NewDecoder(strings.NewReader(text))
	out := &Reading{Form: FormHAR}
	err := enter(d, "log", func() error { return enter(d, "entries", func() error { return out.entries(d) }) })
	switch {
	case errors.Is(err, errNotThere):
		return nil, &Error{Reason: "this is JSON, but not a HAR: it has no log.entries", Hint: whatIsRead}
	case err != nil:
		return nil, &Error{
			Reason: fmt.Sprintf("the HAR is cut off or damaged after %d whole requests", len(out.Exchanges)+out.Skipped),
			Hint:   "save it again, whole",
		}
	case len(out.Exchanges) == 0:
		return nil, &Error{
			Reason: fmt.Sprintf("none of the %d requests in the HAR carries a token, a proof or a client certificate", out.Skipped),
			Hint:   "browsers leave credentials out unless they are told not to: in Chromium it is 'Export HAR (with sensitive data)', which DevTools' settings allow",
		}
	}
	return out, nil
}

var errNotThere = errors.New("there is no such member")

// enter finds the member of the object that comes next, and reads it with f. What
// comes behind it is left unread.
func enter(d *json.Decoder, name string, f func() error) error {
	if t, err := d.Token(); err != nil {
		return err
	} else if t != json.Delim('{') {
		return errNotThere
	}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return err
		}
		if t == name {
			return f()
		}
		var skipped json.RawMessage
		if err := d.Decode(&skipped); err != nil {
			return err
		}
	}
	if _, err := d.Token(); err != nil {
		return err
	}
	return errNotThere
}

func (r *Reading) entries(d *json.Decoder) error {
	if t, err := d.Token(); err != nil {
		return err
	} else if t != json.Delim('[') {
		return errNotThere
	}
	for d.More() {
		var e entry
		err := d.Decode(&e)
		if wrong := (*json.UnmarshalTypeError)(nil); errors.As(err, &wrong) {
			r.Skipped++ // of another shape, and read past
			continue
		} else if err != nil {
			return err
		}
		x := e.exchange()
		if !credentials(&x) {
			r.Skipped++
			if x.document() && len(r.Documents) < mostDocuments {
				r.Documents = append(r.Documents, x)
			}
			continue
		}
		if len(r.Exchanges) == bounds.Exchanges {
			r.Cut = true
			return nil
		}
		r.Exchanges = append(r.Exchanges, x)
	}
	_, err := d.Token()
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return err
}

// mostDocuments is how many are kept: a browser asks each server once.
const mostDocuments = 10

// document says whether x is for the metadata of an authorization server.
// https://www.rfc-editor.org/rfc/rfc8414#section-3
func (x *Exchange) document() bool {
	return x.Response.Status == http.StatusOK && strings.Contains(x.Request.URL, "/.well-known/") && len(x.Response.Body) <= bounds.Metadata
}

func (e *entry) exchange() Exchange {
	var x Exchange
	x.Request.Method, x.Request.URL, x.Body = e.Request.Method, e.Request.URL, e.Request.PostData.Text
	x.Request.Header = header(e.Request.Headers)
	if at, err := time.Parse(time.RFC3339, e.Started); err == nil {
		x.Started = at
	}
	if e.Response.Error != "" {
		x.note("the browser says: " + e.Response.Error)
	}
	if e.Response.Status < 100 || e.Response.Status > 599 {
		return x // blocked, or no answer
	}
	x.Response = wire.ResponseFacts{Proto: e.Response.Version, Status: e.Response.Status, Header: header(e.Response.Headers)}
	if !x.Started.IsZero() && e.Time >= 0 && e.Time < 1e9 {
		x.Response.Received = x.Started.Add(time.Duration(e.Time * float64(time.Millisecond)))
	}
	body := []byte(e.Response.Content.Text)
	if e.Response.Content.Encoding == "base64" {
		if plain, err := base64.StdEncoding.DecodeString(e.Response.Content.Text); err == nil {
			body = plain
		}
	}
	x.Response.Body = body[:min(len(body), bounds.Answer)]
	if len(body) == 0 && e.Response.Content.Size > 0 {
		x.note("the HAR leaves out the body of the answer, which may name the error: of Chromium, 'Export HAR' keeps bodies and 'Copy all as HAR' does not")
	}
	return x
}

// header leaves out the pseudo-header fields, which Chromium lists too.
func header(pairs []harPair) http.Header {
	h, n := http.Header{}, 0
	for _, p := range pairs {
		if p.Name == "" || strings.HasPrefix(p.Name, ":") {
			continue
		}
		// A field that came several times is one value with line breaks in Chromium.
		for value := range strings.SplitSeq(p.Value, "\n") {
			if n++; n > bounds.Fields {
				return h
			}
			h.Add(p.Name, value)
		}
	}
	return h
}

// credentials says whether a request has to do with tokens, proofs or certificates.
func credentials(x *Exchange) bool {
	q, a := x.Request.Header, x.Response.Header
	return q.Get("Authorization") != "" || len(q.Values(wire.HeaderDPoP)) > 0 || forwards(q) ||
		a.Get(wire.HeaderDPoPNonce) != "" || a.Get("WWW-Authenticate") != "" ||
		bytes.Contains(x.Response.Body, []byte(`"access_token"`))
}
