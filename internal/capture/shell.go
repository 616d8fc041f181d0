package capture

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"mvdan.cc/sh/v3/syntax"
)

// splitShell splits a command line as a POSIX shell or bash would, and executes
// nothing: substitutions are taken literally, and that is said.
func splitShell(text string) ([]command, error) {
	file, err := syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(strings.NewReader(text), "")
	if err != nil {
		return nil, &Error{
			Reason: "the curl command line cannot be split into words: a quote may be missing",
			Hint:   "copy the whole command, in the form for bash ('Copy as cURL (bash)') or for Windows (cmd)",
		}
	}
	s := &shell{text: text}
	for _, stmt := range file.Stmts {
		s.statement(stmt)
	}
	return s.commands, nil
}

type shell struct {
	text     string
	commands []command
}

// statement collects the commands of a list or a pipe that are curl.
func (s *shell) statement(stmt *syntax.Stmt) {
	switch cmd := stmt.Cmd.(type) {
	case *syntax.BinaryCmd:
		s.statement(cmd.X)
		s.statement(cmd.Y)
	case *syntax.CallExpr:
		c := command{}
		for _, w := range cmd.Args {
			c.words = append(c.words, s.word(&c, w.Parts))
		}
		if len(c.words) > 0 && (c.words[0] == "curl" || c.words[0] == "curl.exe") {
			if stmt.Background {
				c.notes = append(c.notes, "a & that is not quoted ends the command for a shell")
			}
			s.commands = append(s.commands, c)
		}
	}
}

func (s *shell) word(c *command, parts []syntax.WordPart) string {
	var b strings.Builder
	for _, p := range parts {
		switch p := p.(type) {
		case *syntax.Lit:
			b.WriteString(unescape(p.Value, ""))
		case *syntax.SglQuoted:
			if p.Dollar {
				b.WriteString(ansiC(p.Value))
			} else {
				b.WriteString(p.Value)
			}
		case *syntax.DblQuoted:
			for _, inner := range p.Parts {
				if lit, ok := inner.(*syntax.Lit); ok {
					b.WriteString(unescape(lit.Value, "$`\"\\"))
				} else {
					b.WriteString(s.literally(c, inner))
				}
			}
		default:
			b.WriteString(s.literally(c, p))
		}
	}
	return b.String()
}

// literally takes a substitution as it is written.
func (s *shell) literally(c *command, n syntax.Node) string {
	const said = "a substitution of the shell is taken literally: nothing was executed, and no variable was read"
	c.substituted = true
	if len(c.notes) == 0 {
		c.notes = append(c.notes, said)
	}
	from, to := n.Pos().Offset(), n.End().Offset()
	if from > to || to > uint(len(s.text)) {
		return ""
	}
	return s.text[from:to]
}

// unescape takes backslashes away: before any byte, or only before those of set.
func unescape(s, set string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		switch next := s[i+1]; {
		case next == '\n':
			i++
		case set == "" || strings.IndexByte(set, next) >= 0:
			b.WriteByte(next)
			i++
		default:
			b.WriteByte('\\')
		}
	}
	return b.String()
}

// ansiC reads the inside of $'…', the form in which browsers write what is not
// plain text. https://www.gnu.org/software/bash/manual/html_node/ANSI_002dC-Quoting.html
func ansiC(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		i++
		const letters, values = `abeEfnrtv\'"?`, "\a\b\x1b\x1b\f\n\r\t\v\\'\"?"
		if at := strings.IndexByte(letters, s[i]); at >= 0 {
			b.WriteByte(values[at])
			continue
		}
		i += escape(&b, s[i:])
	}
	return b.String()
}

// escape writes what a numeric escape means, and returns how many bytes it took
// beside the first.
func escape(b *strings.Builder, s string) int {
	digits := func(from, most, base int) (value uint64, n int) {
		for n < most && from+n < len(s) {
			if _, err := strconv.ParseUint(s[from:from+n+1], base, 64); err != nil || s[from+n] == '+' || s[from+n] == '_' {
				break
			}
			n++
		}
		value, _ = strconv.ParseUint(s[from:from+n], base, 64)
		return value, n
	}
	switch c := s[0]; {
	case c >= '0' && c <= '7':
		v, n := digits(0, 3, 8)
		b.WriteByte(byte(v))
		return n - 1
	case c == 'x':
		if v, n := digits(1, 2, 16); n > 0 {
			b.WriteByte(byte(v))
			return n
		}
	case c == 'u', c == 'U':
		most := 4
		if c == 'U' {
			most = 8
		}
		if v, n := digits(1, most, 16); n > 0 {
			r := rune(utf8.RuneError)
			if v <= utf8.MaxRune {
				r = rune(v)
			}
			b.WriteRune(r)
			return n
		}
	}
	b.WriteString(`\` + s[:1])
	return 0
}
