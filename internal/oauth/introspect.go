package oauth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"

	"github.com/oauthpop/oauthpop/internal/bounds"
	"github.com/oauthpop/oauthpop/internal/jwt"
	"github.com/oauthpop/oauthpop/internal/transport"
	"github.com/oauthpop/oauthpop/internal/wire"
)

// Introspection is what an authorization server says about a token (RFC 7662).
type Introspection struct {
	// Active: the token can be used. Of one that is not, nothing else is said.
	Active    bool
	TokenType string
	Issuer    string // of the token, "" where the answer does not say
	// Cnf is what the token is bound to, HasCnf whether the answer says so at all.
	Cnf         json.RawMessage
	HasCnf      bool
	CnfRepeated bool
	Raw         json.RawMessage // as it came
}

// Introspect asks what a token is. No proof goes with the request: it is not the
// token's use.
//
// "To prevent token scanning attacks, the endpoint MUST also require some form of
// authorization to access this endpoint", which is that of the client.
// https://www.rfc-editor.org/rfc/rfc7662#section-2.1
func (c *Client) Introspect(ctx context.Context, t *transport.Transport, endpoint string, token wire.Secret) (*Introspection, error) {
	asker := *c
	asker.DPoP = nil
	ex, err := t.Do(ctx, asker.Request(ctx, endpoint, url.Values{"token": {token.Reveal()}, "token_type_hint": {"access_token"}}), bounds.Answer)
	if err != nil {
		return nil, ofEndpoint(IntrospectionEndpoint, useless(ex, err))
	}
	i, err := parseIntrospection(ex)
	// "iss OPTIONAL. String representing the issuer of this token, as defined in JWT".
	// https://www.rfc-editor.org/rfc/rfc7662#section-2.2
	if err == nil && i.Issuer != "" && c.Issuer != "" && i.Issuer != c.Issuer {
		err = bad(ex, fmt.Sprintf("about a token of another issuer, %.200q", i.Issuer), nil)
	}
	return i, ofEndpoint(IntrospectionEndpoint, err)
}

func parseIntrospection(ex *wire.Exchange) (*Introspection, error) {
	o, body, err := readObject(ex)
	if err != nil {
		return nil, err
	}
	i := &Introspection{Raw: body}
	raw, there := o.Get("active")
	switch {
	case !there:
		return nil, bad(ex, "with JSON without active", nil)
	case slices.Contains(o.Duplicates(), "active"):
		return nil, bad(ex, "with JSON in which active stands twice", nil)
	// "active REQUIRED. Boolean indicator of whether or not the presented token is
	// currently active." https://www.rfc-editor.org/rfc/rfc7662#section-2.2
	case string(raw) != "true" && string(raw) != "false":
		return nil, bad(ex, "with an active that is neither true nor false", nil)
	}
	if i.Active = string(raw) == "true"; !i.Active {
		return i, nil
	}
	if raw, there = o.Get("token_type"); there {
		i.TokenType, _ = jwt.Text(raw)
	}
	if raw, there = o.Get("iss"); there {
		if i.Issuer, there = jwt.Text(raw); !there {
			return nil, bad(ex, "with an iss that is no string", nil)
		}
	}
	// A top-level member, as in a JWT access token.
	// https://www.rfc-editor.org/rfc/rfc9449#section-6.2
	// https://www.rfc-editor.org/rfc/rfc8705#section-3.2
	i.Cnf, i.HasCnf = o.Get("cnf")
	i.CnfRepeated = slices.Contains(o.Duplicates(), "cnf")
	return i, nil
}

// ofEndpoint says which endpoint an answer is of no use of.
func ofEndpoint(endpoint string, err error) error {
	var useless *AnswerError
	if errors.As(err, &useless) {
		useless.Endpoint = endpoint
	}
	return err
}
