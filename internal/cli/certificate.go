package cli

import (
	"crypto/tls"
	"strings"

	"github.com/spf13/cobra"

	"github.com/oauthpop/oauthpop/internal/bounds"
	"github.com/oauthpop/oauthpop/internal/files"
	"github.com/oauthpop/oauthpop/internal/material"
)

// ClientCertificate are the flags --cert and --cert-key.
type ClientCertificate struct {
	Cert, Key string
	prefix    string // before the names of the flags
}

// Add declares the flags.
func (c *ClientCertificate) Add(cmd *cobra.Command) { c.AddAs(cmd, "") }

// AddAs declares the flags with prefix before the name of each.
func (c *ClientCertificate) AddAs(cmd *cobra.Command, prefix string) {
	c.prefix = prefix
	f := cmd.Flags()
	f.StringVar(&c.Cert, prefix+"cert", "", "`FILE` with the client certificate, its chain and, if it is there, its private key (PEM, PKCS#12)")
	f.StringVar(&c.Key, prefix+"cert-key", "", "`FILE` with the private key of --"+prefix+"cert")
	_ = cmd.MarkFlagFilename(prefix + "cert")
	_ = cmd.MarkFlagFilename(prefix + "cert-key")
}

// Load reads the certificate and its key, or nil if none is given. Half a pair is
// refused before anything is sent.
func (c *ClientCertificate) Load(env *Env, passphrases []string) (*tls.Certificate, error) {
	if c.Cert == "" && c.Key == "" {
		return nil, nil
	}
	own := "--" + c.prefix
	if c.Cert == "" {
		return nil, &UsageError{
			Message: own + "cert-key " + c.Key + " is given without " + own + "cert: the certificate is missing",
			Hint:    "a private key alone can't be presented to a server",
		}
	}
	cert, err := env.Material(own+"cert", c.Cert)
	if err != nil {
		return nil, err
	}
	var key []byte
	keyName, private := c.keyFile(), c.Cert
	if keyName != "" {
		if key, err = env.Material(own+"cert-key", keyName); err != nil {
			return nil, err
		}
		private = keyName
	}
	pair, err := material.Pair(c.Cert, cert, keyName, key, passphrases)
	if err == nil {
		env.WarnReadable(private)
	}
	return pair, err
}

// onCommandLine returns the first of the flags that the command line itself gave, or "".
func (c *ClientCertificate) onCommandLine(env *Env, cmd *cobra.Command) string {
	for _, name := range []string{"cert", "cert-key"} {
		if env.OnCommandLine(cmd, c.prefix+name) {
			return c.prefix + name
		}
	}
	return ""
}

// keyFile is the file of the private key, "" where it is in that of the certificate.
func (c *ClientCertificate) keyFile() string {
	if c.Key != "" || c.Cert == "" {
		return c.Key
	}
	return c.besides()
}

// besides looks for the key beside NAME.pem: NAME-key.pem, NAME.key. It is taken
// only where the certificate's file itself holds no key, which Pair decides: a
// key inside wins.
func (c *ClientCertificate) besides() string {
	base, ok := strings.CutSuffix(c.Cert, ".pem")
	if !ok || strings.HasPrefix(c.Cert, "env:") {
		return ""
	}
	if data, err := files.Read(c.Cert, bounds.KeyFile); err == nil && strings.Contains(string(data), "PRIVATE KEY-----") {
		return ""
	}
	for _, name := range []string{base + "-key.pem", base + ".key"} {
		if files.Exists(name) {
			return name
		}
	}
	return ""
}
