// Package certcmd holds the verbs of `cert`: a CA for tests, the certificates
// that it issues, self-signed ones, and what is in a certificate file.
package certcmd

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/oauthpop/oauthpop/internal/certs"
	"github.com/oauthpop/oauthpop/internal/cli"
	"github.com/oauthpop/oauthpop/internal/files"
	"github.com/oauthpop/oauthpop/internal/keys"
)

// New returns the command.
func New(env *cli.Env) *cobra.Command {
	cmd := cli.Group("cert", "Make and show client certificates (RFC 8705)",
		newCACmd(env, (*caOptions).run),
		newIssueCmd(env, (*issueOptions).run),
		newShowCmd(env, (*showOptions).run),
		newThumbprintCmd(env, (*showOptions).runThumbprint),
	)
	cmd.Long = `cert makes certificates for mutual TLS (RFC 8705): a CA of your own with the
certificates that it issues, or self-signed ones, and shows of any certificate what
a server registers or compares: subject DN, alternative names, x5t#S256.`
	cmd.Example = `  oauthpop cert ca --cn 'Test CA' --out ca
  oauthpop cert issue --cn app --ca ca --out app
  oauthpop cert thumbprint app.pem`
	return cmd
}

// The files of a CA directory.
const (
	caCertFile   = "ca.pem"
	caKeyFile    = "ca-key.pem"
	caRecordFile = "issued.jsonl"
)

const (
	// backdate is how long before now a certificate begins, so that a server whose
	// clock is behind takes it at once.
	backdate = 5 * time.Minute

	certPerm = 0o644
	keyPerm  = 0o600
)

// addAlg declares the flag for new keys.
func addAlg(cmd *cobra.Command, alg *string) {
	cmd.Flags().StringVar(alg, "alg", "ES256", "algorithm of the new key: "+strings.Join(keys.Algs(), ", "))
	cli.Complete(cmd, "alg", keys.Algs()...)
}

func checkAlg(alg string) error {
	if !slices.Contains(keys.Algs(), alg) {
		return cli.Usage("--alg %q is none of %s", alg, strings.Join(keys.Algs(), ", "))
	}
	return nil
}

// exclusive refuses two flags that contradict each other.
func exclusive(cmd *cobra.Command, pairs ...[2]string) error {
	for _, p := range pairs {
		if cmd.Flags().Changed(p[0]) && cmd.Flags().Changed(p[1]) {
			return cli.Usage("--%s and --%s contradict each other: give one of them", p[0], p[1])
		}
	}
	return nil
}

// needOne refuses a command that has none of two flags.
func needOne(cmd *cobra.Command, pairs ...[2]string) error {
	for _, p := range pairs {
		if !cmd.Flags().Changed(p[0]) && !cmd.Flags().Changed(p[1]) {
			err := cli.Usage("%s needs --%s or --%s", cmd.CommandPath(), p[0], p[1])
			err.Hint = "see '" + cmd.CommandPath() + " --help'"
			return err
		}
	}
	return nil
}

// lifetime is the end of a certificate that begins at a time and lasts some days.
func lifetime(begin time.Time, days int) (time.Time, error) {
	const most = 366 * 9999
	if days < 1 || days > most {
		return time.Time{}, cli.Usage("--days %d is not between 1 and %d", days, most)
	}
	return begin.AddDate(0, 0, days), nil
}

// fault turns what certs refuses into a fault of the command line.
func fault(err error, subjectFlag, subject string) error {
	var dn *certs.DNError
	var san *certs.SANError
	var request *certs.RequestError
	switch {
	case errors.As(err, &dn):
		return &cli.UsageError{Message: fmt.Sprintf("--%s %q: %s", subjectFlag, subject, dn.Reason), Hint: dn.Hint}
	case errors.As(err, &san):
		return &cli.UsageError{Message: fmt.Sprintf("--san-%s %q: %s", san.Kind, san.Value, san.Reason), Hint: san.Hint}
	case errors.As(err, &request):
		return &cli.UsageError{Message: request.Reason, Hint: request.Hint}
	}
	return err
}

// noneExists refuses to replace a file, before anything is written.
func noneExists(force bool, paths ...string) error {
	for _, path := range paths {
		if !force && files.Exists(path) {
			return &files.ExistsError{Path: path}
		}
	}
	return nil
}
