// Package ui draws for a person at a terminal.
//
// The terminal contract:
//   - standard output carries the result of a command and nothing else;
//   - everything that is said to a person besides goes to standard error;
//   - an error is two lines: what failed, and what to try;
//   - messages begin in lower case and end without a full stop;
//   - colour is decided for each stream on its own, and nothing is ever asked of
//     the terminal;
//   - sentences are folded at the width of the terminal, and nowhere else;
//   - text that came from elsewhere (a server, a file) is cleaned of control
//     characters before it is shown.
package ui

import (
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/lipgloss/table"
	"github.com/fatih/color"
	"github.com/muesli/termenv"
)

// Tone is how a word is meant; it decides its colour.
type Tone int

// The tones: a thing that holds, one that does not, one that cannot be told, a
// side remark, and the name of a thing.
const (
	Good Tone = iota
	Bad
	Unsure
	Faint
	Name
)

// Printer writes to one stream, with or without colour.
type Printer struct {
	w        io.Writer
	width    int   // columns to fold at; 0: none
	err      error // the first that writing gave
	words    map[Tone]*color.Color
	renderer *lipgloss.Renderer
}

// New returns a printer for w. Colour is the caller's decision, a stream each.
func New(w io.Writer, colored bool) *Printer {
	p := &Printer{w: w, words: map[Tone]*color.Color{
		Good:   color.New(color.FgGreen, color.Bold),
		Bad:    color.New(color.FgRed, color.Bold),
		Unsure: color.New(color.FgYellow, color.Bold),
		Faint:  color.New(color.Faint),
		Name:   color.New(color.FgCyan),
	}}
	profile := termenv.Ascii
	if colored {
		profile = termenv.ANSI
	}
	for _, c := range p.words {
		if colored {
			c.EnableColor()
		} else {
			c.DisableColor()
		}
	}
	p.renderer = lipgloss.NewRenderer(w, termenv.WithProfile(profile))
	return p
}

// Styled is text that is ready for the stream: cleaned, and coloured where the
// stream has colour.
type Styled string

// Word returns s in the colour of a tone.
func (p *Printer) Word(t Tone, s string) Styled { return Styled(p.words[t].Sprint(Clean(s))) }

// Line writes one line. String arguments are cleaned, styled ones are not.
func (p *Printer) Line(format string, args ...any) {
	for i, a := range args {
		if s, ok := a.(string); ok {
			args[i] = Clean(s)
		}
	}
	p.Raw(fmt.Sprintf(format+"\n", args...))
}

// Raw writes s as it is, for results that are bytes (a token, a PEM block).
func (p *Printer) Raw(s string) {
	if _, err := io.WriteString(p.w, s); err != nil && p.err == nil {
		p.err = err
	}
}

// Err returns the first error that writing gave: a result that nobody got is no
// result.
func (p *Printer) Err() error { return p.err }

// Verdict writes the line that a person looks for first.
func (p *Printer) Verdict(t Tone, word, detail string) {
	if detail == "" {
		p.Line("%s", p.Word(t, word))
		return
	}
	p.hanging(p.Word(t, word)+"  ", lipgloss.Width(word)+2, 2, detail)
}

// Field is one labelled value. Fields with an empty value are left out.
type Field struct{ Label, Value string }

// Fields writes labelled values in two columns.
func (p *Printer) Fields(fields ...Field) { p.FieldsBelow(0, fields...) }

// FieldsBelow writes labelled values as Fields does, with an indent: they say more
// of the line above them.
func (p *Printer) FieldsBelow(indent int, fields ...Field) {
	width := 0
	for _, f := range fields {
		if f.Value != "" {
			width = max(width, len(f.Label))
		}
	}
	for _, f := range fields {
		if f.Value != "" {
			begin := strings.Repeat(" ", indent) + p.words[Faint].Sprintf("%-*s", width, Clean(f.Label)) + "  "
			p.hanging(Styled(begin), indent+width+2, indent+width+2, f.Value)
		}
	}
}

// Table writes rows under their headings. The first row of cells sets the width.
func (p *Printer) Table(headers []string, rows [][]string, tone func(row, col int) (Tone, bool)) {
	plain := p.renderer.NewStyle().PaddingRight(2)
	for _, row := range rows {
		for i := range row {
			row[i] = Clean(row[i])
		}
	}
	t := table.New().Headers(headers...).Rows(rows...).
		BorderTop(false).BorderBottom(false).BorderLeft(false).BorderRight(false).
		BorderColumn(false).BorderHeader(false).Wrap(false).
		StyleFunc(func(row, col int) lipgloss.Style {
			if row == table.HeaderRow {
				return plain.Faint(true)
			}
			if t, ok := tone(row, col); ok {
				return plain.Foreground(lipgloss.Color(ansi[t])).Bold(true)
			}
			return plain
		})
	for line := range strings.SplitSeq(t.String(), "\n") {
		p.Raw(strings.TrimRight(line, " ") + "\n")
	}
}

var ansi = map[Tone]string{Good: "2", Bad: "1", Unsure: "3", Faint: "8", Name: "6"}

// Warn writes a line for a person that is not an error.
func (p *Printer) Warn(message string) {
	p.hanging(p.Word(Unsure, "warning:")+" ", len("warning: "), len("warning: "), message)
}

// Error writes what failed and what to try. Both may have several lines of the
// server's own words.
func (p *Printer) Error(message, hint string) {
	const indent = len("error: ")
	p.hanging(p.Word(Bad, "error:")+" ", indent, indent, message)
	if hint != "" {
		p.hanging(p.Word(Name, "hint:")+"  ", indent, indent, hint)
	}
}

// Clean replaces control characters, so that text from a server or a file can
// neither move the cursor nor pretend to be another line.
func Clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case r == '\n' || r == '\r':
			return ' '
		// Line and paragraph separators, and what turns the direction of text.
		case unicode.IsControl(r), r == 0x200e, r == 0x200f, r >= 0x2028 && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
			return '\ufffd'
		}
		return r
	}, s)
}
