package certcmd

import (
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/oauthpop/oauthpop/internal/certs"
	"github.com/oauthpop/oauthpop/internal/cli"
)

type issueOptions struct {
	env *cli.Env

	cn, subject         string
	ca                  string
	selfSigned          bool
	sans                certs.SANs
	usage               string
	days                int
	notBefore, notAfter string
	alg, key            string
	passphrases         cli.Passphrases
	out                 string
	force               bool
}

func newIssueCmd(env *cli.Env, run func(*issueOptions) error) *cobra.Command {
	o := &issueOptions{env: env}
	cmd := &cobra.Command{
		Use:   "issue (--cn NAME | --subject DN) (--ca DIR | --self-signed)",
		Short: "Make a certificate, with a new key or for an existing one",
		Long: `Make a certificate, signed by a CA of 'cert ca' or by its own key.

With --out PREFIX the certificate and its chain are written to PREFIX.pem, its key to
PREFIX-key.pem; without, one PEM with all three goes to standard output. The chain
holds the CA certificates that are not self-signed: whoever trusts a root has it
already. With --key FILE the key stays where it is, and is not written again.

The subject is an RFC 4514 string as it is registered for tls_client_auth: the most
specific part first, no spaces around the commas. A certificate does not outlive its
CA: an end beyond that of the CA is cut, and standard error says so.`,
		Example: `  oauthpop cert issue --cn client --self-signed --out client
  oauthpop cert issue --subject 'CN=client,O=Example,C=NO' --ca ca --san-dns client.example --out certs/client
  oauthpop cert issue --cn client --ca ca --key client.jwk --days 1 --out one-day`,
		Args: cli.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkIssue(cmd); err != nil {
				return err
			}
			return run(o)
		},
	}
	o.addFlags(cmd)
	return cmd
}

func (o *issueOptions) addFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&o.cn, "cn", "", "common name of the subject")
	f.StringVar(&o.subject, "subject", "", "whole subject as an RFC 4514 string")
	f.StringVar(&o.ca, "ca", "", "folder of the CA that signs")
	f.BoolVar(&o.selfSigned, "self-signed", false, "sign with the certificate's own key")
	f.StringArrayVar(&o.sans.DNS, "san-dns", nil, "alternative name: host name (repeatable)")
	f.StringArrayVar(&o.sans.URI, "san-uri", nil, "alternative name: URI (repeatable)")
	f.StringArrayVar(&o.sans.IP, "san-ip", nil, "alternative name: IP address (repeatable)")
	f.StringArrayVar(&o.sans.Email, "san-email", nil, "alternative name: e-mail address (repeatable)")
	f.StringVar(&o.usage, "usage", certs.UsageClient, "what it is for: "+strings.Join(certs.Usages(), ", "))
	f.IntVar(&o.days, "days", 365, "how long it is valid, from its beginning")
	f.StringVar(&o.notBefore, "not-before", "", "beginning: RFC 3339 time, or an offset from now such as -48h (default 5 minutes ago)")
	f.StringVar(&o.notAfter, "not-after", "", "end: RFC 3339 time, or an offset from now such as 1h")
	f.StringVar(&o.key, "key", "", "private key file of the subject, instead of a new key")
	f.StringVar(&o.out, "out", "", "write PREFIX.pem and PREFIX-key.pem")
	f.BoolVar(&o.force, "force", false, "replace files that are there")
	addAlg(cmd, &o.alg)
	o.passphrases.Add(cmd)
	cli.Complete(cmd, "usage", certs.Usages()...)
	_ = cmd.MarkFlagDirname("ca")
}

// checkIssue refuses what contradicts itself or lacks its half.
func checkIssue(cmd *cobra.Command) error {
	err := exclusive(cmd, [2]string{"ca", "self-signed"}, [2]string{"cn", "subject"},
		[2]string{"days", "not-after"}, [2]string{"alg", "key"})
	if err != nil {
		return err
	}
	if err := needOne(cmd, [2]string{"cn", "subject"}, [2]string{"ca", "self-signed"}); err != nil {
		return err
	}
	for _, name := range []string{"cn", "subject", "ca", "key", "out"} {
		if cmd.Flags().Changed(name) && cmd.Flag(name).Value.String() == "" {
			return cli.Usage("--%s is empty", name)
		}
	}
	// --self-signed=false names no issuer.
	if cmd.Flags().Changed("self-signed") && cmd.Flag("self-signed").Value.String() != "true" {
		return cli.Usage("%s needs --ca or --self-signed", cmd.CommandPath())
	}
	return nil
}

// request reads the flags that say what the certificate holds.
func (o *issueOptions) request() (certs.Request, error) {
	r := certs.Request{SANs: o.sans, Usage: o.usage}
	var err error
	if r.Subject, err = o.name(); err != nil {
		return r, err
	}
	if !slices.Contains(certs.Usages(), o.usage) {
		return r, cli.Usage("--usage %q is none of %s", o.usage, strings.Join(certs.Usages(), ", "))
	}
	if err := o.sans.Check(); err != nil {
		return r, o.fault(err)
	}
	now := o.env.Now()
	r.NotBefore = now.Add(-backdate)
	if o.notBefore != "" {
		if r.NotBefore, err = parseTime("not-before", o.notBefore, now); err != nil {
			return r, err
		}
	}
	if o.notAfter != "" {
		r.NotAfter, err = parseTime("not-after", o.notAfter, now)
	} else {
		r.NotAfter, err = lifetime(r.NotBefore, o.days)
	}
	return r, err
}

// parseTime reads a time, or an offset from now.
func parseTime(flag, value string, now time.Time) (time.Time, error) {
	if offset, err := time.ParseDuration(value); err == nil {
		return now.Add(offset), nil
	}
	t, err := time.Parse(time.RFC3339, value)
	if err != nil {
		fault := cli.Usage("--%s %q is not a time", flag, value)
		fault.Hint = "for example 2027-01-31T00:00:00Z, or an offset from now such as -48h"
		return t, fault
	}
	return t, nil
}
