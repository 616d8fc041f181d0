package server

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"

	"github.com/oauthpop/oauthpop/internal/bounds"
	"github.com/oauthpop/oauthpop/internal/wire"
)

// form is the body of a token request.
type form url.Values

// one returns a parameter that may be there once.
//
// "Parameters sent without a value MUST be treated as if they were omitted from
// the request."
// https://www.rfc-editor.org/rfc/rfc6749#section-3.2
func (f form) one(name string) string {
	if len(f[name]) == 0 {
		return ""
	}
	return f[name][0]
}

// repeatable are the parameters that may be there several times.
// https://www.rfc-editor.org/rfc/rfc8707#section-2
var repeatable = []string{"resource", "audience"}

func invalidRequest(description string) *OAuthError {
	return &OAuthError{Status: http.StatusBadRequest, Code: wire.ErrInvalidRequest, Description: description}
}

// form reads the body of the request; the query is no part of it.
func (x *exchange) form() (form, *OAuthError) {
	kind, _, err := mime.ParseMediaType(x.r.Header.Get("Content-Type"))
	if err != nil || kind != "application/x-www-form-urlencoded" {
		return nil, invalidRequest("the content type is not application/x-www-form-urlencoded")
	}
	body, err := io.ReadAll(http.MaxBytesReader(x.w, x.r.Body, bounds.FormBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		e := invalidRequest("the body is too large")
		e.Status = http.StatusRequestEntityTooLarge
		return nil, e
	case err != nil:
		return nil, invalidRequest("the body cannot be read")
	}
	values, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, invalidRequest("the body is not form-encoded")
	}
	for name, list := range values {
		// "Request and response parameters MUST NOT be included more than once."
		// https://www.rfc-editor.org/rfc/rfc6749#section-3.2
		if len(list) > 1 && !slices.Contains(repeatable, name) {
			return nil, invalidRequest("the parameter " + name + " is there more than once")
		}
	}
	return form(values), nil
}
