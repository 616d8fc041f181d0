package cli

import (
	"crypto/x509"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/net/http/httpproxy"

	"github.com/oauthpop/oauthpop/internal/bounds"
	"github.com/oauthpop/oauthpop/internal/material"
	"github.com/oauthpop/oauthpop/internal/transport"
)

// Connection are the flags of all commands that dial.
type Connection struct {
	cacert   string
	insecure bool
	resolve  []string
	timeout  time.Duration
	maxTime  time.Duration
}

// Add declares the flags.
func (c *Connection) Add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&c.cacert, "cacert", "", "`FILE` with CA certificates to trust beside the system's")
	f.BoolVarP(&c.insecure, "insecure", "k", false, "do not verify the server's certificate, and permit http to other hosts than loopback")
	f.StringArrayVar(&c.resolve, "resolve", nil, "`HOST:PORT:ADDR`: connect to ADDR for HOST:PORT (repeatable)")
	f.DurationVar(&c.timeout, "timeout", bounds.Timeout, "for connecting and for the response headers")
	f.DurationVar(&c.maxTime, "max-time", 0, "for the whole of a request (0: no limit)")
}

// Config returns what the flags say, for the transport.
func (c *Connection) Config(env *Env) (transport.Config, error) {
	cfg := transport.Config{
		Insecure: c.insecure, Timeout: c.timeout, MaxTime: c.maxTime,
		Now: env.Now, Proxy: proxyFrom(env), UserAgent: strings.TrimSuffix("oauthpop/"+env.Build.Version, "/"),
	}
	if c.timeout < 0 || c.maxTime < 0 {
		return cfg, Usage("--timeout and --max-time are not negative")
	}
	if c.insecure {
		env.WarnBinding("--insecure: the server's certificate is not verified, anybody on the way can read and change what is sent")
	}
	var err error
	if cfg.Roots, err = c.roots(env); err != nil {
		return cfg, err
	}
	if cfg.Resolve, err = c.resolved(); err != nil {
		return cfg, err
	}
	if name := env.Getenv("SSLKEYLOGFILE"); name != "" {
		env.WarnBinding("SSLKEYLOGFILE is set: the keys of the connections are written to " + name)
		cfg.KeyLog, err = os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
		if err != nil {
			return cfg, &InputError{Message: "open SSLKEYLOGFILE", Err: err}
		}
	}
	if env.Global.Verbose {
		cfg.Trace = env.trace
	}
	return cfg, nil
}

// roots returns the system's roots and those of --cacert, or nil for the
// system's alone.
func (c *Connection) roots(env *Env) (*x509.CertPool, error) {
	if c.cacert == "" {
		return nil, nil
	}
	data, err := env.Material("--cacert", c.cacert)
	if err != nil {
		return nil, err
	}
	contents, err := material.Parse(c.cacert, data, nil)
	if err != nil {
		return nil, err
	}
	if len(contents.Certificates) == 0 {
		return nil, Input("--cacert %q holds no certificate: it is %s", c.cacert, contents.Format)
	}
	pool, err := env.SystemRoots()
	if err != nil {
		pool = x509.NewCertPool()
	}
	for _, cert := range contents.Certificates {
		pool.AddCert(cert)
	}
	return pool, nil
}

func (c *Connection) resolved() (map[string]string, error) {
	m := map[string]string{}
	for _, r := range c.resolve {
		host, rest, ok := cutHost(r)
		port, addr, ok2 := strings.Cut(rest, ":")
		addr = strings.Trim(addr, "[]")
		if !ok || !ok2 || net.ParseIP(addr) == nil {
			return nil, Usage("--resolve %q is not HOST:PORT:ADDR", r)
		}
		if strings.HasPrefix(host, "*") || strings.HasPrefix(host, "+") || strings.HasPrefix(host, "-") {
			return nil, Usage("--resolve %q: of curl's forms only HOST:PORT:ADDR with the name of a host is known", r)
		}
		m[net.JoinHostPort(host, port)] = net.JoinHostPort(addr, port)
	}
	return m, nil
}

// cutHost takes the host off HOST:PORT…, where it may be [IPv6].
func cutHost(s string) (host, rest string, ok bool) {
	if inner, found := strings.CutPrefix(s, "["); found {
		return strings.Cut(inner, "]:")
	}
	return strings.Cut(s, ":")
}

// proxyFrom reads HTTPS_PROXY, HTTP_PROXY and NO_PROXY, in capitals or in small
// letters. Hosts of loopback have no proxy.
func proxyFrom(env *Env) func(*http.Request) (*url.URL, error) {
	get := func(name string) string {
		if v := env.Getenv(name); v != "" {
			return v
		}
		return env.Getenv(strings.ToLower(name))
	}
	choose := (&httpproxy.Config{
		HTTPProxy: get("HTTP_PROXY"), HTTPSProxy: get("HTTPS_PROXY"), NoProxy: get("NO_PROXY"),
		// To a CGI program HTTP_PROXY is a header of the request, of whoever sent it.
		CGI: env.Getenv("REQUEST_METHOD") != "",
	}).ProxyFunc()
	return func(r *http.Request) (*url.URL, error) { return choose(r.URL) }
}
