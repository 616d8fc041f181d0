package view

import (
	"fmt"
	"strings"
	"time"

	"github.com/oauthpop/oauthpop/internal/certs"
	"github.com/oauthpop/oauthpop/internal/ui"
)

// Certificate is what matters to RFC 8705 in a certificate, and where it stands.
type Certificate struct {
	Cert       string     `json:"cert"` // path, or empty
	Key        string     `json:"key"`  // path, or empty
	X5T        string     `json:"x5t#S256"`
	SubjectDN  string     `json:"subject_dn"`
	SAN        certs.SANs `json:"san"`
	NotBefore  time.Time  `json:"not_before"`
	NotAfter   time.Time  `json:"not_after"`
	Usage      string     `json:"usage"`
	IssuerDN   string     `json:"issuer_dn"`
	SelfSigned bool       `json:"self_signed"`
	Serial     string     `json:"serial"`
	KeyKind    string     `json:"key_kind"`
	DaysLeft   int        `json:"days_left"`

	expired, early bool
}

// NewCertificate returns the view of a certificate at a time.
func NewCertificate(d certs.Description, now time.Time) Certificate {
	return Certificate{
		X5T: d.Thumbprint, SubjectDN: d.SubjectDN, SAN: d.SANs, Usage: d.Usage,
		NotBefore: d.NotBefore, NotAfter: d.NotAfter, IssuerDN: d.IssuerDN,
		SelfSigned: d.SelfSigned, Serial: d.Serial, KeyKind: d.KeyKind, DaysLeft: d.DaysLeft(now),
		expired: now.After(d.NotAfter), early: now.Before(d.NotBefore),
	}
}

func (c *Certificate) draw(p *ui.Printer) {
	issuer := c.IssuerDN
	if c.SelfSigned {
		issuer = "itself"
	}
	p.Fields(
		ui.Field{Label: "certificate", Value: c.Cert},
		ui.Field{Label: "key", Value: c.Key},
		ui.Field{Label: "x5t#S256", Value: c.X5T},
		ui.Field{Label: "subject", Value: c.SubjectDN},
		ui.Field{Label: "san", Value: c.names()},
		ui.Field{Label: "usage", Value: c.Usage},
		ui.Field{Label: "valid", Value: c.validity()},
		ui.Field{Label: "issuer", Value: issuer},
		ui.Field{Label: "key kind", Value: c.KeyKind},
	)
}

// names are the alternative names on one line, each with its kind.
func (c *Certificate) names() string {
	var all []string
	for _, kind := range []struct {
		name   string
		values []string
	}{{"dns", c.SAN.DNS}, {"uri", c.SAN.URI}, {"ip", c.SAN.IP}, {"email", c.SAN.Email}} {
		for _, v := range kind.values {
			all = append(all, kind.name+":"+v)
		}
	}
	return strings.Join(all, "  ")
}

func (c *Certificate) validity() string {
	span := c.NotBefore.Format(time.RFC3339) + " to " + c.NotAfter.Format(time.RFC3339)
	switch {
	case c.early:
		return span + " (not yet)"
	case c.expired:
		return fmt.Sprintf("%s (expired %s ago)", span, days(-c.DaysLeft-1))
	}
	return fmt.Sprintf("%s (%s left)", span, days(c.DaysLeft))
}

func days(n int) string {
	if n == 1 {
		return "1 day"
	}
	return fmt.Sprintf("%d days", n)
}

// IssuedCertificate is a new certificate. PEM holds it, its chain and its key
// where they were not written to files.
type IssuedCertificate struct {
	Certificate
	PEM string `json:"pem,omitempty"`
}

// Draw writes the PEM, or where the files are.
func (c *IssuedCertificate) Draw(p *ui.Printer) {
	if c.PEM != "" {
		p.Raw(c.PEM)
		return
	}
	c.draw(p)
}

// CertificateChain is a leaf with the other certificates of its file.
type CertificateChain struct {
	Certificate
	Chain []Certificate `json:"chain,omitempty"`
}

// Draw writes the leaf, then the others.
func (c *CertificateChain) Draw(p *ui.Printer) {
	c.draw(p)
	for i := range c.Chain {
		p.Raw("\n")
		c.Chain[i].draw(p)
	}
}

// CertificateThumbprint is a certificate of which a person wants the thumbprint.
type CertificateThumbprint struct{ Certificate }

// Draw writes the thumbprint alone.
func (c *CertificateThumbprint) Draw(p *ui.Printer) { p.Raw(c.X5T + "\n") }
