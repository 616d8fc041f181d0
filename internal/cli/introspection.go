package cli

import (
	"cmp"

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
	given := cmp.Or(i.other.onCommandLine(env, cmd), i.cert.onCommandLine(env, cmd))
	switch {
	case !i.Asked:
		return nil, notIntrospected(given)
	case own.Issuer == "":
		return nil, &UsageError{Message: "--introspect needs --issuer: the introspection endpoint is read from its metadata", Hint: "--token-endpoint may be given beside it"}
	case i.other.ClientID == "" && given != "":
		return nil, &UsageError{Message: "--" + given + " is given without --introspect-client-id", Hint: "without any of them the token's own client asks"}
	case i.other.ClientID == "":
		return own, nil
	}
	return i.other.alone(env, cmd, own.Issuer, &i.cert, passphrases)
}

// Introspecting are the flag --introspect and those of the client that asks, for
// commands that get no token of their own and whose --cert is something else.
type Introspecting struct {
	Asked bool
	Identity
	cert ClientCertificate
}

// Add declares the flags.
func (i *Introspecting) Add(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&i.Asked, "introspect", false, "ask --issuer whether the token is active, and what it is bound to (RFC 7662)")
	i.AddIdentity(cmd, "", "the introspecting client's ")
	i.cert.AddAs(cmd, introspectPrefix)
}

// Ready returns the client that asks, or nil if none is to. Nothing has been sent.
func (i *Introspecting) Ready(env *Env, cmd *cobra.Command, issuer string, passphrases []string) (*profile.Client, error) {
	switch {
	case !i.Asked:
		return nil, notIntrospected(cmp.Or(i.onCommandLine(env, cmd), i.cert.onCommandLine(env, cmd)))
	case issuer == "":
		return nil, &UsageError{Message: "--introspect needs --issuer: the introspection endpoint is read from its metadata"}
	}
	return i.alone(env, cmd, issuer, &i.cert, passphrases)
}

// notIntrospected refuses a flag of the client that asks where none is to ask; "" is none.
func notIntrospected(given string) error {
	if given == "" {
		return nil
	}
	return Usage("--%s would not be used: nothing is introspected without --introspect", given)
}
