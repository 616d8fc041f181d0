package view

import (
	"fmt"
	"strings"

	"github.com/oauthpop/oauthpop/internal/dpop"
	"github.com/oauthpop/oauthpop/internal/ui"
)

// ProofReport says of each check of a proof what became of it.
type ProofReport struct {
	Verdict string       `json:"verdict" jsonschema:"enum=valid,enum=invalid"`
	Line    int          `json:"line,omitempty"` // of standard input, in a stream
	JKT     string       `json:"jkt,omitempty"`
	Checks  []ProofCheck `json:"checks"`
}

// ProofCheck is what one check said.
type ProofCheck struct {
	ID       string `json:"id"`
	Section  string `json:"section"`
	Status   string `json:"status" jsonschema:"enum=passed,enum=failed,enum=not-checked"`
	Expected string `json:"expected,omitempty"`
	Found    string `json:"found,omitempty"`
	Hint     string `json:"hint,omitempty"`
}

// The verdicts of a proof.
const (
	ProofValid   = "valid"
	ProofInvalid = "invalid"
)

// NewProofReport returns the view of a report.
func NewProofReport(r dpop.Report) *ProofReport {
	// With room for the check replay, which a stream adds.
	v := &ProofReport{Verdict: ProofInvalid, JKT: r.JKT, Checks: make([]ProofCheck, 0, len(r.Checks)+1)}
	if r.Valid {
		v.Verdict = ProofValid
	}
	for _, c := range r.Checks {
		v.Checks = append(v.Checks, ProofCheck(c))
	}
	return v
}

// Failed are the checks that said no.
func (v *ProofReport) Failed() []ProofCheck { return v.with(dpop.StatusFailed) }

func (v *ProofReport) with(status string) []ProofCheck {
	var list []ProofCheck
	for _, c := range v.Checks {
		if c.Status == status {
			list = append(list, c)
		}
	}
	return list
}

// Add appends what one more check said, which may turn the verdict.
func (v *ProofReport) Add(c ProofCheck) {
	v.Checks = append(v.Checks, c)
	if c.Status == dpop.StatusFailed {
		v.Verdict = ProofInvalid
	}
}

// Draw writes the verdict and a line for each check, with what was expected and
// found where it failed.
func (v *ProofReport) Draw(p *ui.Printer) {
	tone := ui.Good
	if v.Verdict != ProofValid {
		tone = ui.Bad
	}
	p.Verdict(tone, v.Verdict, v.summary())
	for _, c := range v.Checks {
		p.Line("%s  %s  %s", p.Word(toneOfStatus(c.Status), fmt.Sprintf("%-11s", c.Status)), fmt.Sprintf("%-14s", c.ID), p.Word(ui.Faint, c.Section))
		p.FieldsBelow(13, ui.Field{Label: "expected", Value: c.Expected}, ui.Field{Label: "found", Value: c.Found}, ui.Field{Label: "hint", Value: c.Hint})
	}
}

func (v *ProofReport) summary() string {
	var parts []string
	for _, status := range []string{dpop.StatusFailed, dpop.StatusPassed, dpop.StatusNotChecked} {
		if n := len(v.with(status)); n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, status))
		}
	}
	return strings.Join(parts, ", ")
}

func toneOfStatus(status string) ui.Tone {
	switch status {
	case dpop.StatusPassed:
		return ui.Good
	case dpop.StatusFailed:
		return ui.Bad
	}
	return ui.Unsure
}
