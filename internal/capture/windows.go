package capture

import (
	"regexp"
	"strings"
)

// isWindows recognises the quoting of cmd.exe: a caret before a quote or at the end
// of a line.
func isWindows(text string) bool {
	text = singleQuoted().ReplaceAllString(text, "") // quotes of other shells, in which a caret is text
	return strings.HasPrefix(text, "curl.exe") || strings.Contains(text, `^"`) ||
		strings.Contains(text, "^\n") || strings.Contains(text, "^\r\n")
}

func singleQuoted() *regexp.Regexp { return regexp.MustCompile(`'[^']*'`) }

// splitWindows splits command lines as cmd.exe and then the C runtime would. The
// two do not know of each other's quotes, which is why browsers write both.
func splitWindows(text string) []command {
	var all []command
	for _, line := range carets(text) {
		words := arguments(line)
		if len(words) == 0 || words[0] != "curl" && words[0] != "curl.exe" {
			continue
		}
		c := command{words: words}
		if variable(line) {
			c.substituted = true
			c.notes = append(c.notes, "a %variable% of the shell is taken literally")
		}
		all = append(all, c)
	}
	return all
}

// carets undoes what is for cmd.exe: outside quotes a caret takes the next byte
// literally and joins lines, and & or the end of the line ends a command.
func carets(text string) []string {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	var lines []string
	var b strings.Builder
	quoted := false
	end := func() {
		lines = append(lines, b.String())
		b.Reset()
		quoted = false
	}
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '^' && !quoted && i+1 < len(text):
			i++
			if text[i] == '\n' {
				// The line goes on, and the byte after the break is literal: two breaks
				// are how a browser writes one.
				if i+1 < len(text) && text[i+1] == '\n' {
					b.WriteByte('\n')
					i++
				}
				continue
			}
			b.WriteByte(text[i])
		case c == '"':
			quoted = !quoted
			b.WriteByte(c)
		case c == '&' && !quoted, c == '\n':
			end()
		default:
			b.WriteByte(c)
		}
	}
	end()
	return lines
}

// arguments splits a line into words by the rules of the C runtime: "a string
// surrounded by double quote marks is interpreted as a single argument [...] A
// double quote mark preceded by a backslash (\") is interpreted as a literal double
// quote mark. Backslashes are interpreted literally, unless they immediately
// precede a double quote mark."
// https://learn.microsoft.com/en-us/cpp/c-language/parsing-c-command-line-arguments
func arguments(line string) []string {
	var words []string
	var b strings.Builder
	quoted, any := false, false
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case (c == ' ' || c == '\t') && !quoted:
			if any {
				words = append(words, b.String())
				b.Reset()
				any = false
			}
		case c == '\\':
			any = true
			n := len(line[i:]) - len(strings.TrimLeft(line[i:], `\`))
			i += n - 1
			if i+1 == len(line) || line[i+1] != '"' {
				b.WriteString(strings.Repeat(`\`, n))
				continue
			}
			b.WriteString(strings.Repeat(`\`, n/2))
			if n%2 == 1 {
				b.WriteByte('"')
				i++
			}
		case c == '"' && quoted && i+1 < len(line) && line[i+1] == '"':
			b.WriteByte('"')
			i++
		case c == '"':
			quoted, any = !quoted, true
		default:
			any = true
			b.WriteByte(c)
		}
	}
	if any {
		words = append(words, b.String())
	}
	return words
}

// variable says whether there is something between two percent signs that cmd.exe
// would replace.
func variable(line string) bool {
	parts := strings.Split(line, "%")
	for i := 1; i+1 < len(parts); i += 2 {
		if parts[i] != "" && strings.Trim(parts[i], "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789") == "" && strings.Trim(parts[i], "0123456789ABCDEF") != "" {
			return true
		}
	}
	return false
}
