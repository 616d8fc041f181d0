package dpopcmd

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/oauthpop/oauthpop/internal/cli"
	"github.com/oauthpop/oauthpop/internal/commands/view"
	"github.com/oauthpop/oauthpop/internal/dpop"
	"github.com/oauthpop/oauthpop/internal/material"
	"github.com/oauthpop/oauthpop/internal/profile"
	"github.com/oauthpop/oauthpop/internal/wire"
)

type proofOptions struct {
	env *cli.Env

	key          string
	passphrases  cli.Passphrases
	target       target
	token, nonce string
}

func newProofCmd(env *cli.Env, run func(*proofOptions) error) *cobra.Command {
	o := &proofOptions{env: env}
	cmd := &cobra.Command{
		Use:   "proof --key FILE -X METHOD -u URL",
		Short: "Make a proof for one request",
		Long: `Make a DPoP proof for one request, signed with the private key of FILE (or - for
standard input, or env:NAME). The algorithm is the one that the JWK names, else the
usual one for its kind of key: ES256, ES384 or ES512 by curve, EdDSA, PS256.

At a resource a proof needs the access token (--token); at the token endpoint it has
none. A server that answers with a DPoP-Nonce wants it in the next proof (--nonce).

-o header prints the header lines of the request, for 'curl -H @-'.`,
		Example: `  oauthpop dpop proof --key key.jwk -X POST -u https://as.example.com/token
  oauthpop dpop proof --key key.jwk -X GET -u https://api.example.com/orders --token @token.txt -o header
  oauthpop dpop proof --key key.jwk -X GET -u https://api.example.com/orders --token @token.txt --nonce eyJ7S_zG.eyJH0-Z -o json`,
		Args: cli.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			for _, name := range []string{"key", "method", "url"} {
				if cmd.Flag(name).Value.String() == "" {
					err := cli.Usage("%s needs --%s", cmd.CommandPath(), name)
					err.Hint = "see '" + cmd.CommandPath() + " --help'"
					return err
				}
			}
			if err := given(cmd, "htu", "token", "nonce"); err != nil {
				return err
			}
			return run(o)
		},
	}
	cli.Formats(cmd, "header")
	f := cmd.Flags()
	f.StringVar(&o.key, "key", "", "`FILE` with the private key")
	o.target.add(cmd)
	f.StringVar(&o.token, "token", "", "access token that goes with the proof (@FILE, -)")
	f.StringVar(&o.nonce, "nonce", "", "DPoP-Nonce of the server (@FILE, -)")
	o.passphrases.Add(cmd)
	_ = cmd.MarkFlagFilename("key")
	return cmd
}

func (o *proofOptions) run() error {
	claims, err := o.claims()
	if err != nil {
		return err
	}
	prover, err := o.prover()
	if err != nil {
		return err
	}
	claims.Time = o.env.Now()
	proof, err := prover.Proof(claims)
	if err != nil {
		return err
	}
	v, err := view.NewProof(proof, prover.JKT(), wire.Secret(claims.Token))
	if err != nil {
		return err
	}
	return o.env.Result(v, nil)
}

// claims are those that the flags give.
func (o *proofOptions) claims() (dpop.Claims, error) {
	c := dpop.Claims{Method: o.target.method}
	if err := checkMethod(o.env, c.Method); err != nil {
		return c, err
	}
	var err error
	if c.HTU, err = htuOf("url", o.target.url); err != nil {
		return c, err
	}
	if o.target.htu != "" {
		if c.HTU, err = htuOf("htu", o.target.htu); err != nil {
			return c, err
		}
	}
	if o.token != "" {
		if c.Token, err = accessToken(o.env, o.token); err != nil {
			return c, err
		}
	}
	if o.nonce != "" {
		if c.Nonce, err = o.env.Value("--nonce", o.nonce); err != nil {
			return c, err
		}
		if !dpop.ValidNonce(c.Nonce) {
			return c, cli.Input("the nonce %q is none: it is printable ASCII without space, quotes and backslash (RFC 9449 section 8.1)", c.Nonce)
		}
	}
	return c, nil
}

func (o *proofOptions) prover() (*dpop.Prover, error) {
	passphrases, err := o.passphrases.Read(o.env)
	if err != nil {
		return nil, err
	}
	data, err := o.env.Material("--key", o.key)
	if err != nil {
		return nil, err
	}
	key, err := material.PrivateKey(o.key, data, passphrases)
	if err != nil {
		return nil, err
	}
	o.env.WarnReadable(o.key)
	prover, err := profile.Prover(&key, nil)
	if err != nil {
		return nil, &cli.InputError{Message: fmt.Sprintf("%q cannot sign a proof", o.key), Err: err}
	}
	return prover, nil
}
