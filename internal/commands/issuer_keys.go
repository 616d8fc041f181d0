package commands

import (
	"context"
	"fmt"
	"net/http"

	"github.com/spf13/cobra"

	"github.com/oauthpop/oauthpop/internal/bounds"
	"github.com/oauthpop/oauthpop/internal/cli"
	"github.com/oauthpop/oauthpop/internal/oauth"
	"github.com/oauthpop/oauthpop/internal/token"
	"github.com/oauthpop/oauthpop/internal/transport"
	"github.com/oauthpop/oauthpop/internal/wire"
)

// issuerOptions say whose keys check the signature of a token.
type issuerOptions struct {
	url, jwks  string
	connection cli.Connection
}

func (o *issuerOptions) add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&o.url, "issuer", "", "`URL` of the issuer, whose keys check the token's signature")
	f.StringVar(&o.jwks, "jwks", "", "`FILE` with the issuer's keys, to check the signature without a network")
	o.connection.Add(cmd)
	_ = cmd.MarkFlagFilename("jwks")
}

// check refuses two sources of keys.
func (o *issuerOptions) check(env *cli.Env, cmd *cobra.Command) error {
	if env.OnCommandLine(cmd, "issuer") && env.OnCommandLine(cmd, "jwks") {
		return cli.Usage("--issuer and --jwks can't be used together: both say whose keys check the signature")
	}
	return nil
}

// keyFile reads --jwks; nil without it.
func (o *issuerOptions) keyFile(env *cli.Env) (*token.KeySet, error) {
	if o.jwks == "" {
		return nil, nil
	}
	data, err := env.Material("--jwks", o.jwks)
	if err != nil {
		return nil, err
	}
	set, err := token.ParseKeySet(data)
	if err != nil {
		return nil, &cli.InputError{Message: fmt.Sprintf("--jwks %q", o.jwks), Err: err}
	}
	if len(set.Keys) == 0 {
		return nil, cli.Input("--jwks %q has no key that a signature can be checked with (%d of other kinds)", o.jwks, set.Unusable)
	}
	return &set, nil
}

// metadata gets the issuer's, and what gets the keys that it points to.
func (o *issuerOptions) metadata(ctx context.Context, env *cli.Env) (*issuerSource, error) {
	config, err := o.connection.Config(env)
	if err != nil {
		return nil, err
	}
	t := transport.New(config)
	m, notes, err := oauth.Discover(ctx, t, o.url)
	if err != nil {
		t.Close()
		return nil, err
	}
	for _, note := range notes {
		env.Say("%s", note)
	}
	return &issuerSource{t, m}, nil
}

// issuerSource is an issuer that has answered.
type issuerSource struct {
	transport *transport.Transport
	*wire.Metadata
}

// fetch gets the keys of the issuer at --issuer, and its name.
func (o *issuerOptions) fetch(ctx context.Context, env *cli.Env) (token.KeySet, string, error) {
	source, err := o.metadata(ctx, env)
	if err != nil {
		return token.KeySet{}, "", err
	}
	defer source.transport.Close()
	set, err := source.keys(ctx)
	return set, source.Issuer, err
}

func (s *issuerSource) keys(ctx context.Context) (token.KeySet, error) {
	uri, _, err := oauth.Endpoint(s.Metadata, "jwks_uri", false)
	if err != nil {
		return token.KeySet{}, err
	}
	ex, err := s.transport.Do(ctx, func(transport.Attempt) (*http.Request, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, uri, nil)
		if err != nil {
			return nil, err
		}
		req.Header.Set("Accept", "application/jwk-set+json, application/json")
		return req, nil
	}, bounds.JWKS)
	if err != nil {
		return token.KeySet{}, err
	}
	set, err := token.KeySet{}, fmt.Errorf("status %d", ex.Response.Status)
	if ex.Response.Status == http.StatusOK {
		set, err = token.ParseKeySet(ex.Response.Body)
	}
	if err != nil {
		return set, &cli.StatusError{
			Message: fmt.Sprintf("the issuer's keys at %q: %v", uri, err), Exchange: ex,
			Hint: "look what is there: it is the jwks_uri of the metadata; --jwks FILE takes the keys from a file",
		}
	}
	return set, nil
}
