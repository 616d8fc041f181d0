package certcmd

import (
	"github.com/spf13/cobra"

	"github.com/oauthpop/oauthpop/internal/cli"
	"github.com/oauthpop/oauthpop/internal/commands/view"
)

func newThumbprintCmd(env *cli.Env, run func(*showOptions) error) *cobra.Command {
	o := &showOptions{env: env}
	return o.fill(&cobra.Command{
		Use:   "thumbprint FILE",
		Short: "Print the x5t#S256 of a certificate (RFC 8705)",
		Long: `Print the x5t#S256 of a certificate, the value that a certificate-bound token
carries in cnf (RFC 8705 section 3.1): base64url of the SHA-256 of its DER. Of a file
with several certificates it is that of the leaf. FILE may be - for standard input,
or env:NAME. The thumbprint of a key is another one: 'key thumbprint'.`,
		Example: `  oauthpop cert thumbprint client.pem
  oauthpop cert thumbprint client.pem -o json`,
	}, run)
}

func (o *showOptions) runThumbprint() error {
	chain, err := o.read()
	if err != nil {
		return err
	}
	return o.env.Result(&view.CertificateThumbprint{Certificate: o.view(chain[0])}, nil)
}
