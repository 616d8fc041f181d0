package guard

import (
	"crypto/subtle"
	"errors"
	"net/http"

	"github.com/oauthpop/oauthpop/internal/certs"
	"github.com/oauthpop/oauthpop/internal/dpop"
	"github.com/oauthpop/oauthpop/internal/wire"
)

// Check is one rule for a request to a protected resource.
type Check struct {
	ID, Section string
	run         func(*attempt) *Refusal
}

// Checks are all rules, in the order in which they are applied: first what was
// sent at all, then the token, then whether its holder sent it.
func Checks() []Check {
	return []Check{
		{"one-credential", "RFC 6750 §2, RFC 9449 §7.2", checkOneCredential},
		{"no-query-token", "RFC 9700 §4.3.2", checkNoQueryToken},
		{"credentials", "RFC 9449 §7.1, RFC 6750 §3", checkCredentials},
		{"token", "RFC 9068 §4", checkToken},
		{"confirmation", "RFC 7800 §3", checkConfirmation},
		{"bearer-downgrade", "RFC 9449 §7.2", checkBearerDowngrade},
		{"scheme", "RFC 9449 §7.1", checkScheme},
		{"bearer-proof", "RFC 9449 §7.1", checkBearerProof},
		{"proof", "RFC 9449 §4.3", checkProof},
		{"replay", "RFC 9449 §11.1", checkReplay},
		{"certificate", "RFC 8705 §3", checkCertificate},
	}
}

// "Clients MUST NOT use more than one method to transmit the token in each
// request"; the resource answers 400 with invalid_request.
// https://www.rfc-editor.org/rfc/rfc6750#section-2
// https://www.rfc-editor.org/rfc/rfc9449#section-7.2
func checkOneCredential(a *attempt) *Refusal {
	if len(a.Authorization) > 1 {
		return refuse(http.StatusBadRequest, wire.ErrInvalidRequest,
			"multiple methods used to include access token", wire.SchemeDPoP, wire.SchemeBearer)
	}
	return nil
}

// "Clients MUST NOT pass access tokens in a URI query parameter in the way
// described in Section 2.3 of [RFC6750]."
// https://www.rfc-editor.org/rfc/rfc9700#section-4.3.2
func checkNoQueryToken(a *attempt) *Refusal {
	if a.TokenInQuery {
		return refuse(http.StatusBadRequest, wire.ErrInvalidRequest,
			"an access token in the query is not accepted", wire.SchemeDPoP, wire.SchemeBearer)
	}
	return nil
}

// "If no authentication information has been included with the request, then the
// challenges SHOULD NOT include an error code or other error information."
// https://www.rfc-editor.org/rfc/rfc9449#section-7.2
func checkCredentials(a *attempt) *Refusal {
	if a.scheme == "" {
		return &Refusal{Status: http.StatusUnauthorized}
	}
	if !token68(a.token) {
		return refuse(http.StatusBadRequest, wire.ErrInvalidRequest, "the scheme is not followed by one access token", a.scheme)
	}
	return nil
}

// invalid_token: "The access token provided is expired, revoked, malformed, or
// invalid for other reasons."
// https://www.rfc-editor.org/rfc/rfc6750#section-3.1
func checkToken(a *attempt) *Refusal {
	claims, err := a.guard.Tokens(a.token, a.Now)
	if err != nil {
		return invalidToken(a.scheme, "%v", err)
	}
	a.claims = claims
	return nil
}

// A token that is bound to something unknown here is nobody's: unknown members
// are ignored beside a known one, but alone they confirm nothing.
// https://www.rfc-editor.org/rfc/rfc7800#section-3
func checkConfirmation(a *attempt) *Refusal {
	if a.claims.Unconfirmable {
		return invalidToken(a.scheme, "the token is bound by a method that is not supported here")
	}
	return nil
}

// "Specifically, such a protected resource MUST reject a DPoP-bound access token
// received as a bearer token per [RFC6750]."
// https://www.rfc-editor.org/rfc/rfc9449#section-7.2
func checkBearerDowngrade(a *attempt) *Refusal {
	if a.scheme == wire.SchemeBearer && a.claims.Confirmation.JKT != "" {
		return invalidToken(a.scheme, "a DPoP-bound token is not accepted as a bearer token")
	}
	return nil
}

// The scheme DPoP is for tokens that are bound to a DPoP key: the resource server
// "MUST NOT grant access to the resource unless all checks are successful", and
// without jkt there is no key to check against.
// https://www.rfc-editor.org/rfc/rfc9449#section-7.1
func checkScheme(a *attempt) *Refusal {
	if a.scheme == wire.SchemeDPoP && a.claims.Confirmation.JKT == "" {
		return invalidToken(a.scheme, "the token is not bound to a DPoP key")
	}
	return nil
}

// "A DPoP-bound access token is sent using the Authorization request header field
// with an authentication scheme of DPoP": a proof beside a bearer token proves
// nothing about it, and letting it pass would hide a client that forgot the scheme.
// https://www.rfc-editor.org/rfc/rfc9449#section-7.1
func checkBearerProof(a *attempt) *Refusal {
	if a.scheme == wire.SchemeBearer && len(a.Proofs) > 0 {
		return refuse(http.StatusBadRequest, wire.ErrInvalidRequest, "a DPoP proof needs the authorization scheme DPoP", a.scheme)
	}
	return nil
}

// "For such an access token, a resource server MUST check that a DPoP proof was
// also received in the DPoP header field of the HTTP request, check the DPoP proof
// according to the rules in Section 4.3, and check that the public key of the
// DPoP proof matches the public key to which the access token is bound per
// Section 6."
// https://www.rfc-editor.org/rfc/rfc9449#section-7.1
func checkProof(a *attempt) *Refusal {
	if a.scheme != wire.SchemeDPoP {
		return nil
	}
	if len(a.Proofs) == 0 {
		return refuse(http.StatusUnauthorized, wire.ErrInvalidDPoPProof, "the request has no DPoP proof", a.scheme)
	}
	verified, err := dpop.Verify(dpop.Request{
		Proofs: a.Proofs,
		Method: a.Method,
		URL:    a.URL,
		Token:  a.token, HasToken: true,
		JKT:    a.claims.Confirmation.JKT,
		Nonce:  a.nonce(),
		Now:    a.Now,
		MaxAge: a.guard.MaxAge, MaxSkew: a.guard.MaxSkew,
		Algs: a.guard.Algs,
	}, a.guard.Proof)
	if err != nil {
		return refuse(http.StatusUnauthorized, ProofError(err), err.Error(), a.scheme)
	}
	a.proof = verified
	return nil
}

func (a *attempt) nonce() func(string, bool) error {
	if a.guard.Nonce == nil {
		return nil
	}
	return func(nonce string, present bool) error { return a.guard.Nonce(nonce, present, a.Now) }
}

// ProofError is the error code for a proof that a check refused: use_dpop_nonce
// for the nonce, invalid_token for the key that the token is bound to, and
// invalid_dpop_proof for everything else.
// https://www.rfc-editor.org/rfc/rfc9449#section-7.1
// https://www.rfc-editor.org/rfc/rfc9449#section-9
func ProofError(err error) string {
	var check *dpop.CheckError
	if !errors.As(err, &check) {
		return wire.ErrInvalidDPoPProof
	}
	switch check.ID {
	case "nonce":
		return wire.ErrUseDPoPNonce
	case "binding":
		return wire.ErrInvalidToken
	}
	return wire.ErrInvalidDPoPProof
}

// "To prevent multiple uses of the same DPoP proof, servers can store, in the
// context of the target URI, the jti value of each DPoP proof for the time window
// in which the respective DPoP proof JWT would be accepted."
// https://www.rfc-editor.org/rfc/rfc9449#section-11.1
func checkReplay(a *attempt) *Refusal {
	if a.proof != nil && a.guard.Replays.Seen(a.proof, a.Now) {
		return refuse(http.StatusUnauthorized, wire.ErrInvalidDPoPProof, "the DPoP proof has been used before", a.scheme)
	}
	return nil
}

// "The protected resource MUST obtain, from its TLS implementation layer, the
// client certificate used for mutual TLS and MUST verify that the certificate
// matches the certificate associated with the access token. If they do not match,
// the resource access attempt MUST be rejected with an error, per [RFC6750], using
// an HTTP 401 status code and the invalid_token error code."
// https://www.rfc-editor.org/rfc/rfc8705#section-3
func checkCertificate(a *attempt) *Refusal {
	want := a.claims.Confirmation.X5T
	switch {
	case want == "":
		return nil
	case a.Certificate == nil:
		return invalidToken(a.scheme, "the token is bound to a client certificate, and this connection has none")
	case subtle.ConstantTimeCompare([]byte(certs.Thumbprint(a.Certificate)), []byte(want)) != 1:
		return invalidToken(a.scheme, "the token is bound to another client certificate than that of this connection")
	}
	return nil
}
