package dpopcmd

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/oauthpop/oauthpop/internal/cli"
	"github.com/oauthpop/oauthpop/internal/commands/view"
	"github.com/oauthpop/oauthpop/internal/forge"
)

type proofOptions struct {
	env *cli.Env
	ctx context.Context // ends a stream

	key          string
	passphrases  cli.Passphrases
	target       target
	token, nonce string
	claim, jose  []string
	count        int
	many         bool // --count was given: one result a line
	iat, jti     string
	breaks       string
}

// listCases is the name that --break has for all of them.
const listCases = "list"

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

-o header prints the header lines of the request, for 'curl -H @-'; -o curl a whole
command for a POSIX shell, in which the token can be read by all users of the
machine while it runs. --count N makes N proofs, each with a jti of its own, in any
order: one a line, with -o json one object a line.

For those who test a server: --claim and --jose add a member to the claims or to the
JOSE header, or replace one, by a text (n=text) or by JSON (n:=json); --iat and --jti
say what the proof would say by itself; --break CASE makes a proof that is wrong in
one way. '--break list' lists the ways, with the check that each fails. A private key
that is shown in a proof is never that of FILE: it is made for it, and thrown away.`,
		Example: `  oauthpop dpop proof --key key.jwk -X POST -u https://as.example.com/token
  oauthpop dpop proof --key key.jwk -X GET -u https://api.example.com/orders --token @token.txt -o curl
  oauthpop dpop proof --key key.jwk -X GET -u https://api.example.com/orders --token @token.txt --nonce eyJ7S_zG.eyJH0-Z -o json
  oauthpop dpop proof --key key.jwk -X POST -u https://as.example.com/token --iat -10m --claim purpose=test --jose 'kid:="1"'
  oauthpop dpop proof --key key.jwk -X POST -u https://as.example.com/token --break typ-missing
  oauthpop dpop proof --key key.jwk -X POST -u https://as.example.com/token -n 100000 > proofs.txt`,
		Args: cli.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.ctx, o.many = cmd.Context(), cmd.Flags().Changed("count")
			if err := o.check(cmd); err != nil {
				return err
			}
			return run(o)
		},
	}
	cli.Formats(cmd, "header", "curl")
	f := cmd.Flags()
	f.StringVar(&o.key, "key", "", "`FILE` with the private key")
	o.target.add(cmd)
	f.StringVar(&o.token, "token", "", "access token that goes with the proof (@FILE, -)")
	f.StringVar(&o.nonce, "nonce", "", "DPoP-Nonce of the server (@FILE, -)")
	f.StringArrayVar(&o.claim, "claim", nil, "a claim beside or instead of the right ones: `n=text or n:=json` (repeatable, @FILE)")
	f.StringArrayVar(&o.jose, "jose", nil, "the same for the JOSE header: `n=text or n:=json` (repeatable, @FILE)")
	f.IntVarP(&o.count, "count", "n", 1, "how many proofs, one a line")
	f.StringVar(&o.iat, "iat", "", "`TIME` of the proof: seconds since 1970, RFC 3339, an HTTP date, or an offset from now such as -10m")
	f.StringVar(&o.jti, "jti", "", "jti of the proof instead of a random one")
	f.StringVar(&o.breaks, "break", "", "make it wrong in one way: `CASE`, or 'list' for all of them")
	o.passphrases.Add(cmd)
	_ = cmd.MarkFlagFilename("key")
	_ = cmd.RegisterFlagCompletionFunc("break", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return caseNames(), cobra.ShellCompDirectiveNoFileComp
	})
	return cmd
}

// caseNames are what a shell offers behind --break.
func caseNames() []string {
	names := []string{listCases}
	for _, list := range [][]forge.Case{forge.Defects(), forge.Oddities()} {
		for _, c := range list {
			names = append(names, c.ID)
		}
	}
	return names
}

// check refuses what the flags cannot mean.
func (o *proofOptions) check(cmd *cobra.Command) error {
	if err := given(cmd, "htu", "token", "nonce", "iat", "jti", "break"); err != nil {
		return err
	}
	if o.breaks == listCases {
		if o.env.Global.Output == "header" || o.env.Global.Output == "curl" {
			return cli.Usage("-o %q is not a form of the list: it has text, json", o.env.Global.Output)
		}
		return nil
	}
	for _, name := range []string{"key", "method", "url"} {
		if cmd.Flag(name).Value.String() == "" {
			err := cli.Usage("%s needs --%s", cmd.CommandPath(), name)
			err.Hint = "see '" + cmd.CommandPath() + " --help'"
			return err
		}
	}
	if o.count < 1 {
		return cli.Usage("--count %d: at least one proof is made", o.count)
	}
	if o.breaks == "" {
		return nil
	}
	if _, ok := forge.Find(o.breaks); !ok {
		err := cli.Usage("--break %q is no case", o.breaks)
		err.Hint = "'" + cmd.CommandPath() + " --break list' lists them"
		return err
	}
	return nil
}

func (o *proofOptions) run() error {
	if o.breaks == listCases {
		return o.env.Result(view.NewProofCases(forge.Defects(), forge.Oddities()), nil)
	}
	m, err := o.maker()
	if err != nil {
		return err
	}
	if o.many {
		return o.stream(m)
	}
	proof, jkt, err := m.make()
	if err != nil {
		return err
	}
	return o.env.Result(view.NewProof(proof, jkt, m.request), nil)
}

// sent is a URL as a client sends it: without the fragment, host and path as htu
// has them, and the query with no byte that would need an escape.
func sent(htu, url string) string {
	url, _, _ = strings.Cut(url, "#")
	_, query, ok := strings.Cut(url, "?")
	if !ok {
		return htu
	}
	const hex = "0123456789ABCDEF"
	b := []byte(htu + "?")
	for i := range len(query) {
		if c := query[i]; c <= ' ' || c >= 0x7f {
			b = append(b, '%', hex[c>>4], hex[c&15])
		} else {
			b = append(b, c)
		}
	}
	return string(b)
}
