package view

import (
	"strings"

	"github.com/oauthpop/oauthpop/internal/ui"
)

// Curl is a request as a command line of curl, for a POSIX shell.
type Curl struct {
	Method, URL string
	// Header are the lines of the header, "Name: value".
	Header []string
	// Options stand in front of the method: what the connection needs, and who asks.
	Options []ui.Shell
	// Body are the options that make the body; with one POST is the method by itself.
	Body []ui.Shell
}

// Command is the whole command line, on one line.
func (c Curl) Command() string {
	words := append(ui.Words("curl"), c.Options...)
	switch {
	case c.Method == "GET" && len(c.Body) == 0, c.Method == "POST" && len(c.Body) > 0:
	case c.Method == "HEAD": // with -X, curl would wait for the body
		words = append(words, "--head")
	default:
		words = append(words, "-X", ui.Word(c.Method))
	}
	if strings.ContainsAny(c.URL, "[]{}") { // ranges and lists, for curl
		words = append(words, "--globoff")
	}
	if strings.Contains(c.URL, "/.") {
		words = append(words, "--path-as-is")
	}
	for _, line := range c.Header {
		name, value, _ := strings.Cut(line, ":")
		if strings.TrimSpace(value) == "" {
			line = name + ";" // curl's way to send a field without a value
		}
		words = append(words, "-H", ui.Word(line))
	}
	words = append(append(words, c.Body...), ui.Word(c.URL))
	text := make([]string, len(words))
	for i, w := range words {
		text[i] = string(w)
	}
	return strings.Join(text, " ")
}

// CurlCommand is a command line that sends what would have been sent.
type CurlCommand struct {
	Command string `json:"command"`
}

// Draw writes the command line alone.
func (v *CurlCommand) Draw(p *ui.Printer) { p.Raw(v.Command + "\n") }
