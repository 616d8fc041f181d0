package server

import (
	"net/http"

	"github.com/oauthpop/oauthpop/internal/dpop"
	"github.com/oauthpop/oauthpop/internal/jwt"
	"github.com/oauthpop/oauthpop/internal/wire"
)

// metadataDocument is authorization server metadata.
// https://www.rfc-editor.org/rfc/rfc8414#section-2
type metadataDocument struct {
	Issuer            string   `json:"issuer"`
	TokenEndpoint     string   `json:"token_endpoint"`
	JWKSURI           string   `json:"jwks_uri"`
	ResponseTypes     []string `json:"response_types_supported"`
	GrantTypes        []string `json:"grant_types_supported"`
	TokenEndpointAuth []string `json:"token_endpoint_auth_methods_supported"`
	AssertionAlgs     []string `json:"token_endpoint_auth_signing_alg_values_supported"`
	// https://www.rfc-editor.org/rfc/rfc9449#section-5.1
	DPoPAlgs []string `json:"dpop_signing_alg_values_supported"`
	// https://www.rfc-editor.org/rfc/rfc8705#section-3.3
	CertificateBound bool `json:"tls_client_certificate_bound_access_tokens"`
	// https://www.rfc-editor.org/rfc/rfc8705#section-5
	MTLSAliases mtlsAliases `json:"mtls_endpoint_aliases"`
	// Required by OpenID Connect Discovery 1.0 section 3.
	SubjectTypes  []string `json:"subject_types_supported"`
	IDTokenAlgs   []string `json:"id_token_signing_alg_values_supported"`
	ResourceLinks []string `json:"protected_resources"`
}

type mtlsAliases struct {
	TokenEndpoint string `json:"token_endpoint"`
}

// authMethods are those that a client of this server can authenticate with. A
// public client cannot: the one grant is not for it.
func authMethods() []string {
	return []string{wire.AuthBasic, wire.AuthPost, wire.AuthPrivateKey, wire.AuthTLS, wire.AuthTLSSelfSigned}
}

// metadata answers under both well-known names, and on both ports alike: the
// issuer is that of the main port.
func (x *exchange) metadata() {
	x.json(http.StatusOK, &metadataDocument{
		Issuer:            x.main.base,
		TokenEndpoint:     x.main.url(tokenPath),
		JWKSURI:           x.main.url(jwksPath),
		ResponseTypes:     []string{},
		GrantTypes:        []string{grantClientCredentials},
		TokenEndpointAuth: authMethods(),
		AssertionAlgs:     assertionAlgs(),
		DPoPAlgs:          dpop.DefaultAlgs(),
		CertificateBound:  true,
		MTLSAliases:       mtlsAliases{TokenEndpoint: x.mtls.url(tokenPath)},
		SubjectTypes:      []string{"public"},
		IDTokenAlgs:       []string{x.key.alg},
		ResourceLinks:     x.targets(),
	})
}

// jwks publishes the key that access tokens are signed with.
// https://www.rfc-editor.org/rfc/rfc7517#section-5
func (x *exchange) jwks() {
	jwk, err := jwt.PublicJWK(x.key.signer.Public())
	if err != nil {
		x.fail(serverError(err))
		return
	}
	jwk["kid"], jwk["use"], jwk["alg"] = x.key.kid, "sig", x.key.alg
	x.json(http.StatusOK, map[string]any{"keys": []any{jwk}})
}
