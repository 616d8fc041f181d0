package commands

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/oauthpop/oauthpop/internal/bounds"
	"github.com/oauthpop/oauthpop/internal/capture"
	"github.com/oauthpop/oauthpop/internal/cli"
	"github.com/oauthpop/oauthpop/internal/commands/view"
	"github.com/oauthpop/oauthpop/internal/files"
	"github.com/oauthpop/oauthpop/internal/token"
)

// explainOptions are those of the command explain.
type explainOptions struct {
	env *cli.Env

	at, scheme string
	local      localOptions
	issuer     issuerOptions
}

func newExplainCmd(env *cli.Env) *cobra.Command {
	o := &explainOptions{env: env}
	cmd := &cobra.Command{
		Use:   "explain [@FILE|-|TEXT]",
		Short: "Say why a captured request was refused",
		Long: `Read a request as it was captured, with its answer or without, and say what is
wrong with its proof, its token and its client certificate, and what likely made
the server refuse it. Nothing leaves this machine, unless --issuer asks for the
issuer's keys.

` + explainForms + `

Each proof is judged as of the time of its request: --at, else the Date of the
answer, else the time in the HAR, else now. --at iat leaves freshness out. Exit 3
when a check fails.`,
		Example: `  oauthpop explain @request.txt
  oauthpop explain - --key key.jwk -o json < request.txt
  oauthpop explain @session.har --at iat`,
		Args: cli.AtMostOneArg("the request"),
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd, args) },
	}
	cli.ReadsEnvironment(cmd)
	f := cmd.Flags()
	f.StringVar(&o.at, "at", "", "when the request arrived: `TIME`, or iat to leave freshness out")
	f.StringVar(&o.scheme, "scheme", "", "http or https, for a request that names only host and path (default https)")
	o.local.addFiles(cmd)
	o.local.given.addThumbprints(cmd)
	o.issuer.add(cmd)
	cli.Complete(cmd, "scheme", "https", "http")
	return cmd
}

const explainForms = `It may be raw HTTP, also of several requests, with the pseudo-header fields of
HTTP/2 or a first line, and with line ends of either kind; or a curl command line
as browsers copy it, for bash or Windows (no command is executed and no file is
read), with the answer below it or without; or what curl wrote with -v or
--trace-ascii; or a HAR, of which the requests with credentials are shown.`

func (o *explainOptions) run(cmd *cobra.Command, args []string) error {
	if err := o.issuer.check(o.env, cmd); err != nil {
		return err
	}
	if o.scheme != "" && o.scheme != "http" && o.scheme != "https" {
		return cli.Usage("--scheme %q is not http or https", o.scheme)
	}
	j, err := o.judge()
	if err != nil {
		return err
	}
	text, where, err := o.read(args)
	if err != nil {
		return err
	}
	reading, err := capture.Read(text, capture.Options{Scheme: o.scheme})
	if err != nil {
		if len(args) > 0 && args[0] == text && files.Exists(text) {
			return &cli.InputError{Hint: "the file of that name is @" + text, Err: err}
		}
		return unreadable(where, err)
	}
	j.meet(reading)
	if err := j.fetch(cmd.Context(), reading); err != nil {
		return err
	}
	v := &view.Explain{Form: string(reading.Form), Requests: []view.ExplainedRequest{}}
	for i := range reading.Exchanges {
		v.Requests = append(v.Requests, j.request(&reading.Exchanges[i]))
	}
	if reading.Skipped > 0 {
		o.env.Say("requests without credentials, which are left out: %d", reading.Skipped)
	}
	if reading.Cut {
		o.env.Warn(fmt.Sprintf("only the first %d requests were read", bounds.Exchanges))
	}
	return o.env.Result(v, explained(v))
}

// explained is the error of what does not hold.
func explained(v *view.Explain) error {
	bad, words, hint := 0, "", ""
	for _, r := range v.Requests {
		if r.Verdict != view.RequestFailed {
			continue
		}
		if bad++; bad == 1 {
			words = r.Summary()
			if len(r.Causes) > 0 {
				hint = r.Causes[0].Fix
			}
		}
	}
	switch {
	case bad == 0:
		return nil
	case len(v.Requests) > 1:
		words = fmt.Sprintf("%d of %d requests have checks that failed; the first: %s", bad, len(v.Requests), words)
	}
	return &cli.CheckError{Message: words, Hint: hint}
}

// read finds the text: the argument, or standard input.
func (o *explainOptions) read(args []string) (text, where string, err error) {
	arg := "-"
	if len(args) > 0 {
		arg = args[0]
	} else if o.env.StdinTerminal {
		o.env.Say("paste the request, then end the input (Ctrl-D)")
	}
	var b []byte
	switch file, isFile := strings.CutPrefix(arg, "@"); {
	case arg == "-":
		b, err = o.env.ReadStdin("the request", bounds.Capture)
	case strings.HasPrefix(arg, "@@"):
		return arg[1:], "", nil
	case isFile:
		b, err = files.Read(file, bounds.Capture)
	default:
		return arg, "", nil
	}
	return cli.Text(b), nameOf(arg), err
}

// judge makes what judges the requests.
func (o *explainOptions) judge() (*judge, error) {
	j := &judge{
		env: o.env, now: o.env.Now(), seen: map[string]bool{}, issuer: &o.issuer,
	}
	var err error
	if j.at, j.noFreshness, err = cli.Arrival(o.at, time.Time{}); err != nil {
		return nil, err
	}
	if j.local, err = o.local.load(o.env); err != nil {
		return nil, err
	}
	file, err := o.issuer.keyFile(o.env)
	if err != nil {
		return nil, err
	}
	if file != nil {
		j.check = func(r token.Reading) view.Signature { return checked(r, *file, "") }
	}
	return j, nil
}
