package transport

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/oauthpop/oauthpop/internal/certs"
)

// authority is a CA for clients.
type authority struct{ *certs.CA }

func newAuthority(t *testing.T, name string) authority {
	t.Helper()
	subject, err := certs.ParseDN("CN=" + name + ",O=Test")
	if err != nil {
		t.Fatal(err)
	}
	ca, err := certs.NewCA(subject, newKey(t), time.Now().Add(-time.Hour), time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	return authority{ca}
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// client issues a client certificate; its chain has the CA, too.
func (a authority) client(t *testing.T, name string) *tls.Certificate {
	t.Helper()
	subject, err := certs.ParseDN("CN=" + name)
	if err != nil {
		t.Fatal(err)
	}
	key := newKey(t)
	leaf, err := a.Issue(certs.Request{
		Subject: subject, Usage: certs.UsageClient, PublicKey: key.Public(),
		NotBefore: time.Now().Add(-time.Minute), NotAfter: time.Now().Add(time.Minute),
	})
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Certificate{Certificate: [][]byte{leaf.Raw, a.Certificate.Raw}, PrivateKey: key, Leaf: leaf}
}

func (a authority) pool() *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(a.Certificate)
	return p
}

// serve starts a TLS server; change prepares it.
func serve(t *testing.T, handler http.HandlerFunc, change ...func(*httptest.Server)) *httptest.Server {
	t.Helper()
	s := httptest.NewUnstartedServer(handler)
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.TLS = &tls.Config{}
	for _, c := range change {
		c(s)
	}
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

func withHTTP2(s *httptest.Server) { s.EnableHTTP2 = true }

func asking(kind tls.ClientAuthType, a authority) func(*httptest.Server) {
	return func(s *httptest.Server) { s.TLS.ClientAuth, s.TLS.ClientCAs = kind, a.pool() }
}

func trusting(s *httptest.Server) *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(s.Certificate())
	return p
}

// newTransport returns a Transport that trusts the servers and is closed after the test.
func newTransport(t *testing.T, c Config, servers ...*httptest.Server) *Transport {
	t.Helper()
	if c.Roots == nil {
		c.Roots = x509.NewCertPool()
		for _, s := range servers {
			if s.Certificate() != nil {
				c.Roots.AddCert(s.Certificate())
			}
		}
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Timeout == 0 {
		c.Timeout = time.Minute
	}
	tr := New(c)
	t.Cleanup(tr.Close)
	return tr
}

// proving builds requests with something in the place of a proof: the number of
// the attempt and the nonce.
func proving(ctx context.Context, method, url string) Build {
	return func(at Attempt) (*http.Request, error) {
		var body io.Reader
		if method == http.MethodPost {
			body = strings.NewReader("a=b")
		}
		req, err := http.NewRequestWithContext(ctx, method, url, body)
		if err != nil {
			return nil, err
		}
		req.Header.Set("DPoP", fmt.Sprintf("%s %d %s", rand.Text(), at.Number, at.Nonce(url)))
		return req, nil
	}
}

func get(ctx context.Context, url string) Build {
	return func(Attempt) (*http.Request, error) {
		return http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	}
}

// record keeps the trace.
type record struct {
	mu     sync.Mutex
	events []TraceEvent
}

func (r *record) add(e TraceEvent) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, e)
}

func (r *record) of(kind string) []TraceEvent {
	r.mu.Lock()
	defer r.mu.Unlock()
	var all []TraceEvent
	for _, e := range r.events {
		if e.Kind == kind {
			all = append(all, e)
		}
	}
	return all
}

// listen is a listener on loopback whose connections are handed to f.
func listen(t *testing.T, f func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go f(c)
		}
	}()
	return l.Addr().String()
}
