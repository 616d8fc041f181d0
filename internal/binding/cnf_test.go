package binding

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/oauthpop/oauthpop/internal/wire"
)

func TestParseCnf(t *testing.T) {
	for _, c := range []struct {
		name, cnf   string
		jkt, x5t    string
		unknown     []string
		malformed   bool
		faultSaying string
	}{
		{"jkt", cnfKey, keyA, "", nil, false, ""},
		{"x5t#S256", cnfCert, "", certA, nil, false, ""},
		{"both with white space", " {\n\"jkt\" : \"" + keyA + "\" ,\t\"x5t#S256\":\"" + certA + "\"} ", keyA, certA, nil, false, ""},
		{"a name with escapes", `{"\u006akt":"` + keyA + `"}`, keyA, "", nil, false, ""},
		{"unknown members beside", `{"jwk":{"kty":"EC"},"jkt":"` + keyA + `","kc-jkt-type":null}`, keyA, "", []string{"jwk", "kc-jkt-type"}, false, ""},
		{"an unknown member twice", `{"a":1,"a":2,"jkt":"` + keyA + `"}`, keyA, "", []string{"a"}, false, ""},
		{"only unknown members", `{"kid":"1"}`, "", "", []string{"kid"}, false, ""},
		{"names in other letters", `{"Jkt":"` + keyA + `","X5T#S256":"` + certA + `"}`, "", "", []string{"Jkt", "X5T#S256"}, false, ""},
		{"a number", `{"jkt":1}`, "", "", nil, true, "is a number, not a string"},
		{"null", `{"x5t#S256":null}`, "", "", nil, true, "is null, not a string"},
		{"an object", `{"jkt":{}}`, "", "", nil, true, "is an object, not a string"},
		{"jkt twice", `{"jkt":"` + keyA + `","jkt":"` + keyA + `"}`, keyA, "", nil, true, "has jkt twice"},
		{"x5t#S256 twice", `{"x5t#S256":"` + certA + `","x5t#S256":1}`, "", "", nil, true, "has x5t#S256 twice"},
		{"empty", `{}`, "", "", nil, true, "is empty"},
		{"a string", `"x"`, "", "", nil, true, "is a string, not an object"},
		{"an array", `[]`, "", "", nil, true, "is an array, not an object"},
		{"a boolean", `true`, "", "", nil, true, "is a boolean, not an object"},
		{"nothing", ``, "", "", nil, true, "is not valid JSON"},
		{"no JSON", `x`, "", "", nil, true, "is not valid JSON"},
		{"broken JSON", `{"jkt"`, "", "", nil, true, "is not valid JSON"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := ParseCnf(json.RawMessage(c.cnf))
			if got.JKT.Value != c.jkt || got.X5T.Value != c.x5t {
				t.Errorf("jkt %q, x5t#S256 %q; want %q, %q", got.JKT.Value, got.X5T.Value, c.jkt, c.x5t)
			}
			if !slices.Equal(got.Unknown, c.unknown) {
				t.Errorf("unknown %q, want %q", got.Unknown, c.unknown)
			}
			if got.Malformed() != c.malformed {
				t.Errorf("malformed: %v, want %v", got.Malformed(), c.malformed)
			}
			faults := got.Fault + got.JKT.Fault + got.X5T.Fault
			if !strings.Contains(faults, c.faultSaying) {
				t.Errorf("fault %q, want %q", faults, c.faultSaying)
			}
		})
	}
}

// FuzzParseCnf holds the one property that matters: whatever stands in cnf, it is
// a match only if each known member is, letter for letter, a local thumbprint.
func FuzzParseCnf(f *testing.F) {
	for _, r := range table() {
		f.Add(string(r.evidence.Cnf))
	}
	for _, value := range []string{nonCanonical, sha1Of, ofPEM, jktOf, uri + certA, certA + "\n"} {
		text, _ := json.Marshal(value)
		f.Add(`{"x5t#S256":` + string(text) + `}`)
	}
	local := rfc8705(f)
	local.Keys = keysOf(keyA)
	f.Fuzz(func(t *testing.T, cnf string) {
		b := Judge(claim(cnf), local)
		if b.Detail == "" || len(b.Detail) > 2000 {
			t.Errorf("the detail has %d bytes", len(b.Detail))
		}
		if b.Verdict != string(BoundAndMatches) {
			return
		}
		var plain map[string]any
		if err := json.Unmarshal([]byte(cnf), &plain); err != nil {
			t.Fatalf("%q is a match, and no JSON: %v", cnf, err)
		}
		jkt, hasJKT := plain[wire.CnfJKT]
		x5t, hasX5T := plain[wire.CnfX5T]
		if hasJKT && jkt != keyA || hasX5T && x5t != certA || !hasJKT && !hasX5T {
			t.Errorf("%q is a match", cnf)
		}
	})
}
