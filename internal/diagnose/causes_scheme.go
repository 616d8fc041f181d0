package diagnose

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/oauthpop/oauthpop/internal/binding"
	"github.com/oauthpop/oauthpop/internal/jwt"
	"github.com/oauthpop/oauthpop/internal/token"
	"github.com/oauthpop/oauthpop/internal/wire"
)

// bearerWithBoundToken: a server that supports both schemes "MUST reject a
// DPoP-bound access token received as a bearer token".
// https://www.rfc-editor.org/rfc/rfc9449#section-7.2
func bearerWithBoundToken(r *reading) (string, bool) {
	if !r.schemeIs(wire.SchemeBearer) || !r.refused() || !r.refusesProof() {
		return "", false
	}
	switch {
	case r.cnf.JKT != "":
		return "the token is bound to a DPoP key and was sent as Bearer", true
	case !r.readable() && len(r.proofs) > 0:
		return "a proof was sent, and the token beside it as Bearer", true
	}
	return "", false
}

func dpopWithUnboundToken(r *reading) (string, bool) {
	unbound := r.bound.Verdict == string(binding.NotBound) || r.bound.Reason == string(binding.UnknownCnf)
	other := r.bound.Method == string(binding.MethodMTLS)
	if !r.readable() || !unbound && !other || !r.refused() || !r.refusesProof() {
		return "", false
	}
	if !r.schemeIs(wire.SchemeDPoP) && len(r.proofs) == 0 {
		return "", false
	}
	if other {
		return "the token is bound to a certificate, not to a DPoP key: it is sent as Bearer, over a connection with that certificate (RFC 8705 section 3)", true
	}
	return "the token has no cnf.jkt: it is bound to no DPoP key", true
}

func proofMissing(r *reading) (string, bool) {
	if len(r.proofs) > 0 || r.Request.HTU != "" || !r.Request.IAT.IsZero() || !r.refused() {
		return "", false
	}
	if _, unbound := dpopWithUnboundToken(r); unbound {
		return "", false
	}
	switch {
	case r.schemeIs(wire.SchemeDPoP) && r.refusesProof():
		return "the request has Authorization: DPoP and no DPoP header field", true
	case r.code == wire.ErrInvalidDPoPProof:
		return "the server found no right proof, and the request has no DPoP header field", true
	}
	return "", false
}

// cnfMalformed: "a base64url-encoded [...] SHA-256 [...] hash"; nothing that a client or a
// server can compute equals what is written otherwise.
// https://www.rfc-editor.org/rfc/rfc8705#section-3.1
func cnfMalformed(r *reading) (string, bool) {
	if r.bound.Reason != string(binding.MalformedCnf) || !r.refused() || !r.refusesProof() {
		return "", false
	}
	return r.bound.Detail, true
}

// tokenUnbound: with another token_type than DPoP the token is not protected, and the
// client must discard it where it counts on that.
// https://www.rfc-editor.org/rfc/rfc9449#section-5
func tokenUnbound(r *reading) (string, bool) {
	if !r.sentProof() {
		return "", false
	}
	form, kind, ok := r.answered()
	if !ok {
		return "", false
	}
	said := bound(form)
	switch {
	case said.Verdict == string(binding.NotBound), said.Method == string(binding.MethodMTLS):
		return fmt.Sprintf("the token has no cnf.jkt, and token_type is %.40q: the server did not use the proof, and gave no error", kind), true
	case form.Compact == nil && !strings.EqualFold(kind, wire.SchemeDPoP):
		return fmt.Sprintf("token_type is %.40q instead of DPoP: the server did not use the proof, and gave no error", kind), true
	}
	return "", false
}

// answered is the token that a token endpoint gave, and its token_type.
func (r *reading) answered() (form token.Reading, kind string, ok bool) {
	if r.Response.Status != http.StatusOK {
		return form, "", false
	}
	answer, err := jwt.ParseObject(r.Response.Body)
	if err != nil {
		return form, "", false
	}
	access, ok := answer.String("access_token")
	if !ok {
		return form, "", false
	}
	kind, _ = answer.String("token_type")
	form, err = token.Recognise(access)
	return form, kind, err == nil
}

func (r *reading) sentProof() bool { return len(r.proofs) > 0 || r.Request.HTU != "" }

// certificateUnused: that a client authenticates by a certificate binds no token to
// it. That it wants bound tokens is said in its own metadata.
// https://www.rfc-editor.org/rfc/rfc8705#section-3.4
func certificateUnused(r *reading) (string, bool) {
	if r.sentProof() || !r.TLS.Sent && r.Known.X5T == "" {
		return "", false
	}
	form, _, ok := r.answered()
	if !ok || bound(form).Verdict != string(binding.NotBound) {
		return "", false
	}
	return "the request came with a client certificate, the token has no cnf, and there was no error", true
}

// refusedInFront: what checks tokens answers with a challenge. "the protected
// resource server MUST include [...] a WWW-Authenticate response header field".
// https://www.rfc-editor.org/rfc/rfc6750#section-3
func refusedInFront(r *reading) (string, bool) {
	sent := r.token != "" || len(r.proofs) > 0 || r.TLS.Sent
	if !sent || r.Response.Status != http.StatusForbidden || r.code != "" || len(r.Response.Body) > 0 {
		return "", false
	}
	if len(values(r.Response.Header, "WWW-Authenticate")) > 0 || !r.bodyless() {
		return "", false
	}
	return "the answer is 403 with neither a challenge nor a body", true
}

// bodyless: a body that was streamed is not kept.
func (r *reading) bodyless() bool {
	length := r.Response.Header.Get("Content-Length")
	return length == "0" || length == "" && r.Response.Header.Get("Content-Type") == ""
}
