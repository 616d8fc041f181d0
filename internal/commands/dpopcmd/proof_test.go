package dpopcmd

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/oauthpop/oauthpop/internal/cli"
	"github.com/oauthpop/oauthpop/internal/forge"
	"github.com/oauthpop/oauthpop/internal/jwt"
)

func TestAStreamHasAsManyProofsAsWereAskedFor(t *testing.T) {
	plain := target{method: "GET", url: "https://a.example"}
	for _, count := range []int{1, 2, 63, 1000} {
		out := proofFor(t, &proofOptions{target: plain, count: count, many: true}, "text")
		seen := map[string]bool{}
		for line := range strings.Lines(out) {
			c, err := jwt.Split(strings.TrimSuffix(line, "\n"))
			if err != nil {
				t.Fatalf("%v: %q", err, line)
			}
			jti, _ := c.Payload.String("jti")
			seen[jti] = true
		}
		if len(seen) != count || strings.Count(out, "\n") != count {
			t.Errorf("%d different proofs in %d lines, want %d", len(seen), strings.Count(out, "\n"), count)
		}
	}
}

func TestAStreamOfJSONIsOneObjectALine(t *testing.T) {
	out := proofFor(t, &proofOptions{target: target{method: "GET", url: "https://a.example"}, count: 3, many: true}, "json")
	lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
	for _, line := range lines {
		var got struct{ Proof, JKT string }
		if err := json.Unmarshal([]byte(line), &got); err != nil || got.Proof == "" || got.JKT == "" {
			t.Errorf("%v: %q", err, line)
		}
	}
	if len(lines) != 3 {
		t.Errorf("%d lines", len(lines))
	}
}

// full takes some writes and then no more.
type full struct {
	bytes.Buffer
	left int
}

var errFull = errors.New("full")

func (w *full) Write(b []byte) (int, error) {
	if w.left--; w.left < 0 {
		return 0, errFull
	}
	return w.Buffer.Write(b)
}

func TestAStreamEndsWhenNobodyTakesItOrItIsInterrupted(t *testing.T) {
	env, _, _ := testEnv("")
	w := &full{left: 2}
	env.Stdout = w
	o := &proofOptions{env: env, key: keyFile(t), target: target{method: "GET", url: "https://a.example"}, count: 1 << 40, many: true}
	if err := o.run(); !errors.Is(err, errFull) {
		t.Errorf("full: %v", err)
	}
	if first, _, _ := strings.Cut(w.String(), "\n"); strings.Count(first, ".") != 2 {
		t.Errorf("the first line is no proof: %q", first)
	}
	stop := &cli.InterruptedError{Signal: 2}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(fmt.Errorf("%w", stop))
	o.ctx, env.Stdout = ctx, &bytes.Buffer{}
	if err := o.run(); !errors.Is(err, error(stop)) {
		t.Errorf("interrupted: %v", err)
	}
}

func TestTimesOfIssue(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	for iat, want := range map[string]int64{
		"": 1_700_000_000, "-10m": 1_699_999_400, "+90s": 1_700_000_090, "0": 0, "1562262618": 1562262618,
		"2019-07-04T17:50:18Z": 1562262618, "Thu, 04 Jul 2019 17:50:18 GMT": 1562262618,
	} {
		got, err := issued(iat, func() time.Time { return now })
		if err != nil || got().Unix() != want {
			t.Errorf("%q: %v", iat, err)
		}
	}
	for _, iat := range []string{"10m", "-5", "+5", "soon", "1.5", "2019-07-04", "0001-01-01T00:00:00Z"} {
		if _, err := issued(iat, func() time.Time { return now }); err == nil {
			t.Errorf("%q is taken", iat)
		}
	}
}

func TestMembersOfTheUser(t *testing.T) {
	env, _, _ := testEnv("from stdin\n")
	o := &proofOptions{env: env}
	got, err := o.members("--claim", []string{"a=b=c", "d:=[1, null]", "e=", "f=-", `g="x"`, "h==", "i=@@x", `j:= {"k":1} `})
	want := []forge.Member{{Name: "a", Value: `"b=c"`}, {Name: "d", Value: "[1, null]"}, {Name: "e", Value: `""`}, {Name: "f", Value: `"from stdin"`}, {Name: "g", Value: `"\"x\""`}, {Name: "h", Value: `"="`}, {Name: "i", Value: `"@x"`}, {Name: "j", Value: `{"k":1}`}}
	if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, %v", got, err)
	}
	for _, bad := range [][]string{{"a"}, {"=a"}, {":=1"}, {"a:=x"}, {"a:="}, {"a:=1 2"}, {"a=1", "a:=2"}, {"a=@/nowhere/file"}} {
		if got, err := o.members("--claim", bad); err == nil {
			t.Errorf("%q: %v", bad, got)
		}
	}
}

func TestWhatIsSentIsTheURLWithoutItsFragment(t *testing.T) {
	for url, want := range map[string]string{
		"https://b.example": "https://a.example/p", "https://b.example?x=1#f": "https://a.example/p?x=1",
		"https://b.example#f?x": "https://a.example/p", "https://b.example?": "https://a.example/p?",
		"https://b.example?ä=b c%20d": "https://a.example/p?%C3%A4=b%20c%20d",
	} {
		if got := sent("https://a.example/p", url); got != want {
			t.Errorf("%q: %q, want %q", url, got, want)
		}
	}
}

func TestAShellOffersTheCases(t *testing.T) {
	env, _, _ := testEnv("")
	cmd := newProofCmd(env, func(*proofOptions) error { return nil })
	complete, ok := cmd.GetFlagCompletionFunc("break")
	if !ok {
		t.Fatal("nothing is offered")
	}
	names, _ := complete(cmd, nil, "")
	if names[0] != "list" || len(names) != 1+len(forge.Defects())+len(forge.Oddities()) {
		t.Errorf("offered %q", names)
	}
}
