package view

import (
	"fmt"

	"github.com/oauthpop/oauthpop/internal/binding"
	"github.com/oauthpop/oauthpop/internal/ui"
	"github.com/oauthpop/oauthpop/internal/wire"
)

// drawVerdict writes the line that a person looks for first. What the token says
// is shown as unverified where nobody vouched for it.
func drawVerdict(p *ui.Printer, b wire.Binding) {
	word := b.Verdict
	if b.Found != (wire.Thumbprints{}) && !b.Verified && b.Verdict != string(binding.CannotTell) {
		word += " (unverified)"
	}
	p.Verdict(toneOf(b), word, b.Detail)
}

func toneOf(b wire.Binding) ui.Tone {
	switch binding.Verdict(b.Verdict) {
	case binding.Bound, binding.BoundAndMatches:
		return ui.Good
	case binding.NotBound, binding.BoundToAnotherKey:
		return ui.Bad
	}
	return ui.Unsure
}

// shownCandidates is how many candidates a person is shown; JSON has them all.
const shownCandidates = 8

// bindingFields are what the token says about its key and what that was compared
// with, those that fit first.
func bindingFields(b wire.Binding) []ui.Field {
	fields := []ui.Field{
		{Label: "bound by", Value: b.Method},
		{Label: wire.CnfJKT, Value: clip(b.Found.JKT)},
		{Label: wire.CnfX5T, Value: clip(b.Found.X5T)},
	}
	label, more := "compared", 0
	for _, fits := range []bool{true, false} {
		for _, c := range b.Candidates {
			switch {
			case c.Matches != fits:
			case len(fields) >= 3+shownCandidates:
				more++
			default:
				fields = append(fields, ui.Field{Label: label, Value: candidate(c, b)})
				label = ""
			}
		}
	}
	if more > 0 {
		fields = append(fields, ui.Field{Value: fmt.Sprintf("and %d more", more)})
	}
	return fields
}

// candidate says what became of one piece of local material. It is compared only
// where the token names a thumbprint of its kind.
func candidate(c wire.Candidate, b wire.Binding) string {
	word := "differs"
	switch {
	case c.Matches:
		word = "matches"
	case c.JKT != "" && b.Found.JKT == "", c.X5T != "" && b.Found.X5T == "":
		word = "not compared"
	}
	return fmt.Sprintf("%s  %s  %s  %s", word, c.Kind, c.File, c.JKT+c.X5T)
}

// clip keeps the beginning of a text that would fill the screen.
func clip(s string) string {
	const most = 200
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
