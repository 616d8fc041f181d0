package oauth

import (
	"crypto"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"net/url"

	"github.com/oauthpop/oauthpop/internal/bounds"
	"github.com/oauthpop/oauthpop/internal/jwt"
	"github.com/oauthpop/oauthpop/internal/wire"
)

// AssertionKey says how client assertions are made.
type AssertionKey struct {
	Key crypto.Signer // nil where the client's secret authenticates them
	Alg string        // "": the key's default, or HS256
	KID string        // "": none is sent
	// Audience replaces the issuer as aud.
	Audience string
}

const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

// assert adds a client assertion that was made for this request.
// https://www.rfc-editor.org/rfc/rfc7523#section-2.2
func (c *Client) assert(form url.Values, endpoint string) error {
	assertion, err := c.assertion(endpoint)
	if err != nil {
		return err
	}
	form.Set("client_assertion_type", assertionType)
	form.Set("client_assertion", assertion)
	return nil
}

func (c *Client) assertion(endpoint string) (string, error) {
	a := AssertionKey{}
	if c.Assertion != nil {
		a = *c.Assertion
	}
	encode := func(header any) (string, error) { return jwt.Encode(a.Key, header, c.assertionClaims(a, endpoint)) }
	switch {
	case c.Method == wire.AuthSecretJWT && c.Secret == "":
		return "", &InputError{What: c.Method, Why: "needs the client's secret"}
	case c.Method == wire.AuthSecretJWT:
		if a.Alg == "" {
			a.Alg = jwt.MACs()[0]
		}
		// "The HMAC [...] is calculated using the octets of the UTF-8 representation of
		// the client_secret as the shared key."
		// https://openid.net/specs/openid-connect-core-1_0.html#ClientAuthentication
		encode = func(header any) (string, error) {
			return jwt.EncodeMAC([]byte(c.Secret.Reveal()), header, c.assertionClaims(a, endpoint))
		}
	case a.Key == nil:
		return "", &InputError{What: c.Method, Why: "needs a key to sign with"}
	case a.Alg == "":
		alg, err := jwt.DefaultAlg(a.Key.Public())
		if err != nil {
			return "", fmt.Errorf("sign the client assertion: %w", err)
		}
		a.Alg = alg
	}
	header := map[string]any{"alg": a.Alg}
	if a.KID != "" {
		header["kid"] = a.KID
	}
	assertion, err := encode(header)
	if err != nil {
		return "", fmt.Errorf("sign the client assertion: %w", err)
	}
	return assertion, nil
}

// "For client authentication, the subject MUST be the "client_id" of the OAuth
// client", which is the issuer, too. "The token endpoint URL of the authorization
// server MAY be used as a value for an "aud" element"; the issuer is preferred,
// because an assertion to it is of no use elsewhere.
// https://www.rfc-editor.org/rfc/rfc7523#section-3
func (c *Client) assertionClaims(a AssertionKey, endpoint string) map[string]any {
	audience := endpoint
	switch {
	case a.Audience != "":
		audience = a.Audience
	case c.Issuer != "":
		audience = c.Issuer
	}
	id := make([]byte, 16)
	_, _ = rand.Read(id) // never fails
	now := c.Now()
	return map[string]any{
		"iss": c.ID,
		"sub": c.ID,
		"aud": audience,
		"jti": base64.RawURLEncoding.EncodeToString(id),
		"iat": now.Unix(),
		"exp": now.Add(bounds.Assertion).Unix(),
	}
}
