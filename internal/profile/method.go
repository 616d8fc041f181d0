package profile

import (
	"slices"
	"strings"

	"github.com/oauthpop/oauthpop/internal/jwt"
	"github.com/oauthpop/oauthpop/internal/wire"
)

// method is one way of client authentication: the flag that it needs and whether
// that is there.
type method struct {
	name  string
	needs string
	has   func(*Client) bool
}

func always(*Client) bool      { return true }
func hasSecret(c *Client) bool { return c.Secret != "" }
func hasKey(c *Client) bool    { return c.AssertionKey != nil }
func hasCert(c *Client) bool   { return c.Certificate != nil }

// methods are the ways of client authentication.
var methods = []method{
	{wire.AuthNone, "", always},
	{wire.AuthBasic, "client-secret", hasSecret},
	{wire.AuthPost, "client-secret", hasSecret},
	{wire.AuthSecretJWT, "client-secret", hasSecret},
	{wire.AuthPrivateKey, "client-key", hasKey},
	{wire.AuthTLS, "cert", hasCert},
	{wire.AuthTLSSelfSigned, "cert", hasCert},
}

// Methods returns the names of the authentication methods.
func Methods() []string {
	var names []string
	for _, m := range methods {
		names = append(names, m.name)
	}
	return names
}

// chooseMethod takes the method that was named, else the one that what is given
// is for.
func (c *Client) chooseMethod() error {
	secret, key := c.Secret != "", c.AssertionKey != nil
	if secret && key && c.OnCommandLine("client-secret") != c.OnCommandLine("client-key") {
		secret, key = c.OnCommandLine("client-secret"), c.OnCommandLine("client-key")
	}
	switch {
	case c.AuthMethod != "":
		c.Method = c.AuthMethod
	case secret && key:
		return fault("choose with "+c.flag("auth-method"), "both %s and %s are given: which authenticates the client is not said",
			c.flag("client-secret"), c.flag("client-key"))
	case key:
		c.Method = wire.AuthPrivateKey
	case secret:
		c.Method = wire.AuthBasic
	case c.MTLS && c.Certificate != nil:
		c.Method = wire.AuthTLS
	default:
		c.Method = wire.AuthNone
	}
	return nil
}

func (c *Client) checkMethod() error {
	i := slices.IndexFunc(methods, func(m method) bool { return m.name == c.Method })
	if i < 0 {
		return fault("it is one of "+strings.Join(Methods(), ", "), "%s %q is not known", c.flag("auth-method"), c.Method)
	}
	if m := methods[i]; !m.has(c) {
		return fault("", "%s %s needs %s", c.flag("auth-method"), m.name, c.flag(m.needs))
	}
	if c.Method == wire.AuthSecretJWT {
		return c.checkSecretLength()
	}
	return nil
}

// checkSecretLength refuses a secret that no HMAC algorithm may be used with: who sees
// the assertion can try secrets against it until one fits, and the short ones first.
func (c *Client) checkSecretLength() error {
	if err := jwt.MACFits(jwt.MACs()[0], []byte(c.Secret.Reveal())); err != nil {
		return fault("the server has to give the client a longer secret; client_secret_basic and client_secret_post take one of any length",
			"%s can't make client assertions: %v", c.flag("client-secret"), err)
	}
	return nil
}

// checkUnused refuses flags of the command line that the chosen method or binding
// would not use: who gives one means it.
func (c *Client) checkUnused() error {
	key := c.Method == wire.AuthPrivateKey
	assertion := key || c.Method == wire.AuthSecretJWT
	secret := slices.Contains([]string{wire.AuthBasic, wire.AuthPost, wire.AuthSecretJWT}, c.Method)
	for _, rule := range []struct {
		flag string
		used bool
		why  string
	}{
		{"client-secret", secret, "the client authenticates by " + c.Method},
		{"client-key", key, "the client authenticates by " + c.Method},
		{"client-kid", key, "the client authenticates by " + c.Method},
		{"assertion-aud", assertion, "the client authenticates by " + c.Method},
		{"key", c.DPoP, "no proof is sent without --dpop"},
		{"htu-map", c.DPoP, "no proof is sent without --dpop"},
	} {
		if c.OnCommandLine(rule.flag) && !rule.used {
			return fault("", "%s would not be used: %s", c.flag(rule.flag), rule.why)
		}
	}
	return nil
}
