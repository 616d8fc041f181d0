package keycmd

import (
	"github.com/spf13/cobra"

	"github.com/oauthpop/oauthpop/internal/cli"
	"github.com/oauthpop/oauthpop/internal/commands/view"
	"github.com/oauthpop/oauthpop/internal/keys"
	"github.com/oauthpop/oauthpop/internal/material"
)

type thumbprintOptions struct {
	env *cli.Env

	input
	uri, ofCertificate bool
}

func newThumbprintCmd(env *cli.Env, run func(*thumbprintOptions) error) *cobra.Command {
	o := &thumbprintOptions{env: env}
	cmd := o.take(&cobra.Command{
		Use:   "thumbprint FILE",
		Short: "Print the thumbprint of a key (RFC 7638)",
		Long: `Print the JWK thumbprint of a key with SHA-256 (RFC 7638), the value that a
DPoP-bound token carries in cnf as jkt. The private and the public half have the same
one, in whatever form. FILE may be - for standard input, or env:NAME.

A certificate is not taken for its key, since the thumbprint that certificate-bound
tokens carry is another one ('oauthpop cert thumbprint'); --of-certificate says that
that of its key is wanted all the same.`,
		Example: `  oauthpop key thumbprint key.jwk
  oauthpop key thumbprint key.jwk --uri
  oauthpop key thumbprint client.pem --of-certificate`,
	}, "a key file", func() error { return run(o) })
	f := cmd.Flags()
	f.BoolVar(&o.uri, "uri", false, "as a URI (RFC 9278)")
	f.BoolVar(&o.ofCertificate, "of-certificate", false, "FILE is a certificate, and the thumbprint is that of its key")
	return cmd
}

func (o *thumbprintOptions) run() error {
	k, err := o.read()
	if err != nil {
		return err
	}
	v := &view.KeyThumbprint{}
	if v.Key, err = view.NewKey(o.file, k); err != nil {
		return &cli.InputError{Err: err}
	}
	if o.uri {
		v.URI = keys.ThumbprintURI(v.JKT)
	}
	return o.env.Result(v, nil)
}

func (o *thumbprintOptions) read() (material.Key, error) {
	if !o.ofCertificate {
		return o.key(o.env)
	}
	data, passphrases, err := o.bytes(o.env, o.file)
	if err != nil {
		return material.Key{}, err
	}
	chain, err := material.Chain(o.file, data, passphrases)
	if err != nil {
		return material.Key{}, err
	}
	return material.Key{Public: chain[0].PublicKey}, nil
}
