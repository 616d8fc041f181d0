package cli

import (
	"net/url"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/oauthpop/oauthpop/internal/profile"
	"github.com/oauthpop/oauthpop/internal/wire"
)

// Client are the flags that say which client asks whom for what kind of token.
type Client struct {
	Issuer, TokenEndpoint, ClientID string
	secret, key                     string
	kid, audience, method           string
	DPoP, MTLS, Bearer              bool
	ProofKey                        string
	Certificate                     ClientCertificate
	Passphrases                     Passphrases

	Grant           string
	scope, apiAud   string
	resources, more []string
}

// Add declares the flags.
func (c *Client) Add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&c.Issuer, "issuer", "", "`URL` of the authorization server, whose metadata is read")
	f.StringVar(&c.TokenEndpoint, "token-endpoint", "", "`URL` of the token endpoint; wins over the metadata and its aliases")
	f.StringVar(&c.ClientID, "client-id", "", "the client's `ID`")
	f.StringVar(&c.method, "auth-method", "", "client authentication: "+strings.Join(profile.Methods(), ", "))
	f.StringVar(&c.secret, "client-secret", "", "the client's secret (@FILE, or - for standard input)")
	f.StringVar(&c.key, "client-key", "", "`FILE` with the key of client assertions (private_key_jwt)")
	f.StringVar(&c.kid, "client-kid", "", "kid of client assertions, if not that of the JWK")
	f.StringVar(&c.audience, "assertion-aud", "", "audience of client assertions, if not the issuer")
	f.BoolVar(&c.DPoP, "dpop", false, "ask for a token bound to --key (RFC 9449)")
	f.BoolVar(&c.MTLS, "mtls", false, "ask for a token bound to --cert (RFC 8705)")
	f.BoolVar(&c.Bearer, "bearer", false, "make no demand, for testing refusals")
	f.StringVar(&c.ProofKey, "key", "", "`FILE` with the key of DPoP proofs; gen:ES256 makes one for this command")
	c.Certificate.Add(cmd)
	c.Passphrases.Add(cmd)
	f.StringVar(&c.Grant, "grant", "", "the grant: client_credentials")
	f.StringVar(&c.scope, "scope", "", "scopes to ask for, separated by spaces")
	f.StringVar(&c.apiAud, "audience", "", "audience to ask for, where the server takes no resource")
	f.StringArrayVar(&c.resources, "resource", nil, "`URL` of the API that the token is for (RFC 8707, repeatable)")
	f.StringArrayVar(&c.more, "param", nil, "`NAME=VALUE` sent with the token request (repeatable)")
	Complete(cmd, "auth-method", profile.Methods()...)
	Complete(cmd, "grant", grants...)
	_ = cmd.MarkFlagFilename("key")
}

// ownParams are those that only the request itself may set.
var ownParams = []string{"grant_type", "client_id", "client_secret", "client_assertion", "client_assertion_type"}

// grants are those of this version.
var grants = []string{"client_credentials"}

// Ready reads the files that the flags name and returns the client, or why it
// can't be one. Nothing has been sent.
func (c *Client) Ready(env *Env, cmd *cobra.Command) (*profile.Client, error) {
	// What the environment has and this client does not use is no fault, whatever it is.
	if !c.DPoP && !env.OnCommandLine(cmd, "key") {
		c.ProofKey = ""
	}
	if c.method != "" && c.method != wire.AuthPrivateKey && !env.OnCommandLine(cmd, "client-key") {
		c.key = ""
	}
	spec, err := c.Material(env)
	if err != nil {
		return nil, err
	}
	spec.Issuer, spec.TokenEndpoint, spec.ClientID = c.Issuer, c.TokenEndpoint, c.ClientID
	spec.AuthMethod, spec.AssertionKID, spec.AssertionAudience = c.method, c.kid, c.audience
	spec.DPoP, spec.MTLS, spec.Bearer = c.DPoP, c.MTLS, c.Bearer
	spec.OnCommandLine = func(flag string) bool { return env.OnCommandLine(cmd, flag) }
	secret, err := env.Value("client-secret", c.secret)
	if err != nil {
		return nil, err
	}
	spec.Secret = wire.Secret(secret)
	passphrases, err := c.Passphrases.Read(env)
	if err != nil {
		return nil, err
	}
	if spec.AssertionKey, err = env.PrivateKey("--client-key", c.key, passphrases); err != nil {
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
	for _, flag := range []string{
		"issuer", "token-endpoint", "client-id", "auth-method", "client-secret", "client-key", "client-kid",
		"assertion-aud", "grant", "scope", "audience", "resource", "param",
	} {
		if env.OnCommandLine(cmd, flag) {
			return flag
		}
	}
	return ""
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

// Params returns the form of the token request, without what authenticates the
// client.
func (c *Client) Params() (url.Values, error) {
	form := url.Values{"grant_type": {grants[0]}}
	if c.scope != "" {
		form.Set("scope", c.scope)
	}
	if c.apiAud != "" {
		form.Set("audience", c.apiAud)
	}
	for _, r := range c.resources {
		// "Its value MUST be an absolute URI … [and] MUST NOT include a fragment
		// component." https://www.rfc-editor.org/rfc/rfc8707#section-2
		if u, err := url.Parse(r); err != nil || !u.IsAbs() || u.Fragment != "" {
			return nil, Usage("--resource %q is not an absolute URI without fragment", r)
		}
		form.Add("resource", r)
	}
	for _, p := range c.more {
		name, value, ok := strings.Cut(p, "=")
		switch {
		case !ok || name == "":
			return nil, Usage("--param %q is not NAME=VALUE", shown(p))
		case slices.Contains(ownParams, name):
			return nil, Usage("--param %s: that parameter is made by the request itself", name)
		// "Request and response parameters MUST NOT be included more than once."
		// https://www.rfc-editor.org/rfc/rfc6749#section-3.2
		case form.Has(name) && name != "resource":
			return nil, Usage("--param %s: that parameter is there already", name)
		}
		form.Add(name, value)
	}
	return form, nil
}
