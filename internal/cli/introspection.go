package cli

import (
	"github.com/spf13/cobra"

	"github.com/oauthpop/oauthpop/internal/profile"
)

// Introspection are the flag --introspect and those of a client that asks in place of
// the token's own: often only resource servers may.
type Introspection struct {
	Asked bool
	other Identity
	cert  ClientCertificate
}

const introspectPrefix = "introspect-"

// Add declares the flags.
func (i *Introspection) Add(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&i.Asked, "introspect", false, "ask the issuer what the token is bound to, where it does not say so itself (RFC 7662)")
	i.other.AddIdentity(cmd, introspectPrefix, "the introspecting client's ")
	i.cert.AddAs(cmd, introspectPrefix)
}

// Ready returns the client that asks, or nil if none is to: the token's own, unless
// the flags name another. Nothing has been sent.
func (i *Introspection) Ready(env *Env, cmd *cobra.Command, own *profile.Client, passphrases []string) (*profile.Client, error) {
	given := i.other.onCommandLine(env, cmd)
	for _, name := range []string{"cert", "cert-key"} {
		if given == "" && env.OnCommandLine(cmd, introspectPrefix+name) {
			given = introspectPrefix + name
		}
	}
	switch {
	case !i.Asked && given != "":
		return nil, Usage("--%s would not be used: nothing is introspected without --introspect", given)
	case !i.Asked:
		return nil, nil
	case own.Issuer == "":
		return nil, &UsageError{Message: "--introspect needs --issuer: the introspection endpoint is read from its metadata", Hint: "--token-endpoint may be given beside it"}
	case i.other.ClientID == "" && given != "":
		return nil, &UsageError{Message: "--" + given + " is given without --introspect-client-id", Hint: "without any of them the token's own client asks"}
	case i.other.ClientID == "":
		return own, nil
	}
	return i.other.alone(env, cmd, own.Issuer, &i.cert, passphrases)
}
