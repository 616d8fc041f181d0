package server

import (
	"crypto/x509"
	"encoding/json"
	"net/http"
	"time"

	"github.com/oauthpop/oauthpop/internal/server/guard"
	"github.com/oauthpop/oauthpop/internal/wire"
)

// exchange is one request with its answer.
type exchange struct {
	*site
	w       http.ResponseWriter
	r       *http.Request
	now     time.Time
	event   Event
	verdict *guard.Verdict // of a protected route
}

func (p *site) newExchange(w http.ResponseWriter, r *http.Request) *exchange {
	x := &exchange{site: p, w: w, r: r, now: p.cfg.Now()}
	x.event = Event{Time: x.now, Method: r.Method, URL: p.base + r.URL.EscapedPath(), Certificates: len(x.chain())}
	return x
}

func (x *exchange) log() {
	if x.cfg.Log != nil {
		x.cfg.Log(x.event)
	}
}

// chain is what the client presented in the handshake of this connection, its
// leaf first. Only the key of the leaf was proved.
//
// "The TLS connection between the client and the authorization server MUST have
// been established or re-established with mutual-TLS X.509 certificate
// authentication (i.e., the client Certificate and CertificateVerify messages are
// sent during the TLS handshake)."
// https://www.rfc-editor.org/rfc/rfc8705#section-2
func (x *exchange) chain() []*x509.Certificate {
	if !x.certificates || x.r.TLS == nil {
		return nil
	}
	return x.r.TLS.PeerCertificates
}

// certificate is the leaf of chain, nil where there is none.
func (x *exchange) certificate() *x509.Certificate {
	if chain := x.chain(); len(chain) > 0 {
		return chain[0]
	}
	return nil
}

// headers are on every answer.
//
// "In order for the application to obtain and use the DPoP-Nonce HTTP response
// header value, the server needs to make it available to the application by
// including DPoP-Nonce in the Access-Control-Expose-Headers response header list
// value"; the same is said of WWW-Authenticate. Answers with a nonce "should be
// uncacheable".
// https://www.rfc-editor.org/rfc/rfc9449#section-8
// https://www.rfc-editor.org/rfc/rfc9449#section-7.1
// https://www.rfc-editor.org/rfc/rfc9449#section-8.2
func (x *exchange) headers() {
	h := x.w.Header()
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Access-Control-Expose-Headers", wire.HeaderDPoPNonce+", WWW-Authenticate")
	h.Set("Cache-Control", "no-store")
	h.Set("Pragma", "no-cache")
	h.Set("X-Content-Type-Options", "nosniff")
}

// preflight reports whether a browser asks if it may send another request.
// https://fetch.spec.whatwg.org/#cors-preflight-request
func preflight(r *http.Request) bool {
	return r.Method == http.MethodOptions && r.Header.Get("Origin") != "" && r.Header.Get("Access-Control-Request-Method") != ""
}

func (x *exchange) preflight() {
	h := x.w.Header()
	// The wildcard does not cover Authorization, which has to be named.
	// https://fetch.spec.whatwg.org/#cors-non-wildcard-request-header-name
	h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, "+wire.HeaderDPoP+", *")
	h.Set("Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, *")
	h.Set("Access-Control-Max-Age", "600")
	x.status(http.StatusNoContent)
}

// giveNonce puts a nonce on the answer, whatever it will be.
//
// "There MUST NOT be more than one DPoP-Nonce header."
// https://www.rfc-editor.org/rfc/rfc9449#section-8
func (x *exchange) giveNonce() {
	if x.cfg.Nonces != NoncesOff {
		// Not Set: its spelling of the name is Dpop-Nonce.
		x.w.Header()[wire.HeaderDPoPNonce] = []string{x.nonces.Issue(x.now)}
	}
}

func (x *exchange) status(code int) {
	x.event.Status = code
	x.w.WriteHeader(code)
}

func (x *exchange) json(code int, v any) {
	body, err := json.Marshal(v)
	if err != nil { // a defect: every v is a struct or map of plain values
		code, body = http.StatusInternalServerError, []byte(`{"error":"server_error"}`)
	}
	x.w.Header().Set("Content-Type", "application/json")
	x.status(code)
	// A client that is gone is not told so.
	_, _ = x.w.Write(append(body, '\n'))
}

// OAuthError is an error answer of RFC 6749 section 5.2.
type OAuthError struct {
	Status      int    `json:"-"`
	Code        string `json:"error"`
	Description string `json:"error_description,omitempty"`
	// challenge is the value of WWW-Authenticate, "" for none.
	challenge string
}

func (e *OAuthError) Error() string { return e.Code + ": " + e.Description }

// serverError is a defect of this server.
func serverError(err error) *OAuthError {
	return &OAuthError{Status: http.StatusInternalServerError, Code: "server_error", Description: err.Error()}
}

func (x *exchange) fail(e *OAuthError) {
	if e.challenge != "" {
		x.w.Header().Set("WWW-Authenticate", e.challenge)
	}
	x.event.Error, x.event.Description = e.Code, e.Description
	x.json(e.Status, &OAuthError{Code: e.Code, Description: guard.Printable(e.Description)})
}
