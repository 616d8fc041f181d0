package dpop

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func allVectors(t testing.TB) []vector {
	t.Helper()
	return append(headerVectors(t), claimVectors()...)
}

func failed(report Report) []string {
	var ids []string
	for _, c := range report.Checks {
		if c.Status == StatusFailed {
			ids = append(ids, c.ID)
		}
	}
	return ids
}

func TestEachVectorFailsExactlyItsChecks(t *testing.T) {
	for _, v := range allVectors(t) {
		report := Judge(v.build(t), Checks())
		if got := failed(report); !slices.Equal(got, strings.Fields(v.fails)) {
			t.Errorf("%s: fails %q, want %q", v.name, got, v.fails)
		}
		if report.Valid != (v.fails == "") {
			t.Errorf("%s: valid %v", v.name, report.Valid)
		}
	}
}

func TestEveryFailureSaysWhatWasExpectedAndFound(t *testing.T) {
	for _, v := range allVectors(t) {
		for _, c := range Judge(v.build(t), Checks()).Checks {
			if c.Status == StatusFailed && (c.Expected == "" || c.Found == "") {
				t.Errorf("%s: check %s says nothing: %+v", v.name, c.ID, c)
			}
			if len(c.Found) > 2048 {
				t.Errorf("%s: check %s shows %d bytes", v.name, c.ID, len(c.Found))
			}
		}
	}
}

func TestVerifyStopsAtTheFirstCheckThatJudgeFails(t *testing.T) {
	for _, v := range allVectors(t) {
		r := v.build(t)
		got, err := Verify(r, Checks())
		if v.fails == "" {
			if err != nil || got.JKT != r.JKT || got.JTI == "" || got.HTU == "" {
				t.Errorf("%s: %+v, %v", v.name, got, err)
			}
			continue
		}
		check, ok := errors.AsType[*CheckError](err)
		if !ok || got != nil || check.ID != strings.Fields(v.fails)[0] {
			t.Errorf("%s: %v, want check %s", v.name, err, v.fails)
		}
	}
}

// A check that cannot be missed is no check: for each there is a proof that only
// it refuses.
func TestEachCheckIsNeededToRefuseSomeVector(t *testing.T) {
	vectors := allVectors(t)
	for i, c := range Checks() {
		without := slices.Delete(Checks(), i, i+1)
		passes := 0
		for _, v := range vectors {
			r := v.build(t)
			_, err := Verify(r, without)
			switch {
			case err == nil && v.fails == c.ID:
				passes++
			case err == nil && v.fails != "":
				t.Errorf("without %s, %q passes, which fails %q", c.ID, v.name, v.fails)
			case err != nil && v.fails == c.ID && c.ID != "well-formed":
				t.Errorf("without %s, %q is refused still: %v", c.ID, v.name, err)
			}
			if report := Judge(r, without); report.Valid != (err == nil) {
				t.Errorf("without %s, %q: Judge and Verify differ", c.ID, v.name)
			}
		}
		if passes == 0 {
			t.Errorf("no vector needs the check %s", c.ID)
		}
	}
}

func TestTheReferenceVerifierAgreesOnEveryVector(t *testing.T) {
	for _, v := range allVectors(t) {
		if err := refVerify(v.build(t)); (err == nil) != (v.fails == "") {
			t.Errorf("%s: the reference says %v, want %q", v.name, err, v.fails)
		}
	}
	for name, r := range figures() {
		if err := refVerify(r); err != nil {
			t.Errorf("%s: the reference says %v", name, err)
		}
	}
}

func TestNothingUnreadableIsVerifiedWhateverIsLeftOut(t *testing.T) {
	one := []Check{{ID: "none", run: func(*proof, *Request) error { return nil }, line: true}}
	for _, v := range headerVectors(t) {
		unreadable := strings.Contains(v.fails, "well-formed") && v.name != "16 KiB" || strings.Contains(v.fails, unsigned)
		if !unreadable {
			continue
		}
		r := v.build(t)
		if _, err := Verify(r, one); err == nil {
			t.Errorf("%s: verified", v.name)
		}
		if Judge(r, one).Valid {
			t.Errorf("%s: judged valid", v.name)
		}
	}
	r := vector{}.build(t)
	if _, err := Verify(r, nil); err == nil {
		t.Error("verified by no check at all")
	}
	if Judge(r, nil).Valid {
		t.Error("valid by no check at all")
	}
}

func TestACheckThatPassesSaysSo(t *testing.T) {
	for _, c := range Judge(vector{}.build(t), Checks()).Checks {
		if c != (Result{ID: c.ID, Section: c.Section, Status: StatusPassed}) {
			t.Errorf("%+v", c)
		}
	}
}

func TestAnEmptyTokenIsNoToken(t *testing.T) {
	r := vector{}.build(t)
	r.Token = ""
	if _, err := Verify(r, Checks()); err == nil || !strings.Contains(err.Error(), "not empty") {
		t.Errorf("got %v", err)
	}
}

func TestACheckWithoutAnythingToCompareIsNotChecked(t *testing.T) {
	r := vector{}.build(t)
	r.Method, r.URL, r.JKT, r.Nonce, r.NoFreshness, r.HasToken = "", "", "", nil, true, false
	report := Judge(r, Checks())
	var got []string
	for _, c := range report.Checks {
		if c.Status == StatusNotChecked {
			got = append(got, c.ID)
		}
	}
	if want := []string{"htm", "htu", "nonce", "fresh", "ath", "binding"}; !slices.Equal(got, want) || !report.Valid {
		t.Errorf("not checked: %q, want %q; valid %v", got, want, report.Valid)
	}
	for _, c := range report.Checks {
		if c.ID == "ath" && c.Found == "" {
			t.Error("an ath without a token is not recorded")
		}
	}
}

func TestAMalformedProofLeavesTheOtherChecksAlone(t *testing.T) {
	report := Judge(vectorRequest([]string{"malformed"}, thumbprint("P-256")), Checks())
	for _, c := range report.Checks[2:] {
		if c.Status != StatusNotChecked {
			t.Errorf("%s is %s", c.ID, c.Status)
		}
	}
}

func TestARuleThatCannotBeRunFails(t *testing.T) {
	broken := []Check{{ID: "broken", run: func(*proof, *Request) error { return errors.New("out of order") }}}
	r := vector{}.build(t)
	if _, err := Verify(r, broken); err == nil {
		t.Error("verified")
	}
	if Judge(r, broken).Valid {
		t.Error("valid")
	}
}

func TestTheListHasTheOrderOfTheRFC(t *testing.T) {
	want := "single-header well-formed claims typ alg signature no-private-key htm htu nonce fresh ath binding strict"
	var got []string
	for _, c := range Checks() {
		got = append(got, c.ID)
		if c.Section == "" {
			t.Errorf("%s has no section", c.ID)
		}
	}
	if strings.Join(got, " ") != want {
		t.Errorf("got %q", got)
	}
}
