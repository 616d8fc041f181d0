package ui

import (
	"strings"

	"github.com/charmbracelet/lipgloss"
)

// leastColumns is the narrowest column that text is folded into: below it a line
// holds hardly a word.
const leastColumns = 20

// SetWidth folds sentences and labelled values at so many columns. Without it, or
// with 0, a line is as long as what it says, which is what a file or another
// program wants. A word is never broken: a thumbprint or a URL can be copied whole.
func (p *Printer) SetWidth(columns int) { p.width = columns }

// Width returns what SetWidth was given.
func (p *Printer) Width() int { return p.width }

// fold breaks text at spaces. The first line has room for first columns, the
// others for rest.
func (p *Printer) fold(text string, first, rest int) []string {
	if p.width == 0 || rest < leastColumns {
		return []string{text}
	}
	var lines []string
	line, room := "", first
	for i, word := range strings.Split(text, " ") {
		longer := line + " " + word
		if i == 0 {
			longer = word
		}
		if line != "" && lipgloss.Width(longer) > room {
			lines = append(lines, strings.TrimRight(line, " "))
			longer, room = word, rest
		}
		line = longer
	}
	return append(lines, line)
}

// hanging writes text behind what begins a line, and folds it below itself with
// an indent. head is how wide the beginning is.
func (p *Printer) hanging(begin Styled, head, indent int, text string) {
	lines := p.fold(Clean(text), p.width-head, p.width-indent)
	p.Raw(string(begin) + strings.Join(lines, "\n"+strings.Repeat(" ", indent)) + "\n")
}
