// Package profile makes a ready client from what is known about it: which
// authentication it uses, what it asks for, and which key and certificate go
// with it. It decides and refuses; it sends nothing.
package profile

import (
	"crypto"
	"crypto/tls"
	"fmt"
	"time"

	"github.com/oauthpop/oauthpop/internal/binding"
	"github.com/oauthpop/oauthpop/internal/dpop"
	"github.com/oauthpop/oauthpop/internal/material"
	"github.com/oauthpop/oauthpop/internal/oauth"
	"github.com/oauthpop/oauthpop/internal/wire"
)

// Spec is what the layers say of a client. The zero value of a field means that
// nothing said so.
type Spec struct {
	Issuer, TokenEndpoint, ClientID string
	AuthMethod                      string
	Secret                          wire.Secret
	AssertionKey                    *material.Key
	AssertionKID, AssertionAudience string
	// Key is the key of the proofs, Certificate the client certificate.
	Key         *material.Key
	KeyFile     string
	Certificate *tls.Certificate
	CertFile    string
	// HTU is what proofs name for a URL; nil: its own.
	HTU func(url string) (string, error)
	// DPoP, MTLS and Bearer are what is asked for.
	DPoP, MTLS, Bearer bool
	// Prefix stands before the names of the flags that authenticate the client, where
	// a command knows two.
	Prefix string
	// OnCommandLine says whether the command line itself gave a flag, named without the
	// prefix: one that the chosen method does not use is then an error, elsewhere it
	// is not.
	OnCommandLine func(flag string) bool
}

// flag is the name of a flag as it is written.
func (s Spec) flag(name string) string { return "--" + s.Prefix + name }

// Error is a fault of a Spec: something is missing or contradicts.
type Error struct{ Message, Hint string }

func (e *Error) Error() string { return e.Message }

// HintText is the second line of the message.
func (e *Error) HintText() string { return e.Hint }

func fault(hint, format string, args ...any) *Error {
	return &Error{Message: fmt.Sprintf(format, args...), Hint: hint}
}

// Client is ready to ask for tokens.
type Client struct {
	Spec
	Method    string         // client authentication
	Requested binding.Method // what the answer must be bound to
}

// New checks a Spec and completes it with its defaults.
func New(s Spec) (*Client, error) {
	if s.OnCommandLine == nil {
		s.OnCommandLine = func(string) bool { return false }
	}
	c := &Client{Spec: s}
	for _, step := range []func() error{c.checkServer, c.chooseBinding, c.checkKeys, c.chooseMethod, c.checkMethod, c.checkUnused} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return c, nil
}

func (c *Client) checkServer() error {
	if c.Issuer == "" && c.TokenEndpoint == "" {
		return fault("--issuer URL reads the metadata of the server; --token-endpoint URL does without", "no server is given: neither --issuer nor --token-endpoint")
	}
	if c.ClientID == "" {
		return fault("--client-id ID, or the variable OAUTHPOP_CLIENT_ID", "no client is given: %s is missing", c.flag("client-id"))
	}
	return nil
}

func (c *Client) chooseBinding() error {
	switch {
	case c.Bearer && (c.DPoP || c.MTLS):
		return fault("--bearer makes no demand, --dpop and --mtls do: choose", "--bearer contradicts --dpop and --mtls")
	case c.DPoP && c.MTLS:
		c.Requested = binding.MethodBoth
	case c.DPoP:
		c.Requested = binding.MethodDPoP
	case c.MTLS:
		c.Requested = binding.MethodMTLS
	case c.Bearer:
		c.Requested = binding.MethodNone
	default:
		return fault("--dpop binds the token to --key, --mtls to --cert, --bearer asks for an unbound one", "what the token is to be bound to is not said: --dpop, --mtls or --bearer")
	}
	return nil
}

func (c *Client) checkKeys() error {
	if c.DPoP && c.Key == nil {
		return fault("make one with 'oauthpop key generate --out key.jwk', or give --key gen:ES256", "--dpop needs a key: --key is missing")
	}
	if c.MTLS && c.Certificate == nil {
		return fault("make one with 'oauthpop cert issue'", "--mtls needs a certificate: --cert is missing")
	}
	return CheckNotCertificateKey(c.Key, c.KeyFile, c.Certificate, c.CertFile)
}

// CheckNotCertificateKey refuses the mistake that everybody makes: the private
// key of the certificate given as the key of the proofs.
func CheckNotCertificateKey(key *material.Key, keyFile string, cert *tls.Certificate, certFile string) error {
	if key == nil || cert == nil || cert.Leaf == nil {
		return nil
	}
	public, ok := key.Public.(interface{ Equal(crypto.PublicKey) bool })
	if ok && public.Equal(cert.Leaf.PublicKey) {
		return fault("--cert-key names the private key of --cert; --key is the key of DPoP proofs, another one",
			"--key %q is the private key of --cert %q", keyFile, certFile)
	}
	return nil
}

// Proof returns what makes the proofs of this client, or nil if none are sent.
// Supported is what the server's metadata lists, nil if nothing is known.
func (c *Client) Proof(supported []string) (*dpop.Prover, error) {
	if !c.DPoP {
		return nil, nil
	}
	return Prover(c.Key, supported)
}

// OAuth returns the client as requests need it. The issuer is the audience of an
// assertion; algs are those that the endpoint takes for one, nil if nothing is known.
func (c *Client) OAuth(issuer string, algs []string, prover *dpop.Prover, now func() time.Time) (*oauth.Client, error) {
	o := &oauth.Client{ID: c.ClientID, Method: c.Method, Secret: c.Secret, Issuer: issuer, Now: now, DPoP: prover, HTU: c.HTU}
	a := &oauth.AssertionKey{Audience: c.AssertionAudience}
	switch c.Method {
	case wire.AuthSecretJWT:
		a.Alg = macAlg(c.Secret, algs)
	case wire.AuthPrivateKey:
		var err error
		if a.Alg, err = SigningAlg(*c.AssertionKey, algs); err != nil {
			return nil, err
		}
		a.Key, a.KID = c.AssertionKey.Private, c.AssertionKID
		if a.KID == "" {
			a.KID = c.AssertionKey.KID
		}
	default:
		return o, nil
	}
	if issuer == "" && c.AssertionAudience == "" {
		return nil, fault("give --issuer, or --assertion-aud", "%s addresses the issuer, which is not known with --token-endpoint alone", c.Method)
	}
	o.Assertion = a
	return o, nil
}
