package transport

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

func TestPlainHTTPIsForLoopbackOnly(t *testing.T) {
	resolve := map[string]string{"Localhost:81": "192.0.2.1:81", "inside.example:80": "127.0.0.1:8080", "[::1]:82": "[2001:db8::1]:82"}
	for raw, want := range map[string]bool{
		"http://127.0.0.1/":            true,
		"http://127.9.9.9:1234/":       true,
		"http://[::1]:8080/":           true,
		"http://[::ffff:127.0.0.1]/":   true,
		"http://localhost:8080/":       true,
		"http://LOCALHOST/":            true,
		"http://app.localhost/":        true,
		"http://localhost:81/":         false,
		"http://[::1]:82/":             false,
		"http://inside.example/":       true,
		"http://api.example/":          false,
		"http://10.0.0.1/":             false,
		"http://localhost.example/":    false,
		"http://127.0.0.1.example/":    false,
		"http://notlocalhost/":         false,
		"https://api.example/":         true,
		"http://0.0.0.0/":              false,
		"http://localhost.localdomain": false,
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, raw, nil)
		if err != nil {
			t.Fatal(err)
		}
		var plain *PlainHTTPError
		if err := newTransport(t, Config{Resolve: resolve}).check(req); errors.As(err, &plain) == want || !want && plain.URL != raw {
			t.Errorf("%s: %v, want permission %v", raw, err, want)
		}
		if err := newTransport(t, Config{Resolve: resolve, Insecure: true}).check(req); err != nil {
			t.Errorf("%s, insecure: %v", raw, err)
		}
	}
}

func TestWhatCannotBeSentIsRefusedBeforeConnecting(t *testing.T) {
	connections := make(chan struct{}, 10)
	address := listen(t, func(c net.Conn) { connections <- struct{}{}; _ = c.Close() })
	for name, c := range map[string]struct {
		url    string
		change func(*http.Request)
	}{
		"another scheme":        {"ftp://" + address, nil},
		"no scheme":             {"//" + address, nil},
		"no host":               {"https:///x", nil},
		"a password":            {"https://user:hush@" + address, nil},
		"a line break":          {"https://" + address, func(r *http.Request) { r.Header["X"] = []string{"hush\nhush"} }},
		"a name with a space":   {"https://" + address, func(r *http.Request) { r.Header["X Y"] = []string{"hush"} }},
		"a method with a space": {"https://" + address, func(r *http.Request) { r.Method = "GET IT" }},
		"no method at all":      {"https://" + address, func(r *http.Request) { r.Method = "" }},
	} {
		t.Run(name, func(t *testing.T) {
			ex, err := newTransport(t, Config{}).Do(t.Context(), func(Attempt) (*http.Request, error) {
				u, err := url.Parse(c.url)
				if err != nil {
					t.Fatal(err)
				}
				req := &http.Request{Method: http.MethodGet, URL: u, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("x"))}
				if c.change != nil {
					c.change(req)
				}
				return req, nil
			}, 1)
			var wrong *RequestError
			if !errors.As(err, &wrong) || ex != nil {
				t.Errorf("%T %v, exchange %v", err, err, ex)
			}
			if strings.Contains(err.Error(), "hush") {
				t.Errorf("%q shows a secret", err)
			}
		})
	}
	if len(connections) > 0 {
		t.Error("something was connected to")
	}
}

func TestResolveNamesTheAddress(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.Host) })
	tr := newTransport(t, Config{Resolve: map[string]string{"Example.com:8443": s.Listener.Addr().String()}}, s)
	ex, err := tr.Do(t.Context(), get(t.Context(), "https://example.com:8443/"), 100)
	if err != nil || string(ex.Response.Body) != "example.com:8443" {
		t.Errorf("host %q, %v", ex.Response.Body, err)
	}
	_, err = tr.Do(t.Context(), get(t.Context(), "https://example.invalid:8444/"), 100)
	wantNetwork(t, err, OpLookup)
}

func TestLoopbackServesPlainHTTP(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer s.Close()
	ex, err := newTransport(t, Config{}).Do(t.Context(), get(t.Context(), s.URL), 100)
	if err != nil || ex.TLS.Used || ex.TLS.Asked {
		t.Errorf("%+v, %v", ex, err)
	}
}
