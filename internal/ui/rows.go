package ui

import (
	"fmt"
	"slices"

	"github.com/charmbracelet/lipgloss"
)

// Row is one thing and what is to be said of it: a word that a person looks for,
// and a text that explains it.
type Row struct {
	Label string
	Tone  Tone
	Word  string
	Text  string
}

// Rows writes words and labels in two columns, and each text behind them, folded
// below itself.
func (p *Printer) Rows(rows ...Row) {
	rows = slices.Clone(rows)
	words, labels := 0, 0
	for i, r := range rows {
		rows[i].Label = Clean(r.Label)
		words, labels = max(words, lipgloss.Width(r.Word)), max(labels, lipgloss.Width(rows[i].Label))
	}
	indent := words + 2 + labels + 2
	for _, r := range rows {
		begin := fmt.Sprintf("%s%*s", p.Word(r.Tone, r.Word), words-lipgloss.Width(r.Word)+2, "")
		if r.Text == "" {
			p.Raw(begin + r.Label + "\n")
			continue
		}
		begin += r.Label + fmt.Sprintf("%*s", labels-lipgloss.Width(r.Label)+2, "")
		p.hanging(Styled(begin), indent, indent, r.Text)
	}
}
