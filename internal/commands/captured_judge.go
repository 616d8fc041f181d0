package commands

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/oauthpop/oauthpop/internal/binding"
	"github.com/oauthpop/oauthpop/internal/bounds"
	"github.com/oauthpop/oauthpop/internal/capture"
	"github.com/oauthpop/oauthpop/internal/challenge"
	"github.com/oauthpop/oauthpop/internal/cli"
	"github.com/oauthpop/oauthpop/internal/commands/tokencmd"
	"github.com/oauthpop/oauthpop/internal/commands/view"
	"github.com/oauthpop/oauthpop/internal/diagnose"
	"github.com/oauthpop/oauthpop/internal/dpop"
	"github.com/oauthpop/oauthpop/internal/token"
	"github.com/oauthpop/oauthpop/internal/wire"
)

// judge judges captured requests, one after the other.
type judge struct {
	now, at     time.Time // at: of --at, zero without
	noFreshness bool
	local       binding.Local
	env         *cli.Env
	issuer      *issuerOptions
	check       func(token.Reading) view.Signature // nil: nobody's keys are known
	seen        map[string]bool                    // keys and jtis of the proofs so far
	nonces      map[string]string                  // the last one by origin
	servers     []*wire.Metadata                   // of authorization servers
}

// captured is one request on its way through the checks.
type captured struct {
	x        *capture.Exchange
	scheme   string // of Authorization, as written
	fields   int    // Authorization
	token    token.Reading
	hasToken bool
	proofs   []string
	code     string // of the server's refusal
	cnf      binding.Confirmation
	certs    []capture.Forwarded
	local    binding.Local
	view     view.ExplainedRequest
}

// fetch asks the issuer where --issuer says so: for its keys where a token can be
// checked with them, and for the algorithms it offers where there is a proof.
func (j *judge) fetch(ctx context.Context, reading *capture.Reading) error {
	if j.issuer.url == "" {
		return nil
	}
	readable, proof := false, false
	for i := range reading.Exchanges {
		c := newCaptured(&reading.Exchanges[i])
		readable = readable || c.token.Kind == token.JWT
		proof = proof || len(c.proofs) > 0
	}
	wantsKeys := readable && j.check == nil
	if !wantsKeys && !proof {
		return nil
	}
	source, err := j.issuer.metadata(ctx, j.env)
	if err != nil {
		return err
	}
	defer source.transport.Close()
	j.servers = append(j.servers, source.Metadata)
	if !wantsKeys {
		return nil
	}
	set, err := source.keys(ctx)
	if err == nil {
		j.check = func(r token.Reading) view.Signature { return checked(r, set, source.Issuer) }
	}
	return err
}

func newCaptured(x *capture.Exchange) *captured {
	c := &captured{x: x, proofs: x.Request.Header.Values(wire.HeaderDPoP)}
	lines := x.Request.Header.Values("Authorization")
	c.fields = len(lines)
	if len(lines) > 0 {
		scheme, credentials, _ := strings.Cut(strings.TrimSpace(lines[0]), " ")
		c.scheme = scheme
		if strings.EqualFold(scheme, wire.SchemeDPoP) || strings.EqualFold(scheme, wire.SchemeBearer) {
			c.read(strings.TrimSpace(credentials))
		}
	}
	if e := oauthError(&x.Exchange); e != nil {
		c.code = e.Error
	}
	c.certs = capture.Certificates(x.Request.Header)
	return c
}

func (c *captured) read(s string) {
	r, err := token.Recognise(s)
	if err != nil || len(s) > bounds.Token {
		r = token.Reading{Kind: token.Opaque, Token: s}
	}
	c.token, c.hasToken = r, true
	if e := binding.EvidenceOf(r); e.HasCnf {
		c.cnf = binding.ParseCnf(e.Cnf)
	}
}

// request judges one.
func (j *judge) request(x *capture.Exchange) view.ExplainedRequest {
	c := newCaptured(x)
	c.view = view.ExplainedRequest{
		Method: x.Request.Method, URL: shownURL(x.Request.URL), Scheme: c.scheme, Status: x.Response.Status,
		Challenges: []view.Challenge{}, Causes: []view.Cause{}, Checks: []view.ProofCheck{}, Notes: x.Notes,
	}
	c.answer()
	c.local = binding.Local{Keys: slices.Clone(j.local.Keys), Certificates: slices.Clone(j.local.Certificates)}
	j.proof(c)
	c.certificates()
	j.binding(c)
	c.rules()
	j.know(c)
	for _, cause := range diagnose.Causes(&x.Exchange, c.code) {
		c.view.Causes = append(c.view.Causes, view.Cause{ID: cause.ID, Section: cause.Section, Text: cause.Text, Fix: cause.Fix})
	}
	c.missing()
	c.view.Conclude(j.demanded(c))
	return c.view
}

// answer shows what the server said.
func (c *captured) answer() {
	h := c.x.Response.Header
	for _, ch := range challenge.ParseChallenges(h.Values("WWW-Authenticate")) {
		c.view.Challenges = append(c.view.Challenges, view.Challenge{Scheme: ch.Scheme, Params: ch.Params, Token68: ch.Token68})
	}
	c.view.Nonce = h.Get(wire.HeaderDPoPNonce)
	if e := oauthError(&c.x.Exchange); e != nil {
		c.view.Error, c.view.ErrorDescription = e.Error, e.Description
	}
}

// arrived is when the request arrived, as far as the text says.
func (j *judge) arrived(x *capture.Exchange) (time.Time, string) {
	if !j.at.IsZero() {
		return j.at, "--at"
	}
	if date, err := http.ParseTime(x.Response.Header.Get("Date")); err == nil {
		// "the time elapsed since the response was generated or successfully validated at
		// the origin server" https://www.rfc-editor.org/rfc/rfc9111#section-5.1
		if age, err := strconv.ParseUint(x.Response.Header.Get("Age"), 10, 31); err == nil && age > 0 {
			return date.Add(time.Duration(age) * time.Second), "the Date and the Age of the answer"
		}
		return date, "the Date of the answer"
	}
	if !x.Started.IsZero() {
		return x.Started, "the time in the HAR"
	}
	return j.now, "now"
}

// proof judges the proof, if there is one.
func (j *judge) proof(c *captured) {
	if len(c.proofs) == 0 {
		return
	}
	r := dpop.Request{
		Proofs: c.proofs, Method: c.x.Request.Method, URL: c.x.Request.URL,
		Token: c.token.Token, HasToken: c.hasToken, JKT: c.boundKey(j.local),
		NoFreshness: j.noFreshness, MaxAge: bounds.ProofAge, MaxSkew: bounds.ProofSkew, Algs: dpop.DefaultAlgs(),
		Nonce: c.nonce(),
	}
	at, source := j.arrived(c.x)
	r.Now = at
	if !j.noFreshness {
		c.view.At, c.view.AtSource = &at, source
	}
	report := dpop.Judge(r, dpop.Checks())
	c.view.Proof = view.NewProofReport(report)
	if report.JKT != "" {
		c.local.Keys = append(c.local.Keys, binding.LocalKey{File: "the proof", JKT: report.JKT})
	}
	j.replay(c, report)
}

// boundKey is the thumbprint that the proof's key must have: that of the token,
// else the only one that was given.
func (c *captured) boundKey(local binding.Local) string {
	switch {
	case c.cnf.JKT.Present && !c.cnf.JKT.Malformed:
		return c.cnf.JKT.Value
	case !c.cnf.JKT.Present && len(local.Keys) == 1:
		return local.Keys[0].JKT
	}
	return ""
}

// nonce is the rule for the proof's nonce where the answer asks for one: what the
// server gave before is not in the text.
func (c *captured) nonce() func(string, bool) error {
	if c.code != wire.ErrUseDPoPNonce {
		return nil
	}
	given := c.x.Response.Header.Get(wire.HeaderDPoPNonce)
	return func(nonce string, present bool) error {
		if present && nonce == given && given != "" {
			return nil // the server refuses its own nonce
		}
		e := &dpop.NonceError{Expected: "a nonce: the answer asks for one, and gives none"}
		if given != "" {
			e.Expected = strconv.Quote(given)
		}
		return e
	}
}

// "servers can store, in the context of the target URI, the jti value of each DPoP
// proof for the time window in which the respective DPoP proof JWT would be
// accepted" https://www.rfc-editor.org/rfc/rfc9449#section-11.1
func (j *judge) replay(c *captured, report dpop.Report) {
	// A proof that its key has not signed spends no jti of that key.
	if report.JKT == "" || report.JTI == "" || !c.view.Proof.Passed("signature") {
		return
	}
	key := report.JKT + " " + report.JTI
	if j.seen[key] {
		c.fail("replay", "RFC 9449 §11.1", "a jti that was not used before", strconv.Quote(report.JTI)+" again", "make a fresh proof for each request, also for a retry")
	}
	j.seen[key] = true
}

func (c *captured) fail(id, section, expected, found, hint string) {
	c.view.Checks = append(c.view.Checks, view.ProofCheck{ID: id, Section: section, Status: dpop.StatusFailed, Expected: expected, Found: found, Hint: hint})
}

func (c *captured) pass(id, section string) {
	c.view.Checks = append(c.view.Checks, view.ProofCheck{ID: id, Section: section, Status: dpop.StatusPassed})
}

func (c *captured) open(id, section, hint string) {
	c.view.Checks = append(c.view.Checks, view.ProofCheck{ID: id, Section: section, Status: dpop.StatusNotChecked, Hint: hint})
}

// certificates reads those that a proxy passed on.
func (c *captured) certificates() {
	for _, f := range c.certs {
		shown := view.ForwardedCertificate{Header: f.Header, Form: f.Form, X5T: f.X5T, Fault: f.Fault}
		if f.Leaf != nil {
			shown.Subject = f.Leaf.Subject.String()
		}
		c.view.Certificates = append(c.view.Certificates, shown)
		if f.X5T != "" {
			l := binding.LocalCertificate{File: f.Header, X5T: f.X5T, Leaf: f.Leaf}
			if f.Leaf != nil {
				l.KeyJKT = tokencmd.Thumbprint(f.Leaf.PublicKey)
			}
			c.local.Certificates = append(c.local.Certificates, l)
		}
	}
}

// binding judges the token of the request.
func (j *judge) binding(c *captured) {
	if !c.hasToken {
		c.answered()
		return
	}
	e := binding.EvidenceOf(c.token)
	if j.check != nil && c.token.Kind == token.JWT {
		s := j.check(c.token)
		e.Verified, e.SignatureInvalid = s.Verdict == view.SignatureValid && s.Detail == "", s.Verdict == view.SignatureInvalid
		c.view.Signature = &s
	}
	b := binding.Judge(e, c.local)
	c.view.Binding = &b
}

// demanded says whether the binding must be seen: something was given to compare
// the token with, or the client sent a proof. Of a token that cannot be read it is
// enough that the proof is by the key that was given.
func (j *judge) demanded(c *captured) bool {
	b := c.view.Binding
	if b == nil {
		return false
	}
	switch binding.Reason(b.Reason) {
	case binding.Opaque, binding.Encrypted:
		return !j.local.Empty() && !c.view.Proof.Passed("binding")
	}
	return !j.local.Empty() || len(c.proofs) > 0 && b.Verdict == string(binding.NotBound)
}

// missing says what the text leaves out, where that keeps something from being
// judged.
func (c *captured) missing() {
	note := func(text string) { c.view.Notes = append(c.view.Notes, text) }
	const leftOut = ": developer tools and logs often leave it out"
	if c.x.SchemeTaken && c.plainHTTP() {
		note("the text says neither http nor https, and https is taken: --scheme http if it was that")
	}
	if c.fields > 0 {
		return
	}
	switch {
	case len(c.proofs) == 0 && len(c.certs) == 0 && c.view.Status == 0:
		note("the text has no Authorization field, no DPoP field and no client certificate" + leftOut)
	case c.hashed():
		note("the proof goes with an access token (ath), and the text has no Authorization field" + leftOut)
	case len(c.view.Challenges) > 0:
		note("the text has no Authorization field" + leftOut)
	}
}

// plainHTTP: the proof was made for plain http, and is judged wrong for https.
func (c *captured) plainHTTP() bool {
	return c.view.Proof != nil && slices.ContainsFunc(c.view.Proof.Failed(), func(p view.ProofCheck) bool {
		return p.ID == "htu" && strings.HasPrefix(p.Found, `"http:`)
	})
}

// hashed says whether the proof has the hash of a token that the text lacks.
func (c *captured) hashed() bool {
	return c.view.Proof != nil && slices.ContainsFunc(c.view.Proof.Checks, func(p view.ProofCheck) bool {
		return p.ID == "ath" && p.Status == dpop.StatusNotChecked && p.Found != ""
	})
}
