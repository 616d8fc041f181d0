package certcmd

import (
	"crypto/x509"
	"errors"

	"github.com/spf13/cobra"

	"github.com/oauthpop/oauthpop/internal/certs"
	"github.com/oauthpop/oauthpop/internal/cli"
	"github.com/oauthpop/oauthpop/internal/commands/view"
	"github.com/oauthpop/oauthpop/internal/material"
)

// showOptions are those of every verb that reads one certificate file.
type showOptions struct {
	env *cli.Env

	file        string
	passphrases cli.Passphrases
}

func (o *showOptions) fill(cmd *cobra.Command, run func(*showOptions) error) *cobra.Command {
	o.passphrases.Add(cmd)
	cmd.Args = cli.OneArg("a certificate file")
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		o.file = args[0]
		return run(o)
	}
	return cmd
}

func newShowCmd(env *cli.Env, run func(*showOptions) error) *cobra.Command {
	o := &showOptions{env: env}
	return o.fill(&cobra.Command{
		Use:   "show FILE",
		Short: "Show what matters to RFC 8705 in a certificate",
		Long: `Show what matters to RFC 8705 in a certificate: subject DN, alternative names,
usage, validity, x5t#S256. Of a file with several certificates the leaf comes first,
then its chain. FILE may be - for standard input, or env:NAME.`,
		Example: `  oauthpop cert show client.pem
  oauthpop cert show client.pem -o json
  openssl x509 -in client.der -inform DER | oauthpop cert show -`,
	}, run)
}

func (o *showOptions) run() error {
	chain, err := o.read()
	if err != nil {
		return err
	}
	v := &view.CertificateChain{Certificate: o.view(chain[0])}
	for _, c := range chain[1:] {
		v.Chain = append(v.Chain, o.view(c))
	}
	return o.env.Result(v, nil)
}

// read returns the certificates of the file, the leaf first.
func (o *showOptions) read() ([]*x509.Certificate, error) {
	passphrases, err := o.passphrases.Read(o.env)
	if err != nil {
		return nil, err
	}
	data, err := o.env.Material("FILE", o.file)
	if err != nil {
		return nil, err
	}
	chain, err := material.Chain(o.file, data, passphrases)
	var m *material.Error
	if errors.As(err, &m) && m.Hint == "" && holdsKey(o.file, data, passphrases) {
		m.Hint = "'oauthpop key thumbprint' gives the thumbprint of a key"
	}
	return chain, err
}

func holdsKey(name string, data []byte, passphrases []string) bool {
	_, err := material.PublicKey(name, data, passphrases)
	return err == nil
}

func (o *showOptions) view(c *x509.Certificate) view.Certificate {
	v := view.NewCertificate(certs.Describe(c), o.env.Now())
	if o.file != "-" {
		v.Cert = o.file
	}
	return v
}
