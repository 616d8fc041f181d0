package keycmd

import (
	"github.com/spf13/cobra"

	"github.com/oauthpop/oauthpop/internal/cli"
	"github.com/oauthpop/oauthpop/internal/commands/view"
)

type showOptions struct {
	env *cli.Env

	input
}

func newShowCmd(env *cli.Env, run func(*showOptions) error) *cobra.Command {
	o := &showOptions{env: env}
	return o.take(&cobra.Command{
		Use:   "show FILE",
		Short: "Show what a key file holds",
		Long: `Show the kind of a key, the algorithm that it signs with, its thumbprint (RFC 7638)
and whether it is private; never the key itself. FILE may be - for standard input, or
env:NAME.`,
		Example: `  oauthpop key show key.jwk
  oauthpop key show key.jwk -o json
  openssl genpkey -algorithm ed25519 | oauthpop key show -`,
	}, "a key file", func() error { return run(o) })
}

func (o *showOptions) run() error {
	k, err := o.key(o.env)
	if err != nil {
		return err
	}
	v, err := view.NewKey(o.file, k)
	if err != nil {
		return err
	}
	return o.env.Result(&v, nil)
}
