package binding

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/oauthpop/oauthpop/internal/wire"
)

// The thumbprints of RFC 9449 section 4.1, RFC 8037 appendix A.3 and RFC 8705
// appendix A, and the leaf of RFC 9440 appendix A.
const (
	keyA  = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"
	keyB  = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
	certA = "A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0"
	certB = "v68ffgcPn6jdYpBfFY2nP4ShE2Yk-6_Mk5PI9yh6aes"
)

func keysOf(t ...string) []LocalKey {
	var all []LocalKey
	for i, v := range t {
		all = append(all, LocalKey{File: string(rune('a'+i)) + ".jwk", JKT: v})
	}
	return all
}

func certificatesOf(t ...string) []LocalCertificate {
	var all []LocalCertificate
	for i, v := range t {
		all = append(all, LocalCertificate{File: string(rune('a'+i)) + ".pem", X5T: v})
	}
	return all
}

func claim(cnf string) Evidence {
	return Evidence{Source: SourceJWT, HasCnf: true, Cnf: json.RawMessage(cnf)}
}

var (
	nothing  = Local{}
	oneKey   = Local{Keys: keysOf(keyA)}
	twoKeys  = Local{Keys: keysOf(keyB, keyA)}
	oneCert  = Local{Certificates: certificatesOf(certA)}
	twoCerts = Local{Certificates: certificatesOf(certB, certA)}
	both     = Local{Keys: keysOf(keyA), Certificates: certificatesOf(certA)}
	halfKey  = Local{Keys: keysOf(keyA), Certificates: certificatesOf(certB)}
	halfCert = Local{Keys: keysOf(keyB), Certificates: certificatesOf(certA)}
	neither  = Local{Keys: keysOf(keyB), Certificates: certificatesOf(certB)}
)

const (
	cnfKey  = `{"jkt":"` + keyA + `"}`
	cnfCert = `{"x5t#S256":"` + certA + `"}`
	cnfBoth = `{"jkt":"` + keyA + `","x5t#S256":"` + certA + `"}`
)

type row struct {
	name     string
	evidence Evidence
	local    Local
	verdict  Verdict
	reason   Reason
	method   Method
	exit     bool
}

// table is the verdict table, each row with the variants that decide alike.
func table() []row {
	signed := func(e Evidence) Evidence { e.SignatureInvalid = true; return e }
	inactive := func(e Evidence) Evidence { e.Inactive, e.Source = true, SourceIntrospection; return e }
	unbound := Evidence{Source: SourceJWT}
	twice := claim(cnfKey)
	twice.CnfRepeated = true
	return []row{
		{"no cnf, nothing given", unbound, nothing, NotBound, NoCnf, MethodNone, true},
		{"no cnf, a key given", unbound, oneKey, NotBound, NoCnf, MethodNone, false},
		{"no cnf, a certificate given", unbound, oneCert, NotBound, NoCnf, MethodNone, false},

		{"jkt, nothing given", claim(cnfKey), nothing, Bound, NothingLocal, MethodDPoP, true},
		{"x5t#S256, nothing given", claim(cnfCert), nothing, Bound, NothingLocal, MethodMTLS, true},
		{"both, nothing given", claim(cnfBoth), nothing, Bound, NothingLocal, MethodBoth, true},

		{"jkt, the key", claim(cnfKey), oneKey, BoundAndMatches, "", MethodDPoP, true},
		{"jkt, the key among others", claim(cnfKey), twoKeys, BoundAndMatches, "", MethodDPoP, true},
		{"jkt, the key and a certificate", claim(cnfKey), halfKey, BoundAndMatches, "", MethodDPoP, true},
		{"x5t#S256, the certificate", claim(cnfCert), oneCert, BoundAndMatches, "", MethodMTLS, true},
		{"x5t#S256, the certificate among others", claim(cnfCert), twoCerts, BoundAndMatches, "", MethodMTLS, true},
		{"x5t#S256, the certificate and a key", claim(cnfCert), halfCert, BoundAndMatches, "", MethodMTLS, true},
		{"both, both", claim(cnfBoth), both, BoundAndMatches, "", MethodBoth, true},
		{"jkt beside an unknown member", claim(`{"jkt":"` + keyA + `","kc-jkt-type":1,"jwk":{"a":1,"a":2}}`), oneKey, BoundAndMatches, "", MethodDPoP, true},

		{"jkt, another key", claim(cnfKey), Local{Keys: keysOf(keyB)}, BoundToAnotherKey, KeyDiffers, MethodDPoP, false},
		{"jkt, another key and the right certificate", claim(cnfKey), halfCert, BoundToAnotherKey, KeyDiffers, MethodDPoP, false},
		{"x5t#S256, another certificate", claim(cnfCert), Local{Certificates: certificatesOf(certB)}, BoundToAnotherKey, CertificateDiffers, MethodMTLS, false},
		{"the key's thumbprint as x5t#S256", claim(`{"x5t#S256":"` + keyA + `"}`), both, BoundToAnotherKey, CertificateDiffers, MethodMTLS, false},

		{"jkt, only a certificate", claim(cnfKey), oneCert, CannotTell, NotCompared, MethodDPoP, false},
		{"x5t#S256, only a key", claim(cnfCert), oneKey, CannotTell, NotCompared, MethodMTLS, false},

		{"both, only the key", claim(cnfBoth), oneKey, CannotTell, HalfCompared, MethodBoth, false},
		{"both, only the certificate", claim(cnfBoth), oneCert, CannotTell, HalfCompared, MethodBoth, false},

		{"both, the key and another certificate", claim(cnfBoth), halfKey, BoundToAnotherKey, CertificateDiffers, MethodBoth, false},
		{"both, another key and the certificate", claim(cnfBoth), halfCert, BoundToAnotherKey, KeyDiffers, MethodBoth, false},
		{"both, another key and another certificate", claim(cnfBoth), neither, BoundToAnotherKey, KeyDiffers, MethodBoth, false},
		{"both, another key only", claim(cnfBoth), Local{Keys: keysOf(keyB)}, BoundToAnotherKey, KeyDiffers, MethodBoth, false},
		{"both, another certificate only", claim(cnfBoth), Local{Certificates: certificatesOf(certB)}, BoundToAnotherKey, CertificateDiffers, MethodBoth, false},

		{"a malformed thumbprint, nothing given", claim(`{"jkt":"x"}`), nothing, CannotTell, MalformedCnf, MethodDPoP, false},
		{"a padded thumbprint, the key", claim(`{"jkt":"` + keyA + `="}`), oneKey, CannotTell, MalformedCnf, MethodDPoP, false},
		{"the key, and a malformed x5t#S256", claim(`{"jkt":"` + keyA + `","x5t#S256":""}`), both, CannotTell, MalformedCnf, MethodBoth, false},
		{"another key, and a malformed x5t#S256", claim(`{"jkt":"` + keyB + `","x5t#S256":null}`), both, CannotTell, MalformedCnf, MethodBoth, false},
		{"a thumbprint that is no string", claim(`{"jkt":["` + keyA + `"]}`), oneKey, CannotTell, MalformedCnf, MethodDPoP, false},
		{"jkt twice, the last right", claim(`{"jkt":"` + keyB + `","jkt":"` + keyA + `"}`), oneKey, CannotTell, MalformedCnf, MethodDPoP, false},
		{"cnf twice, the last right", twice, oneKey, CannotTell, MalformedCnf, MethodUnknown, false},
		{"cnf that is no object", claim(`"` + keyA + `"`), oneKey, CannotTell, MalformedCnf, MethodUnknown, false},
		{"cnf null", claim(`null`), oneKey, CannotTell, MalformedCnf, MethodUnknown, false},
		{"cnf empty", claim(`{}`), nothing, CannotTell, MalformedCnf, MethodUnknown, false},

		{"only unknown members, nothing given", claim(`{"kid":"1"}`), nothing, CannotTell, UnknownCnf, MethodUnknown, false},
		{"jkt in other letters", claim(`{"JKT":"` + keyA + `"}`), oneKey, CannotTell, UnknownCnf, MethodUnknown, false},
		{"x5t, the SHA-1 of before", claim(`{"x5t":"T8Qp8fPmVYqb9iHyzQUaAbxBedY"}`), oneCert, CannotTell, UnknownCnf, MethodUnknown, false},

		{"opaque, nothing given", Evidence{Opaque: true}, nothing, CannotTell, Opaque, MethodUnknown, true},
		{"opaque, a key given", Evidence{Opaque: true}, oneKey, CannotTell, Opaque, MethodUnknown, false},
		{"opaque, of token_type DPoP", Evidence{Opaque: true, TokenType: "dpop"}, oneKey, CannotTell, Opaque, MethodDPoP, false},
		{"encrypted, nothing given", Evidence{Encrypted: true}, nothing, CannotTell, Encrypted, MethodUnknown, true},
		{"encrypted, a certificate given", Evidence{Encrypted: true, TokenType: "Bearer"}, oneCert, CannotTell, Encrypted, MethodUnknown, false},

		{"a proof, nothing given", Evidence{NotAToken: true}, nothing, CannotTell, NotAToken, MethodUnknown, true},
		{"a proof, a key given", Evidence{NotAToken: true}, oneKey, CannotTell, NotAToken, MethodUnknown, false},
		{"an ID token with a wrong signature", signed(Evidence{NotAToken: true}), nothing, CannotTell, SignatureInvalid, MethodUnknown, false},

		{"signature invalid, the key", signed(claim(cnfKey)), oneKey, CannotTell, SignatureInvalid, MethodDPoP, false},
		{"signature invalid, nothing given", signed(claim(cnfKey)), nothing, CannotTell, SignatureInvalid, MethodDPoP, false},
		{"signature invalid, no cnf", signed(unbound), nothing, CannotTell, SignatureInvalid, MethodNone, false},
		{"inactive, the key", inactive(claim(cnfKey)), oneKey, CannotTell, Inactive, MethodDPoP, false},
		{"inactive and opaque, nothing given", inactive(Evidence{Opaque: true}), nothing, CannotTell, Inactive, MethodUnknown, false},
	}
}

func TestVerdictTable(t *testing.T) {
	for _, r := range table() {
		t.Run(r.name, func(t *testing.T) {
			b := Judge(r.evidence, r.local)
			if Verdict(b.Verdict) != r.verdict || Reason(b.Reason) != r.reason || Method(b.Method) != r.method {
				t.Errorf("%s, reason %q, method %s; want %s, %q, %s", b.Verdict, b.Reason, b.Method, r.verdict, r.reason, r.method)
			}
			if got := ExitOK(b, !r.local.Empty()); got != r.exit {
				t.Errorf("exit with 0: %v, want %v", got, r.exit)
			}
			if b.Detail == "" || strings.HasSuffix(b.Detail, ".") {
				t.Errorf("detail %q is no sentence for a person", b.Detail)
			}
		})
	}
}

// --require-bound is the exit column as if something had been compared.
func TestOnlyABoundTokenSatisfiesADemand(t *testing.T) {
	for _, r := range table() {
		b := Judge(r.evidence, r.local)
		want := r.verdict == Bound || r.verdict == BoundAndMatches
		if got := ExitOK(b, true); got != want {
			t.Errorf("%s: exit with 0: %v, want %v", r.name, got, want)
		}
	}
}

func TestEveryEntryOfTheListsIsReached(t *testing.T) {
	reached := map[string]bool{}
	for _, r := range table() {
		b := Judge(r.evidence, r.local)
		for _, code := range []string{"v " + b.Verdict, "r " + b.Reason, "m " + b.Method, "s " + b.Source} {
			reached[code] = true
		}
	}
	for _, r := range answers() {
		b, _ := JudgeAnswer(r.asked, r.evidence, r.local)
		for _, code := range append([]string{"r " + b.Reason}, prefixed("w ", b.Warnings)...) {
			reached[code] = true
		}
	}
	for prefix, list := range map[string][]Term{"v ": Verdicts(), "r ": Reasons(), "m ": Methods(), "s ": Sources(), "w ": Warnings()} {
		for _, term := range list {
			if !reached[prefix+term.Code] {
				t.Errorf("%s%s is never the answer", prefix, term.Code)
			}
			delete(reached, prefix+term.Code)
			if term.Means == "" {
				t.Errorf("%s%s is not explained", prefix, term.Code)
			}
		}
	}
	delete(reached, "r ")
	for code := range reached {
		t.Errorf("%s is an answer that is in no list", code)
	}
}

func prefixed(prefix string, list []string) []string {
	var out []string
	for _, s := range list {
		out = append(out, prefix+s)
	}
	return out
}

func TestExpectedIsWhatMatchedOrTheOnlyOneGiven(t *testing.T) {
	for _, c := range []struct {
		name  string
		cnf   string
		local Local
		want  wire.Thumbprints
	}{
		{"the one that matched of two", cnfKey, twoKeys, wire.Thumbprints{JKT: keyA}},
		{"the only key, which differs", cnfKey, Local{Keys: keysOf(keyB)}, wire.Thumbprints{JKT: keyB}},
		{"the key alone, where the token names no certificate", cnfKey, both, wire.Thumbprints{JKT: keyA}},
		{"the one that matched and the one that differs", cnfBoth, halfKey, wire.Thumbprints{JKT: keyA, X5T: certB}},
		{"the only one of each kind, where nothing matched", `{"kid":"1"}`, both, wire.Thumbprints{JKT: keyA, X5T: certA}},
		{"none of two", `{"jkt":"` + certA + `"}`, twoKeys, wire.Thumbprints{}},
		{"nothing", cnfKey, nothing, wire.Thumbprints{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got wire.Thumbprints
			if e := Judge(claim(c.cnf), c.local).Expected; e != nil {
				got = *e
			}
			if got != c.want {
				t.Errorf("expected %+v, want %+v", got, c.want)
			}
		})
	}
}

func TestCandidatesSayWhichOneFits(t *testing.T) {
	b := Judge(claim(cnfKey), Local{Keys: keysOf(keyB, keyA), Certificates: certificatesOf(certA)})
	want := []wire.Candidate{
		{File: "a.jwk", Kind: "key", JKT: keyB},
		{File: "b.jwk", Kind: "key", JKT: keyA, Matches: true},
		{File: "a.pem", Kind: "certificate", X5T: certA},
	}
	if len(b.Candidates) != len(want) {
		t.Fatalf("%d candidates, want %d", len(b.Candidates), len(want))
	}
	for i, c := range b.Candidates {
		if c != want[i] {
			t.Errorf("candidate %d is %+v, want %+v", i, c, want[i])
		}
	}
}

// A thumbprint that came in from outside may be malformed itself.
func TestAMalformedLocalThumbprintMatchesNothing(t *testing.T) {
	for _, value := range []string{"", keyA + "=", nonCanonical} {
		b := Judge(claim(`{"jkt":"`+value+`"}`), Local{Keys: keysOf(value)})
		if b.Verdict != string(CannotTell) || b.Candidates[0].Matches {
			t.Errorf("%q: %s, candidate matches: %v", value, b.Verdict, b.Candidates[0].Matches)
		}
	}
}

func TestVerifiedIsNeverSaidOfAForgery(t *testing.T) {
	e := claim(cnfKey)
	e.Verified = true
	if !Judge(e, oneKey).Verified {
		t.Error("a verified token is shown as unverified")
	}
	e.SignatureInvalid = true
	if Judge(e, oneKey).Verified {
		t.Error("a token with a wrong signature is shown as verified")
	}
}

// No input whose thumbprints are not, letter for letter, those of local material
// is ever a match. The inputs are every single-letter change of the right ones,
// and every wrong way to write them.
func TestNothingButTheThumbprintItselfMatches(t *testing.T) {
	var wrong []string
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/= .\x00\u212a"
	for _, right := range []string{keyA, certA} {
		for i := range len(right) {
			wrong = append(wrong, right[:i]+right[i+1:])
			for _, r := range alphabet {
				wrong = append(wrong, right[:i]+string(r)+right[i+1:], right[:i]+string(r)+right[i:])
			}
		}
		wrong = append(wrong, "", right+"=", right+"\n", " "+right, strings.ToLower(right), strings.ToUpper(right), right+right)
	}
	for _, value := range wrong {
		if value == keyA || value == certA {
			continue
		}
		text, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		for _, cnf := range []string{
			`{"jkt":` + string(text) + `}`,
			`{"x5t#S256":` + string(text) + `}`,
			`{"jkt":"` + keyA + `","x5t#S256":` + string(text) + `}`,
			`{"jkt":` + string(text) + `,"x5t#S256":"` + certA + `"}`,
		} {
			if b := Judge(claim(cnf), both); b.Verdict == string(BoundAndMatches) {
				t.Fatalf("cnf %s is a match", cnf)
			}
		}
	}
}
