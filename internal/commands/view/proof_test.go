package view

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/oauthpop/oauthpop/internal/forge"
	"github.com/oauthpop/oauthpop/internal/wire"
)

// words are what a shell makes of a command line.
func words(t *testing.T, line string) []string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "sh", "-c", `curl() { printf '%s\0' "$@"; }; `+line).Output()
	if err != nil {
		t.Fatalf("%v: %s", err, line)
	}
	return strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
}

func TestAShellTakesTheCommandAsItIsMeant(t *testing.T) {
	if _, err := exec.LookPath("sh"); err != nil {
		t.Logf("the shell is left out: %v", err) // Windows
		return
	}
	for _, c := range []struct {
		method, url, token, proof string
		want                      string
	}{
		{"GET", "https://a.example/", "", "a.b.c", "-H|DPoP: a.b.c|https://a.example/"},
		{"POST", "https://a.example/?x='$(id)'&y=`id`;#", "t", "a.b.c", "-X|POST|-H|DPoP: a.b.c|-H|Authorization: DPoP t|https://a.example/?x='$(id)'&y=`id`;#"},
		{"HEAD", "https://a.example/", "", "", "--head|-H|DPoP;|https://a.example/"},
		{"M'$IFS", "https://a.example/[1-3]{a,b}/../~*?!\"\\", "~t'", "x y", "-X|M'$IFS|--globoff|--path-as-is|-H|DPoP: x y|-H|Authorization: DPoP ~t'|https://a.example/[1-3]{a,b}/../~*?!\"\\"},
	} {
		v := NewProof(c.proof, "", ProofRequest{Method: c.method, URL: c.url, Token: wire.Secret(c.token)})
		if got := strings.Join(words(t, v.Format("curl")), "|"); got != c.want {
			t.Errorf("%s\ngot  %s\nwant %s", v.Format("curl"), got, c.want)
		}
	}
}

func TestAProofThatCannotBeReadHasNoHeader(t *testing.T) {
	for _, proof := range []string{"", "malformed", "a.b.c", "!.!.!"} {
		if v := NewProof(proof, "", ProofRequest{}); v.Header != nil || v.Claims != nil || v.Proof != proof {
			t.Errorf("%q: %s %s", proof, v.Header, v.Claims)
		}
	}
	if v := NewProof("e30.e30.AA", "", ProofRequest{}); string(v.Header) != "{}" || string(v.Claims) != "{}" {
		t.Errorf("%s %s", v.Header, v.Claims)
	}
}

// Each case fits a terminal of 80 columns.
func TestTheListOfCasesIsNarrow(t *testing.T) {
	for _, list := range [][]forge.Case{forge.Defects(), forge.Oddities()} {
		for _, c := range list {
			if n := len([]rune(c.Title)); len(c.ID) > 22 || n > 56 {
				t.Errorf("%s: %d, %q: %d", c.ID, len(c.ID), c.Title, n)
			}
		}
	}
}
