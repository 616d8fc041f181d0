package ui

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
)

func drawn(width int, colored bool, draw func(*Printer)) string {
	var b bytes.Buffer
	p := New(&b, colored)
	p.SetWidth(width)
	draw(p)
	return b.String()
}

func TestTextIsFoldedAtTheWidth(t *testing.T) {
	draw := func(p *Printer) {
		p.Verdict(Bad, "bound-to-another-key", "the token's jkt is another")
		p.Fields(Field{"token", "a JWT, typ at+jwt, alg ES256"}, Field{"iss", "https://as.example/a/very/long/issuer/that/is/one/word"}, Field{"sub", "me"})
		p.Error("it failed since nothing was there", "try again with something that is there")
		p.Warn("the file can be read by others")
	}
	const want = `bound-to-another-key  the token's
  jkt is another
token  a JWT, typ at+jwt, alg
       ES256
iss    https://as.example/a/very/long/issuer/that/is/one/word
sub    me
error: it failed since nothing
       was there
hint:  try again with something
       that is there
warning: the file can be read by
         others
`
	if got := drawn(33, false, draw); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	// Colour takes no columns.
	if got := regexp.MustCompile("\x1b\\[[0-9;]*m").ReplaceAllString(drawn(33, true, draw), ""); got != want {
		t.Errorf("with colour\n%q\nwant\n%q", got, want)
	}
}

func TestWithoutAWidthALineIsALine(t *testing.T) {
	long := strings.Repeat("word ", 100) + "end"
	draw := func(p *Printer) {
		p.Verdict(Good, "bound", long)
		p.Fields(Field{"label", long})
		p.Error(long, long)
		p.Warn(long)
	}
	for _, width := range []int{0, 12} { // 12 columns hold no sentence
		if got := strings.Count(drawn(width, false, draw), "\n"); got != 5 {
			t.Errorf("width %d: %d lines, want 5", width, got)
		}
	}
}

func TestFoldingLosesNothing(t *testing.T) {
	p := New(&bytes.Buffer{}, false)
	p.SetWidth(40)
	for _, text := range []string{"", "one", "matches  key  mine.jwk  0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I", "a  b   " + strings.Repeat("x", 60) + "  c", "漢字の 文は 二倍の 幅が あります から すぐに 折れます よね"} {
		lines := p.fold(text, 40, 30)
		if got, want := strings.Fields(strings.Join(lines, " ")), strings.Fields(text); strings.Join(got, " ") != strings.Join(want, " ") {
			t.Errorf("%q became %q", text, lines)
		}
	}
	if lines := p.fold("漢字漢字漢字漢字 漢字漢字漢字漢字漢字漢字漢字", 24, 24); len(lines) != 2 {
		t.Errorf("a letter of two columns counts for one: %q", lines)
	}
}
