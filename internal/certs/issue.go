package certs

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"math/big"
	"time"
)

// What a leaf may be used for.
const (
	UsageClient = "client"
	UsageServer = "server"
	UsageBoth   = "both"
)

// Usages are the values that Request.Usage takes.
func Usages() []string { return []string{UsageClient, UsageServer, UsageBoth} }

// Request is what a leaf is to hold.
type Request struct {
	Subject   pkix.RDNSequence // may be empty only if there are SANs
	SANs      SANs
	Usage     string // client, server or both
	NotBefore time.Time
	NotAfter  time.Time
	PublicKey crypto.PublicKey
}

// RequestError says why no certificate can be made from what was asked for.
type RequestError struct {
	Reason string
	Hint   string
}

func (e *RequestError) Error() string { return e.Reason }

// HintText says what to try.
func (e *RequestError) HintText() string { return e.Hint }

// CA is a certificate that may issue others, with its key. Chain holds what
// stands above Certificate, nearest first.
type CA struct {
	Certificate *x509.Certificate
	Key         crypto.Signer
	Chain       []*x509.Certificate
}

// NewCA makes a self-signed CA certificate.
func NewCA(subject pkix.RDNSequence, key crypto.Signer, notBefore, notAfter time.Time) (*CA, error) {
	if len(subject) == 0 {
		// https://www.rfc-editor.org/rfc/rfc5280#section-4.1.2.4
		return nil, &RequestError{Reason: "a CA has a name: its subject is empty"}
	}
	t, err := template(Request{Subject: subject, NotBefore: notBefore, NotAfter: notAfter, PublicKey: key.Public()})
	if err != nil {
		return nil, err
	}
	// "This extension MUST appear as a critical extension in all CA certificates"
	// https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.9 (crypto/x509 always
	// marks it so).
	t.IsCA = true
	t.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign
	cert, err := sign(t, t, key.Public(), key)
	if err != nil {
		return nil, err
	}
	return &CA{Certificate: cert, Key: key}, nil
}

// Issue makes a leaf. It does not outlive its CA: a later NotAfter becomes that
// of the CA's certificate, so compare the result with what was asked for.
func (ca *CA) Issue(r Request) (*x509.Certificate, error) {
	if err := ca.check(); err != nil {
		return nil, err
	}
	if end := ca.Certificate.NotAfter; r.NotAfter.After(end) {
		if !r.NotBefore.Before(end) {
			return nil, &RequestError{
				Reason: fmt.Sprintf("the CA's certificate ends %s, before the new one begins", end.UTC().Format(time.RFC3339)),
				Hint:   "make a new CA with `cert ca`",
			}
		}
		r.NotAfter = end
	}
	t, err := leaf(r)
	if err != nil {
		return nil, err
	}
	// crypto/x509 leaves it out where the subject is the CA's own.
	t.AuthorityKeyId = ca.Certificate.SubjectKeyId
	return sign(t, ca.Certificate, r.PublicKey, ca.Key)
}

// check refuses to issue what no verifier would accept (RFC 5280 section 6.1.4).
func (ca *CA) check() error {
	c := ca.Certificate
	switch {
	case !c.BasicConstraintsValid || !c.IsCA:
		return &RequestError{
			Reason: fmt.Sprintf("%q is not the certificate of a CA", SubjectDN(c)),
			Hint:   "make a CA with `cert ca`",
		}
	case c.KeyUsage != 0 && c.KeyUsage&x509.KeyUsageCertSign == 0:
		return &RequestError{Reason: fmt.Sprintf("CA %q may not sign certificates by its key usage", SubjectDN(c))}
	}
	if pub, ok := c.PublicKey.(interface{ Equal(crypto.PublicKey) bool }); !ok || !pub.Equal(ca.Key.Public()) {
		return &RequestError{Reason: fmt.Sprintf("the key does not fit the certificate of CA %q", SubjectDN(c))}
	}
	return nil
}

// Intermediates returns what a peer needs beside a leaf to reach a root that it
// trusts: the CA and what stands above it, without self-signed certificates.
func (ca *CA) Intermediates() []*x509.Certificate {
	var chain []*x509.Certificate
	for _, c := range append([]*x509.Certificate{ca.Certificate}, ca.Chain...) {
		if !selfSigned(c) {
			chain = append(chain, c)
		}
	}
	return chain
}

// SelfSigned makes a leaf that is its own issuer, as self_signed_tls_client_auth
// takes it (RFC 8705 section 2.2).
func SelfSigned(r Request, key crypto.Signer) (*x509.Certificate, error) {
	if len(r.Subject) == 0 {
		return nil, &RequestError{Reason: "a self-signed certificate names its issuer: its subject is empty"}
	}
	r.PublicKey = key.Public()
	t, err := leaf(r)
	if err != nil {
		return nil, err
	}
	return sign(t, t, r.PublicKey, key)
}

func sign(t, parent *x509.Certificate, pub crypto.PublicKey, key crypto.Signer) (*x509.Certificate, error) {
	der, err := x509.CreateCertificate(rand.Reader, t, parent, pub, key)
	if err != nil {
		return nil, fmt.Errorf("sign a certificate: %w", err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("read the new certificate: %w", err)
	}
	return cert, nil
}

// serial returns a random positive number of 128 bits: "conforming CAs MUST NOT
// use serialNumber values longer than 20 octets"
// https://www.rfc-editor.org/rfc/rfc5280#section-4.1.2.2
func serial() (*big.Int, error) {
	b := make([]byte, 16)
	if _, err := rand.Read(b); err != nil {
		return nil, err
	}
	n := new(big.Int).SetBytes(b)
	if n.Sign() == 0 {
		return nil, errors.New("the random serial number is zero")
	}
	return n, nil
}
