package certcmd

import (
	"crypto/x509"
	"crypto/x509/pkix"

	"github.com/oauthpop/oauthpop/internal/certs"
	"github.com/oauthpop/oauthpop/internal/keys"
	"github.com/oauthpop/oauthpop/internal/material"
)

func (o *issueOptions) name() (pkix.RDNSequence, error) {
	if o.subject == "" {
		name, err := certs.CommonName(o.cn)
		return name, o.fault(err)
	}
	name, err := certs.ParseDN(o.subject)
	return name, o.fault(err)
}

func (o *issueOptions) fault(err error) error {
	if o.subject == "" {
		return fault(err, "cn", o.cn)
	}
	return fault(err, "subject", o.subject)
}

func (o *issueOptions) run() error {
	r, err := o.request()
	if err != nil {
		return err
	}
	target, err := o.target()
	if err != nil {
		return err
	}
	passphrases, err := o.passphrases.Read(o.env)
	if err != nil {
		return err
	}
	key, err := o.subjectKey(passphrases)
	if err != nil {
		return err
	}
	r.PublicKey = key.Public
	chain, err := o.sign(r, key, passphrases)
	if err != nil {
		return o.fault(err)
	}
	return o.deliver(target, r, key, chain)
}

// sign returns the certificate and what stands between it and a root.
func (o *issueOptions) sign(r certs.Request, key material.Key, passphrases []string) ([]*x509.Certificate, error) {
	if o.selfSigned {
		cert, err := certs.SelfSigned(r, key.Private)
		return []*x509.Certificate{cert}, err
	}
	ca, err := loadCA(o.env, o.ca, passphrases)
	if err != nil {
		return nil, err
	}
	cert, err := ca.Issue(r)
	return append([]*x509.Certificate{cert}, ca.Intermediates()...), err
}

// subjectKey reads the key of --key, or makes one.
func (o *issueOptions) subjectKey(passphrases []string) (material.Key, error) {
	if o.key == "" {
		if err := checkAlg(o.alg); err != nil {
			return material.Key{}, err
		}
		return keys.Generate(o.alg, 0)
	}
	return o.env.KeyFile("--key", o.key, passphrases, material.PrivateKey)
}
