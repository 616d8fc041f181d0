package cli

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
)

// clientCommand is a command with some flags of every kind, as the environment
// sees it.
type clientCommand struct {
	*cobra.Command
	issuer, endpoint, secret string
	cert, certKey            string
	resources                []string
	timeout                  time.Duration
}

func newClientCommand(env *Env, reads bool) *clientCommand {
	c := &clientCommand{}
	c.Command = &cobra.Command{Use: "test", PreRunE: env.Prepare, RunE: func(*cobra.Command, []string) error { return nil }, SilenceErrors: true, SilenceUsage: true}
	f := c.Flags()
	f.StringVar(&c.issuer, "issuer", "", "")
	f.StringVar(&c.endpoint, "token-endpoint", "", "")
	f.StringVar(&c.secret, "client-secret", "", "")
	f.StringVar(&c.cert, "cert", "", "")
	f.StringVar(&c.certKey, "cert-key", "", "")
	f.StringArrayVar(&c.resources, "resource", nil, "")
	f.DurationVar(&c.timeout, "timeout", time.Second, "")
	f.BoolP("insecure", "k", false, "")
	env.AddGlobal(c.Command)
	if reads {
		ReadsEnvironment(c.Command)
	}
	return c
}

func TestTheEnvironmentFillsWhatTheCommandLineLeftAlone(t *testing.T) {
	env := testEnv("", map[string]string{
		"OAUTHPOP_ISSUER": "https://env.example", "OAUTHPOP_CLIENT_SECRET": "@literal", "OAUTHPOP_TIMEOUT": "3s",
		"OAUTHPOP_RESOURCE": "https://a.example/x,y\nhttps://b.example\n", "OAUTHPOP_CERT": "env.pem", "OAUTHPOP_CERT_KEY": "env-key.pem",
		"OAUTHPOP_INSECURE": "true",
	})
	c := newClientCommand(env, true)
	c.SetArgs([]string{"--cert", "flag.pem"})
	if err := c.Execute(); err != nil {
		t.Fatal(err)
	}
	if c.issuer != "https://env.example" || c.timeout != 3*time.Second {
		t.Errorf("issuer %q, timeout %s", c.issuer, c.timeout)
	}
	if want := []string{"https://a.example/x,y", "https://b.example"}; !slices.Equal(c.resources, want) {
		t.Errorf("a list has one value a line: %q", c.resources)
	}
	if c.cert != "flag.pem" || c.certKey != "" {
		t.Errorf("a unit is of two layers: %q, %q", c.cert, c.certKey)
	}
	if secret, err := env.Value("client-secret", c.secret); err != nil || secret != "@literal" {
		t.Errorf("secret %q, %v", secret, err)
	}
	if insecure, _ := c.Flags().GetBool("insecure"); insecure {
		t.Error("the environment switched verification off")
	}
	if env.origins["issuer"] != FromEnvironment || env.OnCommandLine(c.Command, "issuer") || !env.OnCommandLine(c.Command, "cert") {
		t.Error("where a value came from is not told right")
	}
	if said := env.Stderr.(*bytes.Buffer).String(); !strings.Contains(said, "OAUTHPOP_INSECURE") {
		t.Errorf("a variable that nobody reads is not named: %q", said)
	}
}

func TestOtherCommandsReadOnlyWhatIsForAll(t *testing.T) {
	env := testEnv("", map[string]string{"OAUTHPOP_ISSUER": "https://env.example", "OAUTHPOP_OUTPUT": "json"})
	c := newClientCommand(env, false)
	c.SetArgs(nil)
	if err := c.Execute(); err != nil {
		t.Fatal(err)
	}
	if c.issuer != "" || !env.JSON() {
		t.Errorf("issuer %q, json %v", c.issuer, env.JSON())
	}
}

func TestABadVariableIsNamed(t *testing.T) {
	for name, value := range map[string]string{"OAUTHPOP_TIMEOUT": "soon", "OAUTHPOP_COLOR": "pink", "OAUTHPOP_OUTPUT": "yaml"} {
		c := newClientCommand(testEnv("", map[string]string{name: value}), true)
		c.SetArgs(nil)
		err := c.Execute()
		var usage *UsageError
		if !errors.As(err, &usage) || !strings.Contains(err.Error(), value) {
			t.Errorf("%s=%s: %v", name, value, err)
		}
	}
}

func TestVerboseTellsWhereValuesCameFrom(t *testing.T) {
	env := testEnv("", map[string]string{"OAUTHPOP_ISSUER": "https://env.example"})
	c := newClientCommand(env, true)
	c.SetArgs([]string{"-v"})
	if err := c.Execute(); err != nil {
		t.Fatal(err)
	}
	if said := env.Stderr.(*bytes.Buffer).String(); !strings.Contains(said, "--issuer comes from OAUTHPOP_ISSUER") {
		t.Errorf("got %q", said)
	}
}

func TestColour(t *testing.T) {
	for _, tt := range []struct {
		color, noColor, term string
		terminal, want       bool
	}{
		{"auto", "", "xterm", true, true},
		{"auto", "", "xterm", false, false},
		{"auto", "1", "xterm", true, false},
		{"auto", "", "dumb", true, false},
		{"always", "1", "dumb", false, true},
		{"never", "", "xterm", true, false},
	} {
		env := testEnv("", map[string]string{"NO_COLOR": tt.noColor, "TERM": tt.term})
		env.Global.Color = tt.color
		if got := env.colored(tt.terminal); got != tt.want {
			t.Errorf("%+v: got %v", tt, got)
		}
	}
}
