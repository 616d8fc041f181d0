package binding

import (
	"bytes"
	"crypto/sha1" //nolint:gosec // to name a SHA-1 where a SHA-256 belongs; nothing trusts it
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"

	"github.com/oauthpop/oauthpop/internal/wire"
)

// Local is what a token is compared with.
type Local struct {
	Keys         []LocalKey
	Certificates []LocalCertificate
}

// LocalKey is a key: the file it is from and its RFC 7638 thumbprint.
type LocalKey struct{ File, JKT string }

// LocalCertificate is a certificate: its x5t#S256, and, for naming mistakes, the
// thumbprint of its key and the certificate itself. The last two may be left out.
type LocalCertificate struct {
	File, X5T, KeyJKT string
	Leaf              *x509.Certificate
}

// Empty says that nothing was given.
func (l Local) Empty() bool { return len(l.Keys) == 0 && len(l.Certificates) == 0 }

// identify says which local thing the digest is of. right: it is what belongs
// into that member of cnf.
func identify(member string, digest []byte, local Local) (what string, right bool) {
	is := func(thumbprint string) bool {
		b, err := base64.RawURLEncoding.DecodeString(thumbprint)
		return err == nil && len(b) > 0 && bytes.Equal(b, digest)
	}
	for _, k := range local.Keys {
		switch {
		case is(k.JKT) && member == wire.CnfJKT:
			return fmt.Sprintf("the thumbprint of the key %q", k.File), true
		case is(k.JKT):
			return fmt.Sprintf("the thumbprint of the key %q (RFC 7638), not of a certificate", k.File), false
		}
	}
	for _, c := range local.Certificates {
		switch {
		case is(c.X5T) && member == wire.CnfX5T:
			return fmt.Sprintf("the SHA-256 of the certificate %q", c.File), true
		case is(c.X5T):
			return fmt.Sprintf("the SHA-256 of the certificate %q, not the thumbprint of a key", c.File), false
		case is(c.KeyJKT) && member == wire.CnfX5T:
			return fmt.Sprintf("the thumbprint of the key of %q (RFC 7638), not of the certificate", c.File), false
		case is(c.KeyJKT):
			return fmt.Sprintf("the thumbprint of the key of %q", c.File), false
		}
		if name := c.otherDigest(digest); name != "" {
			return fmt.Sprintf("the %s of %q", name, c.File), false
		}
	}
	return "", false
}

// otherDigest names the digest of a certificate that is not its x5t#S256.
func (c LocalCertificate) otherDigest(digest []byte) string {
	if c.Leaf == nil {
		return ""
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Leaf.Raw})
	sha := func(b []byte) []byte { sum := sha256.Sum256(b); return sum[:] }
	sum := sha1.Sum(c.Leaf.Raw) //nolint:gosec // as above
	for _, known := range []struct {
		name   string
		digest []byte
	}{
		{"SHA-1", sum[:]},
		{"SHA-256 of the public key (SPKI), not of the certificate,", sha(c.Leaf.RawSubjectPublicKeyInfo)},
		{"SHA-256 of the PEM text, not of the DER,", sha(text)},
		{"SHA-256 of the PEM text, not of the DER,", sha(bytes.TrimSpace(text))},
		{"SHA-256 of the PEM text, not of the DER,", sha(bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n")))},
	} {
		if bytes.Equal(known.digest, digest) {
			return known.name
		}
	}
	return ""
}
