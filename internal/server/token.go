package server

import (
	"net/http"
	"slices"

	"github.com/oauthpop/oauthpop/internal/bounds"
	"github.com/oauthpop/oauthpop/internal/certs"
	"github.com/oauthpop/oauthpop/internal/dpop"
	"github.com/oauthpop/oauthpop/internal/server/guard"
	"github.com/oauthpop/oauthpop/internal/wire"
)

const grantClientCredentials = "client_credentials"

// tokenAnswer is the answer of the token endpoint.
// https://www.rfc-editor.org/rfc/rfc6749#section-5.1
type tokenAnswer struct {
	AccessToken string `json:"access_token"`
	TokenType   string `json:"token_type"`
	ExpiresIn   int64  `json:"expires_in"`
	Scope       string `json:"scope,omitempty"`
}

// token is the token endpoint.
func (x *exchange) token() {
	answer, fault := x.grant()
	if fault != nil {
		x.fail(fault)
		return
	}
	x.json(http.StatusOK, answer)
}

// grant authenticates the client first: only then is anything remembered of what
// it sends.
func (x *exchange) grant() (*tokenAnswer, *OAuthError) {
	f, fault := x.form()
	if fault != nil {
		return nil, fault
	}
	c, fault := x.authenticate(f)
	if fault != nil {
		return nil, fault
	}
	if fault := checkGrant(c, f.one("grant_type")); fault != nil {
		return nil, fault
	}
	proof, fault := x.proof()
	if fault != nil {
		return nil, fault
	}
	cnf, fault := x.confirmation(c, proof)
	if fault != nil {
		return nil, fault
	}
	scope, fault := c.scopes(f.one("scope"))
	if fault != nil {
		return nil, fault
	}
	audience, fault := x.audience(f)
	if fault != nil {
		return nil, fault
	}
	return x.issue(grantOf{client: c.ID, subject: c.ID, scope: scope, audience: audience, confirmation: cnf})
}

// "The client credentials grant type MUST only be used by confidential clients."
// https://www.rfc-editor.org/rfc/rfc6749#section-4.4
func checkGrant(c *registration, grant string) *OAuthError {
	refuse := func(code, description string) *OAuthError {
		return &OAuthError{Status: http.StatusBadRequest, Code: code, Description: description}
	}
	switch {
	case grant == "":
		return invalidRequest("grant_type is missing")
	case grant != grantClientCredentials:
		return refuse(wire.ErrUnsupportedGrantType, "this server has the grant client_credentials only")
	case c.AuthMethod == wire.AuthNone:
		return refuse(wire.ErrUnauthorizedClient, "client_credentials is not for public clients")
	case !c.mayUse(grant):
		return refuse(wire.ErrUnauthorizedClient, "this client is not registered for the grant "+grant)
	}
	return nil
}

// proof verifies the DPoP proof of a token request; nil if there is none.
//
// "If the DPoP proof is invalid, the authorization server issues an error response
// per Section 5.2 of [RFC6749] with invalid_dpop_proof as the value of the error
// parameter."
// https://www.rfc-editor.org/rfc/rfc9449#section-5
func (x *exchange) proof() (*dpop.Verified, *OAuthError) {
	proofs := x.r.Header.Values(wire.HeaderDPoP)
	if len(proofs) == 0 {
		return nil, nil
	}
	request := dpop.Request{
		Proofs: proofs, Method: x.r.Method, URL: x.url(tokenPath), Now: x.now,
		MaxAge: bounds.ProofAge, MaxSkew: bounds.ProofSkew, Algs: dpop.DefaultAlgs(),
	}
	if rule := x.nonceRule(); rule != nil {
		request.Nonce = func(nonce string, present bool) error { return rule(nonce, present, x.now) }
	}
	verified, err := dpop.Verify(request, dpop.Checks())
	if err != nil {
		return nil, &OAuthError{Status: http.StatusBadRequest, Code: guard.ProofError(err), Description: err.Error()}
	}
	if x.tokenReplays.Seen(verified, x.now) {
		return nil, &OAuthError{Status: http.StatusBadRequest, Code: wire.ErrInvalidDPoPProof, Description: "the DPoP proof has been used before"}
	}
	return verified, nil
}

// confirmation decides what the token will be bound to: the key of the proof; the
// certificate where there is no proof, however the client authenticates, and
// beside the key where the client is registered for that.
func (x *exchange) confirmation(c *registration, proof *dpop.Verified) (cnf wire.Thumbprints, fault *OAuthError) {
	cert := x.certificate()
	switch {
	case proof == nil && c.DPoPBound:
		// Token requests of such a client without a DPoP header must be rejected.
		// https://www.rfc-editor.org/rfc/rfc9449#section-5.2
		return cnf, &OAuthError{Status: http.StatusBadRequest, Code: wire.ErrInvalidDPoPProof, Description: "this client is registered with dpop_bound_access_tokens: the request needs a DPoP proof"}
	case cert == nil && c.CertificateBound:
		// What happens then is the server's choice: an error, or an unbound token.
		// https://www.rfc-editor.org/rfc/rfc8705#section-3.4
		return cnf, invalidRequest("this client is registered with tls_client_certificate_bound_access_tokens: the request needs a client certificate, on the certificate port (mtls_endpoint_aliases)")
	}
	if proof != nil {
		cnf.JKT = proof.JKT
	}
	if cert != nil && (c.CertificateBound || proof == nil) {
		cnf.X5T = certs.Thumbprint(cert)
	}
	return cnf, nil
}

// audience is what the token is for: what resource or audience name, else the
// resource of the port that was asked.
// https://www.rfc-editor.org/rfc/rfc8707#section-2
func (x *exchange) audience(f form) ([]string, *OAuthError) {
	var list []string
	for _, name := range repeatable {
		for _, target := range f[name] {
			switch {
			case target == "" || slices.Contains(list, target):
			case !x.isTarget(target):
				return nil, &OAuthError{Status: http.StatusBadRequest, Code: wire.ErrInvalidTarget, Description: name + " is not " + x.targets()[0] + " or " + x.targets()[1]}
			default:
				list = append(list, target)
			}
		}
	}
	if list == nil {
		list = []string{x.url(resourcePath)}
	}
	return list, nil
}
