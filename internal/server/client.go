package server

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/oauthpop/oauthpop/internal/certs"
	"github.com/oauthpop/oauthpop/internal/wire"
)

// Client is a registered client, with the member names of RFC 7591 and those that
// RFC 8705 and RFC 9449 add.
type Client struct {
	ID         string      `json:"client_id"`
	Secret     wire.Secret `json:"client_secret,omitempty"`
	Name       string      `json:"client_name,omitempty"`
	AuthMethod string      `json:"token_endpoint_auth_method,omitempty"`
	// AuthAlg is the one algorithm of client assertions; "" allows each that fits.
	AuthAlg string `json:"token_endpoint_auth_signing_alg,omitempty"`
	// GrantTypes without a member is every grant of this server.
	GrantTypes []string `json:"grant_types,omitempty"`
	// Scope is all that the client may ask for; without it, anything.
	Scope   string          `json:"scope,omitempty"`
	JWKS    json.RawMessage `json:"jwks,omitempty"`
	JWKSURI string          `json:"jwks_uri,omitempty"`

	TLSSubjectDN string `json:"tls_client_auth_subject_dn,omitempty"`
	TLSSANDNS    string `json:"tls_client_auth_san_dns,omitempty"`
	TLSSANURI    string `json:"tls_client_auth_san_uri,omitempty"`
	TLSSANIP     string `json:"tls_client_auth_san_ip,omitempty"`
	TLSSANEmail  string `json:"tls_client_auth_san_email,omitempty"`

	CertificateBound bool `json:"tls_client_certificate_bound_access_tokens,omitempty"`
	DPoPBound        bool `json:"dpop_bound_access_tokens,omitempty"`
}

// ClientError says which member of a registration cannot be used, and why.
type ClientError struct{ Member, Reason string }

func (e *ClientError) Error() string { return fmt.Sprintf("member %q: %s", e.Member, e.Reason) }

// ParseClient reads the registration of one client. Members that are not known
// are left out, as RFC 7591 section 2 wants it.
func ParseClient(data []byte) (Client, error) {
	var c Client
	decoder := json.NewDecoder(bytes.NewReader(data))
	if err := decoder.Decode(&c); err != nil {
		return c, jsonError(err)
	}
	if decoder.More() {
		return c, fmt.Errorf("something follows the JSON object")
	}
	_, err := register(c)
	return c, err
}

// jsonError names the member that has a value of the wrong kind.
func jsonError(err error) error {
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok && wrong.Field != "" {
		return &ClientError{Member: wrong.Field, Reason: fmt.Sprintf("a JSON %s cannot be used", wrong.Value)}
	}
	return fmt.Errorf("not a JSON object of client metadata: %w", err)
}

// registration is a client that was checked, with its values made ready.
type registration struct {
	Client
	keys         []clientKey
	certificates [][]byte // DER
	subject      pkix.RDNSequence
	address      netip.Addr
}

// clientKey is one public key of a client's JWK set.
type clientKey struct {
	kid, alg string
	public   crypto.PublicKey
}

// register checks a client's members.
func register(c Client) (*registration, error) {
	if c.AuthMethod == "" {
		// "If unspecified or omitted, the default is client_secret_basic."
		// https://www.rfc-editor.org/rfc/rfc7591#section-2
		c.AuthMethod = wire.AuthBasic
	}
	r := &registration{Client: c}
	for _, check := range []func(*registration) error{checkClientID, checkMethod, checkSecret, checkKeys, checkSubject} {
		if err := check(r); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// client-id = *VSCHAR
// https://www.rfc-editor.org/rfc/rfc6749#appendix-A.1
func checkClientID(r *registration) error {
	if r.ID == "" {
		return &ClientError{"client_id", "it is missing"}
	}
	if strings.IndexFunc(r.ID, func(c rune) bool { return c < ' ' || c > '~' }) >= 0 {
		return &ClientError{"client_id", "it has characters outside %x20-7E"}
	}
	return nil
}

func checkMethod(r *registration) error {
	if known := append(authMethods(), wire.AuthNone); !slices.Contains(known, r.AuthMethod) {
		return &ClientError{"token_endpoint_auth_method", fmt.Sprintf("%q is none of %s", r.AuthMethod, strings.Join(known, ", "))}
	}
	if r.AuthAlg != "" && !slices.Contains(assertionAlgs(), r.AuthAlg) {
		return &ClientError{"token_endpoint_auth_signing_alg", fmt.Sprintf("%q is none of %s", r.AuthAlg, strings.Join(assertionAlgs(), ", "))}
	}
	return nil
}

func checkSecret(r *registration) error {
	if r.Secret == "" && (r.AuthMethod == wire.AuthBasic || r.AuthMethod == wire.AuthPost) {
		return &ClientError{"client_secret", "it is missing, and " + r.AuthMethod + " needs it"}
	}
	return nil
}

// checkSubject reads the one member that tls_client_auth compares.
//
// "A client using the tls_client_auth authentication method MUST use exactly one
// of the below metadata parameters to indicate the certificate subject value that
// the authorization server is to expect when authenticating the respective client."
// https://www.rfc-editor.org/rfc/rfc8705#section-2.1.2
func checkSubject(r *registration) error {
	given := r.subjectMembers()
	switch {
	case r.AuthMethod != wire.AuthTLS:
		return nil
	case len(given) == 0:
		return &ClientError{"tls_client_auth_subject_dn", "tls_client_auth needs this or one of the tls_client_auth_san_ members"}
	case len(given) > 1:
		return &ClientError{given[1], "tls_client_auth takes exactly one such member, and " + given[0] + " is there too"}
	}
	var err error
	switch given[0] {
	case "tls_client_auth_subject_dn":
		if r.subject, err = parseDN(r.TLSSubjectDN); err != nil {
			return &ClientError{given[0], err.Error()}
		}
	case "tls_client_auth_san_ip":
		if r.address, err = netip.ParseAddr(r.TLSSANIP); err != nil {
			return &ClientError{given[0], fmt.Sprintf("%q is not an IP address", r.TLSSANIP)}
		}
	}
	return nil
}

// parseDN reads an RFC 4514 string into the form that a name in a certificate has
// when it is read.
func parseDN(s string) (pkix.RDNSequence, error) {
	name, err := certs.ParseDN(s)
	if err != nil {
		return nil, err
	}
	der, err := asn1.Marshal(name)
	if err != nil {
		return nil, err
	}
	return readDN(der)
}

func (r *registration) subjectMembers() []string {
	var names []string
	for _, m := range []struct{ name, value string }{
		{"tls_client_auth_subject_dn", r.TLSSubjectDN},
		{"tls_client_auth_san_dns", r.TLSSANDNS},
		{"tls_client_auth_san_uri", r.TLSSANURI},
		{"tls_client_auth_san_ip", r.TLSSANIP},
		{"tls_client_auth_san_email", r.TLSSANEmail},
	} {
		if m.value != "" {
			names = append(names, m.name)
		}
	}
	return names
}

// mayUse reports whether the client is registered for a grant.
func (r *registration) mayUse(grant string) bool {
	return r.AuthMethod != wire.AuthNone && (r.GrantTypes == nil || slices.Contains(r.GrantTypes, grant))
}

// usesTLS reports whether the client authenticates with its certificate.
func (r *registration) usesTLS() bool {
	return r.AuthMethod == wire.AuthTLS || r.AuthMethod == wire.AuthTLSSelfSigned
}

// publicOf parses the public key of a certificate for comparing.
func publicOf(der []byte) (crypto.PublicKey, error) {
	c, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	return c.PublicKey, nil
}
