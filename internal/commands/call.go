package commands

import (
	"cmp"
	"context"
	"net/http"
	"strings"

	"github.com/spf13/cobra"

	"github.com/oauthpop/oauthpop/internal/certs"
	"github.com/oauthpop/oauthpop/internal/cli"
	"github.com/oauthpop/oauthpop/internal/commands/tokencmd"
	"github.com/oauthpop/oauthpop/internal/files"
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
	json       string
	headers    []string
	include    bool
	follow     bool
	fail       bool
	outFile    string
	force      bool
	htu        string
	scheme     string
	printCurl  bool

	repeat, concurrency int
}

func newCallCmd(env *cli.Env) *cobra.Command {
	o := &callOptions{env: env}
	cmd := &cobra.Command{
		Use:   "call [METHOD] URL",
		Short: "Call an API with a bound token",
		Long: `Send one request with a token and what proves it: a fresh DPoP proof by --key,
or the client certificate of --cert; with neither it is a plain Bearer call. The
token is --token, or is got now as 'oauthpop token' would. One that was got now and
is refused with invalid_token is replaced once, and the request sent once more.

-L follows redirects, five at most, each with a proof of its own. To another origin
go neither token nor proof nor certificate.

--auth-scheme changes the word before the token and nothing else. It is for servers
that do not know the scheme DPoP, and for testing: a server that checks bindings
must refuse a DPoP-bound token as Bearer.

--repeat sends the request that often, each time with a proof of its own, and prints
how often which status came; with -o json a line for each answer. The token is got
once for all.

--print-curl prints a curl command in place of calling. It runs as it is, once,
while its proof is fresh (about a minute), unless the API asks for a nonce. A token
of @FILE or of the environment is left there; any other stands in the command.`,
		Example: `  oauthpop call https://api.example.com/orders --token @token --key key.jwk
  oauthpop call POST https://api.example.com/orders --token @token --cert client.pem --json @order.json
  oauthpop call https://api.example.com/orders --issuer https://as.example.com --client-id app --client-secret @secret --dpop --key key.jwk --fail`,
		Args: callArgs,
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd, args) },
	}
	cli.ReadsEnvironment(cmd)
	o.flags(cmd)
	o.client.Add(cmd)
	o.connection.Add(cmd)
	return cmd
}

func (o *callOptions) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&o.token, "token", "", "the access token (@FILE, or - for standard input)")
	f.StringVarP(&o.method, "method", "X", "", "the method; GET, or POST with a body")
	f.StringVarP(&o.data, "data", "d", "", "the body, byte for byte (@FILE, or - for standard input)")
	f.StringVar(&o.json, "json", "", "the body as with -d, sent and accepted as application/json")
	f.StringArrayVarP(&o.headers, "header", "H", nil, "`'NAME: VALUE'` sent with the request (repeatable)")
	f.BoolVarP(&o.include, "include", "i", false, "write status line and headers before the body")
	f.BoolVarP(&o.follow, "location", "L", false, "follow redirects, five at most")
	f.BoolVar(&o.fail, "fail", false, "exit 4 and no body for a status of 400 and above")
	f.StringVarP(&o.outFile, "out-file", "O", "", "write the body to `FILE`")
	f.BoolVar(&o.force, "force", false, "replace the file of -O")
	f.StringVar(&o.htu, "htu", "", "`URL` that the proof names, where the server knows another than the one called; not for redirects")
	f.StringVar(&o.scheme, "auth-scheme", "", "dpop or bearer in front of the token; by default DPoP where a proof is sent, else Bearer")
	f.IntVar(&o.repeat, "repeat", 1, "send the request `N` times")
	f.IntVar(&o.concurrency, "concurrency", 1, "with --repeat: `C` requests at a time")
	f.BoolVar(&o.printCurl, "print-curl", false, "print a curl command in place of calling")
	cli.Complete(cmd, "method", "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
	cli.Complete(cmd, "auth-scheme", "dpop", "bearer")
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

func (o *callOptions) run(cmd *cobra.Command, args []string) error {
	if err := cmp.Or(o.forms(), o.repetition()); err != nil {
		return err
	}
	c, err := o.request(cmd, args)
	defer func() { c.body.Close() }()
	if err != nil {
		return err
	}
	if o.outFile != "" {
		// What is sent can't be taken back, and the answer would be lost.
		if err := files.Writable(o.outFile, o.force); err != nil {
			return err
		}
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
	config.Trace = oneAtATime(config.Trace)
	t := transport.New(config)
	defer t.Close()
	ctx := cmd.Context()
	if err := o.authorize(ctx, t, c, source); err != nil {
		return err
	}
	if o.printCurl {
		return o.curl(t, c, source)
	}
	if o.repeat > 1 {
		return o.many(ctx, t, c, source)
	}
	exchange, body, err := o.send(ctx, t, c, source)
	if err != nil {
		return err
	}
	defer func() { _ = body.Close() }()
	return o.deliver(ctx, c, exchange, body)
}

// send sends the request, and once more with a new token where the API says that the
// one that was got for it is none.
//
// "The client MAY request a new access token and retry the protected resource request."
// https://www.rfc-editor.org/rfc/rfc6750#section-3.1
func (o *callOptions) send(ctx context.Context, t *transport.Transport, c *call, s *source) (*wire.Exchange, transport.Body, error) {
	first, body, err := o.once(ctx, t, c, s)
	// The scheme of --auth-scheme is what was to be tried, and no token makes it right.
	if err != nil || s.client == nil || o.scheme != "" || !tokenRefused(first, body) {
		return first, body, err
	}
	if c.spent() {
		o.env.Say("the API refused the new token, and the body from a pipe can't be sent a second time")
		return first, body, nil
	}
	o.env.Say("the API refused the new token with %s: another is asked for, and the request is sent once more", wire.ErrInvalidToken)
	refused := c.token
	if err := o.authorize(ctx, t, c, s); err != nil {
		_ = body.Close()
		return nil, nil, err
	}
	if c.token == refused {
		o.env.Say("the issuer gave the same token again: it is not sent a second time")
		return first, body, nil
	}
	_ = body.Close()
	second, body, err := o.once(ctx, t, c, s)
	if second != nil && len(second.Attempts) > 0 {
		second.Attempts[0].TokenRetry = true
		second.Attempts = append(first.Attempts, second.Attempts...)
	}
	return second, body, err
}

// once sends the request, as often as nonces and redirects ask for it.
func (o *callOptions) once(ctx context.Context, t *transport.Transport, c *call, s *source) (*wire.Exchange, transport.Body, error) {
	stream := t.Stream
	if o.follow {
		stream = t.Follow
	}
	x, body, err := stream(ctx, c.build(o.env.Now))
	if x != nil && s.Certificate != nil && s.Certificate.Leaf != nil {
		known := tokencmd.LocalCertificate(s.CertFile, s.Certificate.Leaf)
		x.Known.Certificates = append(x.Known.Certificates, wire.KnownCertificate{File: known.File, X5T: known.X5T, KeyJKT: known.KeyJKT})
		if x.TLS.Sent {
			x.Known.X5T = certs.Thumbprint(s.Certificate.Leaf)
		}
	}
	return x, body, err
}

// tokenRefused: the API that was sent the token says that it is none. A redirect may
// have led elsewhere.
func tokenRefused(x *wire.Exchange, body transport.Body) bool {
	if x.Response.Status != http.StatusUnauthorized || x.Request.Header.Get("Authorization") == "" {
		return false
	}
	if errorCode(x) == "" {
		x.Response.Body = body.Peek()
	}
	return errorCode(x) == wire.ErrInvalidToken
}
