package commands

import (
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/oauthpop/oauthpop/internal/cli"
	"github.com/oauthpop/oauthpop/internal/commands/tokencmd"
	"github.com/oauthpop/oauthpop/internal/dpop"
	"github.com/oauthpop/oauthpop/internal/profile"
	"github.com/oauthpop/oauthpop/internal/transport"
	"github.com/oauthpop/oauthpop/internal/wire"
)

type callOptions struct {
	env *cli.Env

	client     cli.Client
	connection cli.Connection
	token      string
	method     string
	data       string
	headers    []string
	include    bool
	fail       bool
	outFile    string
	force      bool
	htu        string
}

func newCallCmd(env *cli.Env) *cobra.Command {
	o := &callOptions{env: env}
	cmd := &cobra.Command{
		Use:   "call [METHOD] URL",
		Short: "Call an API with a bound token",
		Long: `Send one request with a token and what proves it: a fresh DPoP proof by --key,
or the client certificate of --cert; with neither it is a plain Bearer call. The
token is --token, or is got now as 'oauthpop token' would.`,
		Example: `  oauthpop call https://api.example.com/orders --token @token --key key.jwk
  oauthpop call POST https://api.example.com/orders --token @token --cert client.pem -d @order.json -H 'Content-Type: application/json'
  oauthpop call https://api.example.com/orders --issuer https://as.example.com --client-id app --client-secret @secret --dpop --key key.jwk`,
		Args: callArgs,
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd, args) },
	}
	cli.ReadsEnvironment(cmd)
	f := cmd.Flags()
	f.StringVar(&o.token, "token", "", "the access token (@FILE, or - for standard input)")
	f.StringVarP(&o.method, "method", "X", "", "the method; GET, or POST with a body")
	f.StringVarP(&o.data, "data", "d", "", "the body, byte for byte (@FILE, or - for standard input)")
	f.StringArrayVarP(&o.headers, "header", "H", nil, "`'NAME: VALUE'` sent with the request (repeatable)")
	f.BoolVarP(&o.include, "include", "i", false, "write status line and headers before the body")
	f.BoolVar(&o.fail, "fail", false, "exit 4 and no body for a status of 400 and above")
	f.StringVarP(&o.outFile, "out-file", "O", "", "write the body to `FILE`")
	f.BoolVar(&o.force, "force", false, "replace the file of -O")
	f.StringVar(&o.htu, "htu", "", "`URL` that the proof names, where the server knows another than the one called")
	o.client.Add(cmd)
	o.connection.Add(cmd)
	cli.Complete(cmd, "method", "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
	return cmd
}

func callArgs(cmd *cobra.Command, args []string) error {
	if len(args) == 2 && !isMethod(args[0]) {
		return cli.Usage("%q is not a method: of two arguments the first is the method, the second the URL", args[0])
	}
	if len(args) > 2 {
		return cli.Usage("call takes METHOD and URL, but got %d arguments", len(args))
	}
	return cli.SomeArgs("a URL")(cmd, args)
}

// isMethod says whether an argument is a method: letters only.
func isMethod(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') })
}

// call is one call, ready to be sent as often as a nonce asks for it.
type call struct {
	method  string
	url     *url.URL
	htu     string
	headers http.Header
	body    func() (io.ReadCloser, int64, error)
	token   wire.Secret
	prover  *dpop.Prover
	binding wire.Binding
}

func (o *callOptions) run(cmd *cobra.Command, args []string) error {
	c, err := o.request(cmd, args)
	if err != nil {
		return err
	}
	if err := o.forms(); err != nil {
		return err
	}
	config, err := o.connection.Config(o.env)
	if err != nil {
		return err
	}
	source, err := o.source(cmd)
	if err != nil {
		return err
	}
	config.Certificate = source.Certificate
	t := transport.New(config)
	defer t.Close()
	if err := o.authorize(cmd, t, c, source); err != nil {
		return err
	}
	exchange, body, err := t.Stream(cmd.Context(), c.build(o.env))
	if err != nil {
		return err
	}
	defer func() { _ = body.Close() }()
	return o.deliver(cmd.Context(), c, exchange, body)
}

// forms refuses forms of the result that contradict.
func (o *callOptions) forms() error {
	if o.outFile == "-" { // as in curl: standard output
		o.outFile = ""
	}
	switch {
	case o.outFile != "" && o.include:
		return cli.Usage("-i and -O can't be used together: the file holds the body alone")
	case o.outFile != "" && o.env.JSON():
		return cli.Usage("-O and -o json can't be used together: with -o json the body is in the object")
	}
	return nil
}

// request reads what is to be sent from arguments and flags.
func (o *callOptions) request(cmd *cobra.Command, args []string) (*call, error) {
	c := &call{method: o.method, headers: http.Header{}}
	target := args[len(args)-1]
	if len(args) == 2 {
		if o.method != "" && !strings.EqualFold(o.method, args[0]) {
			return nil, cli.Usage("the method is said twice: %s and -X %s", args[0], o.method)
		}
		c.method = strings.ToUpper(args[0])
	}
	if err := c.address(target, o.htu); err != nil {
		return nil, err
	}
	for _, h := range o.headers {
		name, value, ok := strings.Cut(h, ":")
		if !ok || name == "" || strings.ContainsAny(h, "\r\n") {
			return nil, cli.Usage("-H %q is not 'NAME: VALUE'", h)
		}
		if slices.ContainsFunc([]string{"authorization", wire.HeaderDPoP}, func(own string) bool { return strings.EqualFold(own, name) }) {
			return nil, cli.Usage("-H %s: that header is made by the call itself", name)
		}
		c.headers.Add(name, strings.TrimSpace(value))
	}
	if cmd.Flags().Changed("data") {
		var err error
		if c.body, err = o.env.Body("-d", o.data); err != nil {
			return nil, err
		}
		if c.headers.Get("Content-Type") == "" {
			c.headers.Set("Content-Type", "application/x-www-form-urlencoded")
		}
	}
	if c.method == "" {
		c.method = http.MethodGet
		if c.body != nil {
			c.method = http.MethodPost
		}
	}
	return c, nil
}

// address takes the URL as it will go over the wire, and the htu of that, or of
// another URL that the server knows itself by.
func (c *call) address(target, htu string) error {
	sent, err := dpop.RequestURL(target)
	if err != nil {
		return err
	}
	if c.url, err = url.Parse(sent); err != nil {
		return cli.Usage("the URL %q can't be called: %v", sent, err)
	}
	if htu == "" {
		htu = sent
	}
	c.htu, err = dpop.HTU(htu)
	return err
}

// source is where the token comes from: one that was given, or a client that
// gets one.
type source struct {
	profile.Spec
	token  wire.Secret
	client *profile.Client
}

// ownToken says whether the call gets a token by itself: none was given, or the
// command line asks for one while only the environment has another.
func (o *callOptions) ownToken(cmd *cobra.Command) bool {
	asks := o.client.DPoP || o.client.MTLS || o.client.Bearer
	return o.token == "" || asks && o.client.Named() && !o.env.OnCommandLine(cmd, "token")
}

func (o *callOptions) source(cmd *cobra.Command) (*source, error) {
	if o.ownToken(cmd) {
		if !o.client.Named() {
			return nil, &cli.UsageError{Message: "there is no token for the call", Hint: "give --token @FILE, or a client that gets one: --issuer, --client-id and --dpop or --mtls"}
		}
		client, err := o.client.Ready(o.env, cmd)
		if err != nil {
			return nil, err
		}
		return &source{Spec: client.Spec, client: client}, nil
	}
	if flag := o.client.NeededToAsk(o.env, cmd); flag != "" && o.env.OnCommandLine(cmd, "token") {
		return nil, cli.Usage("--%s would not be used: the token is given by --token", flag)
	}
	value, err := o.env.Value("token", o.token)
	if err != nil {
		return nil, err
	}
	spec, err := o.client.Material(o.env)
	if err != nil {
		return nil, err
	}
	switch {
	case o.client.DPoP && spec.Key == nil:
		return nil, &cli.UsageError{Message: "--dpop needs a key: --key is missing", Hint: "it is the key that the token is bound to"}
	case o.client.MTLS && spec.Certificate == nil:
		return nil, &cli.UsageError{Message: "--mtls needs a certificate: --cert is missing", Hint: "it is the one that the token is bound to"}
	case o.htu != "" && spec.Key == nil:
		return nil, cli.Usage("--htu would not be used: no proof is sent without --key")
	}
	return &source{Spec: spec, token: wire.Secret(value)}, nil
}

// authorize puts token and prover into the call.
func (o *callOptions) authorize(cmd *cobra.Command, t *transport.Transport, c *call, s *source) error {
	if s.client == nil {
		return o.given(c, s)
	}
	form, err := o.client.Params(o.env)
	if err != nil {
		return err
	}
	obtained, err := tokencmd.Obtain(cmd.Context(), o.env, s.client, t, tokencmd.Ask{Form: form})
	if err != nil {
		return err
	}
	if err := obtained.Failure(); err != nil {
		return o.env.Result(obtained.Withheld(), err)
	}
	obtained.Warn(o.env)
	c.token, c.prover, c.binding = obtained.Answer.AccessToken, obtained.Prover, obtained.Binding
	return nil
}

// given uses a token that was given. A cnf that does not fit is a warning: the
// server's answer decides.
func (o *callOptions) given(c *call, s *source) error {
	if s.token == "" || strings.ContainsFunc(s.token.Reveal(), func(r rune) bool { return r <= ' ' || r > '~' }) {
		return &cli.InputError{Message: "--token is not a token: it is empty, or has characters that no header may carry"}
	}
	var err error
	if c.prover, err = profile.Prover(s.Key, nil); err != nil {
		return err
	}
	c.token = s.token
	c.binding = tokencmd.Compare(s.token, s.Spec, c.prover)
	if c.binding.Verdict == "bound-to-another-key" {
		o.env.WarnBinding("the token is " + c.binding.Verdict + ": " + c.binding.Detail)
	}
	return nil
}

// build makes the request anew for each attempt: a fresh body, a fresh proof with
// the nonce that the server asked for.
func (c *call) build(env *cli.Env) transport.Build {
	return func(a transport.Attempt) (*http.Request, error) {
		req := &http.Request{Method: c.method, URL: c.url, Header: c.headers.Clone(), Host: c.url.Host}
		if host := c.headers.Get("Host"); host != "" {
			req.Host = host
		}
		if c.body != nil {
			var err error
			if req.Body, req.ContentLength, err = c.body(); err != nil {
				return nil, err
			}
			if req.ContentLength == 0 {
				_ = req.Body.Close()
				req.Body = http.NoBody // a length of 0 with a body would mean an unknown one
			}
		}
		if c.prover == nil {
			req.Header.Set("Authorization", wire.SchemeBearer+" "+c.token.Reveal())
			return req, nil
		}
		now := env.Now()
		proof, err := c.prover.Proof(dpop.Claims{Method: c.method, HTU: c.htu, Token: c.token.Reveal(), Nonce: a.Nonce(c.url.String()), Time: now})
		if err != nil {
			return nil, err
		}
		req.Header.Set("Authorization", wire.SchemeDPoP+" "+c.token.Reveal())
		req.Header[wire.HeaderDPoP] = []string{proof}
		return transport.WithProof(req, c.htu, now), nil
	}
}
