package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/oauthpop/oauthpop/internal/profile"
	"github.com/oauthpop/oauthpop/internal/wire"
)

// Identity are the flags that say who a client is and what it authenticates with.
type Identity struct {
	ClientID      string
	prefix        string // before the name of each flag
	secret, key   string
	kid, audience string
	method        string
}

// identityFlags are the flags of an Identity, without their prefix.
var identityFlags = []string{"client-id", "auth-method", "client-secret", "client-key", "client-kid", "assertion-aud"}

// AddIdentity declares the flags, with prefix before the name of each and whose
// before what they are told to be.
func (i *Identity) AddIdentity(cmd *cobra.Command, prefix, whose string) {
	i.prefix = prefix
	f := cmd.Flags()
	f.StringVar(&i.ClientID, prefix+"client-id", "", whose+"`ID`")
	f.StringVar(&i.method, prefix+"auth-method", "", whose+"authentication: "+strings.Join(profile.Methods(), ", "))
	f.StringVar(&i.secret, prefix+"client-secret", "", whose+"secret (@FILE, or - for standard input)")
	f.StringVar(&i.key, prefix+"client-key", "", "`FILE` with "+whose+"key of client assertions (private_key_jwt)")
	f.StringVar(&i.kid, prefix+"client-kid", "", "kid of client assertions, if not that of the JWK")
	f.StringVar(&i.audience, prefix+"assertion-aud", "", "audience of client assertions, if not the issuer")
	Complete(cmd, prefix+"auth-method", profile.Methods()...)
	_ = cmd.MarkFlagFilename(prefix + "client-key")
}

// onCommandLine returns the first of the flags that the command line itself gave, or "".
func (i *Identity) onCommandLine(env *Env, cmd *cobra.Command) string {
	for _, name := range identityFlags {
		if env.OnCommandLine(cmd, i.prefix+name) {
			return i.prefix + name
		}
	}
	return ""
}

// identify reads what the flags name into a Spec.
func (i *Identity) identify(env *Env, cmd *cobra.Command, passphrases []string, s *profile.Spec) error {
	// What the environment has and this client does not use is no fault, whatever it is.
	if i.method != "" && i.method != wire.AuthPrivateKey && !env.OnCommandLine(cmd, i.prefix+"client-key") {
		i.key = ""
	}
	s.Prefix, s.ClientID = i.prefix, i.ClientID
	s.AuthMethod, s.AssertionKID, s.AssertionAudience = i.method, i.kid, i.audience
	s.OnCommandLine = func(flag string) bool { return env.OnCommandLine(cmd, i.prefix+flag) }
	secret, err := env.Value(i.prefix+"client-secret", i.secret)
	if err != nil {
		return err
	}
	s.Secret = wire.Secret(secret)
	s.AssertionKey, err = env.PrivateKey("--"+i.prefix+"client-key", i.key, passphrases)
	return err
}

// alone returns the client of these flags that asks for no token of its own: it makes
// no proofs, and a certificate is there to authenticate with.
func (i *Identity) alone(env *Env, cmd *cobra.Command, issuer string, cert *ClientCertificate, passphrases []string) (*profile.Client, error) {
	s := profile.Spec{Issuer: issuer, CertFile: cert.Cert}
	if err := i.identify(env, cmd, passphrases, &s); err != nil {
		return nil, err
	}
	// A flag --key beside them is not this client's.
	s.OnCommandLine = func(flag string) bool {
		return slices.Contains(identityFlags, flag) && env.OnCommandLine(cmd, i.prefix+flag)
	}
	var err error
	if s.Certificate, err = cert.Load(env, passphrases); err != nil {
		return nil, err
	}
	s.MTLS = s.Certificate != nil
	s.Bearer = !s.MTLS
	return profile.New(s)
}

// Known are the flags of a client that is known to an issuer and asks it for something
// else than a token.
type Known struct {
	Identity
	Issuer      string
	Certificate ClientCertificate
	Passphrases Passphrases
}

// Add declares the flags.
func (k *Known) Add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&k.Issuer, "issuer", "", "`URL` of the authorization server, whose metadata is read")
	k.AddIdentity(cmd, "", "the client's ")
	k.Certificate.Add(cmd)
	k.Passphrases.Add(cmd)
}

// Ready reads the files that the flags name and returns the client, or why it can't
// be one. What is what the metadata is read for.
func (k *Known) Ready(env *Env, cmd *cobra.Command, what string) (*profile.Client, error) {
	if k.Issuer == "" {
		return nil, &UsageError{Message: "--issuer is missing: " + what + " is read from its metadata", Hint: "--issuer URL, or the variable OAUTHPOP_ISSUER"}
	}
	passphrases, err := k.Passphrases.Read(env)
	if err != nil {
		return nil, err
	}
	return k.alone(env, cmd, k.Issuer, &k.Certificate, passphrases)
}
