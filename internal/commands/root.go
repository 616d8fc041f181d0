// Package commands is the command tree: the root, the one map from an error to
// an exit code, and the commands that are one verb.
package commands

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/oauthpop/oauthpop/internal/cli"
	"github.com/oauthpop/oauthpop/internal/commands/certcmd"
	"github.com/oauthpop/oauthpop/internal/commands/dpopcmd"
	"github.com/oauthpop/oauthpop/internal/commands/keycmd"
	"github.com/oauthpop/oauthpop/internal/commands/tokencmd"
	"github.com/oauthpop/oauthpop/internal/wire"
)

// New returns the whole command tree for a world.
func New(env *cli.Env) *cobra.Command {
	root := cli.Group("oauthpop", "Sender-constrained OAuth tokens: keys, proofs, certificates, tokens, calls",
		tokencmd.New(env),
		newCallCmd(env),
		newInspectCmd(env),
		newExplainCmd(env),
		newDiscoverCmd(env),
		certcmd.New(env),
		keycmd.New(env),
		dpopcmd.New(env),
		newServeCmd(env),
		newDemoCmd(env),
		newVersionCmd(env),
	)
	root.Long = `oauthpop makes keys, DPoP proofs and client certificates, gets tokens that are
bound to them (RFC 9449, RFC 8705), calls APIs, says whether a token is really
bound to the local key, and brings a test server of its own.`
	root.Example = `  oauthpop demo
  oauthpop key generate --out key.jwk
  oauthpop COMMAND --help`
	noCommand := root.RunE
	root.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return cmd.Help()
		}
		return noCommand(cmd, args)
	}
	root.SilenceErrors, root.SilenceUsage = true, true
	root.PersistentPreRunE = env.Prepare
	root.SetIn(env.Stdin)
	root.SetOut(env.Stdout)
	root.SetErr(env.Stderr)
	root.SetFlagErrorFunc(flagError)
	env.AddGlobal(root)
	return root
}

// Main runs one command and returns the exit code of the process.
func Main(env *cli.Env, args []string) int {
	root := New(env)
	root.SetArgs(args)
	ctx, stop := env.Notify(context.Background())
	defer stop()
	env.Until(ctx)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	if env.Global.Output == "text" && cli.OutputOf(args, env.Environ) == "json" {
		env.Global.Output = "json"
	}
	return report(ctx, env, args, err)
}

// aroundCommand says whether serve was to run a command: its own 2 must not be
// taken for one of that command.
func aroundCommand(args []string) bool {
	at := slices.Index(args, "--")
	return at > 0 && slices.Contains(args[:at], "serve")
}

// flagError is a fault of a flag. What stands behind "in" is the argument as it was
// given, which may hold a secret; so may a long flag that nobody knows: one opaque
// token in 64 begins with a hyphen.
func flagError(cmd *cobra.Command, err error) error {
	const word = 32
	message, _, _ := strings.Cut(err.Error(), " in -")
	hint := "see '" + cmd.CommandPath() + " --help'"
	if name, unknown := strings.CutPrefix(message, "unknown flag: "); unknown && len(name) > word {
		message = "unknown flag: " + wire.Secret(name).String()
	}
	if strings.HasPrefix(message, "unknown ") {
		hint = "an argument that begins with a hyphen stands behind --, or in a file: @FILE; " + hint
	}
	return &cli.UsageError{Message: message, Hint: hint}
}
