package transport

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/oauthpop/oauthpop/internal/bounds"
	"github.com/oauthpop/oauthpop/internal/dpop"
	"github.com/oauthpop/oauthpop/internal/wire"
)

// Redirect is where an answer has led. A request for it is a request of its own: it
// has a URL of its own, and so a proof of its own.
type Redirect struct {
	Method, URL string
	// NoBody: the request goes on without the body of the first one.
	NoBody bool
	// Foreign: the way has left the origin of the first request, if only for a while.
	// Token, proof and client certificate stay behind; whatever a request still has of
	// them is taken off.
	Foreign bool
}

// RedirectError says that a redirect is not followed. URL is where it was met, or
// where it leads.
type RedirectError struct{ URL, Why string }

func (e *RedirectError) Error() string { return fmt.Sprintf("the redirect at %q %s", e.URL, e.Why) }

// HintText says what to try.
func (e *RedirectError) HintText() string {
	return "call the URL that the server answers at; --verbose shows where each answer leads"
}

// Follow is Stream that goes where redirects lead, bounds.Redirects times at most.
func (t *Transport) Follow(ctx context.Context, build Build) (*wire.Exchange, Body, error) {
	ex, a, err := t.exchange(ctx, build, bounds.Redirects)
	if err != nil {
		return ex, nil, err
	}
	return ex, a, nil
}

// way is the redirects of one request so far.
type way struct {
	allowed int
	taken   int
	origin  string // of the first request
	now     *Redirect
}

// onwards returns where an answer leads; nil where it is the last one.
func (w *way) onwards(ex *wire.Exchange) (*Redirect, error) {
	if w.taken == 0 {
		w.origin = originOf(ex.Request.URL)
	}
	location := ex.Response.Header.Get("Location")
	if w.allowed == 0 || location == "" || !leads(ex.Response.Status) {
		return nil, nil
	}
	base, err := url.Parse(ex.Request.URL)
	if err != nil {
		return nil, nil
	}
	no := func(why string) (*Redirect, error) {
		return nil, &RedirectError{URL: withoutQuery(base), Why: why}
	}
	if w.taken == w.allowed {
		return no(fmt.Sprintf("is one too many: %d are followed", w.allowed))
	}
	to, err := base.Parse(location)
	if err != nil {
		return no("leads to what is not a URL")
	}
	sent, err := dpop.RequestURL(to.String())
	if err != nil {
		return no("leads to a URL that cannot be called")
	}
	w.taken++
	next := &Redirect{Method: ex.Request.Method, URL: sent}
	if w.now != nil {
		next.NoBody, next.Foreign = w.now.NoBody, w.now.Foreign
	}
	// Once away, always away: who is led back was led by another party, which must
	// not choose what the token is used for.
	next.Foreign = next.Foreign || originOf(sent) != w.origin
	if becomesGet(ex.Response.Status, next.Method) {
		next.Method, next.NoBody = http.MethodGet, true
	}
	return next, nil
}

// leads: the other statuses of the kind name several places, or none.
// https://www.rfc-editor.org/rfc/rfc9110#section-15.4
func leads(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther,
		http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}

// becomesGet: 303 leads to "a retrieval request [...] (a GET or HEAD request if using
// HTTP)", and of 301 and 302 "for historical reasons, a user agent MAY change the
// request method from POST to GET"; 307 and 308 keep it.
// https://www.rfc-editor.org/rfc/rfc9110#section-15.4.4
func becomesGet(status int, method string) bool {
	switch status {
	case http.StatusSeeOther:
		return method != http.MethodGet && method != http.MethodHead
	case http.StatusMovedPermanently, http.StatusFound:
		return method == http.MethodPost
	}
	return false
}

// bared takes off a request to another origin whatever is for the first one alone,
// under its name or under one that sounds secret.
func bared(req *http.Request) *http.Request {
	req = WithProof(req, "", time.Time{})
	req.Header = req.Header.Clone()
	for name := range req.Header {
		if isSecret(name) {
			delete(req.Header, name)
		}
	}
	return req
}

// misled turns the refusal to send a request into one of the redirect that led to it.
func misled(at Attempt, req *http.Request, refusal error) error {
	if at.Redirect == nil {
		return refusal
	}
	return &RedirectError{URL: withoutQuery(req.URL), Why: "cannot be followed: " + strings.ReplaceAll(refusal.Error(), req.URL.Redacted(), withoutQuery(req.URL))}
}

// withoutQuery: what a redirect carries may be secret.
func withoutQuery(u *url.URL) string {
	bare := *u
	bare.RawQuery, bare.ForceQuery, bare.Fragment, bare.RawFragment = "", false, "", ""
	return bare.Redacted()
}
