package tokencmd

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/oauthpop/oauthpop/internal/cli"
	"github.com/oauthpop/oauthpop/internal/commands/view"
	"github.com/oauthpop/oauthpop/internal/oauth"
	"github.com/oauthpop/oauthpop/internal/transport"
	"github.com/oauthpop/oauthpop/internal/wire"
)

type revokeOptions struct {
	env *cli.Env

	client     cli.Known
	connection cli.Connection
	hint       string
}

func newRevokeCmd(env *cli.Env) *cobra.Command {
	o := &revokeOptions{env: env}
	cmd := &cobra.Command{
		Use:   "revoke TOKEN",
		Short: "End an access token or a refresh token",
		Long: `Tell the authorization server that a token is not to be used any more (RFC 7009).
It answers the same for a token that it does not know, or that had ended before.

A JWT that APIs check by themselves they may take until it expires.`,
		Example: `  oauthpop token revoke @token.txt --issuer https://as.example.com --client-id app --client-secret @secret
  oauthpop token revoke - --token-type-hint refresh_token --issuer https://as.example.com --client-id app --cert client.pem < refresh.txt`,
		Args: cli.OneArg("the token"),
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd, args[0]) },
	}
	cli.ReadsEnvironment(cmd)
	o.client.Add(cmd)
	o.connection.Add(cmd)
	cmd.Flags().StringVar(&o.hint, "token-type-hint", "", "what the server looks for first: "+strings.Join(oauth.TokenTypeHints(), " or "))
	cli.Complete(cmd, "token-type-hint", oauth.TokenTypeHints()...)
	return cmd
}

func (o *revokeOptions) run(cmd *cobra.Command, arg string) error {
	if o.hint != "" && !slices.Contains(oauth.TokenTypeHints(), o.hint) {
		return cli.Usage("--token-type-hint %q is not %s", o.hint, strings.Join(oauth.TokenTypeHints(), " or "))
	}
	value, err := o.env.Value("the token", arg)
	if err != nil {
		return err
	}
	token := wire.Secret(value)
	// access-token and refresh-token are 1*VSCHAR.
	// https://www.rfc-editor.org/rfc/rfc6749#appendix-A.12
	if token == "" || strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r > '~' }) {
		return &cli.InputError{Message: "the token is none: it is empty, or has characters that no token has"}
	}
	client, err := o.client.Ready(o.env, cmd, "the revocation endpoint")
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
	metadata, err := discover(cmd.Context(), o.env, t, client.Issuer)
	if err != nil {
		return err
	}
	endpoint, _, err := oauth.Endpoint(metadata, oauth.RevocationEndpoint, client.Certificate != nil)
	if err != nil {
		return err
	}
	asker, err := client.OAuth(metadata.Issuer, oauth.AuthAlgs(metadata, oauth.RevocationEndpoint), nil, o.env.Now)
	if err != nil {
		return err
	}
	if err := asker.Revoke(cmd.Context(), t, endpoint, token, o.hint); err != nil {
		return err
	}
	return o.env.Result(&view.Revoked{Endpoint: endpoint, Revoked: true}, nil)
}
