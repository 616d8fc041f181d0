package dpopcmd

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/oauthpop/oauthpop/internal/bounds"
	"github.com/oauthpop/oauthpop/internal/cli"
	"github.com/oauthpop/oauthpop/internal/commands/view"
	"github.com/oauthpop/oauthpop/internal/dpop"
	"github.com/oauthpop/oauthpop/internal/jwt"
)

type verifyOptions struct {
	env *cli.Env

	proof           string
	target          target
	token, nonce    string
	jkt, key        string
	passphrases     cli.Passphrases
	algs            []string
	at              string
	maxAge, maxSkew time.Duration
	strict          bool
}

func newVerifyCmd(env *cli.Env, run func(context.Context, *verifyOptions) error) *cobra.Command {
	o := &verifyOptions{env: env}
	cmd := &cobra.Command{
		Use:   "verify PROOF|@FILE|-",
		Short: "Check a proof, every rule on its own",
		Long: `Judge a DPoP proof as a careful server would: every check of RFC 9449 section 4.3,
also after the first that fails. What the flags do not give is not checked: without
-X the method, without -u the URL, without --token the hash, without --jkt or --key
whose proof it is. Exit 3 when a check fails, also when the proof is no JWT at all.

A proof is fresh for minutes. One from a log is judged as of the time of its request
with --at (RFC 3339, an HTTP date, or seconds since 1970); --at iat leaves freshness
out.

From - any number of proofs is read, one a line, and for each one line of JSON is
answered, with the number of its line; a summary goes to standard error. A line is a
proof, or a JSON object with what goes with it: proof, method, url, token, nonce, at
and jkt. What the object holds goes before the flags (url before --url and --htu);
an empty string leaves the check out; other members are passed over. Within a stream
a jti that was seen before with the same key, within --max-age and --max-skew, fails
the check replay.`,
		Example: `  oauthpop dpop verify @proof.txt -X POST -u https://as.example.com/token
  oauthpop dpop verify @proof.txt -X GET -u https://api.example.com/orders --token @token.txt --key key.jwk --at iat
  jq -c '{proof: .dpop, method, url, at: .time}' gateway.log | oauthpop dpop verify - > verdicts.jsonl
  oauthpop dpop proof --key key.jwk -X POST -u https://as.example.com/token | oauthpop dpop verify - --strict -o json`,
		Args: cli.OneArg("the proof"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.proof = args[0]
			if err := o.check(cmd); err != nil {
				return err
			}
			return run(cmd.Context(), o)
		},
	}
	o.target.add(cmd)
	f := cmd.Flags()
	f.StringVar(&o.token, "token", "", "access token that the proof goes with (@FILE, -)")
	f.StringVar(&o.nonce, "nonce", "", "DPoP-Nonce that the server gave (@FILE, -)")
	f.StringVar(&o.jkt, "jkt", "", "thumbprint of the key that the token is bound to")
	f.StringVar(&o.key, "key", "", "`FILE` with that key, private or public")
	f.StringArrayVar(&o.algs, "alg", nil, "accept only this algorithm (repeatable; default "+strings.Join(dpop.DefaultAlgs(), " ")+")")
	f.StringVar(&o.at, "at", "", "when the request arrived: `TIME`, or iat to leave freshness out (default now)")
	f.DurationVar(&o.maxAge, "max-age", bounds.ProofAge, "how old a proof may be")
	f.DurationVar(&o.maxSkew, "max-skew", bounds.ProofSkew, "how far in the future its iat may be")
	f.BoolVar(&o.strict, "strict", false, "60s old and 10s ahead at most, and no RS256")
	o.passphrases.Add(cmd)
	cli.Complete(cmd, "alg", jwt.Algorithms()...)
	_ = cmd.MarkFlagFilename("key")
	return cmd
}

func (o *verifyOptions) run(ctx context.Context) error {
	if o.proof == "-" {
		return o.stream(ctx)
	}
	request, err := o.request()
	if err != nil {
		return err
	}
	v := view.NewProofReport(dpop.Judge(request, dpop.Checks()))
	return o.env.Result(v, verdict(v))
}

// verdict is the error of a proof that is not valid.
func verdict(v *view.ProofReport) error {
	failed := v.Failed()
	if len(failed) == 0 {
		return nil
	}
	var ids []string
	for _, c := range failed {
		ids = append(ids, c.ID)
	}
	err := &cli.CheckError{Message: "the proof is invalid: " + strings.Join(ids, ", "), Hint: failed[0].Hint}
	if len(ids) == 1 && ids[0] == "fresh" {
		err.Hint = "--at TIME judges it as of its request, --at iat leaves freshness out"
	}
	return err
}
