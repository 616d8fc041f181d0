// Package keycmd holds the verbs of `key`: making, showing and converting keys,
// their thumbprints, and the JWK set that a client registers.
package keycmd

import (
	"errors"
	"io/fs"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/oauthpop/oauthpop/internal/cli"
	"github.com/oauthpop/oauthpop/internal/commands/view"
	"github.com/oauthpop/oauthpop/internal/files"
	"github.com/oauthpop/oauthpop/internal/keys"
	"github.com/oauthpop/oauthpop/internal/material"
)

// New returns the command.
func New(env *cli.Env) *cobra.Command {
	cmd := cli.Group("key", "Make, show and convert keys (RFC 7517, RFC 7638)",
		newGenerateCmd(env, (*generateOptions).run),
		newShowCmd(env, (*showOptions).run),
		newThumbprintCmd(env, (*thumbprintOptions).run),
		newConvertCmd(env, (*convertOptions).run),
		newJWKSCmd(env, (*jwksOptions).run),
	)
	cmd.Long = `key makes keys for DPoP and for client authentication, and reads those that other
programs made: JWK, JWK sets of one key, PKCS#8, SEC 1, PKCS#1, as PEM or DER,
encrypted or not. What a file holds is seen from its content. FILE#KID is one key of a
JWK set.`
	cmd.Example = `  oauthpop key generate --out key.jwk
  oauthpop key thumbprint key.jwk
  oauthpop key convert key.jwk --format pem`
	return cmd
}

const (
	privatePerm = 0o600
	publicPerm  = 0o644
)

// input is one key file and what opens it.
type input struct {
	file        string
	passphrases cli.Passphrases
}

// take fills in the file of a verb that reads one.
func (in *input) take(cmd *cobra.Command, what string, run func() error) *cobra.Command {
	in.passphrases.Add(cmd)
	cmd.Args = cli.OneArg(what)
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		in.file = args[0]
		return run()
	}
	return cmd
}

// bytes reads a file and the passphrases.
func (in *input) bytes(env *cli.Env, file string) (data []byte, passphrases []string, err error) {
	if passphrases, err = in.passphrases.Read(env); err != nil {
		return nil, nil, err
	}
	data, err = env.Material("FILE", file)
	return data, passphrases, err
}

// key reads the one key of the file.
func (in *input) key(env *cli.Env) (material.Key, error) {
	passphrases, err := in.passphrases.Read(env)
	if err != nil {
		return material.Key{}, err
	}
	return env.KeyFile("FILE", in.file, passphrases, material.PublicKey)
}

// output is where a key goes and in which form.
type output struct {
	out, format string
	force       bool
}

func (o *output) add(cmd *cobra.Command, format string, formats ...string) {
	f := cmd.Flags()
	f.StringVar(&o.format, "format", format, "form of the key: "+strings.Join(formats, ", "))
	f.StringVar(&o.out, "out", "", "write to this file instead of standard output")
	f.BoolVar(&o.force, "force", false, "replace the file if it is there")
	cli.Complete(cmd, "format", formats...)
}

// check refuses what cannot be written, before anything is read or made.
func (o *output) check(cmd *cobra.Command, formats ...string) error {
	switch {
	case o.format == "":
		return cli.Usage("%s needs --format: %s", cmd.CommandPath(), strings.Join(formats, ", "))
	case !slices.Contains(formats, o.format):
		return cli.Usage("--format %q is none of %s", o.format, strings.Join(formats, ", "))
	case o.out == "" && cmd.Flags().Changed("out"):
		return cli.Usage("--out is empty")
	case o.out == "-":
		return &cli.UsageError{Message: `--out "-" is no file`, Hint: "without --out the key goes to standard output"}
	case o.out == "" && o.force:
		return cli.Usage("--force replaces the file of --out, and there is none")
	case o.out != "" && !o.force && files.Exists(o.out):
		return &files.ExistsError{Path: o.out}
	}
	return nil
}

// deliver writes the key to its file, or to standard output.
func (o *output) deliver(env *cli.Env, k material.Key, public bool) error {
	b, err := marshal(o.format, k, public)
	if err != nil {
		return err
	}
	if o.out == "" {
		v, err := view.NewKeyText(o.format, b)
		if err != nil {
			return err
		}
		return env.Result(v, nil)
	}
	if public {
		k.Private = nil
	}
	about, err := view.NewKey(o.out, k)
	if err != nil {
		return err
	}
	half, perm := "private", fs.FileMode(privatePerm)
	if public {
		half, perm = "public", publicPerm
	}
	if err := files.Write(o.out, b, perm, o.force); err != nil {
		return err
	}
	if !env.JSON() {
		env.Say("wrote the %s key to %s: %s, jkt %s", half, o.out, about.Alg, about.JKT)
	}
	return env.Result(view.NewKeyFile(about), nil)
}

func marshal(format string, k material.Key, public bool) ([]byte, error) {
	switch format {
	case "pem":
		return keys.MarshalPEM(k, public)
	case "der":
		return keys.MarshalDER(k, public)
	default:
		b, err := keys.MarshalJWK(k, public)
		return append(b, '\n'), err
	}
}

// usage makes a fault of the command line of what keys are not made of.
func usage(err error) error {
	var o *keys.OptionError
	if errors.As(err, &o) {
		return cli.Usage("%s", o.Message)
	}
	return err
}
