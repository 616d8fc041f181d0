package oauth

import (
	"crypto"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"net/url"

	"github.com/oauthpop/oauthpop/internal/bounds"
	"github.com/oauthpop/oauthpop/internal/jwt"
)

// AssertionKey signs client assertions.
type AssertionKey struct {
	Key crypto.Signer
	Alg string // "": the key's default
	KID string // "": none is sent
	// Audience replaces the issuer as aud.
	Audience string
}

const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

// assert adds a client assertion that was made for this request.
// https://www.rfc-editor.org/rfc/rfc7523#section-2.2
func (c *Client) assert(form url.Values, endpoint string) error {
	if c.Assertion == nil || c.Assertion.Key == nil {
		return &InputError{What: "private_key_jwt", Why: "needs a key to sign with"}
	}
	a, alg := c.Assertion, c.Assertion.Alg
	if alg == "" {
		var err error
		if alg, err = jwt.DefaultAlg(a.Key.Public()); err != nil {
			return fmt.Errorf("sign the client assertion: %w", err)
		}
	}
	header := map[string]any{"alg": alg}
	if a.KID != "" {
		header["kid"] = a.KID
	}
	assertion, err := jwt.Encode(a.Key, header, c.assertionClaims(endpoint))
	if err != nil {
		return fmt.Errorf("sign the client assertion: %w", err)
	}
	form.Set("client_assertion_type", assertionType)
	form.Set("client_assertion", assertion)
	return nil
}

// "For client authentication, the subject MUST be the "client_id" of the OAuth
// client", which is the issuer, too. "The token endpoint URL of the authorization
// server MAY be used as a value for an "aud" element"; the issuer is preferred,
// because an assertion to it is of no use elsewhere.
// https://www.rfc-editor.org/rfc/rfc7523#section-3
func (c *Client) assertionClaims(endpoint string) map[string]any {
	audience := endpoint
	switch {
	case c.Assertion.Audience != "":
		audience = c.Assertion.Audience
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
