package server

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"net/netip"
	"reflect"
	"slices"
	"strings"
)

var errNoCertificate = errors.New("the connection has no client certificate; clients that use one call the certificate port (mtls_endpoint_aliases)")

// checkSubjectOf is tls_client_auth: a chain to a CA that is trusted for clients,
// and the one registered name in the certificate of the handshake.
// https://www.rfc-editor.org/rfc/rfc8705#section-2.1
func (x *exchange) checkSubjectOf(c *registration) error {
	chain := x.chain()
	if len(chain) == 0 {
		return errNoCertificate
	}
	if x.cfg.ClientCAs == nil { // Verify would take the system's
		return errors.New("no CA is trusted for client certificates")
	}
	intermediates := x509.NewCertPool()
	for _, i := range chain[1:] {
		intermediates.AddCert(i)
	}
	_, err := chain[0].Verify(x509.VerifyOptions{
		Roots: x.cfg.ClientCAs, Intermediates: intermediates, CurrentTime: x.now,
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	})
	if err != nil {
		return fmt.Errorf("the client certificate does not verify: %w", err)
	}
	if !c.names(chain[0]) {
		return errors.New("the client certificate has another subject than the registered " + c.subjectMembers()[0])
	}
	return nil
}

// names reports whether the certificate carries the registered name, and in the
// field that it is registered for.
// https://www.rfc-editor.org/rfc/rfc8705#section-2.1.2
func (r *registration) names(c *x509.Certificate) bool {
	switch {
	case r.TLSSubjectDN != "":
		subject, err := readDN(c.RawSubject)
		return err == nil && sameDN(subject, r.subject)
	case r.TLSSANDNS != "":
		return slices.ContainsFunc(c.DNSNames, func(n string) bool { return strings.EqualFold(n, r.TLSSANDNS) })
	case r.TLSSANURI != "":
		for _, u := range c.URIs {
			if u.String() == r.TLSSANURI {
				return true
			}
		}
		return false
	case r.TLSSANIP != "":
		// Addresses are compared in binary: 4 or 16 octets, never mapped.
		// https://www.rfc-editor.org/rfc/rfc8705#section-2.1.2
		for _, ip := range c.IPAddresses {
			if a, ok := netip.AddrFromSlice(ip); ok && a == r.address {
				return true
			}
		}
		return false
	}
	return slices.Contains(c.EmailAddresses, r.TLSSANEmail)
}

// sameDN compares two names: the same RDNs in the same order, each with the same
// set of attributes, their values equal as they are, whatever kind of string.
//
// "A predictable treatment of DN values, such as the distinguishedNameMatch rule
// from [RFC4517], is needed."
// https://www.rfc-editor.org/rfc/rfc8705#section-2.1
func sameDN(a, b pkix.RDNSequence) bool {
	return slices.EqualFunc(a, b, func(x, y pkix.RelativeDistinguishedNameSET) bool {
		return within(x, y) && within(y, x)
	})
}

func within(part, whole pkix.RelativeDistinguishedNameSET) bool {
	for _, want := range part {
		found := slices.ContainsFunc(whole, func(have pkix.AttributeTypeAndValue) bool {
			// A value of a kind that encoding/asn1 does not know is nil.
			return want.Value != nil && have.Type.Equal(want.Type) && reflect.DeepEqual(have.Value, want.Value)
		})
		if !found {
			return false
		}
	}
	return true
}

// readDN reads the DER of a name.
func readDN(der []byte) (pkix.RDNSequence, error) {
	var name pkix.RDNSequence
	rest, err := asn1.Unmarshal(der, &name)
	if err == nil && len(rest) > 0 {
		err = errors.New("something follows the name")
	}
	return name, err
}

// checkRegistered is self_signed_tls_client_auth: the certificate of the handshake
// is one of those that are registered, to the last byte. Its chain and its dates
// are not looked at.
// https://www.rfc-editor.org/rfc/rfc8705#section-2.2
func (x *exchange) checkRegistered(c *registration) error {
	cert := x.certificate()
	if cert == nil {
		return errNoCertificate
	}
	if !slices.ContainsFunc(c.certificates, func(der []byte) bool { return bytes.Equal(der, cert.Raw) }) {
		return errors.New("the client certificate is none of those that are registered")
	}
	return nil
}
