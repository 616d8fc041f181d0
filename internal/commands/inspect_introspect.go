package commands

import (
	"github.com/spf13/cobra"

	"github.com/oauthpop/oauthpop/internal/binding"
	"github.com/oauthpop/oauthpop/internal/cli"
	"github.com/oauthpop/oauthpop/internal/commands/tokencmd"
	"github.com/oauthpop/oauthpop/internal/profile"
	"github.com/oauthpop/oauthpop/internal/token"
	"github.com/oauthpop/oauthpop/internal/wire"
)

// introspector returns the client that asks the issuer, nil without --introspect.
func (o *inspectOptions) introspector(cmd *cobra.Command) (*profile.Client, error) {
	passphrases, err := o.local.passphrases.Read(o.env)
	if err != nil {
		return nil, err
	}
	return o.introspecting.Ready(o.env, cmd, o.issuer.url, passphrases)
}

// introspect asks the issuer about the token as it was issued, encrypted or not.
func (o *inspectOptions) introspect(cmd *cobra.Command, client *profile.Client, r token.Reading) (*tokencmd.Said, error) {
	if client == nil {
		return nil, nil
	}
	if binding.EvidenceOf(r).NotAToken {
		return nil, cli.Input("--introspect asks about access tokens, and this is none (%s)", r.Kind)
	}
	config, err := o.issuer.connection.Config(o.env)
	if err != nil {
		return nil, err
	}
	i := tokencmd.NewIntrospector(client, config)
	defer i.Close()
	return i.Ask(cmd.Context(), o.env, wire.Secret(r.Token))
}
