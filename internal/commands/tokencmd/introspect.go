package tokencmd

import (
	"context"

	"github.com/oauthpop/oauthpop/internal/binding"
	"github.com/oauthpop/oauthpop/internal/cli"
	"github.com/oauthpop/oauthpop/internal/oauth"
	"github.com/oauthpop/oauthpop/internal/profile"
	"github.com/oauthpop/oauthpop/internal/transport"
	"github.com/oauthpop/oauthpop/internal/wire"
)

// Introspector asks the issuer what a token is bound to.
type Introspector struct {
	client    *profile.Client
	transport *transport.Transport
}

// NewIntrospector returns what asks for a client, with its certificate.
func NewIntrospector(client *profile.Client, config transport.Config) *Introspector {
	config.Certificate = client.Certificate
	return &Introspector{client, transport.New(config)}
}

// Close closes its connections.
func (i *Introspector) Close() {
	if i != nil {
		i.transport.Close()
	}
}

// Said is what the issuer said of a token; nil is nothing.
type Said struct {
	*oauth.Introspection
	Trusted bool // the issuer was authenticated
}

// Ask asks the issuer about a token.
func (i *Introspector) Ask(ctx context.Context, env *cli.Env, token wire.Secret) (*Said, error) {
	metadata, err := discover(ctx, env, i.transport, i.client.Issuer)
	if err != nil {
		return nil, err
	}
	return i.ask(ctx, env, metadata, token)
}

// of asks about a token that does not say itself what it is bound to.
func (i *Introspector) of(ctx context.Context, env *cli.Env, metadata *wire.Metadata, token wire.Secret, e binding.Evidence) (*Said, error) {
	if i == nil || e.HasCnf {
		return nil, nil
	}
	return i.ask(ctx, env, metadata, token)
}

func (i *Introspector) ask(ctx context.Context, env *cli.Env, metadata *wire.Metadata, token wire.Secret) (*Said, error) {
	endpoint, _, err := oauth.Endpoint(metadata, oauth.IntrospectionEndpoint, i.client.Certificate != nil)
	if err != nil {
		return nil, err
	}
	asker, err := i.client.OAuth(metadata.Issuer, oauth.AuthAlgs(metadata, oauth.IntrospectionEndpoint), nil, env.Now)
	if err != nil {
		return nil, err
	}
	said, err := asker.Introspect(ctx, i.transport, endpoint, token)
	if err != nil {
		return nil, err
	}
	return &Said{said, i.transport.Trusted()}, nil
}

// Evidence is what is known of a token with what the issuer said of it. What the
// token says of its key itself stands where the issuer says nothing of one.
func (s *Said) Evidence(e binding.Evidence) binding.Evidence {
	switch {
	case s == nil:
		return e
	case !s.Active:
		e.Inactive, e.Source = true, binding.SourceIntrospection
		return e
	case e.HasCnf && !s.HasCnf:
		return e
	}
	return binding.Evidence{
		Source: binding.SourceIntrospection, Verified: s.Trusted, TokenType: e.TokenType, SignatureInvalid: e.SignatureInvalid,
		Cnf: s.Cnf, HasCnf: s.HasCnf, CnfRepeated: s.CnfRepeated, IntrospectedType: s.TokenType,
	}
}
