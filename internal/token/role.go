package token

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/oauthpop/oauthpop/internal/jwt"
)

// role tells ID tokens and client assertions from access tokens. Their form is
// the same, so that only the header's typ and the claims give them away; where
// those do not, it is a JWT, and read as an access token:
//
//   - a typ of its own decides: client-authentication+jwt is a client assertion,
//     at+jwt and any other that is not JWT is neither;
//   - scope, scp and client_id are claims of access tokens;
//   - a client assertion has the client as iss and as sub, with aud, exp and jti, and
//     no cnf;
//   - an ID token has iss, sub, aud, exp and iat, and one of: at_hash, c_hash, s_hash,
//     nonce, the claim typ with the value ID, or an azp that is in aud.
func role(c *jwt.Compact) Kind {
	typ, _ := c.Header.String("typ")
	switch strings.TrimPrefix(strings.ToLower(typ), "application/") {
	case "client-authentication+jwt":
		return ClientAssertion
	case "", "jwt":
	default:
		return JWT
	}
	claims := c.Payload
	switch {
	// "client_id REQUIRED" and "scope", of access tokens; some issuers write scp.
	// https://www.rfc-editor.org/rfc/rfc9068#section-2.2
	case hasAny(claims, "scope", "scp", "client_id"):
		return JWT
	case isAssertion(claims):
		return ClientAssertion
	case isIDToken(claims):
		return IDToken
	}
	return JWT
}

// isAssertion: "iss REQUIRED. Issuer. This MUST contain the client_id of the OAuth
// Client. sub REQUIRED. Subject. This MUST contain the client_id of the OAuth
// Client", and aud, jti and exp.
// https://openid.net/specs/openid-connect-core-1_0.html#ClientAuthentication
func isAssertion(claims *jwt.Object) bool {
	iss, _ := claims.String("iss")
	sub, _ := claims.String("sub")
	return iss != "" && iss == sub && hasAll(claims, "aud", "exp", "jti") && !hasAny(claims, "cnf", "azp", "nonce", "at_hash")
}

// isIDToken: iss, sub, aud, exp and iat are required. Some issuers give the same
// to access tokens, so one more is needed that only an ID token has.
// https://openid.net/specs/openid-connect-core-1_0.html#IDToken
func isIDToken(claims *jwt.Object) bool {
	if !hasAll(claims, "iss", "sub", "aud", "exp", "iat") {
		return false
	}
	if hasAny(claims, "at_hash", "c_hash", "s_hash", "nonce") {
		return true
	}
	// Keycloak has the kind of each of its tokens in a claim.
	if typ, _ := claims.String("typ"); typ == "ID" {
		return true
	}
	// "azp [...] the party to which the ID Token was issued", which is one of the aud
	// "that this ID Token is intended for". An access token's aud is an API.
	azp, _ := claims.String("azp")
	return azp != "" && slices.Contains(audience(claims), azp)
}

// audience is aud: "an array of case-sensitive strings", or one string.
// https://www.rfc-editor.org/rfc/rfc7519#section-4.1.3
func audience(claims *jwt.Object) []string {
	if one, ok := claims.String("aud"); ok {
		return []string{one}
	}
	raw, _ := claims.Get("aud")
	var list []string
	if json.Unmarshal(raw, &list) != nil {
		return nil
	}
	return list
}

func hasAny(o *jwt.Object, names ...string) bool {
	return slices.ContainsFunc(names, func(name string) bool { _, ok := o.Get(name); return ok })
}

func hasAll(o *jwt.Object, names ...string) bool {
	return !slices.ContainsFunc(names, func(name string) bool { _, ok := o.Get(name); return !ok })
}
