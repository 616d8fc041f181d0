package server

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/oauthpop/oauthpop/internal/wire"
)

// presented is what a token request says about the client.
type presented struct {
	// method is client_secret_basic, client_secret_post or private_key_jwt; "" where
	// there is only a client_id, as none and the TLS methods have it.
	method    string
	id        string
	secret    string
	assertion string
}

// assertionType is the only client_assertion_type.
// https://www.rfc-editor.org/rfc/rfc7523#section-2.2
const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

// authenticate finds out which client sends the request, and that it is the one.
func (x *exchange) authenticate(f form) (*registration, *OAuthError) {
	p, fault := x.presented(f)
	if fault != nil {
		return nil, fault
	}
	x.event.ClientID = p.id
	c := x.clients[p.id]
	switch {
	case p.id == "":
		// "The client MUST include the client_id parameter."
		// https://www.rfc-editor.org/rfc/rfc8705#section-2
		return nil, p.invalidClient("the request names no client")
	case c == nil:
		return nil, p.invalidClient("there is no such client")
	case p.method == "" && !c.usesTLS() && c.AuthMethod != wire.AuthNone,
		p.method != "" && p.method != c.AuthMethod:
		return nil, p.invalidClient("this client is registered to authenticate by " + c.AuthMethod)
	}
	var err error
	switch c.AuthMethod {
	case wire.AuthBasic, wire.AuthPost:
		if !sameSecret(p.secret, c.Secret.Reveal()) {
			return nil, p.invalidClient("the client secret is wrong")
		}
	case wire.AuthPrivateKey:
		err = x.checkAssertion(c, p.assertion)
	case wire.AuthTLS:
		err = x.checkSubjectOf(c)
	case wire.AuthTLSSelfSigned:
		err = x.checkRegistered(c)
	}
	if err != nil {
		return nil, p.invalidClient(err.Error())
	}
	return c, nil
}

// presented reads the credentials of a request.
//
// "The client MUST NOT use more than one authentication method in each request."
// https://www.rfc-editor.org/rfc/rfc6749#section-2.3
func (x *exchange) presented(f form) (presented, *OAuthError) {
	p := presented{id: f.one("client_id")}
	lines := x.r.Header.Values("Authorization")
	methods := 0
	if len(lines) > 0 {
		methods += len(lines)
		basic, fault := basicCredentials(lines[0])
		if fault != nil {
			return p, fault
		}
		if p.id != "" && p.id != basic.id {
			return p, invalidRequest("client_id is not the client of the Authorization header")
		}
		p = basic
	}
	if secret := f.one("client_secret"); secret != "" {
		methods++
		p.method, p.secret = wire.AuthPost, secret
	}
	if assertion := f.one("client_assertion"); assertion != "" {
		methods++
		if t := f.one("client_assertion_type"); t != assertionType {
			return p, invalidRequest("client_assertion_type is not " + assertionType)
		}
		p.method, p.assertion = wire.AuthPrivateKey, assertion
		if p.id == "" {
			p.id = subjectOf(assertion)
		}
	}
	if methods > 1 {
		return p, invalidRequest("more than one way of client authentication is used")
	}
	return p, nil
}

// basicCredentials reads an Authorization value.
//
// "The client identifier is encoded using the application/x-www-form-urlencoded
// encoding algorithm […], and the encoded value is used as the username; the
// client password is encoded using the same algorithm and used as the password."
// https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1
func basicCredentials(value string) (presented, *OAuthError) {
	p := presented{method: wire.AuthBasic}
	r := http.Request{Header: http.Header{"Authorization": {value}}}
	user, password, ok := r.BasicAuth()
	if !ok {
		return p, p.invalidClient("the Authorization header is not that of the scheme Basic")
	}
	var err, err2 error
	p.id, err = url.QueryUnescape(user)
	p.secret, err2 = url.QueryUnescape(password)
	if err != nil || err2 != nil {
		return p, p.invalidClient("client id and secret are not form-encoded in the Authorization header (RFC 6749 section 2.3.1)")
	}
	return p, nil
}

// invalidClient refuses a client.
//
// "If the client attempted to authenticate via the Authorization request header
// field, the authorization server MUST respond with an HTTP 401 (Unauthorized)
// status code and include the WWW-Authenticate response header field matching the
// authentication scheme used by the client." Without that header there is no
// challenge: client libraries take one for an answer of a resource.
// https://www.rfc-editor.org/rfc/rfc6749#section-5.2
func (p presented) invalidClient(description string) *OAuthError {
	e := &OAuthError{Status: http.StatusUnauthorized, Code: wire.ErrInvalidClient, Description: description}
	if p.method == wire.AuthBasic {
		e.challenge = `Basic realm="token endpoint"`
	}
	return e
}

func sameSecret(given, registered string) bool {
	a, b := sha256.Sum256([]byte(given)), sha256.Sum256([]byte(registered))
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1
}

// scopes returns what is granted of what was asked for.
//
// scope-token = 1*( %x21 / %x23-5B / %x5D-7E )
// https://www.rfc-editor.org/rfc/rfc6749#section-3.3
func (r *registration) scopes(asked string) (string, *OAuthError) {
	invalid := func(description string) *OAuthError {
		return &OAuthError{Status: http.StatusBadRequest, Code: wire.ErrInvalidScope, Description: description}
	}
	if strings.IndexFunc(asked, func(c rune) bool { return c < ' ' || c > '~' || c == '"' || c == '\\' }) >= 0 {
		return "", invalid("scope has characters that it must not have")
	}
	if r.Scope == "" {
		return strings.Join(strings.Fields(asked), " "), nil
	}
	if asked == "" {
		return r.Scope, nil
	}
	registered := strings.Fields(r.Scope)
	for _, s := range strings.Fields(asked) {
		if !slices.Contains(registered, s) {
			return "", invalid("this client is not registered for the scope " + s)
		}
	}
	return strings.Join(strings.Fields(asked), " "), nil
}
