package commands_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// step is one command of the tour in the README and what stands below it.
type step struct{ command, output string }

// TestREADMETour runs the console blocks of the README, one after another, in a
// shell that the test server started, and compares what is printed. In the
// README, … stands for anything.
func TestREADMETour(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	steps := consoleSteps(string(readme))
	if len(steps) < 8 || !strings.HasPrefix(steps[0].command, "oauthpop serve -- bash") {
		t.Fatalf("the tour has %d commands and begins with %q", len(steps), steps[0].command)
	}
	steps = steps[1:]
	printed := runTour(t, steps)
	for i, s := range steps {
		want := regexp.MustCompile(`(?s)^` + strings.ReplaceAll(regexp.QuoteMeta(s.output), "…", ".*?") + `$`)
		if !want.MatchString(printed[i]) {
			t.Errorf("$ %s\nprinted:\n%s\nthe README says:\n%s", s.command, printed[i], s.output)
		}
	}
}

// consoleSteps returns the commands of all console blocks.
func consoleSteps(markdown string) []step {
	var steps []step
	for _, block := range regexp.MustCompile("(?s)```console\n(.*?)```").FindAllStringSubmatch(markdown, -1) {
		for part := range strings.SplitSeq("\n"+block[1], "\n$ ") {
			if strings.TrimSpace(part) == "" {
				continue
			}
			command, rest, _ := strings.Cut(part, "\n")
			for strings.HasSuffix(command, "\\") {
				var more string
				more, rest, _ = strings.Cut(rest, "\n")
				command += "\n" + more
			}
			steps = append(steps, step{command, strings.TrimSpace(rest)})
		}
	}
	return steps
}

// runTour runs the commands in one shell and returns what each printed.
func runTour(t *testing.T, steps []step) []string {
	t.Helper()
	dir, bin := t.TempDir(), t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	// The test binary is the program under that name: see TestMain.
	if err := os.Symlink(self, filepath.Join(bin, "oauthpop")); err != nil {
		t.Fatal(err)
	}
	const mark = "=== next command ==="
	script := "exec 2>&1\n"
	for _, s := range steps {
		script += fmt.Sprintf("echo '%s'\n%s\n", mark, s.command)
	}
	if err := os.WriteFile(filepath.Join(dir, "tour.sh"), []byte(script), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), filepath.Join(bin, "oauthpop"), "serve", "-q", "--listen", "127.0.0.1:0", "--", "bash", "tour.sh")
	cmd.Dir = dir
	cmd.Env = []string{"PATH=" + bin + ":" + os.Getenv("PATH"), "HOME=" + dir, "NO_COLOR=1"}
	out, err := cmd.CombinedOutput()
	printed := strings.Split(string(out), mark+"\n")
	if err != nil && len(printed) != len(steps)+1 {
		t.Fatalf("the tour ended early: %v\n%s", err, out)
	}
	for i := range printed {
		printed[i] = strings.TrimSpace(printed[i])
	}
	return printed[1:]
}
