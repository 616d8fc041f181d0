package ui

import (
	"regexp"
	"testing"
)

func TestRowsFoldTheirTextBelowItself(t *testing.T) {
	rows := []Row{
		{"short", Good, "yes", "one two three four five six seven eight nine"},
		{"the longest", Unsure, "not said", ""},
		{"ün\a", Bad, "no", "a\x1b[2Jb"},
	}
	draw := func(p *Printer) { p.Rows(rows...) }
	for width, want := range map[int]string{
		0: "yes       short        one two three four five six seven eight nine\n" +
			"not said  the longest\n" +
			"no        ün\ufffd          a\ufffd[2Jb\n",
		50: "yes       short        one two three four five six\n" +
			"                       seven eight nine\n" +
			"not said  the longest\n" +
			"no        ün\ufffd          a\ufffd[2Jb\n",
	} {
		if got := drawn(width, false, draw); got != want {
			t.Errorf("at %d columns\n%s\nwant\n%s", width, got, want)
		}
		if colored := drawn(width, true, draw); colored == want || regexp.MustCompile("\x1b\\[[0-9;]*m").ReplaceAllString(colored, "") != want {
			t.Errorf("%q is not the same in colour", colored)
		}
	}
}
