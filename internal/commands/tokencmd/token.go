package tokencmd

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/oauthpop/oauthpop/internal/cli"
	"github.com/oauthpop/oauthpop/internal/commands/view"
	"github.com/oauthpop/oauthpop/internal/profile"
	"github.com/oauthpop/oauthpop/internal/transport"
	"github.com/oauthpop/oauthpop/internal/wire"
)

type tokenOptions struct {
	env *cli.Env

	client          cli.Client
	connection      cli.Connection
	introspection   cli.Introspection
	requireVerified bool
	allowUnbound    bool
	printCurl       bool
}

// New returns the command token with its verbs.
func New(env *cli.Env) *cobra.Command {
	o := &tokenOptions{env: env}
	cmd := &cobra.Command{
		Use:   "token",
		Short: "Get an access token that is bound to a key or a certificate",
		Long: `Ask an authorization server for an access token, and print it only if it is
bound as it was asked to be: with --dpop to --key (RFC 9449), with --mtls to the
certificate of --cert (RFC 8705). An unbound answer is exit 3.

-o header prints the Authorization line of a request; -o env prints lines for a
shell that hand the token on with its key or certificate, so that
'eval "$(oauthpop token ... -o env)"; oauthpop call URL' works. A passphrase and the
flags of the connection, such as --cacert, are not handed on.

--print-curl prints a curl command in place of asking. It runs as it is, once, while
its proof and its assertion are fresh (about a minute). With --dpop the server is
first asked for a nonce, by a request whose proof is too old to be taken. A secret
is in the command only if it came neither from a file nor from the environment, or
if client_secret_basic has to encode it.`,
		Example: `  oauthpop token --issuer https://as.example.com --client-id app --client-secret @secret --dpop --key key.jwk
  oauthpop token --issuer https://as.example.com --client-id app --mtls --cert client.pem --cert-key client-key.pem
  oauthpop token --token-endpoint https://as.example.com/token --client-id app --client-key app.jwk --assertion-aud https://as.example.com --dpop --key gen:ES256 -o json`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd) },
	}
	cli.ReadsEnvironment(cmd)
	cli.Formats(cmd, "header", "env")
	o.client.Add(cmd)
	o.connection.Add(cmd)
	o.introspection.Add(cmd)
	f := cmd.Flags()
	f.BoolVar(&o.requireVerified, "require-verified", false, "exit 3 where it can't be told whether the token is bound")
	f.BoolVar(&o.allowUnbound, "allow-unbound", false, "print a token all the same that is not bound as asked")
	f.BoolVar(&o.printCurl, "print-curl", false, "print a curl command in place of asking")
	cmd.AddCommand(newRevokeCmd(env))
	return cmd
}

// noArgs refuses a mistyped verb, which must not fetch a token.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	err := cli.NoArgs(cmd, args)
	cmd.SuggestionsMinimumDistance = 2
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		return &cli.UsageError{Message: err.Error(), Hint: "did you mean '" + cmd.CommandPath() + " " + near[0] + "'?"}
	}
	return err
}

func (o *tokenOptions) run(cmd *cobra.Command) error {
	if err := o.forms(); err != nil {
		return err
	}
	client, err := o.client.Ready(o.env, cmd)
	if err != nil {
		return err
	}
	ask := Ask{RequireVerified: o.requireVerified}
	if ask.Form, err = o.client.Params(o.env); err != nil {
		return err
	}
	variables, err := o.variables(client)
	if err != nil {
		return err
	}
	introspecting, err := o.introspecting(cmd, client)
	if err != nil {
		return err
	}
	config, err := o.connection.Config(o.env)
	if err != nil {
		return err
	}
	if introspecting != nil {
		ask.Introspect = NewIntrospector(introspecting, config)
		defer ask.Introspect.Close()
	}
	config.Certificate = client.Certificate
	t := transport.New(config)
	defer t.Close()
	if o.printCurl {
		return o.curl(cmd.Context(), client, t, ask.Form)
	}
	return o.get(cmd.Context(), client, t, ask, variables)
}

// forms refuses what does not go with --print-curl, which gets no token.
func (o *tokenOptions) forms() error {
	if !o.printCurl {
		return nil
	}
	for flag, given := range map[string]bool{
		"introspect": o.introspection.Asked, "require-verified": o.requireVerified, "allow-unbound": o.allowUnbound,
		"output " + o.env.Global.Output: o.env.Global.Output != "text" && !o.env.JSON(),
	} {
		if given {
			return cli.Usage("--%s would not be used: --print-curl gets no token", flag)
		}
	}
	return nil
}

// variables are those of -o env. What can't be handed on is refused before a token
// is asked for.
func (o *tokenOptions) variables(client *profile.Client) ([]view.Variable, error) {
	if o.env.Global.Output != "env" {
		return nil, nil
	}
	list, err := o.client.Handover(o.env, client.DPoP, client.Certificate != nil)
	var variables []view.Variable
	for _, v := range list {
		variables = append(variables, view.Variable{Name: v[0], Value: v[1]})
	}
	return variables, err
}

func (o *tokenOptions) introspecting(cmd *cobra.Command, client *profile.Client) (*profile.Client, error) {
	passphrases, err := o.client.Passphrases.Read(o.env)
	if err != nil {
		return nil, err
	}
	return o.introspection.Ready(o.env, cmd, client, passphrases)
}

// get asks and prints an answer that is as asked, or that is allowed not to be.
func (o *tokenOptions) get(ctx context.Context, client *profile.Client, t *transport.Transport, ask Ask, variables []view.Variable) error {
	obtained, err := Obtain(ctx, o.env, client, t, ask)
	if err != nil {
		return err
	}
	failure := obtained.Failure()
	if failure != nil && !o.allowUnbound {
		return o.env.Result(obtained.Withheld(), failure)
	}
	obtained.Warn(o.env)
	v := view.NewToken(obtained.Answer.Raw, obtained.Answer.AccessToken, obtained.Binding, false)
	v.Use = view.TokenUse{Scheme: obtained.Scheme(), Token: cli.Prefix + "TOKEN", Variables: variables}
	if o.env.Global.Output == "header" && v.Use.Scheme == wire.SchemeDPoP {
		o.env.Say("each request needs a proof of its own beside it: 'oauthpop dpop proof' makes one, 'oauthpop call' sends it")
	}
	return o.env.Result(v, nil)
}
