package transport

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/oauthpop/oauthpop/internal/wire"
)

func ok(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	name := "none"
	if len(r.TLS.PeerCertificates) > 0 {
		name = r.TLS.PeerCertificates[0].Subject.CommonName
	}
	_, _ = io.WriteString(w, name)
}

func TestCertificateIsPresentedToServerThatNamesOtherCAs(t *testing.T) {
	mine, other := newAuthority(t, "Mine"), newAuthority(t, "Other")
	s := serve(t, ok, asking(tls.RequestClientCert, other))
	tr := newTransport(t, Config{Certificate: mine.client(t, "app")}, s)
	ex, err := tr.Do(t.Context(), get(t.Context(), s.URL), 100)
	if err != nil {
		t.Fatal(err)
	}
	if string(ex.Response.Body) != "app" {
		t.Errorf("the server saw the certificate of %q", ex.Response.Body)
	}
	if want := []string{"CN=Other,O=Test"}; !slices.Equal(ex.TLS.AcceptableCAs, want) {
		t.Errorf("CAs %q, want %q", ex.TLS.AcceptableCAs, want)
	}
	if !ex.Request.Certificate {
		t.Error("the exchange does not say that a certificate was configured")
	}
}

func TestChainIsSentWhole(t *testing.T) {
	mine := newAuthority(t, "Mine")
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(200 + len(r.TLS.PeerCertificates))
	}, asking(tls.RequestClientCert, mine))
	tr := newTransport(t, Config{Certificate: mine.client(t, "app")}, s)
	ex, err := tr.Do(t.Context(), get(t.Context(), s.URL), 100)
	if err != nil || ex.Response.Status != 202 {
		t.Errorf("%d certificates (%v), want leaf and CA", ex.Response.Status-200, err)
	}
}

func TestTLSFactsAreThoseOfTheConnectionAlsoReused(t *testing.T) {
	mine := newAuthority(t, "Mine")
	for _, c := range []struct {
		name        string
		kind        tls.ClientAuthType
		configured  bool
		asked, sent bool
	}{
		{"sent", tls.RequireAndVerifyClientCert, true, true, true},
		{"asked, not sent", tls.RequestClientCert, false, true, false},
		{"not asked", tls.NoClientCert, true, false, false},
	} {
		for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
			for name, change := range map[string]func(*httptest.Server){"HTTP/1.1": func(*httptest.Server) {}, "HTTP/2.0": withHTTP2} {
				t.Run(c.name+" "+tls.VersionName(version)+" "+name, func(t *testing.T) {
					s := serve(t, ok, change, asking(c.kind, mine), func(s *httptest.Server) { s.TLS.MaxVersion = version })
					var trace record
					config := Config{Trace: trace.add}
					if c.configured {
						config.Certificate = mine.client(t, "app")
					}
					tr := newTransport(t, config, s)
					for i := range 3 {
						ex, err := tr.Do(t.Context(), get(t.Context(), s.URL), 100)
						if err != nil {
							t.Fatal(err)
						}
						want := wire.TLSFacts{Asked: c.asked, Sent: c.sent, Version: version, Used: true, AcceptableCAs: ex.TLS.AcceptableCAs}
						if got := ex.TLS; got.Asked != want.Asked || got.Sent != want.Sent || got.Version != want.Version || !got.Used {
							t.Errorf("request %d: %+v, want %+v", i, got, want)
						}
						if e := trace.of(TraceConnection)[i]; e.Reused != (i > 0) || e.TLS.Asked != c.asked {
							t.Errorf("request %d: the trace says reused %v, asked %v", i, e.Reused, e.TLS.Asked)
						}
						if proto := trace.of(TraceAnswer)[i].Proto; proto != name {
							t.Errorf("request %d went over %s, want %s", i, proto, name)
						}
					}
				})
			}
		}
	}
}

// The server wants a certificate of another CA: TLS 1.3 tells the client after its
// handshake is over, as an alert, a reset or a closed connection, on reading or on
// writing.
func TestRefusedCertificateIsAlwaysARefusal(t *testing.T) {
	mine, other := newAuthority(t, "Mine"), newAuthority(t, "Other")
	certificate := mine.client(t, "app")
	for name, change := range map[string]func(*httptest.Server){
		"HTTP/1.1": func(*httptest.Server) {},
		"HTTP/2.0": withHTTP2,
		"TLS 1.2":  func(s *httptest.Server) { s.TLS.MaxVersion = tls.VersionTLS12 },
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, ok, change, asking(tls.RequireAndVerifyClientCert, other))
			for i := range 100 {
				config := Config{}
				if i%2 == 0 {
					config.Certificate = certificate
				}
				tr := newTransport(t, config, s)
				ex, err := tr.Do(t.Context(), proving(t.Context(), http.MethodPost, s.URL), 100)
				var refused *RefusedError
				if !errors.As(err, &refused) {
					t.Fatalf("attempt %d: %T %v", i, err, err)
				}
				if refused.Sent != (i%2 == 0) || !slices.Equal(refused.CAs, []string{"CN=Other,O=Test"}) {
					t.Errorf("attempt %d: sent %v, CAs %q", i, refused.Sent, refused.CAs)
				}
				if !ex.TLS.Asked || ex.TLS.Sent != refused.Sent {
					t.Errorf("attempt %d: the exchange says %+v", i, ex.TLS)
				}
				tr.Close()
			}
		})
	}
}

// Servers that reset or close without an alert, as soon as they have seen the
// certificate.
func TestConnectionClosedAfterCertificateIsARefusal(t *testing.T) {
	mine := newAuthority(t, "Mine")
	certificate := mine.client(t, "app")
	s := serve(t, ok) // for its certificate
	for name, end := range map[string]func(*tls.Conn){
		"closed": func(c *tls.Conn) { _ = c.NetConn().Close() },
		"reset": func(c *tls.Conn) {
			if l, ok := c.NetConn().(interface{ SetLinger(int) error }); ok {
				_ = l.SetLinger(0)
			}
			_ = c.NetConn().Close()
		},
		"closed after the request": func(c *tls.Conn) {
			_, _ = c.Read(make([]byte, 1))
			_ = c.NetConn().Close()
		},
		"closed in order": func(c *tls.Conn) { _ = c.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			address := listen(t, tlsConn(s, func(c *tls.Config) { c.ClientAuth = tls.RequestClientCert }, end))
			tr := newTransport(t, Config{Certificate: certificate}, s)
			for i := range 20 {
				_, err := tr.Do(t.Context(), proving(t.Context(), http.MethodGet, "https://"+address), 100)
				var refused *RefusedError
				if !errors.As(err, &refused) || !refused.Sent {
					t.Fatalf("attempt %d: %T %v", i, err, err)
				}
			}
		})
	}
}

// The same, but the server never asked for a certificate, or has already answered
// over that connection: then it is a failure of the network.
func TestConnectionClosedOtherwiseIsNoRefusal(t *testing.T) {
	s := serve(t, ok)
	address := listen(t, tlsConn(s, func(*tls.Config) {}, func(c *tls.Conn) { _ = c.NetConn().Close() }))
	tr := newTransport(t, Config{}, s)
	_, err := tr.Do(t.Context(), get(t.Context(), "https://"+address), 100)
	wantNetwork(t, err, OpAnswer)

	mine := newAuthority(t, "Mine")
	answers := listen(t, tlsConn(s, func(c *tls.Config) { c.ClientAuth = tls.RequestClientCert }, answerOnce))
	tr = newTransport(t, Config{Certificate: mine.client(t, "app")}, s)
	build := proving(t.Context(), http.MethodPost, "https://"+answers)
	if _, err := tr.Do(t.Context(), build, 100); err != nil {
		t.Fatal(err)
	}
	_, err = tr.Do(t.Context(), build, 100)
	wantNetwork(t, err, OpAnswer)
}

func TestAnswerThatCannotBeReadIsNoRefusal(t *testing.T) {
	s := serve(t, ok)
	address := listen(t, tlsConn(s, func(c *tls.Config) { c.ClientAuth = tls.RequestClientCert }, func(c *tls.Conn) {
		_, _ = c.Read(make([]byte, 1000))
		_, _ = io.WriteString(c, "what do you mean?\r\n\r\n")
		_ = c.Close()
	}))
	_, err := newTransport(t, Config{}, s).Do(t.Context(), get(t.Context(), "https://"+address), 100)
	wantNetwork(t, err, OpAnswer)
}

// A peer that has gone away says nothing about certificates.
func TestConnectionThatTimesOutIsNoRefusal(t *testing.T) {
	c := &conn{facts: wire.TLSFacts{Asked: true}}
	a := &answer{transport: newTransport(t, Config{}), caller: t.Context(), own: t.Context(), round: &round{used: c}, host: "host"}
	wantNetwork(t, a.failure(&net.OpError{Op: "read", Err: syscall.ETIMEDOUT}), OpTimeout)
	var refused *RefusedError
	if err := a.failure(&net.OpError{Op: "read", Err: syscall.ECONNRESET}); !errors.As(err, &refused) {
		t.Errorf("a reset is %T %v", err, err)
	}
}

// tlsConn does the handshake of a server with the certificate of s.
func tlsConn(s *httptest.Server, change func(*tls.Config), then func(*tls.Conn)) func(netConn) {
	config := &tls.Config{Certificates: s.TLS.Certificates}
	change(config)
	return func(raw netConn) {
		c := tls.Server(raw, config)
		if c.Handshake() != nil {
			_ = raw.Close()
			return
		}
		then(c)
	}
}

func TestServerCertificateIsVerified(t *testing.T) {
	s := serve(t, ok)
	port := s.URL[strings.LastIndex(s.URL, ":"):]
	for _, c := range []struct {
		name, url string
		config    Config
		hint      string
	}{
		{"unknown CA", s.URL, Config{Roots: newAuthority(t, "Other").pool()}, "--cacert"},
		{"another name", "https://localhost" + port, Config{Roots: trusting(s)}, "--resolve"},
	} {
		t.Run(c.name, func(t *testing.T) {
			tr := newTransport(t, c.config)
			_, err := tr.Do(t.Context(), get(t.Context(), c.url), 100)
			wantNetwork(t, err, OpCertificate)
			wantHint(t, err, c.hint)
			c.config.Insecure = true
			if _, err := newTransport(t, c.config).Do(t.Context(), get(t.Context(), c.url), 100); err != nil {
				t.Errorf("insecure: %v", err)
			}
		})
	}
}

func TestOldTLSIsNotSpoken(t *testing.T) {
	s := serve(t, ok, func(s *httptest.Server) { s.TLS.MinVersion, s.TLS.MaxVersion = tls.VersionTLS10, tls.VersionTLS11 })
	_, err := newTransport(t, Config{}, s).Do(t.Context(), get(t.Context(), s.URL), 100)
	wantNetwork(t, err, OpHandshake)
}

func TestKeysAreLogged(t *testing.T) {
	s := serve(t, ok)
	var log strings.Builder
	if _, err := newTransport(t, Config{KeyLog: &log}, s).Do(t.Context(), get(t.Context(), s.URL), 100); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(log.String(), "CLIENT_HANDSHAKE_TRAFFIC_SECRET") {
		t.Errorf("the key log is %q", log.String())
	}
}
