package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/oauthpop/oauthpop/internal/wire"
)

// NoArgs refuses arguments.
func NoArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usageOf(cmd, "%s takes no argument, but got %q", cmd.CommandPath(), shown(args[0]))
	}
	return nil
}

// OneArg wants exactly one argument, which what names.
func OneArg(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) == 0:
			return usageOf(cmd, "%s needs %s", cmd.CommandPath(), what)
		case len(args) > 1:
			return usageOf(cmd, "%s takes one argument, %s, but got another: %q", cmd.CommandPath(), what, shown(args[1]))
		}
		return nil
	}
}

// AtMostOneArg takes one argument or none.
func AtMostOneArg(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) > 1 {
			return usageOf(cmd, "%s takes one argument, %s, but got another: %q", cmd.CommandPath(), what, shown(args[1]))
		}
		return nil
	}
}

// SomeArgs wants one argument or more.
func SomeArgs(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return usageOf(cmd, "%s needs %s", cmd.CommandPath(), what)
		}
		return nil
	}
}

// shown is an argument in a message. A long one may be a token that was pasted, and
// is shortened.
func shown(arg string) string {
	const word = 32
	if len(arg) > word {
		return wire.Secret(arg).String()
	}
	return arg
}

func usageOf(cmd *cobra.Command, format string, args ...any) error {
	err := Usage(format, args...)
	err.Hint = "see '" + cmd.CommandPath() + " --help'"
	return err
}

// Group returns a command that has only verbs. A command that runs and has
// subcommands would take a mistyped one as an argument; this one refuses it and
// names the nearest.
func Group(use, short string, verbs ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{Use: use, Short: short, Args: cobra.ArbitraryArgs, Annotations: map[string]string{isGroup: "yes"}}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return usageOf(cmd, "%s needs one of its commands: %s", cmd.CommandPath(), strings.Join(names(cmd), ", "))
		}
		return unknown(cmd, args[0])
	}
	cmd.AddCommand(verbs...)
	return cmd
}

// IsGroup says whether a command does nothing by itself. One that has verbs need not.
func IsGroup(cmd *cobra.Command) bool { return cmd.Annotations[isGroup] != "" }

const isGroup = "oauthpop_group"

func unknown(cmd *cobra.Command, arg string) error {
	err := Usage("%q is not a command of %s", shown(arg), cmd.CommandPath())
	cmd.SuggestionsMinimumDistance = 2
	if near := cmd.SuggestionsFor(arg); len(near) > 0 {
		err.Hint = "did you mean '" + cmd.CommandPath() + " " + near[0] + "'?"
	} else {
		err.Hint = "it has " + strings.Join(names(cmd), ", ")
	}
	return err
}

func names(cmd *cobra.Command) []string {
	var out []string
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			out = append(out, c.Name())
		}
	}
	return out
}
