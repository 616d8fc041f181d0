package diagnose

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/oauthpop/oauthpop/internal/binding"
	"github.com/oauthpop/oauthpop/internal/bounds"
	"github.com/oauthpop/oauthpop/internal/challenge"
	"github.com/oauthpop/oauthpop/internal/dpop"
	"github.com/oauthpop/oauthpop/internal/jwt"
	"github.com/oauthpop/oauthpop/internal/token"
	"github.com/oauthpop/oauthpop/internal/wire"
)

// reading is an exchange with what its header holds, taken apart once.
type reading struct {
	*wire.Exchange
	code string

	proofs []string
	proof  *jwt.Compact // the first one, nil where it cannot be read
	checks map[string]dpop.Result

	scheme, token string        // of Authorization; the token only of DPoP and Bearer
	form          token.Reading // of the token
	bound         wire.Binding  // what it says itself
	cnf           wire.Thumbprints
}

func read(ex *wire.Exchange, code string) *reading {
	r := &reading{Exchange: ex, code: code, checks: map[string]dpop.Result{}}
	r.proofs = values(ex.Request.Header, wire.HeaderDPoP)
	r.readToken()
	if len(r.proofs) == 0 {
		return r
	}
	if proof, err := jwt.Split(r.proofs[0]); err == nil {
		r.proof = proof
	}
	for _, result := range dpop.Judge(r.judged(), dpop.Checks()).Checks {
		r.checks[result.ID] = result
	}
	return r
}

// values are all lines of a field, however its name is written.
func values(h http.Header, name string) []string {
	var all []string
	for _, key := range keys(h) {
		if strings.EqualFold(key, name) {
			all = append(all, h[key]...)
		}
	}
	return all
}

func keys(h http.Header) []string {
	all := make([]string, 0, len(h))
	for key := range h {
		all = append(all, key)
	}
	slices.Sort(all)
	return all
}

func (r *reading) readToken() {
	r.cnf = r.Known.Cnf
	fields := values(r.Request.Header, "Authorization")
	if len(fields) == 0 {
		return
	}
	scheme, credentials, _ := strings.Cut(strings.TrimLeft(fields[0], " \t"), " ")
	r.scheme = scheme
	if !r.schemeIs(wire.SchemeDPoP) && !r.schemeIs(wire.SchemeBearer) {
		return
	}
	r.token = strings.Trim(credentials, " \t")
	form, err := token.Recognise(r.token)
	if err != nil || form.Kind != token.JWT {
		return
	}
	r.form, r.bound = form, bound(form)
	if r.bound.Verdict == string(binding.Bound) {
		r.cnf = r.bound.Found
	}
}

// bound is what a token says about its key.
func bound(form token.Reading) wire.Binding {
	return binding.Judge(binding.EvidenceOf(form), binding.Local{})
}

// readable: the token is a JWT.
func (r *reading) readable() bool { return r.form.Compact != nil }

// schemeIs: schemes are compared without regard to case.
// https://www.rfc-editor.org/rfc/rfc9110#section-11.1
func (r *reading) schemeIs(scheme string) bool { return strings.EqualFold(r.scheme, scheme) }

// judged is what the proof is to be right for. What causes of their own look at,
// nonces by code, is left out.
func (r *reading) judged() dpop.Request {
	q := dpop.Request{
		Proofs: r.proofs, Method: r.Request.Method,
		Token: r.token, HasToken: r.token != "", JKT: r.cnf.JKT,
		Algs: r.algs(),
	}
	if called, err := dpop.HTU(r.Request.URL); err == nil {
		q.URL = called
	}
	q.Now, q.MaxAge, q.MaxSkew = r.arrival()
	q.NoFreshness = q.Now.IsZero()
	return q
}

// arrival is when the proof was used and how far its iat may be from that. The
// client's clock decides where it is known: how it differs from the server's is
// another cause. The time of the answer is later by as long as it took.
func (r *reading) arrival() (at time.Time, age, ahead time.Duration) {
	switch {
	case !r.Request.Sent.IsZero():
		return r.Request.Sent, bounds.StrictProofAge, bounds.StrictProofSkew
	case !r.Response.Received.IsZero():
		return r.Response.Received, bounds.ProofAge, bounds.StrictProofSkew
	}
	date, _ := serverTime(r.Exchange)
	// An iat ahead of the server's clock is a matter of clocks.
	return date, bounds.StrictProofAge, 1 << 62
}

// algs are what the server offers: in its challenge, else in its metadata.
//
// "to signal to the client the JWS algorithms that are acceptable for the DPoP proof
// JWT" https://www.rfc-editor.org/rfc/rfc9449#section-7.1
func (r *reading) algs() []string {
	for _, c := range challenge.ParseChallenges(values(r.Response.Header, "WWW-Authenticate")) {
		all := slices.DeleteFunc(strings.Fields(c.Params["algs"]), func(alg string) bool { return !algName(alg) })
		if c.Is(wire.SchemeDPoP) && len(all) > 0 {
			return all[:min(len(all), 50)]
		}
	}
	if len(r.Known.Algs) > 0 {
		return r.Known.Algs
	}
	return dpop.DefaultAlgs()
}

// algName: what else a header holds is not shown.
func algName(s string) bool {
	other := func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_'
	}
	return len(s) <= 40 && strings.IndexFunc(s, other) < 0
}

// issued is the iat of the proof.
func (r *reading) issued() (time.Time, bool) {
	if !r.Request.IAT.IsZero() {
		return r.Request.IAT, true
	}
	if r.proof == nil {
		return time.Time{}, false
	}
	at := token.TimesOf(r.proof.Payload, time.Time{}).IssuedAt
	return at, !at.IsZero()
}

// refused: other answers, 404 above all, have other causes. A request without a
// known answer is looked at as if it had been.
func (r *reading) refused() bool {
	return slices.Contains([]int{0, http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden}, r.Response.Status)
}

// refusesProof: servers have several codes for it. Keycloak's token endpoint says
// invalid_request, others invalid_grant.
func (r *reading) refusesProof() bool {
	return slices.Contains([]string{
		"", wire.ErrInvalidDPoPProof, wire.ErrInvalidRequest, wire.ErrInvalidToken, wire.ErrInvalidGrant,
	}, r.code)
}

func (r *reading) refusesCertificate() bool {
	return slices.Contains([]string{
		"", wire.ErrInvalidClient, wire.ErrInvalidRequest, wire.ErrInvalidToken, wire.ErrInvalidGrant, wire.ErrUnauthorizedClient,
	}, r.code)
}
