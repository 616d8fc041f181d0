package tokencmd

import (
	"github.com/spf13/cobra"

	"github.com/oauthpop/oauthpop/internal/cli"
	"github.com/oauthpop/oauthpop/internal/commands/view"
	"github.com/oauthpop/oauthpop/internal/transport"
)

type tokenOptions struct {
	env *cli.Env

	client          cli.Client
	connection      cli.Connection
	requireVerified bool
	allowUnbound    bool
}

// New returns the command token.
func New(env *cli.Env) *cobra.Command {
	o := &tokenOptions{env: env}
	cmd := &cobra.Command{
		Use:   "token",
		Short: "Get an access token that is bound to a key or a certificate",
		Long: `Ask an authorization server for an access token, and print it only if it is
bound as it was asked to be: with --dpop to --key (RFC 9449), with --mtls to the
certificate of --cert (RFC 8705). An unbound answer is exit 3.`,
		Example: `  oauthpop token --issuer https://as.example.com --client-id app --client-secret @secret --dpop --key key.jwk
  oauthpop token --issuer https://as.example.com --client-id app --mtls --cert client.pem --cert-key client-key.pem
  oauthpop token --token-endpoint https://as.example.com/token --client-id app --client-key app.jwk --assertion-aud https://as.example.com --dpop --key gen:ES256 -o json`,
		Args: cli.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd) },
	}
	cli.ReadsEnvironment(cmd)
	o.client.Add(cmd)
	o.connection.Add(cmd)
	f := cmd.Flags()
	f.BoolVar(&o.requireVerified, "require-verified", false, "exit 3 where it can't be told whether the token is bound")
	f.BoolVar(&o.allowUnbound, "allow-unbound", false, "print a token all the same that is not bound as asked")
	return cmd
}

func (o *tokenOptions) run(cmd *cobra.Command) error {
	client, err := o.client.Ready(o.env, cmd)
	if err != nil {
		return err
	}
	form, err := o.client.Params(o.env)
	if err != nil {
		return err
	}
	config, err := o.connection.Config(o.env)
	if err != nil {
		return err
	}
	config.Certificate = client.Certificate
	t := transport.New(config)
	defer t.Close()
	obtained, err := Obtain(cmd.Context(), o.env, client, t, form, o.requireVerified)
	if err != nil {
		return err
	}
	return o.show(obtained)
}

// show prints an answer that is as asked, or that is allowed not to be.
func (o *tokenOptions) show(obtained *Obtained) error {
	failure := obtained.Failure()
	if failure != nil && !o.allowUnbound {
		return o.env.Result(obtained.Withheld(), failure)
	}
	obtained.Warn(o.env)
	return o.env.Result(view.NewToken(obtained.Answer.Raw, obtained.Answer.AccessToken, obtained.Binding, false), nil)
}
