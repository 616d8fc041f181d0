package cli

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/oauthpop/oauthpop/internal/ui"
)

// Prefix begins every variable that oauthpop reads.
const Prefix = "OAUTHPOP_"

// Variable is one variable of the environment and the flag that it feeds. One
// variable has one flag name; where the flag is a list, so is the variable, with
// one value a line.
type Variable struct {
	Name, Flag string
	// Everywhere: every command reads it. The others feed the client commands only.
	Everywhere bool
}

// Variables are all that are read, in the order of the documentation.
var Variables = []Variable{
	{"ISSUER", "issuer", false},
	{"TOKEN_ENDPOINT", "token-endpoint", false},
	{"CLIENT_ID", "client-id", false},
	{"CLIENT_SECRET", "client-secret", false},
	{"CLIENT_KEY", "client-key", false},
	{"AUTH_METHOD", "auth-method", false},
	{"KEY", "key", false},
	{"CERT", "cert", false},
	{"CERT_KEY", "cert-key", false},
	{"PASSPHRASE", "passphrase", true},
	{"CACERT", "cacert", false},
	{"RESOLVE", "resolve", false},
	{"TIMEOUT", "timeout", false},
	{"SCOPE", "scope", false},
	{"AUDIENCE", "audience", false},
	{"RESOURCE", "resource", false},
	{"TOKEN", "token", false},
	{"OUTPUT", "output", true},
	{"COLOR", "color", true},
}

// ServeOnly are variables that serve sets for the command it runs and that no
// command reads.
var ServeOnly = []string{"MTLS_RESOURCE", "SERVE_CLIENTS"}

const readsEnvironment = "oauthpop_reads_environment"

// ReadsEnvironment marks a command as a client command: its flags are fed by the
// environment.
func ReadsEnvironment(cmd *cobra.Command) {
	if cmd.Annotations == nil {
		cmd.Annotations = map[string]string{}
	}
	cmd.Annotations[readsEnvironment] = "yes"
}

// FromVariable returns the variable that feeds a flag of cmd, or "".
func FromVariable(cmd *cobra.Command, flag string) string {
	for _, v := range Variables {
		if v.Flag == flag && (v.Everywhere || cmd.Annotations[readsEnvironment] != "") {
			return Prefix + v.Name
		}
	}
	return ""
}

// applyEnvironment sets the flags of cmd that the command line left alone from
// the environment, by the rules of Merge, and notes where each came from.
func (e *Env) applyEnvironment(cmd *cobra.Command) error {
	flags := Layer{FromFlag, map[string][]string{}}
	environment := Layer{FromEnvironment, map[string][]string{}}
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if f.Changed {
			flags.Values[f.Name] = []string{f.Value.String()}
		}
		if value := e.Environ[FromVariable(cmd, f.Name)]; value != "" {
			environment.Values[f.Name] = variableValues(f, value)
		}
	})
	e.origins = map[string]string{}
	merged := Merge(flags, environment)
	for _, name := range slices.Sorted(maps.Keys(merged)) {
		choice := merged[name]
		if choice.Layer == FromFlag {
			continue
		}
		flag := cmd.Flags().Lookup(name)
		for _, value := range choice.Values {
			if err := flag.Value.Set(value); err != nil {
				return Usage("%s: %v", FromVariable(cmd, name), err)
			}
		}
		e.origins[name] = choice.Layer
	}
	return nil
}

func variableValues(f *pflag.Flag, value string) []string {
	if _, list := f.Value.(pflag.SliceValue); !list {
		return []string{value}
	}
	var lines []string
	for line := range strings.Lines(value) {
		if line = strings.TrimRight(line, "\r\n"); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// OnCommandLine says whether a flag was set by the command line itself.
func (e *Env) OnCommandLine(cmd *cobra.Command, flag string) bool { return cmd.Flags().Changed(flag) }

// warnUnknown says once which variables with our prefix nobody reads: most are
// misspelt.
func (e *Env) warnUnknown() {
	known := map[string]bool{}
	for _, v := range Variables {
		known[v.Name] = true
	}
	for _, v := range ServeOnly {
		known[v] = true
	}
	for _, name := range slices.Sorted(maps.Keys(e.Environ)) {
		if rest, ok := strings.CutPrefix(name, Prefix); ok && !known[rest] {
			e.Warn(fmt.Sprintf("the environment variable %s is not read by this version", name))
		}
	}
}

// tellOrigins says where values came from that are not on the command line.
func (e *Env) tellOrigins(cmd *cobra.Command) {
	if !e.Global.Verbose {
		return
	}
	p := ui.New(e.Stderr, e.colored(e.StderrTerminal))
	for _, name := range slices.Sorted(maps.Keys(e.origins)) {
		p.Line("%s --%s comes from %s", p.Word(ui.Faint, "*"), name, FromVariable(cmd, name))
	}
}
