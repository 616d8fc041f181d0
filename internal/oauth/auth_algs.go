package oauth

import "github.com/oauthpop/oauthpop/internal/wire"

// Endpoints that a client authenticates at, by their names in metadata.
const (
	TokenEndpoint         = "token_endpoint"
	IntrospectionEndpoint = "introspection_endpoint"
	RevocationEndpoint    = "revocation_endpoint"
)

// AuthAlgs are the algorithms that an endpoint takes for client assertions, nil
// where the metadata does not say. An endpoint without a list of its own has that
// of the token endpoint: it knows the same clients.
// https://www.rfc-editor.org/rfc/rfc8414#section-2
func AuthAlgs(m *wire.Metadata, endpoint string) []string {
	d := readDocument(m.Raw)
	own, p := d.list(endpoint + "_auth_signing_alg_values_supported")
	if p != present {
		own, _ = d.list(authAlgs)
	}
	return own
}
