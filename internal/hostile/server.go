package hostile

import (
	"crypto/ecdsa"
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// Server is a server with one fault.
type Server struct {
	// URL is the issuer, and the beginning of every other URL.
	URL string
	// CA is what a client has to trust, as PEM.
	CA []byte

	fault Fault
	at    Place
	http  *httptest.Server
	key   *ecdsa.PrivateKey // of the issuer
	ca    *authority

	written atomic.Int64
	hanging chan struct{} // closed when the server lets the client wait
	hang    sync.Once
	over    chan struct{} // closed at the end of the test

	mu       sync.Mutex
	jkt      string // of the last proof
	requests map[Place][]*http.Request
	foreign  []*http.Request
	other    *httptest.Server
}

// Start starts a server that has the fault at one place. It ends with the test.
func Start(tb testing.TB, f Fault, at Place) *Server {
	tb.Helper()
	s := &Server{
		fault: f, at: at, key: newKey(), ca: newAuthority("Hostile"),
		hanging: make(chan struct{}), over: make(chan struct{}), requests: map[Place][]*http.Request{},
	}
	s.CA = s.ca.pem()
	s.http = s.serve(s)
	s.URL = s.http.URL
	tb.Cleanup(func() {
		close(s.over)
		s.http.CloseClientConnections()
		s.http.Close()
		if s.other != nil {
			s.other.Close()
		}
	})
	if f.down {
		s.http.Close()
	}
	return s
}

// serve starts the TLS server with what the fault changes of connection and TLS.
func (s *Server) serve(h http.Handler) *httptest.Server {
	server := httptest.NewUnstartedServer(h)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{s.ca.leaf("localhost", 2099)}, MinVersion: tls.VersionTLS12}
	server.EnableHTTP2 = s.fault.HTTP2
	if s.fault.tls != nil {
		s.fault.tls(s, server.TLS)
	}
	if s.fault.frames != nil {
		server.TLS.NextProtos = []string{"h2"}
		server.Config.TLSNextProto = map[string]func(*http.Server, *tls.Conn, http.Handler){
			"h2": func(_ *http.Server, c *tls.Conn, _ http.Handler) { s.fault.frames(s, c) },
		}
	}
	server.Listener = &listener{Listener: server.Listener, server: s}
	server.StartTLS()
	return server
}

// ServeHTTP answers rightly, or as the fault has it.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	place := placeOf(r.URL.Path)
	_ = r.ParseForm()
	s.mu.Lock()
	s.requests[place] = append(s.requests[place], r)
	if jkt := proofKey(r); jkt != "" {
		s.jkt = jkt
	}
	s.mu.Unlock()
	switch here := place == s.at; {
	case here && s.fault.answer != nil:
		s.fault.answer(s, w, r)
	case here && s.fault.bytes != nil:
		s.raw(w, r)
	default:
		s.right(w, r)
	}
}

func placeOf(path string) Place {
	switch {
	case strings.Contains(path, "/.well-known/"):
		return Metadata
	case strings.HasPrefix(path, "/token"):
		return Token
	case strings.HasPrefix(path, "/jwks"):
		return Keys
	case strings.HasPrefix(path, "/introspect"):
		return Introspection
	case strings.HasPrefix(path, "/revoke"):
		return Revocation
	}
	return Resource
}

// Requests are those that came for a place.
func (s *Server) Requests(at Place) []*http.Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]*http.Request(nil), s.requests[at]...)
}

// Foreign are the requests that came to the other server, which a redirect names.
func (s *Server) Foreign() []*http.Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]*http.Request(nil), s.foreign...)
}

// Written is how many bytes the client, and what lies between, have taken.
func (s *Server) Written() int64 { return s.written.Load() }

// Hanging is closed when the server lets the client wait.
func (s *Server) Hanging() <-chan struct{} { return s.hanging }

// wait lets the client wait until it goes, or the test is over.
func (s *Server) wait(r *http.Request) {
	s.hang.Do(func() { close(s.hanging) })
	select {
	case <-s.over:
	case <-r.Context().Done():
	}
}

// listener counts what is written, and hands connections to a fault that is before TLS.
type listener struct {
	net.Listener
	server *Server
}

func (l *listener) Accept() (net.Conn, error) {
	for {
		raw, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		c := &conn{Conn: raw, written: &l.server.written}
		if l.server.fault.connection == nil {
			return c, nil
		}
		go l.server.fault.connection(l.server, c)
	}
}

// conn counts what is written to it.
type conn struct {
	net.Conn
	written *atomic.Int64
}

func (c *conn) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	c.written.Add(int64(n))
	return n, err
}

// reset ends the connection with a reset in place of an end.
func (c *conn) reset() {
	if tcp, ok := c.Conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = c.Close()
}

// finish ends the connection politely.
func (c *conn) finish() {
	if tcp, ok := c.Conn.(*net.TCPConn); ok {
		_ = tcp.CloseWrite()
	}
	_, _ = io.Copy(io.Discard, c)
	_ = c.Close()
}
