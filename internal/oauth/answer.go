package oauth

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/oauthpop/oauthpop/internal/bounds"
	"github.com/oauthpop/oauthpop/internal/jwt"
	"github.com/oauthpop/oauthpop/internal/transport"
	"github.com/oauthpop/oauthpop/internal/wire"
)

// Answer is a successful answer of a token endpoint (RFC 6749 section 5.1).
type Answer struct {
	AccessToken wire.Secret
	// TokenType as the server wrote it; it is compared without regard to case.
	TokenType string
	// ExpiresIn is in seconds; nil where the server does not say.
	ExpiresIn *int64
	Scope     string
	Raw       json.RawMessage // as it came
}

// parseAnswer reads what a token endpoint answered.
func parseAnswer(ex *wire.Exchange) (*Answer, error) {
	o, body, err := readObject(ex)
	if err != nil {
		return nil, err
	}
	a := &Answer{Raw: body}
	if why := a.read(o); why != "" {
		return nil, bad(ex, why, nil)
	}
	return a, nil
}

// readObject reads the JSON object that a server answered. A body decides before the
// status does: servers send errors with 200.
func readObject(ex *wire.Exchange) (*jwt.Object, json.RawMessage, error) {
	body := trimMark(ex.Response.Body)
	o, err := jwt.ParseObject(body)
	if err != nil {
		why := bodyKind(ex)
		if why == "" {
			why = fmt.Sprintf("not JSON (content type %q): %s", plain(ex.Response.Header.Get("Content-Type")), plain(err.Error()))
		}
		return nil, nil, bad(ex, "with "+why, err)
	}
	if code, ok := o.String("error"); ok && code != "" {
		return nil, nil, oauthError(ex, o, code)
	}
	if ex.Response.Status/100 != 2 {
		return nil, nil, bad(ex, "and JSON without an error", nil)
	}
	return o, json.RawMessage(body), nil
}

// read fills the answer, or says what is wrong with it.
func (a *Answer) read(o *jwt.Object) (why string) {
	for _, name := range []string{"access_token", "token_type"} {
		// Two parsers could take two different tokens out of it.
		if slices.Contains(o.Duplicates(), name) {
			return "with JSON in which " + name + " stands twice"
		}
	}
	raw, there := o.Get("access_token")
	token, isText := jwt.Text(raw)
	switch {
	case !there:
		return "with JSON without access_token"
	case !isText:
		return "with an access_token that is not a string"
	case token == "":
		return "with an empty access_token"
	case len(token) > bounds.Token:
		return fmt.Sprintf("with an access_token of %d bytes, which fits into no header", len(token))
	case strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }):
		// access-token = 1*VSCHAR, and of those a header takes no space
		// https://www.rfc-editor.org/rfc/rfc6749#appendix-A.12
		return "with an access_token that has characters that no header may carry"
	}
	a.AccessToken = wire.Secret(token)
	if raw, there = o.Get("token_type"); there {
		if a.TokenType, isText = jwt.Text(raw); !isText {
			return "with a token_type that is not a string"
		}
	}
	a.Scope, _ = o.String("scope")
	if raw, there = o.Get("expires_in"); there {
		a.ExpiresIn = seconds(raw)
	}
	return ""
}

// seconds reads a number; some servers put it in quotes.
func seconds(raw json.RawMessage) *int64 {
	written := string(raw)
	if s, ok := jwt.Text(raw); ok {
		written = s
	}
	n, err := strconv.ParseInt(written, 10, 64)
	if err != nil {
		f, err := strconv.ParseFloat(written, 64)
		if err != nil || f < 0 || f > 1<<53 {
			return nil
		}
		n = int64(f)
	}
	if n < 0 {
		return nil
	}
	return &n
}

func oauthError(ex *wire.Exchange, o *jwt.Object, code string) *Error {
	description, _ := o.String("error_description")
	uri, _ := o.String("error_uri")
	return &Error{
		Code: code, Description: description, URI: uri, Status: ex.Response.Status,
		Challenges: ex.Response.Header.Values("WWW-Authenticate"),
		RetryAfter: ex.Response.Header.Get("Retry-After"), Exchange: ex,
	}
}

func bad(ex *wire.Exchange, why string, err error) *AnswerError {
	return &AnswerError{
		Status: ex.Response.Status, Why: why, Err: err, Exchange: ex,
		Challenges: ex.Response.Header.Values("WWW-Authenticate"),
		RetryAfter: ex.Response.Header.Get("Retry-After"),
	}
}

// useless turns an answer that went beyond its bound into an AnswerError.
func useless(ex *wire.Exchange, err error) error {
	var large *transport.AnswerTooLargeError
	if !errors.As(err, &large) || ex == nil || ex.Response.Status == 0 {
		return err
	}
	return bad(ex, fmt.Sprintf("with a %s of more than %d bytes", large.What, large.Limit), err)
}

// bodyKind names a body that is plainly no JSON; "" where that cannot be said.
func bodyKind(ex *wire.Exchange) string {
	body := bytes.TrimSpace(trimMark(ex.Response.Body))
	kind, _, _ := mime.ParseMediaType(ex.Response.Header.Get("Content-Type"))
	location := ex.Response.Header.Get("Location")
	switch {
	case ex.Response.Status/100 == 3 && location != "":
		return fmt.Sprintf("a redirect to %q", plain(withoutQuery(location)))
	case len(body) == 0:
		return "an empty body"
	case packed(ex.Response.Header) && !json.Valid(body):
		return fmt.Sprintf("a body in the coding %q, which was not asked for and is not known", plain(ex.Response.Header.Get("Content-Encoding")))
	case kind == "text/html" || kind == "application/xhtml+xml" || body[0] == '<':
		return fmt.Sprintf("an HTML page, not JSON (content type %q)", plain(ex.Response.Header.Get("Content-Type")))
	}
	return ""
}

// packed: transport has unpacked what it knows, and left alone what it does not.
func packed(header http.Header) bool {
	coding := header.Get("Content-Encoding")
	return coding != "" && !strings.EqualFold(coding, "identity")
}

// withoutQuery: what a redirect carries may be secret.
func withoutQuery(location string) string {
	if u, err := url.Parse(location); err == nil {
		location = u.Redacted()
	}
	if at := strings.IndexAny(location, "?#"); at >= 0 {
		return location[:at]
	}
	return location
}

// trimMark cuts off a byte order mark, which is no JSON but harmless.
func trimMark(body []byte) []byte { return bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")) }
