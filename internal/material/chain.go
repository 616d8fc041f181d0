package material

import (
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
)

// Chain reads the certificates of a file, the leaf first whatever their order in
// the file, each followed by its issuer. The leaf is the one that fits the key in
// the file, else the one that issued no other.
func Chain(name string, data []byte, passphrases []string) ([]*x509.Certificate, error) {
	r, err := read(name, data, passphrases, wantChain)
	if err != nil {
		return nil, err
	}
	if len(r.Certificates) == 0 {
		return nil, r.noCertificate()
	}
	for _, k := range r.Keys {
		if fitting := fitting(r.Certificates, k.Public); len(fitting) > 0 {
			return r.chainFrom(fitting)
		}
	}
	return r.chainFrom(r.Certificates)
}

func (r *reader) noCertificate() error {
	switch {
	case len(r.Keys) == 0:
		return r.keyFault()
	case r.Keys[0].Private != nil:
		return r.fault("a private key", "", nil)
	default:
		return r.fault("a public key", "", nil)
	}
}

func fitting(certs []*x509.Certificate, pub crypto.PublicKey) []*x509.Certificate {
	var out []*x509.Certificate
	for _, c := range certs {
		if Same(c.PublicKey, pub) {
			out = append(out, c)
		}
	}
	return out
}

// chainFrom orders the certificates, beginning with the leaf among candidates.
func (r *reader) chainFrom(candidates []*x509.Certificate) ([]*x509.Certificate, error) {
	leaves := candidates
	if len(leaves) > 1 {
		leaves = slices.DeleteFunc(slices.Clone(leaves), func(c *x509.Certificate) bool { return issuedAny(c, r.Certificates) })
	}
	if len(leaves) > 1 {
		leaves = slices.DeleteFunc(slices.Clone(leaves), func(c *x509.Certificate) bool { return c.IsCA })
	}
	if len(leaves) != 1 {
		return nil, r.fault(fmt.Sprintf("%d certificates of which none is clearly the leaf", len(r.Certificates)),
			"put the one that is meant, with its chain, into a file of its own", nil)
	}
	return order(leaves[0], r.Certificates), nil
}

func issuedAny(issuer *x509.Certificate, certs []*x509.Certificate) bool {
	return slices.ContainsFunc(certs, func(c *x509.Certificate) bool { return c != issuer && issued(issuer, c) })
}

// issued says whether a certificate was signed by the key of another. Signatures
// by algorithms that are no longer checked (SHA-1) count by the names alone.
func issued(issuer, c *x509.Certificate) bool {
	if string(issuer.RawSubject) != string(c.RawIssuer) {
		return false
	}
	err := issuer.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature)
	var insecure x509.InsecureAlgorithmError
	return err == nil || errors.As(err, &insecure)
}

// order puts the leaf first, then each certificate's issuer, then what remains.
func order(leaf *x509.Certificate, certs []*x509.Certificate) []*x509.Certificate {
	rest := slices.DeleteFunc(slices.Clone(certs), func(c *x509.Certificate) bool { return c == leaf })
	chain := []*x509.Certificate{leaf}
	for {
		last := chain[len(chain)-1]
		i := slices.IndexFunc(rest, func(c *x509.Certificate) bool { return issued(c, last) })
		if i < 0 {
			return append(chain, rest...)
		}
		chain = append(chain, rest[i])
		rest = slices.Delete(rest, i, i+1)
	}
}

// Pair reads a client certificate and its private key. Without a key file the key
// is looked for in the certificate's own file. The two must fit.
func Pair(certName string, cert []byte, keyName string, key []byte, passphrases []string) (*tls.Certificate, error) {
	r, err := read(certName, cert, passphrases, wantChain)
	if err != nil {
		return nil, err
	}
	if len(r.Certificates) == 0 {
		return nil, r.noCertificate()
	}
	k, err := r.keyFor(keyName, key)
	if err != nil {
		return nil, err
	}
	fits := fitting(r.Certificates, k.Public)
	if len(fits) == 0 {
		return nil, misfit(certName, keyName)
	}
	chain, err := r.chainFrom(fits)
	if err != nil {
		return nil, err
	}
	pair := &tls.Certificate{PrivateKey: k.Private, Leaf: chain[0]}
	for _, c := range chain {
		pair.Certificate = append(pair.Certificate, c.Raw)
	}
	return pair, nil
}

// keyFor reads the private key of the certificate in r.
func (r *reader) keyFor(keyName string, key []byte) (Key, error) {
	if keyName != "" || len(key) > 0 {
		return PrivateKey(keyName, key, r.passphrases)
	}
	if err := r.keyFault(); err != nil {
		return Key{}, err
	}
	var private []Key
	for _, k := range r.Keys {
		if k.Private != nil {
			private = append(private, k)
		}
	}
	switch len(private) {
	case 1:
		return private[0], nil
	case 0:
		return Key{}, &Error{File: r.Name, Found: "a certificate without its private key", Hint: "--cert-key FILE names the file with the key"}
	default:
		return Key{}, &Error{File: r.Name, Found: fmt.Sprintf("%d private keys", len(private)), Hint: "put the certificate and its own key into a file of their own"}
	}
}

func misfit(certName, keyName string) error {
	if keyName == "" {
		return &Error{File: certName, Found: "a certificate and a private key that do not fit"}
	}
	return &Error{
		File: keyName, Found: fmt.Sprintf("a private key that does not fit the certificate in %q", certName),
		Hint: "the key must be the one that the certificate was made for",
	}
}
