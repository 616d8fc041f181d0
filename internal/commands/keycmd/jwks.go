package keycmd

import (
	"encoding/json"

	"github.com/spf13/cobra"

	"github.com/oauthpop/oauthpop/internal/cli"
	"github.com/oauthpop/oauthpop/internal/commands/view"
	"github.com/oauthpop/oauthpop/internal/keys"
	"github.com/oauthpop/oauthpop/internal/material"
)

type jwksOptions struct {
	env *cli.Env

	files []string
	input
}

func newJWKSCmd(env *cli.Env, run func(*jwksOptions) error) *cobra.Command {
	o := &jwksOptions{env: env}
	cmd := &cobra.Command{
		Use:   "jwks FILE...",
		Short: "Print public keys and certificates as a JWK set, to register them",
		Long: `Print the public halves of keys, and certificates, as one JWK set, as a client
registers it for private_key_jwt and self_signed_tls_client_auth: each with kid, use
and alg, certificates with x5c. The kid is that of the JWK, else the thumbprint
(RFC 7638). A key and its certificate become one entry. One FILE may be - for
standard input, or env:NAME.`,
		Example: `  oauthpop key jwks key.jwk
  oauthpop key jwks old.pem new.pem
  oauthpop key jwks client.pem -o json`,
		Args: cli.SomeArgs("key or certificate files"),
		RunE: func(_ *cobra.Command, args []string) error {
			o.files = args
			return run(o)
		},
	}
	o.passphrases.Add(cmd)
	return cmd
}

func (o *jwksOptions) run() error {
	var entries []keys.Entry
	for _, file := range o.files {
		list, err := o.entries(file)
		if err != nil {
			return err
		}
		entries = append(entries, list...)
	}
	b, err := keys.JWKS(entries)
	if err != nil {
		return &cli.InputError{Err: err}
	}
	v := &view.KeySet{}
	if err := json.Unmarshal(b, v); err != nil {
		return err
	}
	return o.env.Result(v, nil)
}

// entries reads what a file holds: its keys, and its certificate with the chain.
func (o *jwksOptions) entries(file string) ([]keys.Entry, error) {
	data, passphrases, err := o.bytes(o.env, file)
	if err != nil {
		return nil, err
	}
	c, err := material.Parse(file, data, passphrases)
	if err != nil {
		// The certificate can be had without its key, which may be encrypted.
		if chain, chainErr := material.Chain(file, data, passphrases); chainErr == nil {
			return []keys.Entry{{Key: material.Key{Public: chain[0].PublicKey}, Chain: chain}}, nil
		}
		return nil, err
	}
	var list []keys.Entry
	for _, k := range c.Keys {
		if k.Private != nil {
			o.env.WarnReadable(file)
		}
		list = append(list, keys.Entry{Key: k})
	}
	if len(c.Certificates) == 0 {
		return list, nil
	}
	chain, err := material.Chain(file, data, passphrases)
	if err != nil {
		return nil, err
	}
	return append(list, keys.Entry{Key: material.Key{Public: chain[0].PublicKey}, Chain: chain}), nil
}
