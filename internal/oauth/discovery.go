package oauth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/oauthpop/oauthpop/internal/bounds"
	"github.com/oauthpop/oauthpop/internal/jwt"
	"github.com/oauthpop/oauthpop/internal/transport"
	"github.com/oauthpop/oauthpop/internal/wire"
)

// Discover returns the metadata of an issuer (RFC 8414, OpenID Connect Discovery)
// and what a person should know about it. A place that has none, whatever it
// answers, does not hide the next.
func Discover(ctx context.Context, t *transport.Transport, issuer string) (*wire.Metadata, []string, error) {
	issuer, u, err := cutIssuer(issuer)
	if err != nil {
		return nil, nil, err
	}
	var (
		none    = &DiscoveryError{Issuer: issuer}
		foreign *IssuerError
	)
	for _, place := range places(u) {
		m, notes, tried, err := fetchMetadata(ctx, t, place)
		switch {
		case err != nil:
			return nil, nil, err
		case m == nil:
			none.Tried = append(none.Tried, tried)
			continue
		}
		note, ok := sameIssuer(issuer, m.Issuer)
		if ok {
			if note != "" {
				notes = append(notes, note)
			}
			return m, notes, nil
		}
		if foreign == nil {
			foreign = &IssuerError{Expected: issuer, Found: m.Issuer, URL: place}
		}
	}
	if foreign != nil {
		return nil, nil, foreign
	}
	return nil, nil, none
}

// sameIssuer compares the issuer that was asked for with the one that answered.
// That only a final slash differs is so common a slip that it is taken, and said.
//
// "The "issuer" value returned MUST be identical to the authorization server's
// issuer identifier value into which the well-known URI string was inserted"
// https://www.rfc-editor.org/rfc/rfc8414#section-3.3
func sameIssuer(expected, found string) (note string, ok bool) {
	if found == expected {
		return "", true
	}
	if strings.TrimSuffix(found, "/") == strings.TrimSuffix(expected, "/") {
		return fmt.Sprintf("the issuer writes itself %q: that is used, not %q", found, expected), true
	}
	return "", false
}

// fetchMetadata gets one document; m is nil where there is none.
func fetchMetadata(ctx context.Context, t *transport.Transport, place string) (m *wire.Metadata, notes []string, tried Tried, err error) {
	body, tried, err := fetchDocument(ctx, t, place)
	if err != nil || tried.Why != "" || tried.Status != http.StatusOK {
		return nil, nil, tried, err
	}
	m, notes, tried.Why = parseMetadata(body)
	if m != nil {
		m.URL = place
	}
	return m, notes, tried, nil
}

// fetchDocument gets what stands at one place. What came is a JSON object if tried
// has status 200 and no reason why not.
func fetchDocument(ctx context.Context, t *transport.Transport, place string) (body []byte, tried Tried, err error) {
	ex, err := t.Do(ctx, func(transport.Attempt) (*http.Request, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, place, nil)
		if err != nil {
			return nil, err
		}
		req.Header.Set("Accept", "application/json")
		return req, nil
	}, bounds.Metadata)
	tried = Tried{URL: place}
	if ex != nil {
		tried.Status = ex.Response.Status
	}
	var large *transport.AnswerTooLargeError
	switch {
	case errors.As(err, &large):
		tried.Why = "too large"
		return nil, tried, nil
	case err != nil:
		return nil, tried, err
	case ex.Response.Status/100 == 3:
		tried.Why = bodyKind(ex)
		return nil, tried, nil
	case ex.Response.Status != http.StatusOK:
		return nil, tried, nil
	}
	body = trimMark(ex.Response.Body)
	if _, err := jwt.ParseObject(body); err != nil {
		if tried.Why = bodyKind(ex); tried.Why == "" {
			tried.Why = "not JSON"
		}
	}
	return body, tried, nil
}
