package commands

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/oauthpop/oauthpop/internal/binding"
	"github.com/oauthpop/oauthpop/internal/bounds"
	"github.com/oauthpop/oauthpop/internal/capture"
	"github.com/oauthpop/oauthpop/internal/cli"
	"github.com/oauthpop/oauthpop/internal/commands/view"
	"github.com/oauthpop/oauthpop/internal/files"
	"github.com/oauthpop/oauthpop/internal/token"
	"github.com/oauthpop/oauthpop/internal/wire"
)

// explainOptions are those of the command explain.
type explainOptions struct {
	env *cli.Env

	at, scheme  string
	keys, certs []string
	jkts, x5ts  []string
	passphrases cli.Passphrases
	issuer      string
	jwks        string
	connection  cli.Connection
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
	f.StringArrayVar(&o.keys, "key", nil, "`FILE` with a key, private or public, that the token may be bound to (repeatable)")
	f.StringArrayVar(&o.certs, "cert", nil, "`FILE` with a certificate that the token may be bound to (repeatable)")
	f.StringArrayVar(&o.jkts, "jkt", nil, "thumbprint of such a key (repeatable)")
	f.StringArrayVar(&o.x5ts, "x5t", nil, "x5t#S256 of such a certificate (repeatable)")
	o.passphrases.Add(cmd)
	f.StringVar(&o.issuer, "issuer", "", "`URL` of the issuer, whose keys check the token's signature")
	f.StringVar(&o.jwks, "jwks", "", "`FILE` with the issuer's keys, to check the signature without a network")
	o.connection.Add(cmd)
	cli.Complete(cmd, "scheme", "https", "http")
	for _, name := range []string{"key", "cert", "jwks"} {
		_ = cmd.MarkFlagFilename(name)
	}
	return cmd
}

const explainForms = `It may be raw HTTP, also of several requests, with the pseudo-header fields of
HTTP/2 or a first line, and with line ends of either kind; or a curl command line
as browsers copy it, for bash or Windows (no command is executed and no file is
read), with the answer below it or without; or what curl wrote with -v or
--trace-ascii; or a HAR, of which the requests with credentials are shown.`

func (o *explainOptions) run(cmd *cobra.Command, args []string) error {
	if o.env.OnCommandLine(cmd, "issuer") && o.env.OnCommandLine(cmd, "jwks") {
		return cli.Usage("--issuer and --jwks can't be used together: both say whose keys check the signature")
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

// local is what the tokens are compared with beside what the requests carry.
func (o *explainOptions) local() (binding.Local, error) {
	given := localOptions{keys: o.keys, certs: o.certs, passphrases: o.passphrases}
	local, err := given.load(o.env)
	if err != nil {
		return local, err
	}
	for _, t := range []struct {
		flag, member string
		values       []string
	}{{"jkt", wire.CnfJKT, o.jkts}, {"x5t", wire.CnfX5T, o.x5ts}} {
		for _, v := range t.values {
			if kind := binding.MalformedKind(t.member, v, binding.Local{}); kind != "" {
				return local, cli.Usage("--%s %q is no thumbprint: %s", t.flag, v, kind)
			}
			if t.flag == "jkt" {
				local.Keys = append(local.Keys, binding.LocalKey{File: "--jkt", JKT: v})
			} else {
				local.Certificates = append(local.Certificates, binding.LocalCertificate{File: "--x5t", X5T: v})
			}
		}
	}
	return local, nil
}

// judge makes what judges the requests.
func (o *explainOptions) judge() (*judge, error) {
	j := &judge{
		now: o.env.Now(), seen: map[string]bool{},
		inspect: &inspectOptions{env: o.env, issuer: o.issuer, jwks: o.jwks, connection: o.connection},
	}
	var err error
	if j.at, j.noFreshness, err = explainTime(o.at); err != nil {
		return nil, err
	}
	if j.local, err = o.local(); err != nil {
		return nil, err
	}
	file, err := j.inspect.keyFile()
	if err != nil {
		return nil, err
	}
	if file != nil {
		j.check = func(r token.Reading) view.Signature { return checked(r, *file, "") }
	}
	return j, nil
}

// explainTime reads --at; a zero time is that of the request itself.
func explainTime(at string) (when time.Time, noFreshness bool, err error) {
	switch at {
	case "":
		return time.Time{}, false, nil
	case "iat":
		return time.Time{}, true, nil
	}
	if t, err := time.Parse(time.RFC3339, at); err == nil {
		return t, false, nil
	}
	if t, err := http.ParseTime(at); err == nil {
		return t, false, nil
	}
	if n, err := strconv.ParseInt(at, 10, 64); err == nil {
		return time.Unix(n, 0), false, nil
	}
	fault := cli.Usage("--at %q is not a time", at)
	fault.Hint = "RFC 3339 (2026-01-31T12:00:00Z), an HTTP date, seconds since 1970, or iat"
	return time.Time{}, false, fault
}
