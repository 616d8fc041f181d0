package view

import (
	"fmt"
	"strings"

	"github.com/oauthpop/oauthpop/internal/forge"
	"github.com/oauthpop/oauthpop/internal/ui"
)

// ProofCases are the ways in which a proof may be wrong on purpose.
type ProofCases struct {
	Defects  []ProofCase `json:"defects"`
	Oddities []ProofCase `json:"oddities"`
}

// ProofCase is one of them.
type ProofCase struct {
	ID       string   `json:"id"`
	Title    string   `json:"title"`
	Section  string   `json:"section"`
	Strength string   `json:"strength"`
	Fails    []string `json:"fails"`
	Why      string   `json:"why,omitempty"`
	Unlisted string   `json:"unlisted,omitempty"`
}

// NewProofCases returns the view of the lists.
func NewProofCases(defects, oddities []forge.Case) *ProofCases {
	return &ProofCases{Defects: proofCases(defects), Oddities: proofCases(oddities)}
}

func proofCases(list []forge.Case) []ProofCase {
	out := make([]ProofCase, 0, len(list))
	for _, c := range list {
		fails := append([]string{}, c.Fails...)
		out = append(out, ProofCase{c.ID, c.Title, c.Section, c.Strength, fails, c.Why, c.Unlisted})
	}
	return out
}

// Draw writes two lines for each: its name and what is sent, and what it is against.
func (v *ProofCases) Draw(p *ui.Printer) {
	for _, list := range [][]ProofCase{v.Defects, v.Oddities} {
		for _, c := range list {
			end := "accepted by a careful server"
			if len(c.Fails) > 0 {
				end = "fails " + strings.Join(c.Fails, " ")
			}
			p.Line("%s  %s", p.Word(ui.Name, fmt.Sprintf("%-22s", c.ID)), c.Title)
			p.Line("  %s", p.Word(ui.Faint, c.Section+" "+c.Strength+"; "+end))
		}
	}
}
