package commands_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"github.com/oauthpop/oauthpop/internal/cli"
	"github.com/oauthpop/oauthpop/internal/commands"
)

func testWorld(environ map[string]string) (env *cli.Env, stdout, stderr *bytes.Buffer) {
	stdout, stderr = &bytes.Buffer{}, &bytes.Buffer{}
	return cli.Test(strings.NewReader(""), stdout, stderr, environ, time.Unix(1_700_000_000, 0)), stdout, stderr
}

// everyCommand calls f for each command of the tree that people run.
func everyCommand(f func(*cobra.Command)) {
	env, _, _ := testWorld(nil)
	var walk func(*cobra.Command)
	walk = func(cmd *cobra.Command) {
		if cmd.Name() == "completion" || cmd.Name() == "help" {
			return
		}
		f(cmd)
		for _, c := range cmd.Commands() {
			walk(c)
		}
	}
	walk(commands.New(env))
}

func TestEveryCommandHasHelpWithExamplesThatParse(t *testing.T) {
	everyCommand(func(cmd *cobra.Command) {
		if cmd.Short == "" {
			t.Errorf("%s has no short description", cmd.CommandPath())
		}
		if !cmd.HasParent() {
			return // its examples are of any command
		}
		examples := exampleLines(cmd.Example)
		if len(examples) < 2 {
			t.Errorf("%s has %d examples, want at least 2", cmd.CommandPath(), len(examples))
		}
		for _, example := range examples {
			parseExample(t, cmd.CommandPath(), example)
		}
	})
}

func exampleLines(s string) []string {
	var lines []string
	for line := range strings.Lines(strings.ReplaceAll(s, "\\\n", " ")) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			lines = append(lines, line)
		}
	}
	return lines
}

// parseExample checks that an example names its own command and flags that it
// has. Pipes, redirections and what stands behind them are the shell's.
func parseExample(t *testing.T, path, example string) {
	t.Helper()
	at := strings.Index(example, path)
	if at < 0 {
		t.Errorf("%s: the example is of another command: %s", path, example)
		return
	}
	command := example[at:]
	for _, shell := range []string{" | ", " > ", " < "} {
		command, _, _ = strings.Cut(command, shell)
	}
	words := shellWords(command)
	env, _, _ := testWorld(nil)
	cmd, args, err := commands.New(env).Find(words[1:])
	if err == nil {
		err = cmd.ParseFlags(args)
	}
	if err == nil {
		err = cmd.ValidateArgs(cmd.Flags().Args())
	}
	if err != nil || cmd.CommandPath() != path && !strings.HasPrefix(cmd.CommandPath(), path+" ") {
		t.Errorf("%s: %q is not its own or does not parse: %v", path, example, err)
	}
}

// shellWords splits at spaces, but not inside of single or double quotes.
func shellWords(s string) []string {
	var words []string
	var word strings.Builder
	var quote rune
	for _, r := range s + " " {
		switch {
		case quote == 0 && (r == '\'' || r == '"'):
			quote = r
		case r == quote:
			quote = 0
		case r == ' ' && quote == 0:
			if word.Len() > 0 {
				words = append(words, word.String())
			}
			word.Reset()
		default:
			word.WriteRune(r)
		}
	}
	return words
}

// The names are retyped here on purpose: they are a contract.
func TestTheEnvironmentIsTheContract(t *testing.T) {
	want := strings.Fields(`ISSUER TOKEN_ENDPOINT CLIENT_ID CLIENT_SECRET CLIENT_KEY AUTH_METHOD KEY CERT CERT_KEY
		PASSPHRASE CACERT RESOLVE TIMEOUT SCOPE AUDIENCE RESOURCE TOKEN OUTPUT COLOR`)
	var got []string
	for _, v := range cli.Variables {
		got = append(got, v.Name)
		if flag := strings.ReplaceAll(strings.ToLower(v.Name), "_", "-"); v.Flag != flag {
			t.Errorf("%s feeds --%s, not --%s", v.Name, v.Flag, flag)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestEveryVariableFeedsAFlag(t *testing.T) {
	fed := map[string][]string{}
	everyCommand(func(cmd *cobra.Command) {
		for _, v := range cli.Variables {
			if cmd.Flag(v.Flag) != nil && cli.FromVariable(cmd, v.Flag) != "" {
				fed[v.Name] = append(fed[v.Name], cmd.Name())
			}
		}
	})
	for _, v := range cli.Variables {
		if len(fed[v.Name]) == 0 {
			t.Errorf("%s feeds no flag of any command", v.Name)
		}
	}
}

// What switches a safety off comes from the command line alone.
func TestNoVariableSwitchesASafetyOff(t *testing.T) {
	for _, flag := range []string{"insecure", "allow-unbound", "force", "yes", "destructive", "break", "fault"} {
		if slices.ContainsFunc(cli.Variables, func(v cli.Variable) bool { return v.Flag == flag }) {
			t.Errorf("--%s can be set by the environment", flag)
		}
	}
}

func TestOnlyClientCommandsReadTheEnvironment(t *testing.T) {
	want := []string{"oauthpop call", "oauthpop discover", "oauthpop explain", "oauthpop inspect", "oauthpop token", "oauthpop token revoke"}
	var got []string
	everyCommand(func(cmd *cobra.Command) {
		if cli.FromVariable(cmd, "key") != "" {
			got = append(got, cmd.CommandPath())
		}
	})
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// The exit codes of the README are those of the code.
func TestREADMEHasTheExitCodes(t *testing.T) {
	readme, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range commands.ExitCodes {
		if !strings.Contains(string(readme), "| "+e.Meaning+" |") {
			t.Errorf("the README lacks: %s", e.Meaning)
		}
	}
}
