package oauth

import (
	"encoding/base64"
	"net/http"
	"net/url"

	"github.com/oauthpop/oauthpop/internal/wire"
)

// authenticate adds what tells the server who the client is.
func (c *Client) authenticate(header http.Header, form url.Values, endpoint string) error {
	switch c.Method {
	case wire.AuthNone, "":
		form.Set("client_id", c.ID)
	case wire.AuthBasic:
		header.Set("Authorization", c.basic())
	case wire.AuthPost:
		form.Set("client_id", c.ID)
		form.Set("client_secret", c.Secret.Reveal())
	case wire.AuthSecretJWT, wire.AuthPrivateKey:
		return c.assert(form, endpoint)
	case wire.AuthTLS, wire.AuthTLSSelfSigned:
		// "For all requests to the authorization server utilizing mutual-TLS client
		// authentication, the client MUST include the "client_id" parameter"
		// https://www.rfc-editor.org/rfc/rfc8705#section-2
		form.Set("client_id", c.ID)
	default:
		return &InputError{What: "the authentication method", Value: c.Method, Why: "is not known"}
	}
	return nil
}

// basic encodes id and secret twice, so that a colon in the id, and whatever is not
// ASCII, reaches the server.
//
// "The client identifier is encoded using the "application/x-www-form-urlencoded"
// encoding algorithm per Appendix B, and the encoded value is used as the username;
// the client password is encoded using the same algorithm and used as the password."
// https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1
func (c *Client) basic() string {
	pair := url.QueryEscape(c.ID) + ":" + url.QueryEscape(c.Secret.Reveal())
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(pair))
}
