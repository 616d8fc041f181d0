package keycmd

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/oauthpop/oauthpop/internal/cli"
	"github.com/oauthpop/oauthpop/internal/keys"
	"github.com/oauthpop/oauthpop/internal/material"
)

type generateOptions struct {
	env *cli.Env

	alg  string
	bits int
	output
}

func newGenerateCmd(env *cli.Env, run func(*generateOptions) error) *cobra.Command {
	o := &generateOptions{env: env}
	formats := []string{"jwk", "pem"}
	cmd := &cobra.Command{
		Use:   "generate",
		Short: "Make a private key",
		Long: `Make a private key for an algorithm, as a JWK that names it, with its thumbprint
(RFC 7638) as kid. As PEM (PKCS#8) a key does not name its algorithm.

A file is made readable for its owner only, and an existing one is replaced with
--force alone.`,
		Example: `  oauthpop key generate --out key.jwk
  oauthpop key generate --alg PS256 --bits 3072 --format pem --out rsa.pem
  oauthpop key generate --alg Ed25519 > key.jwk`,
		Args: cli.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if cmd.Flags().Changed("bits") && o.bits <= 0 {
				return cli.Usage("--bits %d is no size of a key", o.bits)
			}
			if err := o.check(cmd, formats...); err != nil {
				return err
			}
			return run(o)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.alg, "alg", "ES256", "algorithm: "+strings.Join(keys.Algs(), ", "))
	f.IntVar(&o.bits, "bits", 0, "size of an RSA key (default 2048)")
	cli.Complete(cmd, "alg", keys.Algs()...)
	o.add(cmd, "jwk", formats...)
	return cmd
}

func (o *generateOptions) run() error {
	var k material.Key
	err := o.env.Await(func() (err error) { // a long RSA key takes minutes
		k, err = keys.Generate(o.alg, o.bits)
		return err
	})
	if err != nil {
		return usage(err)
	}
	if o.out == "" && !o.env.JSON() {
		o.env.Say("jkt %s", k.KID)
	}
	return o.deliver(o.env, k, false)
}
