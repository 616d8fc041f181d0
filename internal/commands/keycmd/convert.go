package keycmd

import (
	"github.com/spf13/cobra"

	"github.com/oauthpop/oauthpop/internal/cli"
	"github.com/oauthpop/oauthpop/internal/files"
)

type convertOptions struct {
	env *cli.Env

	input
	output
	public bool
}

func newConvertCmd(env *cli.Env, run func(*convertOptions) error) *cobra.Command {
	o := &convertOptions{env: env}
	formats := []string{"jwk", "pem", "der"}
	cmd := &cobra.Command{
		Use:   "convert FILE --format FORMAT",
		Short: "Write a key in another form",
		Long: `Write a key in another form: a JWK, PEM or DER (PKCS#8 for a private key, SPKI for
a public one). An encrypted key is written without encryption. FILE may be - for
standard input, or env:NAME.`,
		Example: `  oauthpop key convert key.jwk --format pem --out key.pem
  oauthpop key convert key.pem --format jwk --public
  oauthpop key convert key.jwk --format der --public --out key.der`,
	}
	o.take(cmd, "a key file", func() error {
		if err := o.check(cmd, formats...); err != nil {
			return err
		}
		return run(o)
	})
	cmd.Flags().BoolVar(&o.public, "public", false, "write the public half alone")
	o.add(cmd, "", formats...)
	return cmd
}

func (o *convertOptions) run() error {
	if o.out != "" && files.Same(o.out, o.file) {
		return cli.Usage("--out %q would replace the key that is read", o.out)
	}
	if o.format == "der" && o.out == "" && o.env.StdoutTerminal && !o.env.JSON() {
		return &cli.UsageError{Message: "DER is not text, and standard output is a terminal", Hint: "--out FILE writes it to a file"}
	}
	k, err := o.key(o.env)
	if err != nil {
		return err
	}
	return o.deliver(o.env, k, o.public || k.Private == nil)
}
