package certcmd

import (
	"crypto/x509"
	"path/filepath"
	"strings"
	"time"

	"github.com/oauthpop/oauthpop/internal/certs"
	"github.com/oauthpop/oauthpop/internal/cli"
	"github.com/oauthpop/oauthpop/internal/commands/view"
	"github.com/oauthpop/oauthpop/internal/files"
	"github.com/oauthpop/oauthpop/internal/keys"
	"github.com/oauthpop/oauthpop/internal/material"
)

// target is where a certificate and a new key go; empty paths are standard output.
type target struct{ cert, key string }

// target reads --out, and refuses names that are taken before anything is made.
func (o *issueOptions) target() (target, error) {
	if o.out == "" {
		return target{}, nil
	}
	prefix := strings.TrimSuffix(o.out, ".pem")
	if base := filepath.Base(prefix); prefix == "" || strings.HasSuffix(prefix, "/") || base == "." || base == ".." || base == "-" {
		err := cli.Usage("--out %q is not the beginning of a file name", o.out)
		err.Hint = "--out client writes client.pem and client-key.pem; without --out the PEM goes to standard output"
		return target{}, err
	}
	t := target{cert: prefix + ".pem", key: prefix + "-key.pem"}
	if o.key != "" {
		t.key = ""
	}
	for _, input := range o.inputs() {
		if files.Same(t.cert, input) {
			return t, cli.Usage("--out %q would replace %q, which this certificate is made from", o.out, input)
		}
	}
	if t.key == "" {
		return t, noneExists(o.force, t.cert)
	}
	return t, noneExists(o.force, t.cert, t.key)
}

// inputs are the files that are read, and that not even --force may replace.
func (o *issueOptions) inputs() []string {
	var paths []string
	if o.key != "" {
		paths = append(paths, o.key)
	}
	if o.ca != "" {
		paths = append(paths, filepath.Join(o.ca, caCertFile), filepath.Join(o.ca, caKeyFile))
	}
	return paths
}

// deliver records the certificate with its CA and hands it over. The record comes
// first: a certificate that nobody could revoke must not be out.
func (o *issueOptions) deliver(t target, r certs.Request, key material.Key, chain []*x509.Certificate) error {
	cert := chain[0]
	var keyPEM []byte
	if o.key == "" {
		var err error
		if keyPEM, err = keys.MarshalPEM(key, false); err != nil {
			return err
		}
	}
	v := &view.IssuedCertificate{Certificate: view.NewCertificate(certs.Describe(cert), o.env.Now())}
	v.Cert, v.Key = t.cert, t.key
	if o.key != "" && o.key != "-" {
		v.Key = o.key
	}
	if t.cert != "" {
		if err := files.MkdirPrivate(filepath.Dir(t.cert)); err != nil {
			return err
		}
	}
	if !o.selfSigned {
		if err := appendRecord(filepath.Join(o.ca, caRecordFile), cert, o.env.Now()); err != nil {
			return err
		}
	}
	if err := o.write(t, certs.EncodePEM(chain...), keyPEM, v); err != nil {
		return err
	}
	if cert.NotAfter.Before(r.NotAfter.UTC().Truncate(time.Second)) {
		o.env.Warn("the certificate ends with its CA at " + v.NotAfter.Format(time.RFC3339) + ", not at " + r.NotAfter.UTC().Format(time.RFC3339))
	}
	return o.env.Result(v, nil)
}

// write writes the files, or puts the PEM into the result.
func (o *issueOptions) write(t target, cert, key []byte, v *view.IssuedCertificate) error {
	switch {
	case t.cert == "":
		v.PEM = string(cert) + string(key)
		if !o.env.JSON() {
			o.env.Say("x5t#S256 %s", v.X5T)
		}
		return nil
	case t.key == "":
		return files.Write(t.cert, cert, certPerm, o.force)
	}
	return files.WritePair(files.File{Path: t.key, Data: key, Perm: keyPerm},
		files.File{Path: t.cert, Data: cert, Perm: certPerm}, o.force)
}
