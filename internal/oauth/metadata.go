package oauth

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/oauthpop/oauthpop/internal/bounds"
	"github.com/oauthpop/oauthpop/internal/jwt"
	"github.com/oauthpop/oauthpop/internal/wire"
)

// parseMetadata reads a document that has an issuer; otherwise it says why it is
// none. A member of the wrong type is left out, and said: what servers support is
// advice, and one list that is written wrongly must not hide the endpoints.
func parseMetadata(body []byte) (m *wire.Metadata, notes []string, why string) {
	o, err := jwt.ParseObject(trimMark(body))
	if err != nil {
		return nil, nil, "not JSON"
	}
	m = &wire.Metadata{Raw: json.RawMessage(trimMark(body))}
	if m.Issuer, _ = o.String("issuer"); m.Issuer == "" {
		return nil, nil, "JSON without an issuer"
	}
	notes, why = repeated(o)
	if why != "" {
		return nil, nil, why
	}
	for _, f := range []struct {
		name string
		into any
	}{
		{"token_endpoint", &m.TokenEndpoint},
		{"jwks_uri", &m.JWKSURI},
		{"mtls_endpoint_aliases", &m.MTLSEndpointAliases},
		{"dpop_signing_alg_values_supported", &m.DPoPSigningAlgs},
		{"token_endpoint_auth_methods_supported", &m.TokenEndpointAuth},
		{"tls_client_certificate_bound_access_tokens", &m.CertificateBound},
		{"grant_types_supported", &m.GrantTypes},
	} {
		raw, ok := o.Get(f.name)
		if !ok {
			continue
		}
		if json.Unmarshal(raw, f.into) != nil {
			notes = append(notes, fmt.Sprintf("the metadata's %s is of the wrong type and not used", f.name))
		}
	}
	return m, notes, ""
}

// ReadMetadata reads metadata that somebody else has fetched from a URL, nil if it is
// none of the issuer whose metadata is there.
//
// "The "issuer" value returned MUST be identical to the authorization server's issuer
// identifier value into which the well-known URI string was inserted".
// https://www.rfc-editor.org/rfc/rfc8414#section-3.3
func ReadMetadata(document []byte, from string) *wire.Metadata {
	if len(document) > bounds.Metadata || !strings.Contains(from, wellKnown) {
		return nil // most documents of a capture are something else, and need not be parsed
	}
	m, _, _ := parseMetadata(document)
	if m == nil {
		return nil
	}
	issuer, err := url.Parse(m.Issuer)
	if err != nil || !slices.Contains(places(issuer), withoutQuery(from)) {
		return nil
	}
	return m
}

// OffersAt returns the algorithms that a server's metadata offers for the proofs of
// requests to a URL: nil where it says none, or where that is no endpoint of its.
//
// "A JSON array containing a list of the JWS alg values [...] supported by the
// authorization server for DPoP proof JWTs."
// https://www.rfc-editor.org/rfc/rfc9449#section-5.1
func OffersAt(m *wire.Metadata, called string) []string {
	o, err := jwt.ParseObject(m.Raw)
	if err != nil || len(m.DPoPSigningAlgs) == 0 {
		return nil
	}
	for _, name := range o.Names() {
		if !strings.HasSuffix(name, "_endpoint") {
			continue
		}
		for _, withCertificate := range []bool{false, true} {
			endpoint, _, err := Endpoint(m, name, withCertificate)
			if err == nil && withoutQuery(endpoint) == withoutQuery(called) {
				return m.DPoPSigningAlgs
			}
		}
	}
	return nil
}

// repeated says what stands twice. Of names and endpoints two parsers could take two
// different ones: such a document is none.
func repeated(o *jwt.Object) (notes []string, why string) {
	const shown = 3
	for _, name := range o.Duplicates() {
		switch {
		case name == "issuer" || name == "resource" || name == "jwks_uri" || strings.HasSuffix(name, "_endpoint"):
			return nil, fmt.Sprintf("JSON in which %s stands twice", plain(name))
		case len(notes) < shown:
			notes = append(notes, fmt.Sprintf("the metadata's %s stands twice: the last one is used", plain(name)))
		}
	}
	return notes, ""
}

// Endpoint returns the URL of an endpoint by the name of its member, and whether
// it is the alias for requests with a client certificate.
//
// A client that does mutual TLS "MUST use the alias URL of the endpoint within the
// "mtls_endpoint_aliases", when present, in preference to the endpoint URL of the
// same name at the top level of metadata. When an endpoint is not present in
// "mtls_endpoint_aliases", then the client uses the conventional endpoint URL"
// https://www.rfc-editor.org/rfc/rfc8705#section-5
func Endpoint(m *wire.Metadata, name string, withCertificate bool) (endpoint string, alias bool, err error) {
	if raw, ok := m.MTLSEndpointAliases[name]; ok && withCertificate {
		endpoint, alias = text(raw), true
	} else {
		o, err := jwt.ParseObject(m.Raw)
		if err != nil {
			return "", false, &EndpointError{Name: name, Issuer: m.Issuer, Why: "the metadata is not JSON"}
		}
		raw, ok := o.Get(name)
		if !ok {
			return "", false, &EndpointError{Name: name, Issuer: m.Issuer, Why: "there is none"}
		}
		endpoint, _ = jwt.Text(raw)
	}
	if why := unfit(endpoint, m.Issuer); why != "" {
		if alias {
			name = "mtls_endpoint_aliases." + name
		}
		return "", alias, &EndpointError{Name: name, Issuer: m.Issuer, Why: fmt.Sprintf("%q %s", plain(endpoint), why)}
	}
	return endpoint, alias, nil
}

// unfit says why a server's metadata must not send its clients there. Plain http is
// for an issuer that is asked by plain http itself.
func unfit(endpoint, issuer string) string {
	u, err := url.Parse(endpoint)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return "is not a URL"
	case u.User != nil:
		return "holds a user name or password"
	case u.Scheme == "http" && !strings.HasPrefix(issuer, "http://"):
		return "is plain http, and the issuer is https"
	}
	return ""
}

func text(v any) string {
	s, _ := v.(string)
	return s
}
