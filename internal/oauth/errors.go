package oauth

import (
	"cmp"
	"fmt"
	"net/http"
	"strings"
	"unicode"

	"github.com/oauthpop/oauthpop/internal/bounds"
	"github.com/oauthpop/oauthpop/internal/wire"
)

// InputError is a value from the command line or the environment that no request
// can be made with.
type InputError struct{ What, Value, Why, Hint string }

func (e *InputError) Error() string {
	if e.Value == "" {
		return e.What + " " + e.Why
	}
	return fmt.Sprintf("%s %q %s", e.What, e.Value, e.Why)
}

// HintText says what to try.
func (e *InputError) HintText() string { return e.Hint }

// Error is an OAuth error, in the server's own words (RFC 6749 section 5.2).
type Error struct {
	Code        string // RFC 6749's error
	Description string // error_description
	URI         string // error_uri
	Status      int
	Challenges  []string // the WWW-Authenticate lines
	RetryAfter  string
	Exchange    *wire.Exchange
}

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("the server said " + plain(e.Code))
	if e.Description != "" {
		b.WriteString(": " + plain(e.Description))
	}
	if e.URI != "" {
		b.WriteString(" <" + plain(e.URI) + ">")
	}
	b.WriteString(" (http status " + statusText(e.Status) + ")")
	return b.String() + besides(e.Challenges, e.RetryAfter)
}

// AnswerError is an answer that is of no use: not JSON, a page, without an access
// token, too large.
type AnswerError struct {
	// Endpoint is its name in metadata; "" is the token endpoint.
	Endpoint   string
	Status     int
	Why        string
	Challenges []string
	RetryAfter string
	Exchange   *wire.Exchange
	Err        error
}

func (e *AnswerError) Error() string {
	s := "the server answered " + statusText(e.Status)
	if e.Why != "" {
		s += " " + e.Why
	}
	return s + besides(e.Challenges, e.RetryAfter)
}

func (e *AnswerError) Unwrap() error { return e.Err }

// HintText says what to try.
func (e *AnswerError) HintText() string {
	switch {
	case e.RetryAfter != "", e.Status == http.StatusTooManyRequests, e.Status >= 500:
		return "the server is not able to answer now: try again later"
	case e.Status/100 == 3:
		return "redirects are not followed: give the URL that the server answers at"
	}
	name := cmp.Or(e.Endpoint, TokenEndpoint)
	return "check that the URL is the " + strings.ReplaceAll(name, "_", " ") + " of the authorization server"
}

func besides(challenges []string, retryAfter string) string {
	s := ""
	for _, c := range challenges {
		s += "; WWW-Authenticate: " + plain(c)
	}
	if retryAfter != "" {
		s += "; Retry-After: " + plain(retryAfter)
	}
	return s
}

// statusText is "" where no status was read.
func statusText(status int) string {
	if status == 0 {
		return ""
	}
	return strings.TrimSpace(fmt.Sprintf("%d %s", status, http.StatusText(status)))
}

// plain makes a server's words fit for a terminal: one line, no control characters,
// nothing that turns the text around, not without end.
func plain(s string) string {
	if len(s) > bounds.Words {
		s = s[:bounds.Words] + "…"
	}
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r), unicode.Is(unicode.Zl, r), unicode.Is(unicode.Zp, r):
			return ' '
		case unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, s))
}

// IssuerError is metadata that belongs to another issuer.
type IssuerError struct{ Expected, Found, URL string }

func (e *IssuerError) Error() string {
	return fmt.Sprintf("the metadata at %q is of issuer %q, not of %q", e.URL, plain(e.Found), e.Expected)
}

// HintText says what to try.
func (e *IssuerError) HintText() string {
	return "if that is the issuer you mean, give it as it writes itself; a server that poses as another would look the same"
}

// DiscoveryError says that there is no metadata, and where it was looked for.
type DiscoveryError struct {
	Issuer string
	Tried  []Tried
}

// Tried is one place where metadata was looked for.
type Tried struct {
	URL    string
	Status int
	Why    string
}

// String is the place and what it answered.
func (t Tried) String() string {
	return t.URL + " (" + strings.TrimSpace(statusText(t.Status)+" "+t.Why) + ")"
}

func (e *DiscoveryError) Error() string {
	var all []string
	for _, t := range e.Tried {
		all = append(all, t.String())
	}
	return fmt.Sprintf("no metadata of issuer %q: tried %s", e.Issuer, strings.Join(all, ", "))
}

// HintText says what to try.
func (e *DiscoveryError) HintText() string {
	return "check the issuer; a token can be asked for without metadata: --token-endpoint URL"
}

// EndpointError is metadata without a usable endpoint.
type EndpointError struct{ Name, Issuer, Why string }

func (e *EndpointError) Error() string {
	return fmt.Sprintf("the metadata of %q has no %s that can be used: %s", e.Issuer, e.Name, e.Why)
}

// HintText says what to try.
func (e *EndpointError) HintText() string {
	if strings.HasSuffix(e.Name, "revocation_endpoint") || strings.HasSuffix(e.Name, "introspection_endpoint") {
		return "an issuer need not offer it: 'oauthpop discover' shows what there is"
	}
	return "the issuer has to mend its metadata; to do without: --token-endpoint URL, or --jwks FILE for keys"
}
