package commands

import (
	"context"
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"github.com/oauthpop/oauthpop/internal/cli"
	"github.com/oauthpop/oauthpop/internal/commands/tokencmd"
	"github.com/oauthpop/oauthpop/internal/profile"
	"github.com/oauthpop/oauthpop/internal/transport"
	"github.com/oauthpop/oauthpop/internal/wire"
)

// source is where the token comes from: one that was given, or a client that
// gets one.
type source struct {
	profile.Spec
	token  wire.Secret
	client *profile.Client
}

// ownToken says whether the call gets a token by itself: none was given, or the
// command line asks for one while only the environment has another.
func (o *callOptions) ownToken(cmd *cobra.Command) bool {
	asks := o.client.DPoP || o.client.MTLS || o.client.Bearer
	return o.token == "" || asks && o.client.Named() && !o.env.OnCommandLine(cmd, "token")
}

func (o *callOptions) source(cmd *cobra.Command) (*source, error) {
	s, err := o.sourceOf(cmd)
	if err != nil {
		return nil, err
	}
	if proofs := s.Key != nil && (s.client == nil || s.DPoP); !proofs {
		for flag, given := range map[string]bool{"htu": o.htu != "", "htu-map": o.client.HTUMap.Given()} {
			if given {
				return nil, cli.Usage("--%s would not be used: no proof is sent without --key", flag)
			}
		}
	}
	return s, nil
}

func (o *callOptions) sourceOf(cmd *cobra.Command) (*source, error) {
	if o.ownToken(cmd) {
		if !o.client.Named() {
			return nil, &cli.UsageError{Message: "there is no token for the call", Hint: "give --token @FILE, or a client that gets one: --issuer, --client-id and --dpop or --mtls"}
		}
		client, err := o.client.Ready(o.env, cmd)
		if err != nil {
			return nil, err
		}
		return &source{Spec: client.Spec, client: client}, nil
	}
	if flag := o.client.NeededToAsk(o.env, cmd); flag != "" && o.env.OnCommandLine(cmd, "token") {
		return nil, cli.Usage("--%s would not be used: the token is given by --token", flag)
	}
	value, err := o.env.Value("token", o.token)
	if err != nil {
		return nil, err
	}
	spec, err := o.client.Material(o.env)
	if err != nil {
		return nil, err
	}
	switch {
	case o.client.DPoP && spec.Key == nil:
		return nil, &cli.UsageError{Message: "--dpop needs a key: --key is missing", Hint: "it is the key that the token is bound to"}
	case o.client.MTLS && spec.Certificate == nil:
		return nil, &cli.UsageError{Message: "--mtls needs a certificate: --cert is missing", Hint: "it is the one that the token is bound to"}
	}
	return &source{Spec: spec, token: wire.Secret(value)}, nil
}

// authorize puts token and prover into the call.
func (o *callOptions) authorize(ctx context.Context, t *transport.Transport, c *call, s *source) error {
	if s.client == nil {
		return o.given(c, s)
	}
	form, err := o.client.Params(o.env)
	if err != nil {
		return err
	}
	obtained, err := tokencmd.Obtain(ctx, o.env, s.client, t, tokencmd.Ask{Form: form})
	if err != nil {
		return err
	}
	if err := obtained.Failure(); err != nil {
		var check *cli.CheckError
		if errors.As(err, &check) {
			check.Hint = "the API was not called with it; 'oauthpop token --allow-unbound' prints such a token, and call takes it by --token"
		}
		return o.env.Result(obtained.Withheld(), err)
	}
	obtained.Warn(o.env)
	c.token, c.prover, c.binding = obtained.Answer.AccessToken, obtained.Prover, obtained.Binding
	return nil
}

// given uses a token that was given. A cnf that does not fit is a warning: the
// server's answer decides.
func (o *callOptions) given(c *call, s *source) error {
	if s.token == "" || strings.ContainsFunc(s.token.Reveal(), func(r rune) bool { return r <= ' ' || r > '~' }) {
		return &cli.InputError{Message: "--token is not a token: it is empty, or has characters that no header may carry"}
	}
	var err error
	if c.prover, err = profile.Prover(s.Key, nil); err != nil {
		return err
	}
	c.token = s.token
	c.binding = tokencmd.Compare(s.token, s.Spec, c.prover)
	if c.binding.Verdict == "bound-to-another-key" {
		o.env.WarnBinding("the token is " + c.binding.Verdict + ": " + c.binding.Detail)
	}
	return nil
}
