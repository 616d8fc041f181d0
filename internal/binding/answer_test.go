package binding

import (
	"slices"
	"strings"
	"testing"
)

type answerRow struct {
	name     string
	asked    Asked
	evidence Evidence
	local    Local
	verdict  Verdict
	reason   Reason
	warning  Warning // "" for none
	asAsked  bool
}

func answers() []answerRow {
	dpop := Asked{Method: MethodDPoP, ProofSent: true}
	mtls := Asked{Method: MethodMTLS}
	two := Asked{Method: MethodBoth, ProofSent: true}
	bearer := Asked{Method: MethodNone}
	verified := func(a Asked) Asked { a.RequireVerified = true; return a }
	answer := func(cnf, tokenType string) Evidence {
		return Evidence{Source: SourceJWT, HasCnf: cnf != "", Cnf: []byte(cnf), Verified: true, TokenType: tokenType}
	}
	opaque := func(tokenType string) Evidence { return Evidence{Opaque: true, TokenType: tokenType} }
	encrypted := func(tokenType string) Evidence { return Evidence{Encrypted: true, TokenType: tokenType} }
	introspected := func(cnf, tokenType, saysIntrospection string) Evidence {
		e := answer(cnf, tokenType)
		e.Source, e.IntrospectedType = SourceIntrospection, saysIntrospection
		return e
	}
	hearsay := answer(cnfKey, "DPoP")
	hearsay.Verified = false

	return []answerRow{
		{"dpop: bound as asked", dpop, answer(cnfKey, "DPoP"), oneKey, BoundAndMatches, "", "", true},
		{"dpop: token_type in small letters", dpop, answer(cnfKey, "dpop"), oneKey, BoundAndMatches, "", "", true},
		{"dpop: a certificate was offered too", dpop, answer(cnfKey, "DPoP"), both, BoundAndMatches, "", "", true},
		{"dpop: unbound", dpop, answer("", "Bearer"), oneKey, NotBound, NoCnf, WarnTokenType, false},
		{"dpop: in name only", dpop, answer("", "DPoP"), oneKey, NotBound, NoCnf, "", false},
		{"dpop: another key", dpop, answer(cnfKey, "DPoP"), Local{Keys: keysOf(keyB)}, BoundToAnotherKey, KeyDiffers, "", false},
		{"dpop: cnf fits, token_type Bearer", dpop, answer(cnfKey, "Bearer"), oneKey, BoundAndMatches, "", WarnTokenType, false},
		{"dpop: cnf fits, no token_type", dpop, answer(cnfKey, ""), oneKey, BoundAndMatches, "", WarnTokenType, false},
		{"dpop: bound by the certificate instead", dpop, answer(cnfCert, "DPoP"), both, BoundAndMatches, "", WarnOtherMechanism, false},
		{"dpop: bound by the certificate as well", dpop, answer(cnfBoth, "DPoP"), both, BoundAndMatches, "", WarnOtherMechanism, true},
		{"dpop: bound by a certificate that was not offered", dpop, answer(cnfCert, "DPoP"), oneKey, CannotTell, NotCompared, "", false},
		{"dpop: opaque", dpop, opaque("DPoP"), oneKey, CannotTell, Opaque, "", true},
		{"dpop: opaque, to be verified", verified(dpop), opaque("DPoP"), oneKey, CannotTell, Opaque, "", false},
		{"dpop: opaque, token_type Bearer", dpop, opaque("Bearer"), oneKey, NotBound, TokenType, "", false},
		{"dpop: opaque, no token_type", dpop, opaque(""), oneKey, NotBound, TokenType, "", false},
		{"dpop: encrypted", dpop, encrypted("DPoP"), oneKey, CannotTell, Encrypted, "", true},
		{"dpop: encrypted, token_type Bearer", dpop, encrypted("bearer"), oneKey, NotBound, TokenType, "", false},
		{"dpop: malformed", dpop, answer(`{"jkt":"`+keyA+`="}`, "DPoP"), oneKey, CannotTell, MalformedCnf, "", false},
		{"dpop: unknown members only", dpop, answer(`{"kid":"1"}`, "DPoP"), oneKey, CannotTell, UnknownCnf, "", false},
		{"dpop: bound as asked, to be verified", verified(dpop), answer(cnfKey, "DPoP"), oneKey, BoundAndMatches, "", "", true},
		{"dpop: nobody vouched, to be verified", verified(dpop), hearsay, oneKey, BoundAndMatches, "", "", false},

		{"mtls: bound as asked", mtls, answer(cnfCert, "Bearer"), oneCert, BoundAndMatches, "", "", true},
		{"mtls: token_type DPoP, as one vendor documents", mtls, answer(cnfCert, "DPoP"), oneCert, BoundAndMatches, "", WarnTokenTypeDPoP, true},
		{"mtls: unbound", mtls, answer("", "Bearer"), oneCert, NotBound, NoCnf, "", false},
		{"mtls: another certificate", mtls, answer(cnfCert, "Bearer"), Local{Certificates: certificatesOf(certB)}, BoundToAnotherKey, CertificateDiffers, "", false},
		{"mtls: bound to a key instead", mtls, answer(cnfKey, "DPoP"), oneCert, CannotTell, NotCompared, WarnTokenTypeDPoP, false},
		{"mtls: bound to a key as well", mtls, answer(cnfBoth, "Bearer"), oneCert, CannotTell, HalfCompared, "", false},
		{"mtls: opaque, Bearer says nothing", mtls, opaque("Bearer"), oneCert, CannotTell, Opaque, "", true},
		{"mtls: opaque, to be verified", verified(mtls), opaque("Bearer"), oneCert, CannotTell, Opaque, "", false},

		{"both: bound by both", two, answer(cnfBoth, "DPoP"), both, BoundAndMatches, "", "", true},
		{"both: by the key alone", two, answer(cnfKey, "DPoP"), both, BoundAndMatches, "", "", true},
		{"both: by the certificate alone", two, answer(cnfCert, "DPoP"), both, BoundAndMatches, "", WarnOtherMechanism, false},
		{"both: another certificate", two, answer(cnfBoth, "DPoP"), halfKey, BoundToAnotherKey, CertificateDiffers, "", false},
		{"both: another key", two, answer(cnfBoth, "DPoP"), halfCert, BoundToAnotherKey, KeyDiffers, "", false},
		{"both: opaque, token_type Bearer", two, opaque("Bearer"), both, NotBound, TokenType, "", false},

		{"dpop: introspected", dpop, introspected(cnfKey, "DPoP", "dpop"), oneKey, BoundAndMatches, "", "", true},
		{"dpop: introspected, without token_type", verified(dpop), introspected(cnfKey, "DPoP", ""), oneKey, BoundAndMatches, "", "", true},
		{"dpop: introspected as Bearer", dpop, introspected(cnfKey, "DPoP", "Bearer"), oneKey, BoundAndMatches, "", WarnIntrospectedType, true},
		{"dpop: introspected, and unbound", dpop, introspected("", "DPoP", "Bearer"), oneKey, NotBound, NoCnf, "", false},
		{"dpop: introspected, and another key's", dpop, introspected(cnfKey, "DPoP", "DPoP"), Local{Keys: keysOf(keyB)}, BoundToAnotherKey, KeyDiffers, "", false},
		{"dpop: introspected, token_type Bearer", dpop, introspected(cnfKey, "Bearer", "DPoP"), oneKey, BoundAndMatches, "", WarnTokenType, false},
		{"dpop: inactive", dpop, Evidence{Opaque: true, Inactive: true, TokenType: "DPoP", Source: SourceIntrospection}, oneKey, CannotTell, Inactive, "", false},
		{"mtls: introspected", mtls, introspected(cnfCert, "Bearer", "Bearer"), oneCert, BoundAndMatches, "", "", true},

		{"bearer: unbound", bearer, answer("", "Bearer"), nothing, NotBound, NoCnf, "", true},
		{"bearer: bound all the same", bearer, answer(cnfKey, "DPoP"), nothing, Bound, NothingLocal, "", true},
		{"bearer: opaque, to be verified", verified(bearer), opaque("Bearer"), nothing, CannotTell, Opaque, "", true},
		{"bearer: another certificate", bearer, answer(cnfCert, "Bearer"), Local{Certificates: certificatesOf(certB)}, BoundToAnotherKey, CertificateDiffers, "", true},
	}
}

func TestAnswersAreHeldAgainstWhatWasAsked(t *testing.T) {
	for _, r := range answers() {
		t.Run(r.name, func(t *testing.T) {
			b, asAsked := JudgeAnswer(r.asked, r.evidence, r.local)
			if Verdict(b.Verdict) != r.verdict || Reason(b.Reason) != r.reason {
				t.Errorf("%s, reason %q; want %s, %q", b.Verdict, b.Reason, r.verdict, r.reason)
			}
			var want []string
			if r.warning != "" {
				want = []string{string(r.warning)}
			}
			if !slices.Equal(b.Warnings, want) {
				t.Errorf("warnings %q, want %q", b.Warnings, want)
			}
			if asAsked != r.asAsked {
				t.Errorf("as asked: %v, want %v", asAsked, r.asAsked)
			}
			if b.Requested != string(r.asked.Method) {
				t.Errorf("requested %q, want %q", b.Requested, r.asked.Method)
			}
		})
	}
}

func TestTokenTypeDecidesOnlyWhereNothingElseCan(t *testing.T) {
	b, _ := JudgeAnswer(Asked{Method: MethodDPoP, ProofSent: true}, Evidence{Opaque: true, TokenType: "Bearer"}, oneKey)
	if b.Source != string(SourceTokenType) || b.Method != string(MethodNone) {
		t.Errorf("source %s, method %s; want token_type, none", b.Source, b.Method)
	}
	b, _ = JudgeAnswer(Asked{Method: MethodDPoP, ProofSent: true}, Evidence{Source: SourceJWT, TokenType: "Bearer"}, oneKey)
	if b.Source != string(SourceJWT) {
		t.Errorf("source %s, want jwt", b.Source)
	}
}

func TestARefusedAnswerIsExplained(t *testing.T) {
	for name, want := range map[string]string{
		"dpop: cnf fits, token_type Bearer":      "Bearer",
		"dpop: cnf fits, no token_type":          "no token_type",
		"dpop: opaque, token_type Bearer":        "Bearer",
		"dpop: bound by the certificate instead": "asked to be bound by dpop, and is bound by mtls",
	} {
		i := slices.IndexFunc(answers(), func(r answerRow) bool { return r.name == name })
		if i < 0 {
			t.Fatalf("no row %q", name)
		}
		r := answers()[i]
		if b, _ := JudgeAnswer(r.asked, r.evidence, r.local); !strings.Contains(b.Detail, want) {
			t.Errorf("%s: detail %q says nothing of %q", name, b.Detail, want)
		}
	}
}
