package oauth

import (
	"slices"
	"strings"

	"github.com/oauthpop/oauthpop/internal/jwt"
	"github.com/oauthpop/oauthpop/internal/wire"
)

const (
	dpopAlgs      = "dpop_signing_alg_values_supported"
	mtlsBound     = "tls_client_certificate_bound_access_tokens"
	authMethods   = "token_endpoint_auth_methods_supported"
	authAlgs      = "token_endpoint_auth_signing_alg_values_supported"
	parEndpoint   = "pushed_authorization_request_endpoint"
	parRequired   = "require_pushed_authorization_requests"
	objectAlgs    = "request_object_signing_alg_values_supported"
	objectOnly    = "require_signed_request_object"
	objectParam   = "request_parameter_supported"
	grantTypes    = "grant_types_supported"
	responses     = "response_types_supported"
	responseModes = "response_modes_supported"
	pkceMethods   = "code_challenge_methods_supported"
	issReturned   = "authorization_response_iss_parameter_supported"
)

// Features are what is told of an authorization server, in the order of the table.
func Features() []Feature {
	return []Feature{
		{"dpop", "RFC 9449 section 5.1", "tokens bound to a key, and the algorithms of proofs", []string{dpopAlgs}, readDPoP},
		{"dpop-nonce", "RFC 9449 section 8", "whether proofs need a nonce of the server", nil, readNonce},
		fromFlag("mtls-tokens", "RFC 8705 section 3.3", "tokens bound to a client certificate", mtlsBound),
		{"mtls-aliases", "RFC 8705 section 5", "endpoints for requests with a client certificate", []string{"mtls_endpoint_aliases"}, readAliases},
		fromList("client-authentication", "RFC 8414 section 2", "how clients authenticate at the token endpoint", authMethods, wire.AuthBasic),
		{"assertion-algs", "RFC 8414 section 2", "the algorithms of client assertions", []string{authAlgs}, readAssertionAlgs},
		{"par", "RFC 9126 section 5", "pushed authorization requests", []string{parEndpoint, parRequired}, readPAR},
		{"jar", "RFC 9101 section 10.5", "authorization requests as a JWT", []string{objectAlgs, objectParam, objectOnly}, readJAR},
		fromList("rar", "RFC 9396 section 10", "authorization_details, and their types", "authorization_details_types_supported"),
		fromList("grants", "RFC 8414 section 2", "the grants of the token endpoint", grantTypes, "authorization_code", "implicit"),
		fromList("response-types", "RFC 8414 section 2", "what the authorization endpoint returns", responses),
		{"response-modes", "RFC 8414 section 2", "how it returns that", []string{responseModes}, readResponseModes},
		{"pkce", "RFC 8414 section 2", "code challenge methods (RFC 7636)", []string{pkceMethods}, readPKCE},
		fromFlag("iss-parameter", "RFC 9207 section 3", "iss in the authorization response", issReturned),
		fromEndpoint("introspection", "RFC 8414 section 2", "introspection (RFC 7662), and how clients authenticate there", "introspection_endpoint", "introspection_endpoint_auth_methods_supported"),
		fromEndpoint("revocation", "RFC 8414 section 2", "revocation (RFC 7009), and how clients authenticate there", "revocation_endpoint", "revocation_endpoint_auth_methods_supported", wire.AuthBasic),
		fromEndpoint("device", "RFC 8628 section 4", "the device grant", "device_authorization_endpoint", ""),
		fromEndpoint("ciba", "CIBA Core section 4", "backchannel authentication, and how tokens are delivered", "backchannel_authentication_endpoint", "backchannel_token_delivery_modes_supported"),
		fromEndpoint("registration", "RFC 8414 section 2", "dynamic registration of clients (RFC 7591)", "registration_endpoint", ""),
		fromList("protected-resources", "RFC 9728 section 4", "APIs that its tokens are for", "protected_resources"),
	}
}

// readDPoP: algorithms are shown as they are listed; of the two names for Ed25519
// the listed one is what a proof must say.
//
// "EdDSA" is deprecated in favour of "Ed25519" and "Ed448".
// https://www.rfc-editor.org/rfc/rfc9864#section-2.2
func readDPoP(d document) Support {
	s := listed(d, dpopAlgs)
	if s.Supported != SupportYes {
		return s
	}
	old, fresh := slices.Contains(s.Values, "EdDSA"), slices.Contains(s.Values, "Ed25519")
	switch {
	case old && !fresh:
		s = s.remark("proofs by an Ed25519 key must say EdDSA")
	case fresh && !old:
		s = s.remark("proofs by an Ed25519 key must say Ed25519, not EdDSA")
	}
	known, never := false, []string{}
	for _, alg := range s.Values {
		known = known || slices.Contains(jwt.Algorithms(), alg)
		// "MUST NOT be none or an identifier for a symmetric algorithm (Message
		// Authentication Code (MAC))" https://www.rfc-editor.org/rfc/rfc9449#section-4.2
		if alg == "none" || strings.HasPrefix(alg, "HS") {
			never = append(never, alg)
		}
	}
	if len(never) > 0 {
		s = s.remark("no proof may be signed with " + join(never))
	}
	if !known {
		s = s.remark("oauthpop has none of these algorithms")
	}
	return s
}

func readNonce(document) Support {
	return Support{Supported: SupportNotSaid, Remarks: []string{"no metadata says it: the answer to the first proof does"}}
}

// signingMethods are the client authentications that are made with a JWT.
var signingMethods = []string{wire.AuthPrivateKey, wire.AuthSecretJWT}

// "This metadata entry MUST be present if either of these authentication methods
// are specified in the "token_endpoint_auth_methods_supported" entry. No default
// algorithms are implied if this entry is omitted."
// https://www.rfc-editor.org/rfc/rfc8414#section-2
func readAssertionAlgs(d document) Support {
	s := listed(d, authAlgs)
	methods, _ := d.list(authMethods)
	signs := slices.DeleteFunc(slices.Clone(methods), func(m string) bool { return !slices.Contains(signingMethods, m) })
	if s.Supported == SupportNotSaid && len(s.Remarks) == 0 && len(signs) > 0 {
		return s.remark(authAlgs + " must be there, because " + join(signs) + " is listed")
	}
	return s
}

// "Note that the presence of pushed_authorization_request_endpoint is sufficient
// for a client to determine that it may use the PAR flow."
// https://www.rfc-editor.org/rfc/rfc9126#section-5
func readPAR(d document) Support {
	return offered(d, parEndpoint).required(d, parRequired)
}

func readJAR(d document) Support {
	s := listed(d, objectAlgs)
	byValue, p := d.flag(objectParam)
	only, _ := d.flag(objectOnly)
	switch {
	case s.Supported == SupportYes:
	case byValue || only:
		s.Supported = SupportYes
	case p == present:
		s.Supported = SupportNo
	}
	return s.required(d, objectOnly)
}

// "If omitted, the default is ["query", "fragment"]", which says nothing of a server
// without an authorization endpoint.
// https://www.rfc-editor.org/rfc/rfc8414#section-2
func readResponseModes(d document) Support {
	if _, p := d.text("authorization_endpoint"); p == absent {
		return listed(d, responseModes)
	}
	return listed(d, responseModes, "query", "fragment")
}

// "If omitted, the authorization server does not support PKCE."
// https://www.rfc-editor.org/rfc/rfc8414#section-2
func readPKCE(d document) Support {
	s := listed(d, pkceMethods)
	if s.Supported == SupportNotSaid && len(s.Remarks) == 0 {
		return Support{Supported: SupportNo, Remarks: []string{"by default: " + pkceMethods + " is not there"}}
	}
	return s
}
