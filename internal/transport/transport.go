// Package transport sends every outgoing request: TLS with the client
// certificate, nonces and the one retry that they ask for, bounds, and a trace of
// what went over the wire. It follows a redirect only where it is asked to.
package transport

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/oauthpop/oauthpop/internal/bounds"
)

// Config is what a Transport is made of.
type Config struct {
	// Roots are the CAs that servers are trusted by; nil: those of the system.
	Roots *x509.CertPool
	// Insecure accepts any certificate of a server, and permits plain http to
	// other hosts than loopback. It MUST NOT be set but where a person asked for it.
	Insecure bool
	// Certificate is the client certificate with its chain. It is presented to
	// every server that asks for one, whatever CAs the server names.
	Certificate *tls.Certificate
	// Resolve maps "host:port" to the "address:port" that is connected to, directly:
	// a proxy would look the name up by itself.
	Resolve map[string]string
	// Timeout is for connecting and the header of the answer, and once more for
	// the body where it is read whole; MaxTime is for all of it, retry included.
	// Zero: no limit.
	Timeout, MaxTime time.Duration
	// Trace is told what is sent and what comes back, secrets shortened; nil: not
	// wanted. It is called from several goroutines where several requests are sent.
	Trace func(TraceEvent)
	// KeyLog receives the TLS secrets in the format of SSLKEYLOGFILE; nil: none.
	KeyLog io.Writer
	// Now is the clock.
	Now func() time.Time
	// Proxy chooses the proxy of a request; nil: none.
	Proxy func(*http.Request) (*url.URL, error)
	// UserAgent is sent where a request has none.
	UserAgent string
}

// Transport sends requests. It is safe for concurrent use.
type Transport struct {
	config Config
	http   *http.Transport
	bare   *http.Transport // for origins that the client certificate is not for
	nonces nonces
}

// New returns a Transport.
func New(c Config) *Transport {
	t := &Transport{config: c}
	t.config.Resolve = make(map[string]string, len(c.Resolve))
	for from, to := range c.Resolve {
		t.config.Resolve[asDialed(from)] = to
	}
	t.http = &http.Transport{
		Proxy:                  t.proxy,
		OnProxyConnectResponse: refusedByProxy,
		DialContext:            t.dial,
		TLSClientConfig: &tls.Config{
			MinVersion:           tls.VersionTLS12,
			RootCAs:              c.Roots,
			InsecureSkipVerify:   c.Insecure, //nolint:gosec // only by --insecure, which says so loudly
			GetClientCertificate: t.clientCertificate,
			KeyLogWriter:         c.KeyLog,
			Time:                 c.Now,
		},
		// A custom dialer and TLS configuration switch HTTP/2 off unless it is asked for.
		ForceAttemptHTTP2:      true,
		TLSHandshakeTimeout:    c.Timeout,
		MaxResponseHeaderBytes: bounds.Header,
		// No coding is asked for: what is streamed is handed on as it came. What is read
		// whole is unpacked within its bound.
		DisableCompression: true,
		IdleConnTimeout:    90 * time.Second,
	}
	// Its connections are its own, so that none is taken for one with the certificate.
	t.bare = t.http.Clone()
	return t
}

// Trusted reports whether servers are authenticated: what they say is theirs.
func (t *Transport) Trusted() bool { return !t.config.Insecure }

// Close closes the connections that wait for another request.
func (t *Transport) Close() {
	t.http.CloseIdleConnections()
	t.bare.CloseIdleConnections()
}

func (t *Transport) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if to, ok := t.config.Resolve[strings.ToLower(address)]; ok {
		address = to
	}
	d := net.Dialer{Timeout: t.config.Timeout}
	raw, err := d.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	c := &conn{Conn: raw}
	if r := roundOf(ctx); r != nil {
		r.dialedConn(c)
	}
	return c, nil
}

func (t *Transport) proxy(req *http.Request) (*url.URL, error) {
	// What stays on this machine may be plain http: no proxy must come to see it.
	_, named := t.config.Resolve[addressOf(req.URL)]
	stays := req.URL.Scheme == "http" && t.loopback(req.URL)
	if t.config.Proxy == nil || named || stays {
		return nil, nil
	}
	u, err := t.config.Proxy(req)
	if err != nil {
		// The address may hold a password, and the error repeats the address.
		return nil, &RequestError{Why: "the proxy address in the environment is not a URL"}
	}
	if r := roundOf(req.Context()); r != nil && u != nil {
		r.throughProxy(u.Scheme == "https")
	}
	return u, nil
}

// proxyRefusal is the answer of a proxy that opens no tunnel.
type proxyRefusal struct{ status string }

func (e *proxyRefusal) Error() string { return "the proxy answered " + e.status }

func refusedByProxy(_ context.Context, _ *url.URL, _ *http.Request, res *http.Response) error {
	if res.StatusCode == http.StatusOK {
		return nil
	}
	return &proxyRefusal{status: res.Status}
}

var (
	errTimeout = errors.New("--timeout")
	errMaxTime = errors.New("--max-time")
)
