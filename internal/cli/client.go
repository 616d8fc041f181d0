package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/oauthpop/oauthpop/internal/profile"
	"github.com/oauthpop/oauthpop/internal/wire"
)

// Client are the flags that say which client asks whom for what kind of token.
type Client struct {
	Identity
	Issuer, TokenEndpoint string
	DPoP, MTLS, Bearer    bool
	ProofKey              string
	HTUMap                HTUMap
	Certificate           ClientCertificate
	Passphrases           Passphrases

	Grant           string
	scope, apiAud   string
	resources, more []string
	details         string
}

// Add declares the flags.
func (c *Client) Add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&c.Issuer, "issuer", "", "`URL` of the authorization server, whose metadata is read")
	f.StringVar(&c.TokenEndpoint, "token-endpoint", "", "`URL` of the token endpoint; wins over the metadata and its aliases")
	c.AddIdentity(cmd, "", "the client's ")
	f.BoolVar(&c.DPoP, "dpop", false, "ask for a token bound to --key (RFC 9449)")
	f.BoolVar(&c.MTLS, "mtls", false, "ask for a token bound to --cert (RFC 8705)")
	f.BoolVar(&c.Bearer, "bearer", false, "make no demand, for testing refusals")
	f.StringVar(&c.ProofKey, "key", "", "`FILE` with the key of DPoP proofs; gen:ES256 makes one for this command")
	c.HTUMap.Add(cmd)
	c.Certificate.Add(cmd)
	c.Passphrases.Add(cmd)
	f.StringVar(&c.Grant, "grant", "", "the grant: client_credentials")
	f.StringVar(&c.scope, "scope", "", "scopes to ask for, separated by spaces")
	f.StringVar(&c.apiAud, "audience", "", "audience to ask for, where the server takes no resource")
	f.StringArrayVar(&c.resources, "resource", nil, "`URL` of the API that the token is for (RFC 8707, repeatable)")
	f.StringVar(&c.details, "authorization-details", "", "`JSON` array of what to be authorized for, each with its type (RFC 9396; @FILE)")
	f.StringArrayVar(&c.more, "param", nil, "`NAME=VALUE` sent with the token request (repeatable)")
	Complete(cmd, "grant", grants...)
	_ = cmd.MarkFlagFilename("key")
}

// grants are those of this version.
var grants = []string{"client_credentials"}

// Ready reads the files that the flags name and returns the client, or why it
// can't be one. Nothing has been sent.
func (c *Client) Ready(env *Env, cmd *cobra.Command) (*profile.Client, error) {
	// What the environment has and this client does not use is no fault, whatever it is.
	if !c.DPoP && !env.OnCommandLine(cmd, "key") {
		c.ProofKey = ""
	}
	spec, err := c.Material(env)
	if err != nil {
		return nil, err
	}
	spec.Issuer, spec.TokenEndpoint = c.Issuer, c.TokenEndpoint
	spec.DPoP, spec.MTLS, spec.Bearer = c.DPoP, c.MTLS, c.Bearer
	if err := c.HTUMap.Read(); err != nil {
		return nil, err
	}
	spec.HTU = c.HTUMap.Of
	passphrases, err := c.Passphrases.Read(env)
	if err != nil {
		return nil, err
	}
	if err := c.identify(env, cmd, passphrases, &spec); err != nil {
		return nil, err
	}
	client, err := profile.New(spec)
	if err != nil {
		return nil, err
	}
	return client, c.checkGrant(client.Method)
}

// Material reads the key of the proofs and the client certificate. The key of the
// certificate given as that of the proofs is refused.
func (c *Client) Material(env *Env) (profile.Spec, error) {
	s := profile.Spec{KeyFile: c.ProofKey, CertFile: c.Certificate.Cert}
	passphrases, err := c.Passphrases.Read(env)
	if err != nil {
		return s, err
	}
	if s.Key, err = env.PrivateKey("--key", c.ProofKey, passphrases); err != nil {
		return s, err
	}
	if s.Certificate, err = c.Certificate.Load(env, passphrases); err != nil {
		return s, err
	}
	return s, profile.CheckNotCertificateKey(s.Key, s.KeyFile, s.Certificate, s.CertFile)
}

// Named says whether the flags name a server and a client.
func (c *Client) Named() bool {
	return c.ClientID != "" && (c.Issuer != "" || c.TokenEndpoint != "")
}

// NeededToAsk returns a flag of the command line that only serves to get a token,
// or "".
func (c *Client) NeededToAsk(env *Env, cmd *cobra.Command) string {
	for _, flag := range []string{"issuer", "token-endpoint", "grant", "scope", "audience", "resource", "authorization-details", "param"} {
		if env.OnCommandLine(cmd, flag) {
			return flag
		}
	}
	return c.onCommandLine(env, cmd)
}

// checkGrant refuses the grants that this version does not have. A public client
// has its user's code by default, a confidential one its own credentials.
func (c *Client) checkGrant(method string) error {
	if c.Grant == "" && method == wire.AuthNone {
		return &UsageError{
			Message: "a client without authentication asks by authorization_code, which this version does not have",
			Hint:    "--grant client_credentials asks all the same; --auth-method says how the client authenticates",
		}
	}
	if c.Grant != "" && c.Grant != grants[0] {
		return Usage("--grant %q is not known to this version: it has %s", c.Grant, strings.Join(grants, ", "))
	}
	return nil
}
