package ui

import (
	"bytes"
	"strings"
	"testing"
)

func TestColourIsDecidedByTheCallerAlone(t *testing.T) {
	for _, colored := range []bool{true, false} {
		var b bytes.Buffer
		p := New(&b, colored)
		p.Verdict(Good, "bound-and-matches", "key.jwk")
		p.Error("it failed", "try again")
		p.Table([]string{"a", "b"}, [][]string{{"1", "2"}}, func(_, col int) (Tone, bool) { return Good, col == 1 })
		if got := strings.Contains(b.String(), "\x1b["); got != colored {
			t.Errorf("colored=%v: escape sequences present: %v\n%q", colored, got, b.String())
		}
	}
}

func TestForeignTextCannotSteerTheTerminal(t *testing.T) {
	var b bytes.Buffer
	p := New(&b, false)
	evil := "a\x1b[2Jb\nerror: c\u202ed\u2028e\u200ef\x07"
	p.Line("%s", "x\x1b[2J\x07"+"y")
	p.Fields(Field{"label", evil})
	p.Error(evil, evil)
	p.Warn(evil)
	p.Table([]string{"h"}, [][]string{{evil}}, func(int, int) (Tone, bool) { return Good, false })
	if strings.ContainsAny(b.String(), "\x1b\x07\u202e\u2028\u200e") {
		t.Errorf("control characters came through: %q", b.String())
	}
	if got := strings.Count(b.String(), "\n"); got != 7 {
		t.Errorf("%d lines, want 7: %q", got, b.String())
	}
}

func TestFieldsLeaveOutWhatIsEmpty(t *testing.T) {
	var b bytes.Buffer
	New(&b, false).Fields(Field{"kid", ""}, Field{"jkt", "x"})
	if b.String() != "jkt  x\n" {
		t.Errorf("got %q", b.String())
	}
}
