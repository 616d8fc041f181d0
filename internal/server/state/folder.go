package state

import (
	"crypto"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io/fs"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/oauthpop/oauthpop/internal/bounds"
	"github.com/oauthpop/oauthpop/internal/certs"
	"github.com/oauthpop/oauthpop/internal/files"
	"github.com/oauthpop/oauthpop/internal/keys"
	"github.com/oauthpop/oauthpop/internal/material"
)

// How long certificates are valid. That of the server is made anew in time: a
// browser takes no leaf that is valid for years.
const (
	authorityDays = 3650
	serverDays    = 365
	renewDays     = 30
	day           = 24 * time.Hour
	// backdate lets a certificate be used on a machine whose clock is behind.
	backdate = 5 * time.Minute
)

const (
	private = 0o600
	public  = 0o644
)

// folder reads files, or makes those that are missing. Each file alone is whole or
// not there: an opening that was cut short is completed by the next.
type folder struct {
	dir string
	now time.Time
}

func (f folder) path(name string) string { return filepath.Join(f.dir, name) }

// file returns the content of a file, made by fill if there is none.
func (f folder) file(name string, perm fs.FileMode, fill func() ([]byte, error)) ([]byte, error) {
	path := f.path(name)
	if files.Exists(path) {
		return files.Read(path, bounds.KeyFile)
	}
	data, err := fill()
	if err != nil {
		return nil, err
	}
	return data, files.Write(path, data, perm, false)
}

// key returns the private key of a file: a JWK with that kid by the name .jwk,
// PEM otherwise.
func (f folder) key(name, kid string) (material.Key, error) {
	data, err := f.file(name, private, func() ([]byte, error) {
		k, err := keys.Generate("ES256", 0)
		if err != nil {
			return nil, err
		}
		if k.KID = kid; strings.HasSuffix(name, ".jwk") {
			return keys.MarshalJWK(k, false)
		}
		return keys.MarshalPEM(k, false)
	})
	if err != nil {
		return material.Key{}, err
	}
	return material.PrivateKey(f.path(name), data, nil)
}

// secret returns the secret of a file.
func (f folder) secret(name string) (string, error) {
	data, err := f.file(name, private, func() ([]byte, error) { return []byte(rand.Text() + "\n"), nil })
	return strings.TrimSpace(string(data)), err
}

// pair returns a certificate with its key; issue makes the certificate for the key.
func (f folder) pair(certName, keyName string, issue func(crypto.Signer) (*x509.Certificate, error)) (*tls.Certificate, error) {
	if files.Exists(f.path(certName)) && !files.Exists(f.path(keyName)) {
		// A new key would not fit: say that the old one is gone.
		_, err := files.Read(f.path(keyName), bounds.KeyFile)
		return nil, err
	}
	key, err := f.key(keyName, "")
	if err != nil {
		return nil, err
	}
	cert, err := f.file(certName, public, func() ([]byte, error) {
		c, err := issue(key.Private)
		if err != nil {
			return nil, err
		}
		return certs.EncodePEM(c), nil
	})
	if err != nil {
		return nil, err
	}
	keyPEM, err := files.Read(f.path(keyName), bounds.KeyFile)
	if err != nil {
		return nil, err
	}
	return material.Pair(f.path(certName), cert, f.path(keyName), keyPEM, nil)
}

func (f folder) authority(certName, keyName, subject string) (*certs.CA, error) {
	pair, err := f.pair(certName, keyName, func(key crypto.Signer) (*x509.Certificate, error) {
		name, err := certs.ParseDN(subject)
		if err != nil {
			return nil, err
		}
		ca, err := certs.NewCA(name, key, f.now.Add(-backdate), f.now.Add(authorityDays*day))
		if err != nil {
			return nil, err
		}
		return ca.Certificate, nil
	})
	if err != nil {
		return nil, err
	}
	if f.now.After(pair.Leaf.NotAfter) {
		return nil, &ExpiredError{Path: f.path(certName), End: pair.Leaf.NotAfter}
	}
	return &certs.CA{Certificate: pair.Leaf, Key: pair.PrivateKey.(crypto.Signer)}, nil
}

// serverPair is the certificate of both ports. One that does not cover the hosts,
// comes to its end or is of another CA is made anew.
func (f folder) serverPair(ca *certs.CA, hosts []string) (tls.Certificate, error) {
	sans := certs.SANs{DNS: []string{"localhost"}, IP: []string{"127.0.0.1", "::1"}}
	for _, h := range hosts {
		if ip := net.ParseIP(h); ip != nil && !slices.Contains(sans.IP, ip.String()) {
			sans.IP = append(sans.IP, ip.String())
		} else if ip == nil && !slices.Contains(sans.DNS, h) {
			sans.DNS = append(sans.DNS, h)
		}
	}
	issue := func(key crypto.Signer) (*x509.Certificate, error) {
		name, err := certs.ParseDN("CN=localhost")
		if err != nil {
			return nil, err
		}
		return ca.Issue(certs.Request{
			Subject: name, SANs: sans, Usage: certs.UsageServer, PublicKey: key.Public(),
			NotBefore: f.now.Add(-backdate), NotAfter: f.now.Add(serverDays * day),
		})
	}
	pair, err := f.pair(serverCert, serverKey, issue)
	if err != nil {
		return tls.Certificate{}, err
	}
	if !f.usable(pair.Leaf, ca, sans) {
		if pair.Leaf, err = issue(pair.PrivateKey.(crypto.Signer)); err != nil {
			return tls.Certificate{}, err
		}
		pair.Certificate = [][]byte{pair.Leaf.Raw}
		if err := files.Write(f.path(serverCert), certs.EncodePEM(pair.Leaf), public, true); err != nil {
			return tls.Certificate{}, err
		}
	}
	return *pair, nil
}

func (f folder) usable(leaf *x509.Certificate, ca *certs.CA, sans certs.SANs) bool {
	for _, h := range append(sans.DNS, sans.IP...) {
		if leaf.VerifyHostname(h) != nil {
			return false
		}
	}
	return leaf.CheckSignatureFrom(ca.Certificate) == nil && f.now.Add(renewDays*day).Before(leaf.NotAfter)
}
