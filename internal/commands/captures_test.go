package commands_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/oauthpop/oauthpop/internal/commands"
	"github.com/oauthpop/oauthpop/internal/commands/view"
)

// capturedFile is an entry of test/captures/manifest.json: what a real client wrote of a
// request to a real server, and what is to be said of the last request in it.
type capturedFile struct {
	File string
	Code int // with which explain ends
	// Cause is the first one, "" for none. Nil: the text has no answer.
	Cause *string
	// Check is the first that fails, where the text has no answer; Open one that can't
	// be checked, and Note words of a note on what the text leaves out.
	Check, Open, Note string
	Args              []string // more flags; FILES is the folder of the captures
}

func (c *capturedFile) flags(files string) []string {
	var all []string
	for _, arg := range c.Args {
		all = append(all, strings.ReplaceAll(arg, "FILES", files))
	}
	return all
}

func TestExplainNamesTheCauseOfWhatRealClientsCaptured(t *testing.T) {
	folder := filepath.Join("..", "..", "test", "captures")
	text, err := os.ReadFile(filepath.Join(folder, "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all []capturedFile
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	named := map[string]int{}
	for _, c := range all {
		env, stdout, stderr := testWorld(nil)
		code := commands.Main(env, append([]string{"explain", "@" + filepath.Join(folder, "files", c.File), "-o", "json"}, c.flags(filepath.Join(folder, "files"))...))
		var v view.Explain
		if err := json.Unmarshal(stdout.Bytes(), &v); err != nil || len(v.Requests) == 0 {
			t.Errorf("%s: exit %d: %s%s", c.File, code, stdout, stderr)
			continue
		}
		if c.Cause != nil {
			named[*c.Cause]++
		}
		for _, wrong := range c.differences(code, v.Requests) {
			t.Errorf("%s: %s\n%s", c.File, wrong, stderr)
		}
	}
	if len(named) < 20 || named[""] < 20 {
		t.Errorf("the captures show too little: %v", named)
	}
}

// differences are what is not said as it should be.
func (c *capturedFile) differences(code int, all []view.ExplainedRequest) []string {
	var wrong []string
	r := all[len(all)-1]
	differs := func(what, got, want string) {
		if got != want {
			wrong = append(wrong, fmt.Sprintf("%s %q, want %q", what, got, want))
		}
	}
	checks := r.Checks
	if r.Proof != nil {
		checks = append(slices.Clone(r.Proof.Checks), checks...)
	}
	with := func(status string) (ids []string) {
		for _, check := range checks {
			if check.Status == status {
				ids = append(ids, check.ID)
			}
		}
		return ids
	}
	if c.Cause != nil {
		first := ""
		if len(r.Causes) > 0 {
			first = r.Causes[0].ID
		}
		differs("the first cause is", first, *c.Cause)
		if *c.Cause == "" {
			differs("failed checks", strings.Join(with("failed"), " "), "")
		}
	}
	if c.Check != "" {
		differs("the first check that fails is", strings.Join(with("failed")[:min(1, len(with("failed")))], ""), c.Check)
	}
	if c.Open != "" && !slices.Contains(with("not-checked"), c.Open) {
		wrong = append(wrong, "it does not say that "+c.Open+" can't be told")
	}
	if c.Note != "" && !strings.Contains(strings.Join(r.Notes, "; "), c.Note) {
		wrong = append(wrong, fmt.Sprintf("no note says %q: %q", c.Note, r.Notes))
	}
	differs("the exit code is", fmt.Sprint(code), fmt.Sprint(c.Code))
	return wrong
}
