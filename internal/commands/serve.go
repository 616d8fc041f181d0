package commands

import (
	"context"
	"errors"
	"net"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/oauthpop/oauthpop/internal/cli"
	"github.com/oauthpop/oauthpop/internal/server"
)

type serveOptions struct {
	env *cli.Env

	listen, listenMTLS string
	state              string
	nonces             string
	lifetime           time.Duration
	clients            []string
	readyFile          string
}

const (
	defaultListen     = "127.0.0.1:9443"
	defaultListenMTLS = "127.0.0.1:9444"
)

// serveFailed is the exit code where serve itself fails and not the command that
// it runs, as env(1) and timeout(1) have it.
const serveFailed = 125

func newServeCmd(env *cli.Env) *cobra.Command {
	o := &serveOptions{env: env}
	cmd := &cobra.Command{
		Use:   "serve [-- COMMAND ARG...]",
		Short: "Run a test server: an issuer of bound tokens and an API that checks them",
		Long: `Run an authorization server and a resource server for tests, over TLS with a CA
of their own, until they are interrupted or COMMAND has ended. The second port
asks for client certificates; the metadata names it in mtls_endpoint_aliases.

Built-in clients: basic (client_secret_basic), post (client_secret_post), pkjwt
(private_key_jwt), mtls-ca (tls_client_auth), mtls-self
(self_signed_tls_client_auth). Their keys are in the folder of --state, which is
kept; with COMMAND it is a temporary one that is removed.

COMMAND gets OAUTHPOP_ISSUER, OAUTHPOP_RESOURCE, OAUTHPOP_MTLS_RESOURCE,
OAUTHPOP_CACERT, OAUTHPOP_CLIENT_ID and OAUTHPOP_CLIENT_SECRET (of basic),
OAUTHPOP_SERVE_CLIENTS (a JSON file with every client and its files), and in
SSL_CERT_FILE, NODE_EXTRA_CA_CERTS, CURL_CA_BUNDLE and REQUESTS_CA_BUNDLE the
system's CAs with its own. Its exit code is that of serve; 125: serve failed, 126
and 127: COMMAND cannot be run, or is not there.`,
		Example: `  oauthpop serve --dpop-nonce required
  oauthpop serve --listen 127.0.0.1:0 -- oauthpop token --dpop --key gen:ES256
  oauthpop serve --listen 127.0.0.1:0 --client @client.json --ready-file ready.json -- npm test`,
		Args: serveArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.followPort(cmd.Flags().Changed("listen-mtls"))
			if len(args) == 0 {
				return o.stay(cmd.Context())
			}
			return o.around(cmd.Context(), args)
		},
	}
	f := cmd.Flags()
	f.SetInterspersed(false) // a command without -- is found out before its flags are taken for ours
	f.StringVar(&o.listen, "listen", defaultListen, "`HOST:PORT` of the issuer and the API; port 0 is any")
	f.StringVar(&o.listenMTLS, "listen-mtls", defaultListenMTLS, "`HOST:PORT` that asks for client certificates")
	f.StringVar(&o.state, "state", "", "`FOLDER` of the CA, keys and clients (default $XDG_STATE_HOME/oauthpop; with COMMAND a temporary one)")
	f.StringVar(&o.nonces, "dpop-nonce", string(server.NoncesOptional), "nonces in proofs: off, required, or optional (given, and not insisted on, which RFC 9449 section 11.3 allows no real server)")
	f.DurationVar(&o.lifetime, "token-lifetime", 5*time.Minute, "how long an access token is valid")
	f.StringArrayVar(&o.clients, "client", nil, "another client, with the members of RFC 7591 in JSON (`@FILE`, repeatable)")
	f.StringVar(&o.readyFile, "ready-file", "", "`FILE` to write once the ports answer; removed at the end")
	_ = cmd.MarkFlagDirname("state")
	cli.Complete(cmd, "dpop-nonce", "off", "optional", "required")
	return cmd
}

func serveArgs(cmd *cobra.Command, args []string) error {
	if dash := cmd.ArgsLenAtDash(); len(args) > 0 && dash != 0 {
		return &cli.UsageError{
			Message: "serve takes a command only after --, but got " + quoted(args[0]),
			Hint:    "oauthpop serve -- " + strings.Join(args, " "),
		}
	}
	if cmd.ArgsLenAtDash() == 0 && len(args) == 0 {
		return cli.Usage("there is no command after --")
	}
	return nil
}

// followPort lets the second port be any where the first is.
func (o *serveOptions) followPort(given bool) {
	if host, port, err := net.SplitHostPort(o.listen); err == nil && port == "0" && !given {
		o.listenMTLS = net.JoinHostPort(host, "0")
	}
}

// stay serves until the process is asked to stop.
func (o *serveOptions) stay(ctx context.Context) error {
	s, err := o.stand(ctx, false)
	if err != nil {
		return err
	}
	defer s.close()
	if o.env.JSON() {
		err = o.env.Result(&s.ready, nil)
	} else if !o.env.Global.Quiet {
		s.ready.Draw(o.env.Err())
	}
	if err != nil {
		return err
	}
	if err := s.wait(ctx); err != nil {
		return err
	}
	// Being stopped is how it ends: nothing is said about it.
	var stop *cli.InterruptedError
	if errors.As(cli.Stopped(ctx), &stop) {
		return &cli.ExitError{Code: stop.Code()}
	}
	return cli.Stopped(ctx)
}

// around serves while a command runs, and ends with its exit code.
func (o *serveOptions) around(ctx context.Context, args []string) error {
	s, err := o.stand(ctx, true)
	if err != nil {
		return o.fail(err, serveFailed)
	}
	defer s.close()
	code, err := o.env.RunCommand(ctx, args, s.environ(o.env.Environ))
	var start *cli.StartError
	var stop *cli.InterruptedError
	switch {
	case errors.As(err, &start):
		return o.fail(err, start.Code)
	case errors.As(err, &stop):
		return err
	case err != nil:
		return o.fail(err, serveFailed)
	case code != 0:
		return &cli.ExitError{Code: code}
	}
	return nil
}

// fail reports an error of serve with an exit code that no command would have.
func (o *serveOptions) fail(err error, code int) error {
	_, kind := classify(err)
	o.env.Fail(explain(err, cli.ErrorObject{Code: code, Type: kind, Message: err.Error(), Hint: hintOf(err)}))
	return &cli.ExitError{Code: code}
}
