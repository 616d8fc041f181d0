package commands

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/oauthpop/oauthpop/internal/cli"
	"github.com/oauthpop/oauthpop/internal/commands/view"
	"github.com/oauthpop/oauthpop/internal/oauth"
	"github.com/oauthpop/oauthpop/internal/transport"
)

type discoverOptions struct {
	env *cli.Env

	connection  cli.Connection
	certificate cli.ClientCertificate
	passphrases cli.Passphrases
	issuer      string
	resource    string
	check       string
}

func newDiscoverCmd(env *cli.Env) *cobra.Command {
	o := &discoverOptions{env: env}
	cmd := &cobra.Command{
		Use:   "discover [ISSUER]",
		Short: "Say what an authorization server or an API supports",
		Long: `Read the metadata of an issuer (RFC 8414, OpenID Connect Discovery) and say what
it supports of what matters to bound tokens. Both places that metadata may be at are
tried, and its URL is taken as well. With --protected-resource it is that of an API
(RFC 9728).

A feature is not said where the metadata is silent and no RFC says what that means.
--check judges the server as its metadata describes it: exit 3 where a clause of the
profile is not kept. What metadata lists for other clients than those of the profile
counts, too.`,
		Example: `  oauthpop discover https://as.example.com
  oauthpop discover https://as.example.com/tenant --check fapi2
  oauthpop discover --protected-resource https://api.example.com/orders -o json`,
		Args: cli.AtMostOneArg("the issuer"),
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd, args) },
	}
	cli.ReadsEnvironment(cmd)
	f := cmd.Flags()
	f.StringVar(&o.issuer, "issuer", "", "`URL` of the issuer, in place of the argument")
	f.StringVar(&o.resource, "protected-resource", "", "`URL` of an API, whose metadata is read in place of an issuer's")
	f.StringVar(&o.check, "check", "", "judge the metadata by a `PROFILE`: fapi2")
	o.certificate.Add(cmd)
	o.passphrases.Add(cmd)
	o.connection.Add(cmd)
	cli.Complete(cmd, "check", oauth.ProfileNames()...)
	return cmd
}

func (o *discoverOptions) run(cmd *cobra.Command, args []string) error {
	profile, err := o.profile()
	if err != nil {
		return err
	}
	if err := o.target(cmd, args); err != nil {
		return err
	}
	t, err := o.transport()
	if err != nil {
		return err
	}
	defer t.Close()
	if o.resource != "" {
		return o.ofResource(cmd.Context(), t, profile)
	}
	return o.ofIssuer(cmd.Context(), t, profile)
}

// profile is the one that --check names; nil without it.
func (o *discoverOptions) profile() (*oauth.Profile, error) {
	if o.check == "" {
		return nil, nil
	}
	p, ok := oauth.ProfileOf(o.check)
	if !ok {
		return nil, cli.Usage("--check %q is no profile that is known: there is %s", o.check, oauth.ProfileNames()[0])
	}
	return &p, nil
}

// target settles whose metadata is read. What the command line names wins over an
// issuer of the environment, and must be one thing.
func (o *discoverOptions) target(cmd *cobra.Command, args []string) error {
	named := o.env.OnCommandLine(cmd, "issuer")
	switch {
	case o.resource != "" && (len(args) > 0 || named):
		return cli.Usage("--protected-resource and an issuer can't be used together: each has metadata of its own")
	case o.resource != "":
		return nil
	case o.env.OnCommandLine(cmd, "protected-resource"):
		return cli.Usage("--protected-resource is empty")
	case len(args) > 0 && named && args[0] != o.issuer:
		return cli.Usage("two issuers are given, %q and --issuer %q", args[0], o.issuer)
	case len(args) > 0:
		o.issuer = args[0]
	}
	if o.issuer == "" {
		err := cli.Usage("discover needs an issuer")
		err.Hint = "give its URL, or set " + cli.Prefix + "ISSUER; for an API it is --protected-resource URL"
		return err
	}
	return nil
}

func (o *discoverOptions) transport() (*transport.Transport, error) {
	passphrases, err := o.passphrases.Read(o.env)
	if err != nil {
		return nil, err
	}
	config, err := o.connection.Config(o.env)
	if err != nil {
		return nil, err
	}
	if config.Certificate, err = o.certificate.Load(o.env, passphrases); err != nil {
		return nil, err
	}
	return transport.New(config), nil
}

func (o *discoverOptions) ofIssuer(ctx context.Context, t *transport.Transport, profile *oauth.Profile) error {
	m, notes, err := oauth.Discover(ctx, t, o.issuer)
	if err != nil {
		return err
	}
	v := &view.Discover{
		Metadata: m.Raw, Name: m.Issuer, URL: m.URL, Endpoints: oauth.Endpoints(m.Raw),
		Support: view.NewSupport(oauth.SupportOf(m.Raw, oauth.Features())),
	}
	if profile == nil {
		return o.show(v, notes, nil, nil)
	}
	return o.show(v, notes, profile, profile.Server)
}

func (o *discoverOptions) ofResource(ctx context.Context, t *transport.Transport, profile *oauth.Profile) error {
	m, notes, err := oauth.DiscoverResource(ctx, t, o.resource)
	if err != nil {
		return err
	}
	v := &view.Discover{
		Metadata: m.Raw, Name: m.Resource, URL: m.URL,
		Support: view.NewSupport(oauth.SupportOf(m.Raw, oauth.ResourceFeatures())),
	}
	if profile == nil {
		return o.show(v, notes, nil, nil)
	}
	return o.show(v, notes, profile, profile.Resource)
}

// show judges by the clauses, if there is a profile, and shows what was read.
func (o *discoverOptions) show(v *view.Discover, notes []string, profile *oauth.Profile, clauses []oauth.Clause) error {
	for _, note := range notes {
		o.env.Say("%s", note)
	}
	if profile == nil {
		return o.env.Result(v, nil)
	}
	verdict, results := oauth.CheckClauses(v.Metadata, clauses)
	v.Check = view.NewProfileCheck(*profile, verdict, results)
	if verdict != oauth.ClauseFailed {
		return o.env.Result(v, nil)
	}
	return o.env.Result(v, &cli.CheckError{
		Message: fmt.Sprintf("the metadata of %q does not keep the %s: %s", v.Name, profile.Title, v.Check.Failed()),
		Hint:    "each clause is in " + profile.Link,
	})
}
