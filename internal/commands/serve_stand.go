package commands

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/oauthpop/oauthpop/internal/cli"
	"github.com/oauthpop/oauthpop/internal/commands/view"
	"github.com/oauthpop/oauthpop/internal/server"
	"github.com/oauthpop/oauthpop/internal/server/state"
)

// standing is a test server that answers.
type standing struct {
	ready  view.Ready
	server *server.Server
	state  *state.State
	// listen are the ports, the one for certificates last.
	listen []net.Listener

	failed chan error // what Serve returned
	stop   context.CancelFunc
	undo   []func() // in the order in which things were made
}

// close ends what answers, and takes away what is not to stay.
func (s *standing) close() {
	if s.stop != nil {
		s.stop()
		<-s.failed // it was told to stop, and has
	}
	for i := len(s.undo) - 1; i >= 0; i-- {
		s.undo[i]()
	}
}

// wait returns when ctx has ended, or with why the server can answer no more.
func (s *standing) wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case err := <-s.failed:
		s.failed <- nil // for close
		return err
	}
}

// stand starts the server. With temporary its state is one that close removes,
// unless a folder was named.
func (o *serveOptions) stand(ctx context.Context, temporary bool) (*standing, error) {
	cfg, err := o.config()
	if err != nil {
		return nil, err
	}
	if err := o.checkReadyFile(); err != nil {
		return nil, err
	}
	s := &standing{failed: make(chan error, 1)}
	for _, f := range []func() error{
		func() error { return o.ports(ctx, s) },
		func() error { return o.open(s, temporary) },
		func() error { return o.start(ctx, s, cfg) },
		func() error { return o.announce(s) },
	} {
		if err := f(); err != nil {
			s.close()
			return nil, err
		}
	}
	return s, nil
}

// config is the part of the server's configuration that the flags decide.
func (o *serveOptions) config() (server.Config, error) {
	cfg := server.Config{TokenLifetime: o.lifetime, Now: o.env.Now, Log: o.log()}
	var err error
	if cfg.Nonces, err = server.ParseNoncePolicy(o.nonces); err != nil {
		return cfg, cli.Usage("--dpop-nonce %v", err)
	}
	if o.lifetime <= 0 {
		return cfg, cli.Usage("--token-lifetime %s is not in the future", o.lifetime)
	}
	taken := state.BuiltIn()
	for _, value := range o.clients {
		text, err := o.env.Value("client", value)
		if err != nil {
			return cfg, err
		}
		c, err := server.ParseClient([]byte(text))
		if err != nil {
			return cfg, clientFault(value, err)
		}
		if slices.Contains(taken, c.ID) {
			return cfg, clientFault(value, &server.ClientError{Member: "client_id", Reason: quoted(c.ID) + " is taken already"})
		}
		taken = append(taken, c.ID)
		cfg.Clients = append(cfg.Clients, c)
	}
	return cfg, nil
}

func clientFault(value string, err error) error {
	name, file := strings.CutPrefix(value, "@")
	if !file {
		return &cli.InputError{Message: "--client", Err: err, Hint: "a client is a JSON object with the members of RFC 7591; --client @FILE reads it from a file"}
	}
	return &cli.InputError{Message: "client " + quoted(name), Err: err}
}

// log tells each request to a person who asked for it.
func (o *serveOptions) log() func(server.Event) {
	if !o.env.Global.Verbose {
		return nil
	}
	return func(e server.Event) {
		line := fmt.Sprintf("%s %s %d", e.Method, e.URL, e.Status)
		for _, more := range []string{e.ClientID, e.Bound, e.Error, e.Description} {
			if more != "" {
				line += " " + more
			}
		}
		o.env.Say("* %s", line)
	}
}

// ports opens both ports.
func (o *serveOptions) ports(ctx context.Context, s *standing) error {
	for _, flag := range []struct{ name, address string }{{"--listen", o.listen}, {"--listen-mtls", o.listenMTLS}} {
		if _, port, err := net.SplitHostPort(flag.address); err != nil || !isPort(port) {
			return cli.Usage("%s %q is not HOST:PORT", flag.name, flag.address)
		}
		l, err := o.env.Listen(ctx, flag.address)
		if err != nil {
			return &cli.InputError{Message: flag.name, Err: err, Hint: flag.name + " 127.0.0.1:0 takes any port that is free"}
		}
		s.listen = append(s.listen, l)
		s.undo = append(s.undo, func() { _ = l.Close() })
	}
	return nil
}

func isPort(s string) bool {
	_, err := strconv.ParseUint(s, 10, 16)
	return err == nil
}

// baseURL is where a listener is reached: by the name localhost where it is on
// loopback or on every address, since that is what browsers and cookies know.
func baseURL(address string, l net.Listener) (base, host string) {
	host, _, _ = net.SplitHostPort(address)
	_, port, _ := net.SplitHostPort(l.Addr().String())
	if ip := net.ParseIP(host); host == "" || ip != nil && (ip.IsLoopback() || ip.IsUnspecified()) {
		host = "localhost"
	}
	return "https://" + net.JoinHostPort(host, port), host
}

// open opens the state.
func (o *serveOptions) open(s *standing, temporary bool) (err error) {
	dir := o.state
	switch {
	case dir == "" && temporary:
		var remove func()
		if dir, remove, err = o.env.TempDir(); err != nil {
			return err
		}
		s.undo = append(s.undo, remove)
	case dir == "":
		if dir, err = stateHome(o.env); err != nil {
			return err
		}
	}
	_, host := baseURL(o.listen, s.listen[0])
	_, mtlsHost := baseURL(o.listenMTLS, s.listen[1])
	s.state, err = state.Open(dir, o.env.Now(), []string{host, mtlsHost})
	if err != nil {
		var used *state.InUseError
		var ended *state.ExpiredError
		if errors.As(err, &used) || errors.As(err, &ended) {
			return &cli.InputError{Err: err, Hint: hintOf(err)}
		}
		return err
	}
	s.undo = append(s.undo, func() { _ = s.state.Close() })
	return nil
}

// stateHome is where programs keep what is not configuration.
// https://specifications.freedesktop.org/basedir-spec/latest/
func stateHome(env *cli.Env) (string, error) {
	// "If an implementation encounters a relative path in any of these variables it
	// should consider the path invalid and ignore it."
	if home := env.Getenv("XDG_STATE_HOME"); filepath.IsAbs(home) {
		return filepath.Join(home, "oauthpop"), nil
	}
	if local := env.Getenv("LOCALAPPDATA"); runtime.GOOS == "windows" && local != "" {
		return filepath.Join(local, "oauthpop"), nil
	}
	if home := env.Getenv("HOME"); home != "" {
		return filepath.Join(home, ".local", "state", "oauthpop"), nil
	}
	return "", cli.Usage("neither XDG_STATE_HOME nor HOME is set: name a folder with --state")
}

// start makes the server and lets it answer.
func (o *serveOptions) start(ctx context.Context, s *standing, cfg server.Config) (err error) {
	cfg.Issuer, _ = baseURL(o.listen, s.listen[0])
	cfg.MTLS, _ = baseURL(o.listenMTLS, s.listen[1])
	cfg.Key, cfg.ClientCAs = s.state.SigningKey, s.state.ClientCAs()
	own := cfg.Clients
	cfg.Clients = append(s.state.Registrations(), own...)
	for _, c := range own {
		s.state.Clients = append(s.state.Clients, state.WithoutFiles(c))
	}
	if s.server, err = server.New(cfg); err != nil {
		return err
	}
	// A signal is the affair of whoever waits: a command that runs may want to be
	// answered to its end.
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	s.stop = stop
	go func() {
		s.failed <- o.env.Serve(running,
			cli.Site{Listener: s.listen[0], Handler: s.server.Handler(), TLS: server.TLSConfig(s.state.Certificate)},
			cli.Site{Listener: s.listen[1], Handler: s.server.MTLSHandler(), TLS: server.MTLSConfig(s.state.Certificate)},
		)
	}()
	s.ready.Issuer, s.ready.Resource, s.ready.MTLSResource = cfg.Issuer, s.server.Resource(), s.server.MTLSResource()
	return nil
}
