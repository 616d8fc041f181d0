package transport

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// connect is a proxy that opens tunnels.
func connect(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodConnect {
		_, _ = io.WriteString(w, "proxied "+r.URL.String())
		return
	}
	there, err := net.Dial("tcp", r.Host)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	here, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	_, _ = io.WriteString(here, "HTTP/1.1 200 OK\r\n\r\n")
	go func() { _, _ = io.Copy(there, here); _ = there.Close() }()
	_, _ = io.Copy(here, there)
	_ = here.Close()
}

func through(p *httptest.Server) func(*http.Request) (*url.URL, error) {
	return func(*http.Request) (*url.URL, error) { return url.Parse(p.URL) }
}

func TestCertificateIsForTheServerAndNotForTheProxy(t *testing.T) {
	mine := newAuthority(t, "Mine")
	plain := httptest.NewServer(http.HandlerFunc(connect))
	defer plain.Close()
	overTLS := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if len(r.TLS.PeerCertificates) > 0 {
			t.Error("the proxy got the certificate")
		}
		connect(w, r)
	}, asking(tls.RequestClientCert, mine))
	for name, p := range map[string]*httptest.Server{"http": plain, "https": overTLS} {
		for kind, want := range map[tls.ClientAuthType]string{tls.RequestClientCert: "app", tls.NoClientCert: "none"} {
			t.Run(name+" "+want, func(t *testing.T) {
				s := serve(t, ok, asking(kind, mine))
				tr := newTransport(t, Config{Certificate: mine.client(t, "app"), Proxy: through(p)}, s, p)
				for range 2 {
					ex, err := tr.Do(t.Context(), get(t.Context(), s.URL), 100)
					if err != nil || string(ex.Response.Body) != want {
						t.Fatalf("the server saw %q, %v", ex.Response.Body, err)
					}
					if asked := want == "app"; ex.TLS.Asked != asked || ex.TLS.Sent != asked || !ex.TLS.Used {
						t.Errorf("facts %+v", ex.TLS)
					}
				}
			})
		}
	}
}

func TestProxyThatRefuses(t *testing.T) {
	p := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusProxyAuthRequired)
	}))
	defer p.Close()
	s := serve(t, ok)
	_, err := newTransport(t, Config{Proxy: through(p)}, s).Do(t.Context(), get(t.Context(), s.URL), 100)
	wantNetwork(t, err, OpProxy)
	wantHint(t, err, "HTTPS_PROXY")
	if !strings.Contains(err.Error(), "407") {
		t.Errorf("%q does not say what the proxy answered", err)
	}
	p.Close()
	_, err = newTransport(t, Config{Proxy: through(p)}, s).Do(t.Context(), get(t.Context(), s.URL), 100)
	wantNetwork(t, err, OpProxy)
}

func TestProxyAddressIsNotRepeated(t *testing.T) {
	tr := newTransport(t, Config{Proxy: func(*http.Request) (*url.URL, error) {
		return nil, errors.New("cannot parse http://user:hush@")
	}})
	_, err := tr.Do(t.Context(), get(t.Context(), "https://api.example/"), 100)
	var wrong *RequestError
	if !errors.As(err, &wrong) || strings.Contains(err.Error(), "hush") {
		t.Errorf("%T %v", err, err)
	}
}

// Plain http is sent to a host of this machine alone, whatever it calls itself: not to
// a proxy that is asked to find it.
func TestWhatStaysOnThisMachineHasNoProxy(t *testing.T) {
	tr := newTransport(t, Config{
		Resolve: map[string]string{"api.example:80": "127.0.0.1:1"},
		Proxy:   func(*http.Request) (*url.URL, error) { return url.Parse("http://proxy.example") },
	})
	for target, through := range map[string]bool{
		"http://localhost/": false, "http://app.localhost:8080/": false, "http://127.0.0.2/": false, "http://[::1]/": false,
		"http://api.example/":  false,
		"https://api.example/": true, "https://localhost.example/": true, "https://192.0.2.1/": true,
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, target, nil)
		if err != nil {
			t.Fatal(err)
		}
		if u, err := tr.proxy(req); err != nil || (u != nil) != through {
			t.Errorf("%s: proxy %v, %v", target, u, err)
		}
	}
}
