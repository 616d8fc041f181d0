package certcmd

import (
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/oauthpop/oauthpop/internal/certs"
	"github.com/oauthpop/oauthpop/internal/cli"
	"github.com/oauthpop/oauthpop/internal/commands/view"
	"github.com/oauthpop/oauthpop/internal/files"
	"github.com/oauthpop/oauthpop/internal/keys"
)

type caOptions struct {
	env *cli.Env

	cn, out, alg string
	days         int
	force        bool
}

func newCACmd(env *cli.Env, run func(*caOptions) error) *cobra.Command {
	o := &caOptions{env: env}
	cmd := &cobra.Command{
		Use:   "ca --cn NAME --out DIR",
		Short: "Make a CA for tests",
		Long: `Make a CA for tests: a folder with its certificate (ca.pem), its key (ca-key.pem)
and the record of the serial numbers that it issued (issued.jsonl, a JSON object a
line). The folder is made if it is missing. Give ca.pem to the server as a CA for
client certificates, and DIR to 'cert issue --ca'.`,
		Example: `  oauthpop cert ca --cn 'Example CA' --out ca
  oauthpop cert ca --cn 'Example RSA CA' --alg RS256 --days 30 --out ca-rsa`,
		Args: cli.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			for _, name := range []string{"cn", "out"} {
				if cmd.Flag(name).Value.String() == "" {
					return cli.Usage("%s needs --%s", cmd.CommandPath(), name)
				}
			}
			return run(o)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.cn, "cn", "", "common name of the CA")
	f.StringVar(&o.out, "out", "", "folder of the CA")
	f.IntVar(&o.days, "days", 3650, "how long it is valid")
	f.BoolVar(&o.force, "force", false, "replace a CA that is there, with its record")
	addAlg(cmd, &o.alg)
	_ = cmd.MarkFlagDirname("out")
	return cmd
}

func (o *caOptions) run() error {
	if err := checkAlg(o.alg); err != nil {
		return err
	}
	begin := o.env.Now().Add(-backdate)
	end, err := lifetime(begin, o.days)
	if err != nil {
		return err
	}
	subject, err := certs.CommonName(o.cn)
	if err != nil {
		return fault(err, "cn", o.cn)
	}
	key, err := keys.Generate(o.alg, 0)
	if err != nil {
		return err
	}
	ca, err := certs.NewCA(subject, key.Private, begin, end)
	if err != nil {
		return fault(err, "cn", o.cn)
	}
	keyPEM, err := keys.MarshalPEM(key, false)
	if err != nil {
		return err
	}
	v := view.NewCertificate(certs.Describe(ca.Certificate), o.env.Now())
	v.Cert, v.Key = filepath.Join(o.out, caCertFile), filepath.Join(o.out, caKeyFile)
	if err := o.write(v.Cert, v.Key, certs.EncodePEM(ca.Certificate), keyPEM); err != nil {
		return err
	}
	return o.env.Result(&view.IssuedCertificate{Certificate: v}, nil)
}

// write begins a new record and puts the pair beside it.
func (o *caOptions) write(certPath, keyPath string, cert, key []byte) error {
	record := filepath.Join(o.out, caRecordFile)
	if err := noneExists(o.force, certPath, keyPath, record); err != nil {
		return err
	}
	if err := files.MkdirPrivate(o.out); err != nil {
		return err
	}
	err := files.WritePair(files.File{Path: keyPath, Data: key, Perm: keyPerm},
		files.File{Path: certPath, Data: cert, Perm: certPerm}, o.force)
	if err != nil {
		return err
	}
	return files.Write(record, nil, keyPerm, o.force)
}
