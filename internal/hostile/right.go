package hostile

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/oauthpop/oauthpop/internal/jwt"
)

const kid = "1"

// right is the answer of a server without a fault.
func (s *Server) right(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(s.content(r))
}

// content is the right answer to a request.
func (s *Server) content(r *http.Request) map[string]any {
	switch placeOf(r.URL.Path) {
	case Metadata:
		return s.metadata()
	case Token:
		token := s.AccessToken(proofKey(r))
		if s.at == Introspection {
			token = "opaque"
		}
		return map[string]any{"access_token": token, "token_type": "DPoP", "expires_in": 60}
	case Introspection:
		s.mu.Lock()
		defer s.mu.Unlock()
		return map[string]any{"active": true, "token_type": "DPoP", "cnf": map[string]string{"jkt": s.jkt}}
	case Keys:
		return map[string]any{"keys": []any{s.publicKey()}}
	}
	return map[string]any{"method": r.Method}
}

func (s *Server) metadata() map[string]any {
	return map[string]any{
		"issuer": s.URL, "token_endpoint": s.URL + "/token", "jwks_uri": s.URL + "/jwks",
		"introspection_endpoint": s.URL + "/introspect", "revocation_endpoint": s.URL + "/revoke",
		"dpop_signing_alg_values_supported": []string{"ES256"},
	}
}

func (s *Server) publicKey() map[string]string {
	members, err := jwt.PublicJWK(&s.key.PublicKey)
	if err != nil {
		panic(err)
	}
	members["kid"], members["alg"] = kid, "ES256"
	return members
}

// AccessToken is one that the server has signed, bound to a key.
func (s *Server) AccessToken(jkt string) string {
	token, err := jwt.Encode(s.key, map[string]any{"alg": "ES256", "typ": "at+jwt", "kid": kid}, map[string]any{
		"iss": s.URL, "sub": "app", "cnf": map[string]string{"jkt": jkt},
	})
	if err != nil {
		panic(err)
	}
	return token
}

// proofKey is the thumbprint of the key of a proof, whose signature is not looked at.
func proofKey(r *http.Request) string {
	head, _, _ := strings.Cut(r.Header.Get("DPoP"), ".")
	raw, _ := base64.RawURLEncoding.DecodeString(head)
	var header struct {
		JWK json.RawMessage `json:"jwk"`
	}
	if json.Unmarshal(raw, &header) != nil {
		return ""
	}
	key, err := jwt.ParseJWK(header.JWK)
	if err != nil {
		return ""
	}
	jkt, _ := jwt.Thumbprint(key)
	return jkt
}

// nonceOf is the nonce of a proof.
func nonceOf(r *http.Request) string {
	parts := strings.Split(r.Header.Get("DPoP"), ".")
	if len(parts) != 3 {
		return ""
	}
	raw, _ := base64.RawURLEncoding.DecodeString(parts[1])
	var claims struct {
		Nonce string `json:"nonce"`
	}
	_ = json.Unmarshal(raw, &claims)
	return claims.Nonce
}
