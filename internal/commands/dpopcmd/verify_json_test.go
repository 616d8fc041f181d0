package dpopcmd

import (
	"encoding/json"
	"testing"

	"github.com/oauthpop/oauthpop/internal/commands/view"
	"github.com/oauthpop/oauthpop/internal/dpop"
)

func TestTheEncoderWritesWhatJSONMarshalWrites(t *testing.T) {
	checks := []view.ProofCheck{
		{ID: "typ", Section: "§4.3", Status: dpop.StatusPassed},
		{ID: "htu", Section: "§4.3", Status: dpop.StatusFailed, Expected: `"<a>&"`, Found: "\u2028", Hint: "h"},
		{ID: "htu", Section: "§4.3", Status: dpop.StatusPassed},
		{ID: "nonce", Section: "§4.3", Status: dpop.StatusNotChecked, Found: "f"},
		{ID: "nonce", Section: "§4.3", Status: dpop.StatusNotChecked},
		{ID: "typ", Section: "§4.3", Status: dpop.StatusFailed},
	}
	e := newEncoder()
	for range 2 { // the second time from what was kept
		for n := range len(checks) + 1 {
			v := &view.ProofReport{Verdict: view.ProofValid, Line: n, JKT: "k", Checks: checks[:n]}
			want, err := json.Marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			got, err := e.report(v)
			if err != nil || string(got) != string(want) {
				t.Errorf("%d checks: %s, want %s (%v)", n, got, want, err)
			}
		}
	}
}
