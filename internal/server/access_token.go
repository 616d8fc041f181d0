package server

import (
	"crypto"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/oauthpop/oauthpop/internal/jwt"
	"github.com/oauthpop/oauthpop/internal/server/guard"
	"github.com/oauthpop/oauthpop/internal/wire"
)

// accessTokenType is the typ of an access token.
// https://www.rfc-editor.org/rfc/rfc9068#section-2.1
const accessTokenType = "at+jwt"

// signingKey is what access tokens are signed with.
type signingKey struct {
	signer   crypto.Signer
	kid, alg string
}

func newSigningKey(signer crypto.Signer) (signingKey, error) {
	if signer == nil {
		return signingKey{}, errors.New("the server has no signing key")
	}
	alg, err := jwt.DefaultAlg(signer.Public())
	if err != nil {
		return signingKey{}, fmt.Errorf("signing key: %w", err)
	}
	kid, err := jwt.Thumbprint(signer.Public())
	if err != nil {
		return signingKey{}, fmt.Errorf("signing key: %w", err)
	}
	return signingKey{signer, kid, alg}, nil
}

// grantOf is what an access token will say.
type grantOf struct {
	client, subject, scope string
	audience               []string
	confirmation           wire.Thumbprints
}

// accessClaims are the claims of an access token.
// https://www.rfc-editor.org/rfc/rfc9068#section-2.2
type accessClaims struct {
	Issuer   string `json:"iss"`
	Subject  string `json:"sub"`
	Audience any    `json:"aud"` // a string, or a list where there are several
	ClientID string `json:"client_id"`
	IssuedAt int64  `json:"iat"`
	Expires  int64  `json:"exp"`
	ID       string `json:"jti"`
	Scope    string `json:"scope,omitempty"`
	// RFC 9449 section 6.1, RFC 8705 section 3.1.
	Confirmation *wire.Thumbprints `json:"cnf,omitempty"`
}

// issue makes the access token and the answer with it.
func (x *exchange) issue(g grantOf) (*tokenAnswer, *OAuthError) {
	claims := accessClaims{
		Issuer: x.main.base, Subject: g.subject, Audience: g.audience, ClientID: g.client,
		IssuedAt: x.now.Unix(), Expires: x.now.Add(x.cfg.TokenLifetime).Unix(), ID: rand.Text(), Scope: g.scope,
	}
	if len(g.audience) == 1 {
		claims.Audience = g.audience[0]
	}
	if g.confirmation != (wire.Thumbprints{}) {
		claims.Confirmation = &g.confirmation
	}
	header := map[string]any{"typ": accessTokenType, "alg": x.key.alg, "kid": x.key.kid}
	token, err := jwt.Encode(x.key.signer, header, claims)
	if err != nil {
		return nil, serverError(err)
	}
	answer := &tokenAnswer{AccessToken: token, TokenType: wire.SchemeBearer, ExpiresIn: claims.Expires - claims.IssuedAt, Scope: g.scope}
	x.event.Bound = guard.BoundBy(g.confirmation)
	if g.confirmation.JKT != "" {
		// "A token_type of DPoP MUST be included in the access token response to signal to
		// the client that the access token was bound to its DPoP key."
		// https://www.rfc-editor.org/rfc/rfc9449#section-5
		answer.TokenType = wire.SchemeDPoP
	}
	return answer, nil
}

// verifyAccessToken is what the resource believes of a token.
// https://www.rfc-editor.org/rfc/rfc9068#section-4
func (s *Server) verifyAccessToken(token string, now time.Time) (guard.Claims, error) {
	var none guard.Claims
	j, err := openJWT(token, []string{accessTokenType}, []string{s.key.alg}, func(*jwt.Object) ([]crypto.PublicKey, error) {
		return []crypto.PublicKey{s.key.signer.Public()}, nil
	})
	if err != nil {
		return none, fmt.Errorf("access token: %w", err)
	}
	if iss, _ := j.Payload.String("iss"); iss != s.main.base {
		return none, fmt.Errorf("access token: iss is %q, not %s", iss, s.main.base)
	}
	list, err := audiences(j.Payload)
	if err != nil {
		return none, fmt.Errorf("access token: %w", err)
	}
	if !slices.ContainsFunc(list, s.isTarget) {
		return none, fmt.Errorf("access token: aud is %q, which is not this resource", list)
	}
	if _, err := checkTimes(j.Payload, now, 0); err != nil {
		return none, fmt.Errorf("access token: %w", err)
	}
	claims, err := readClaims(j.Payload)
	if err != nil {
		return none, fmt.Errorf("access token: %w", err)
	}
	return claims, nil
}

func readClaims(payload *jwt.Object) (c guard.Claims, err error) {
	c.Subject, _ = payload.String("sub")
	c.ClientID, _ = payload.String("client_id")
	c.Scope, _ = payload.String("scope")
	raw, ok := payload.Get("cnf")
	if !ok {
		return c, nil
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil || members == nil {
		return c, errors.New("cnf is not an object")
	}
	for name, value := range map[string]*string{wire.CnfJKT: &c.Confirmation.JKT, wire.CnfX5T: &c.Confirmation.X5T} {
		if raw, ok := members[name]; ok {
			if err := json.Unmarshal(raw, value); err != nil || *value == "" {
				return c, fmt.Errorf("cnf.%s is not a thumbprint", name)
			}
		}
	}
	c.Unconfirmable = c.Confirmation == wire.Thumbprints{}
	return c, nil
}
