package commands

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/oauthpop/oauthpop/internal/binding"
	"github.com/oauthpop/oauthpop/internal/cli"
	"github.com/oauthpop/oauthpop/internal/dpop"
	"github.com/oauthpop/oauthpop/internal/token"
	"github.com/oauthpop/oauthpop/internal/wire"
)

// givenOptions stand for keys that cannot be exported, such as those of a
// browser: a proof that one of them made, or a thumbprint.
type givenOptions struct{ proofs, jkts, x5ts []string }

func (o *givenOptions) add(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&o.proofs, "proof", nil, "DPoP proof whose key the token may be bound to, where the key itself can't be exported (repeatable, @FILE)")
	o.addThumbprints(cmd)
}

func (o *givenOptions) addThumbprints(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringArrayVar(&o.jkts, "jkt", nil, "thumbprint of a key that the token may be bound to (repeatable, @FILE)")
	f.StringArrayVar(&o.x5ts, "x5t", nil, "thumbprint (x5t#S256) of a certificate that the token may be bound to (repeatable, @FILE)")
}

// addTo adds what was given to the material of files.
func (o *givenOptions) addTo(local *binding.Local, env *cli.Env) error {
	for _, arg := range o.proofs {
		k, err := readProof(env, arg)
		if err != nil {
			return err
		}
		local.Keys = append(local.Keys, k)
	}
	jkts, err := thumbprints(env, "--jkt", wire.CnfJKT, o.jkts)
	if err != nil {
		return err
	}
	for _, t := range jkts {
		local.Keys = append(local.Keys, binding.LocalKey{File: "--jkt", JKT: t})
	}
	x5ts, err := thumbprints(env, "--x5t", wire.CnfX5T, o.x5ts)
	for _, t := range x5ts {
		local.Certificates = append(local.Certificates, binding.LocalCertificate{File: "--x5t", X5T: t})
	}
	return err
}

// thumbprints reads what a flag was given, and names what is no thumbprint.
func thumbprints(env *cli.Env, flag, member string, list []string) ([]string, error) {
	values, err := env.Values(flag, list)
	if err != nil {
		return nil, err
	}
	for _, v := range values {
		if kind := binding.MalformedKind(member, v, binding.Local{}); kind != "" {
			return nil, &cli.InputError{
				Message: fmt.Sprintf("%s %.100q is no thumbprint: it is %s", flag, v, kind),
				Hint:    "a thumbprint is the base64url of a SHA-256: 43 characters, without padding, as 'oauthpop key thumbprint' and 'oauthpop cert thumbprint' print it",
			}
		}
	}
	return values, nil
}

// readProof takes the key of a proof. The proof need not fit a request here, but
// its key must have signed it: anybody can write another one's key into a header.
func readProof(env *cli.Env, arg string) (binding.LocalKey, error) {
	text, err := env.Value("--proof", arg)
	if err != nil {
		return binding.LocalKey{}, err
	}
	where := "--proof"
	if name := nameOf(arg); name != "" {
		where += " " + name
	}
	r, err := token.Read(text)
	if err != nil {
		return binding.LocalKey{}, unreadable(where, err)
	}
	if r.Kind != token.DPoPProof {
		return binding.LocalKey{}, &cli.InputError{
			Message: where + " is not a DPoP proof: its typ is not dpop+jwt (RFC 9449 section 4.2)",
			Hint:    "the proof stands in the header DPoP of a request, the token in Authorization",
		}
	}
	report := dpop.Judge(dpop.Request{Proofs: []string{r.Token}, Algs: dpop.DefaultAlgs(), NoFreshness: true}, ownChecks())
	for _, c := range report.Checks {
		if c.Status == dpop.StatusFailed {
			return binding.LocalKey{}, &cli.InputError{
				Message: fmt.Sprintf("%s does not prove its key: %s: expected %s, found %s", where, c.ID, c.Expected, c.Found),
				Hint:    "was it cut off or changed when it was copied? 'oauthpop dpop verify' says all that is wrong with it",
			}
		}
	}
	file := "--proof"
	if len(arg) > 1 && arg[0] == '@' && arg[1] != '@' {
		file = arg[1:]
	}
	return binding.LocalKey{File: file, JKT: report.JKT}, nil
}

// ownChecks are the checks of a proof that say whether its key made it, whatever
// the request was.
func ownChecks() []dpop.Check {
	return slices.DeleteFunc(dpop.Checks(), func(c dpop.Check) bool {
		return !slices.Contains([]string{"single-header", "well-formed", "typ", "alg", "signature"}, c.ID)
	})
}
