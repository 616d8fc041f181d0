package state

import (
	"crypto"
	"crypto/x509"
	"encoding/json"
	"path/filepath"

	"github.com/oauthpop/oauthpop/internal/certs"
	"github.com/oauthpop/oauthpop/internal/keys"
	"github.com/oauthpop/oauthpop/internal/material"
	"github.com/oauthpop/oauthpop/internal/server"
	"github.com/oauthpop/oauthpop/internal/wire"
)

// The built-in clients: one for each way of client authentication.
const (
	Basic      = "basic"
	Post       = "post"
	PrivateKey = "pkjwt"
	TLS        = "mtls-ca"
	SelfSigned = "mtls-self"
)

// BuiltIn are their client_ids.
func BuiltIn() []string { return []string{Basic, Post, PrivateKey, TLS, SelfSigned} }

// clients makes or reads the built-in clients.
func (f folder) clients(ca *certs.CA) ([]Client, error) {
	var list []Client
	for _, one := range []func() (Client, error){
		func() (Client, error) { return f.secretClient(Basic, wire.AuthBasic) },
		func() (Client, error) { return f.secretClient(Post, wire.AuthPost) },
		f.keyClient,
		func() (Client, error) { return f.tlsClient(ca) },
		f.selfSignedClient,
	} {
		c, err := one()
		if err != nil {
			return nil, err
		}
		c.GrantTypes = []string{"client_credentials"}
		list = append(list, c)
	}
	return list, nil
}

func (f folder) secretClient(id, method string) (Client, error) {
	name := filepath.Join(clientsFolder, id+".secret")
	secret, err := f.secret(name)
	return Client{
		Client: server.Client{ID: id, Secret: wire.Secret(secret), AuthMethod: method},
		Secret: secret, SecretFile: f.path(name),
	}, err
}

func (f folder) keyClient() (Client, error) {
	name := filepath.Join(clientsFolder, PrivateKey+".jwk")
	key, err := f.key(name, PrivateKey)
	if err != nil {
		return Client{}, err
	}
	set, err := keys.JWKS([]keys.Entry{{Key: key}})
	return Client{
		Client:  server.Client{ID: PrivateKey, AuthMethod: wire.AuthPrivateKey, JWKS: set},
		KeyFile: f.path(name), Key: key.Private,
	}, err
}

const tlsSubject = "CN=mtls-ca,O=oauthpop serve"

func (f folder) tlsClient(ca *certs.CA) (Client, error) {
	c := Client{Client: server.Client{ID: TLS, AuthMethod: wire.AuthTLS, TLSSubjectDN: tlsSubject}}
	err := f.certify(&c, tlsSubject, func(r certs.Request, key crypto.Signer) (*x509.Certificate, error) {
		r.PublicKey = key.Public()
		return ca.Issue(r)
	})
	return c, err
}

func (f folder) selfSignedClient() (Client, error) {
	c := Client{Client: server.Client{ID: SelfSigned, AuthMethod: wire.AuthTLSSelfSigned}}
	if err := f.certify(&c, "CN=mtls-self", certs.SelfSigned); err != nil {
		return c, err
	}
	var err error
	c.JWKS, err = keys.JWKS([]keys.Entry{{Key: material.Key{Public: c.Certificate.Leaf.PublicKey}, Chain: []*x509.Certificate{c.Certificate.Leaf}}})
	return c, err
}

// certify gives a client its certificate, which lasts as long as a CA: it is
// registered by its subject or by itself, and a new one would have to be spread.
func (f folder) certify(c *Client, subject string, issue func(certs.Request, crypto.Signer) (*x509.Certificate, error)) error {
	cert, key := filepath.Join(clientsFolder, c.ID+".pem"), filepath.Join(clientsFolder, c.ID+"-key.pem")
	name, err := certs.ParseDN(subject)
	if err != nil {
		return err
	}
	c.Certificate, err = f.pair(cert, key, func(signer crypto.Signer) (*x509.Certificate, error) {
		return issue(certs.Request{
			Subject: name, Usage: certs.UsageClient,
			NotBefore: f.now.Add(-backdate), NotAfter: f.now.Add(authorityDays * day),
		}, signer)
	})
	c.CertFile, c.CertKey = f.path(cert), f.path(key)
	return err
}

// WithoutFiles is a client that was given on the command line: whoever gave it has
// its keys.
func WithoutFiles(c server.Client) Client { return Client{Client: c, Secret: c.Secret.Reveal()} }

// ClientList is the JSON of the clients, with their secrets and the paths of their
// keys.
func ClientList(clients []Client) ([]byte, error) {
	b, err := json.MarshalIndent(clients, "", "  ")
	return append(b, '\n'), err
}
