package oauth

import (
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/oauthpop/oauthpop/internal/keys"
	"github.com/oauthpop/oauthpop/internal/transport"
)

// seen is one request that a server got.
type seen struct {
	path, query string
	header      http.Header
	form        url.Values
}

// server answers by answer and keeps what it got.
type server struct {
	*httptest.Server
	mu       sync.Mutex
	requests []seen
}

func serve(t *testing.T, answer func(w http.ResponseWriter, r *http.Request, me string)) *server {
	t.Helper()
	s := &server{}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		form, _ := url.ParseQuery(string(body))
		s.mu.Lock()
		s.requests = append(s.requests, seen{r.URL.EscapedPath(), r.URL.RawQuery, r.Header, form})
		s.mu.Unlock()
		answer(w, r, s.URL)
	}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

func (s *server) transport(t *testing.T) *transport.Transport {
	t.Helper()
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	tr := transport.New(transport.Config{Roots: roots, Now: time.Now, Timeout: time.Minute})
	t.Cleanup(tr.Close)
	return tr
}

func wantError[E error](t *testing.T, err error, parts ...string) E {
	t.Helper()
	var e E
	if !errors.As(err, &e) {
		t.Fatalf("%T %v, want %T", err, err, e)
	}
	for _, p := range parts {
		if !strings.Contains(err.Error(), p) {
			t.Errorf("%q does not say %q", err, p)
		}
	}
	return e
}

func newKey(t *testing.T, alg string) *AssertionKey {
	t.Helper()
	k, err := keys.Generate(alg, 0)
	if err != nil {
		t.Fatal(err)
	}
	return &AssertionKey{Key: k.Private}
}
