package server

import (
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/oauthpop/oauthpop/internal/bounds"
	"github.com/oauthpop/oauthpop/internal/server/guard"
	"github.com/oauthpop/oauthpop/internal/wire"
)

// tokenInQuery looks also into a query that cannot be parsed: other servers would
// read some of it.
func tokenInQuery(query string) bool {
	values, err := url.ParseQuery(query)
	return values.Has("access_token") || err != nil && strings.Contains(query, "access_token")
}

// takeBody reads a body that says nothing here. Over HTTP/2 what is left unread makes
// the server reset the stream behind its answer, and "Clients MUST NOT discard
// responses as a consequence of receiving such a RST_STREAM": curl 7.88 does.
// https://www.rfc-editor.org/rfc/rfc9113#section-8.1
func (x *exchange) takeBody() {
	_, _ = io.CopyN(io.Discard, x.r.Body, bounds.FormBody)
}

// admit asks the guard whether the request may go on, and answers it if not.
func (x *exchange) admit() bool {
	x.takeBody()
	verdict, refusal := x.guard.Judge(guard.Request{
		Method: x.r.Method,
		// The public URL of this port, not what the client calls it in Host.
		URL:           x.base + x.r.URL.EscapedPath(),
		TokenInQuery:  tokenInQuery(x.r.URL.RawQuery),
		Authorization: x.r.Header.Values("Authorization"),
		Proofs:        x.r.Header.Values(wire.HeaderDPoP),
		Certificate:   x.certificate(),
		Now:           x.now,
	})
	if refusal == nil {
		x.verdict = verdict
		x.event.ClientID, x.event.Bound = verdict.Claims.ClientID, verdict.Bound
		return true
	}
	for _, c := range refusal.Challenges(x.guard.Algs) {
		x.w.Header().Add("WWW-Authenticate", c)
	}
	e := &OAuthError{Status: refusal.Status, Code: refusal.Error, Description: refusal.Description}
	if e.Code == "" {
		// Without credentials the challenge tells no error; the body is for a person.
		e.Code, e.Description = "unauthorized", "this resource needs an access token"
	}
	x.fail(e)
	return false
}

// echo is the answer of the protected resource.
type echo struct {
	Bound    string           `json:"bound"`
	Subject  string           `json:"sub"`
	ClientID string           `json:"client_id"`
	Scope    string           `json:"scope"`
	Method   string           `json:"method"`
	Path     string           `json:"path"`
	CNF      wire.Thumbprints `json:"cnf"`
}

// resource tells the holder of a token what it was let in with.
func (x *exchange) resource() {
	c := x.verdict.Claims
	x.json(http.StatusOK, &echo{
		Bound: x.verdict.Bound, Subject: c.Subject, ClientID: c.ClientID, Scope: c.Scope,
		Method: x.r.Method, Path: x.r.URL.EscapedPath(), CNF: c.Confirmation,
	})
}

// targets are the audiences that a token may be for, and that both resources take.
func (s *Server) targets() []string { return []string{s.Resource(), s.MTLSResource()} }

func (s *Server) isTarget(audience string) bool { return slices.Contains(s.targets(), audience) }
