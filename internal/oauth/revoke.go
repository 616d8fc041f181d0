package oauth

import (
	"context"
	"net/url"

	"github.com/oauthpop/oauthpop/internal/bounds"
	"github.com/oauthpop/oauthpop/internal/jwt"
	"github.com/oauthpop/oauthpop/internal/transport"
	"github.com/oauthpop/oauthpop/internal/wire"
)

// TokenTypeHints are the kinds of token that a server may be told to look for first
// (RFC 7009 section 2.1).
func TokenTypeHints() []string { return []string{"access_token", "refresh_token"} }

// Revoke tells the server that a token is not to be used any more. The hint may be "".
//
// "The content of the response body is ignored by the client as all necessary
// information is conveyed in the response code": but for an error, which servers
// send with 200 as well.
// https://www.rfc-editor.org/rfc/rfc7009#section-2.2
func (c *Client) Revoke(ctx context.Context, t *transport.Transport, endpoint string, token wire.Secret, hint string) error {
	asker := *c
	asker.DPoP = nil
	params := url.Values{"token": {token.Reveal()}}
	if hint != "" {
		params.Set("token_type_hint", hint)
	}
	ex, err := t.Do(ctx, asker.Request(ctx, endpoint, params), bounds.Answer)
	if err != nil {
		return ofEndpoint(RevocationEndpoint, useless(ex, err))
	}
	if o, err := jwt.ParseObject(trimMark(ex.Response.Body)); err == nil {
		if code, ok := o.String("error"); ok && code != "" {
			return oauthError(ex, o, code)
		}
	}
	if ex.Response.Status/100 != 2 {
		why := bodyKind(ex)
		if why != "" {
			why = "with " + why
		}
		return ofEndpoint(RevocationEndpoint, bad(ex, why, nil))
	}
	return nil
}
