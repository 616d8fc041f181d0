package wire

import "encoding/json"

// Metadata is authorization server metadata (RFC 8414, OpenID Discovery). Only
// the members that oauthpop reads; Raw is the document as it came.
type Metadata struct {
	Issuer              string          `json:"issuer"`
	TokenEndpoint       string          `json:"token_endpoint,omitempty"`
	JWKSURI             string          `json:"jwks_uri,omitempty"`
	MTLSEndpointAliases map[string]any  `json:"mtls_endpoint_aliases,omitempty"`
	DPoPSigningAlgs     []string        `json:"dpop_signing_alg_values_supported,omitempty"`
	TokenEndpointAuth   []string        `json:"token_endpoint_auth_methods_supported,omitempty"`
	CertificateBound    bool            `json:"tls_client_certificate_bound_access_tokens,omitempty"`
	GrantTypes          []string        `json:"grant_types_supported,omitempty"`
	Raw                 json.RawMessage `json:"-"`
	URL                 string          `json:"-"` // where the document was read
}

// Names of client authentication methods (RFC 7591 section 2, RFC 8705 section 2).
const (
	AuthNone          = "none"
	AuthBasic         = "client_secret_basic"
	AuthPost          = "client_secret_post"
	AuthSecretJWT     = "client_secret_jwt"
	AuthPrivateKey    = "private_key_jwt"
	AuthTLS           = "tls_client_auth"
	AuthTLSSelfSigned = "self_signed_tls_client_auth"
)

// Token types and schemes (RFC 6750, RFC 9449 section 7.1). They are compared
// without regard to case (RFC 6749 section 5.1, RFC 9110 section 11.1).
const (
	SchemeDPoP   = "DPoP"
	SchemeBearer = "Bearer"
)

// Error codes (RFC 6749 section 5.2, RFC 6750 section 3.1, RFC 9449 section 5 and 8).
const (
	ErrInvalidRequest       = "invalid_request"
	ErrInvalidClient        = "invalid_client"
	ErrInvalidGrant         = "invalid_grant"
	ErrUnauthorizedClient   = "unauthorized_client"
	ErrUnsupportedGrantType = "unsupported_grant_type"
	ErrInvalidScope         = "invalid_scope"
	ErrInvalidTarget        = "invalid_target"
	ErrInvalidToken         = "invalid_token"
	ErrInsufficientScope    = "insufficient_scope"
	ErrInvalidDPoPProof     = "invalid_dpop_proof"
	ErrUseDPoPNonce         = "use_dpop_nonce"

	ErrUnsupportedTokenType = "unsupported_token_type"        // RFC 7009 section 2.2.1
	ErrInvalidDetails       = "invalid_authorization_details" // RFC 9396 section 5
)

// Header fields (RFC 9449 section 4.1 and 8.1).
const (
	HeaderDPoP      = "DPoP"
	HeaderDPoPNonce = "DPoP-Nonce"
)

// Members of cnf (RFC 9449 section 6.1, RFC 8705 section 3.1).
const (
	CnfJKT = "jkt"
	CnfX5T = "x5t#S256"
)
