package binding

import (
	"crypto/subtle"
	"encoding/json"

	"github.com/oauthpop/oauthpop/internal/wire"
)

// Evidence is what is known about a token.
type Evidence struct {
	// Source is where Cnf was read; for a token that cannot be read it may be empty.
	Source Source
	// Opaque and Encrypted tokens cannot be read: their Cnf is unknown, not absent.
	Opaque, Encrypted bool
	// Locked says why an encrypted token could not be opened; "" if nobody tried.
	Locked string
	// NotAToken: it is something else, which Instead says: a DPoP proof if that is
	// empty.
	NotAToken bool
	Instead   string
	// Cnf is the claim as it stands in the token, HasCnf whether it stands there.
	// CnfRepeated: the claim is there more than once.
	Cnf         json.RawMessage
	HasCnf      bool
	CnfRepeated bool
	// Verified: the signature was checked and is right, or the token came straight
	// from its issuer. SignatureInvalid: it was checked and is wrong.
	Verified, SignatureInvalid bool
	// Inactive: the issuer said "active": false.
	Inactive bool
	// TokenType is the token_type that came with the token, "" if none did;
	// IntrospectedType is that of the introspection answer.
	TokenType, IntrospectedType string
}

// state says how one member of cnf compares with the local material of its kind.
type state int

const (
	absent   state = iota // not in cnf
	notGiven              // in cnf, and nothing of its kind to compare it with
	fits
	differs
)

// judgement is a verdict in the making.
type judgement struct {
	Evidence
	local    Local
	cnf      Confirmation
	jkt, x5t state
}

// Judge says whether the token is bound to the local material.
func Judge(e Evidence, local Local) wire.Binding {
	j := newJudgement(e, local)
	verdict, reason := j.verdict()
	return wire.Binding{
		Verdict: string(verdict), Reason: string(reason),
		Method:     string(j.method()),
		Found:      wire.Thumbprints{JKT: j.cnf.JKT.Value, X5T: j.cnf.X5T.Value},
		Expected:   j.expected(),
		Candidates: j.candidates(),
		Source:     string(j.source()),
		Verified:   e.Verified && !e.SignatureInvalid && !e.Inactive,
		Detail:     j.detail(verdict, reason),
		Warnings:   j.warnings(),
	}
}

// "If the token_type member is included in the introspection response, it MUST
// contain the value DPoP."
// https://www.rfc-editor.org/rfc/rfc9449#section-6.2
func (j *judgement) warnings() []string {
	if j.IntrospectedType == "" || isDPoP(j.IntrospectedType) || !j.cnf.JKT.Present {
		return nil
	}
	return []string{string(WarnIntrospectedType)}
}

func newJudgement(e Evidence, local Local) *judgement {
	j := &judgement{Evidence: e, local: local}
	if e.CnfRepeated {
		// One parser takes the first, another the last: nobody knows what a server
		// compares (RFC 7519 section 4).
		j.HasCnf, j.cnf = true, Confirmation{Fault: "stands in the token twice"}
	} else if e.HasCnf {
		j.cnf = ParseCnf(e.Cnf)
	}
	j.jkt = compare(j.cnf.JKT, len(local.Keys), func(i int) string { return local.Keys[i].JKT })
	j.x5t = compare(j.cnf.X5T, len(local.Certificates), func(i int) string { return local.Certificates[i].X5T })
	return j
}

func compare(m Member, n int, thumbprint func(int) string) state {
	switch {
	case !m.Present:
		return absent
	case n == 0:
		return notGiven
	}
	for i := range n {
		if same(m, thumbprint(i)) {
			return fits
		}
	}
	return differs
}

// same compares the text, not the bytes behind it: a malformed thumbprint is no
// match even where a lax decoder finds the right bytes in it.
func same(m Member, thumbprint string) bool {
	return m.wellFormed() && subtle.ConstantTimeCompare([]byte(m.Value), []byte(thumbprint)) == 1
}

// verdict is the closed table, a row a case, in the order in which they decide.
func (j *judgement) verdict() (Verdict, Reason) {
	switch {
	case j.Inactive:
		return CannotTell, Inactive
	case j.SignatureInvalid:
		return CannotTell, SignatureInvalid
	case j.NotAToken:
		return CannotTell, NotAToken
	case j.Encrypted:
		return CannotTell, Encrypted
	case j.Opaque:
		return CannotTell, Opaque
	case !j.HasCnf:
		return NotBound, NoCnf
	case j.cnf.Malformed():
		return CannotTell, MalformedCnf
	case j.jkt == absent && j.x5t == absent:
		return CannotTell, UnknownCnf
	case j.local.Empty():
		return Bound, NothingLocal
	case j.jkt == differs:
		return BoundToAnotherKey, KeyDiffers
	case j.x5t == differs:
		return BoundToAnotherKey, CertificateDiffers
	case j.jkt != fits && j.x5t != fits:
		return CannotTell, NotCompared
	// "a token carrying both must satisfy both", never either.
	case j.jkt == notGiven || j.x5t == notGiven:
		return CannotTell, HalfCompared
	}
	return BoundAndMatches, ""
}

func (j *judgement) method() Method {
	switch {
	case j.cnf.JKT.Present && j.cnf.X5T.Present:
		return MethodBoth
	case j.cnf.JKT.Present:
		return MethodDPoP
	case j.cnf.X5T.Present:
		return MethodMTLS
	case j.unreadable() && isDPoP(j.TokenType):
		return MethodDPoP
	case j.unreadable() || j.HasCnf:
		return MethodUnknown
	}
	return MethodNone
}

// unreadable: whatever cnf the token has, it cannot be seen here.
func (j *judgement) unreadable() bool { return j.Opaque || j.Encrypted || j.NotAToken }

func (j *judgement) source() Source {
	switch {
	case j.unreadable() && isDPoP(j.TokenType):
		return SourceTokenType
	case j.unreadable() || j.Source == "":
		return SourceNone
	}
	return j.Source
}

// candidates are the local material with what was compared.
func (j *judgement) candidates() []wire.Candidate {
	var all []wire.Candidate
	for _, k := range j.local.Keys {
		all = append(all, wire.Candidate{File: k.File, Kind: "key", JKT: k.JKT, Matches: same(j.cnf.JKT, k.JKT)})
	}
	for _, c := range j.local.Certificates {
		all = append(all, wire.Candidate{File: c.File, Kind: "certificate", X5T: c.X5T, Matches: same(j.cnf.X5T, c.X5T)})
	}
	return all
}

// expected are the thumbprints of what matched, or of the only one given, a kind
// each. A kind that the token does not name is left out where another matched.
func (j *judgement) expected() *wire.Thumbprints {
	var t wire.Thumbprints
	matched := j.jkt == fits || j.x5t == fits
	switch {
	case j.jkt == fits:
		t.JKT = j.cnf.JKT.Value
	case len(j.local.Keys) == 1 && (j.jkt == differs || !matched):
		t.JKT = j.local.Keys[0].JKT
	}
	switch {
	case j.x5t == fits:
		t.X5T = j.cnf.X5T.Value
	case len(j.local.Certificates) == 1 && (j.x5t == differs || !matched):
		t.X5T = j.local.Certificates[0].X5T
	}
	if t == (wire.Thumbprints{}) {
		return nil
	}
	return &t
}

// ExitOK is the exit column of the table: whether the binding lets a command end
// with 0. compared: something was given to compare the token with, or a binding
// was demanded.
func ExitOK(b wire.Binding, compared bool) bool {
	switch Verdict(b.Verdict) {
	case Bound, BoundAndMatches:
		return true
	case NotBound:
		return !compared
	case CannotTell:
		r := Reason(b.Reason)
		return !compared && (r == Opaque || r == Encrypted || r == NotAToken)
	}
	return false
}
