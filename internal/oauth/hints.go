package oauth

import (
	"net/http"

	"github.com/oauthpop/oauthpop/internal/wire"
)

// HintText says what to try, by what the error code is for where it comes from a token
// endpoint. What was sent may show a likelier cause.
// https://www.rfc-editor.org/rfc/rfc6749#section-5.2
func (e *Error) HintText() string {
	switch e.Code {
	case wire.ErrInvalidClient:
		return "the server does not know the client, or not by this: check --client-id, what it authenticates with, and --auth-method"
	case wire.ErrUnauthorizedClient, wire.ErrUnsupportedGrantType:
		return "the client may not use this grant, or the server does not know it: look at the client's registration, and at --grant"
	case wire.ErrInvalidGrant:
		return "what the grant rests on is not good any more, or is another client's"
	case wire.ErrInvalidScope:
		return "the client may not ask for this: look at --scope"
	case wire.ErrInvalidTarget:
		return "the server does not know what the token is for: look at --resource and --audience"
	case wire.ErrInvalidDetails:
		return "the server does not know what is asked for, or the client may not: look at --authorization-details"
	// https://www.rfc-editor.org/rfc/rfc7009#section-2.2.1
	case wire.ErrUnsupportedTokenType:
		return "the server does not do this for tokens of this kind: many neither end nor introspect a JWT, which is good until it expires"
	case wire.ErrInvalidRequest:
		return "a parameter is missing, stands twice or is not understood: --verbose shows what was sent"
	case wire.ErrInvalidDPoPProof:
		return "the proof was refused: --verbose shows what was sent, and 'oauthpop dpop verify' checks a proof"
	}
	if e.RetryAfter != "" || e.Status == http.StatusTooManyRequests || e.Status >= http.StatusInternalServerError {
		return "the server is not able to answer now: try again later"
	}
	return "the code is not one of the standard's: look it up in the server's documentation; --verbose shows what was sent"
}
