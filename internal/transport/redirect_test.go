package transport

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/oauthpop/oauthpop/internal/bounds"
	"github.com/oauthpop/oauthpop/internal/wire"
)

// redirector answers /STATUS with a redirect to what the query says, and keeps what
// it was asked.
type redirector struct {
	mu   sync.Mutex
	seen []seen
}

type seen struct {
	line, body  string
	header      http.Header
	certificate bool
}

func (d *redirector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	d.mu.Lock()
	d.seen = append(d.seen, seen{r.Method + " " + r.URL.Path, string(body), r.Header.Clone(), len(r.TLS.PeerCertificates) > 0})
	d.mu.Unlock()
	if r.URL.Path == "/nonce" && !strings.HasSuffix(r.Header.Get("DPoP"), " n-right") {
		w.Header().Set("DPoP-Nonce", "n-right")
		w.Header().Set("WWW-Authenticate", `DPoP error="use_dpop_nonce"`)
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	if to := r.URL.Query()["to"]; len(to) == 1 {
		w.Header().Set("Location", to[0])
	}
	status := http.StatusOK
	if _, err := fmt.Sscanf(r.URL.Path, "/%d", &status); err != nil {
		status = http.StatusOK
	}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, r.URL.Path)
}

// calling builds requests as a call with a token does.
func calling(ctx context.Context, method, first string) Build {
	return func(at Attempt) (*http.Request, error) {
		target, body := first, io.Reader(strings.NewReader("a=b"))
		if to := at.Redirect; to != nil {
			method, target = to.Method, to.URL
			if to.NoBody {
				body = nil
			}
		}
		req, err := http.NewRequestWithContext(ctx, method, target, body)
		if err != nil {
			return nil, err
		}
		req.Header = http.Header{
			"Authorization": {"DPoP token"}, "Cookie": {"a=b"}, "X-Api-Key": {"key"}, "X-Other": {"open"},
			"DPoP": {fmt.Sprintf("%s %s %s", rand.Text(), target, at.Nonce(target))},
		}
		return WithProof(req, target, time.Now()), nil
	}
}

func follow(tr *Transport, b Build) (*wire.Exchange, error) {
	return readWhole(tr.Follow(context.Background(), b))
}

func TestARedirectIsARequestOfItsOwn(t *testing.T) {
	for _, c := range []struct{ method, path, second, body string }{
		{"POST", "/307?to=/end%3Fq", "POST /end", "a=b"},
		{"PUT", "/308?to=/end", "PUT /end", "a=b"},
		{"POST", "/301?to=end", "GET /end", ""},
		{"POST", "/302?to=/end", "GET /end", ""},
		{"PUT", "/302?to=/end", "PUT /end", "a=b"},
		{"PUT", "/303?to=/end", "GET /end", ""},
		{"DELETE", "/303?to=/end", "GET /end", ""},
		{"HEAD", "/303?to=/end", "HEAD /end", "a=b"},
		{"GET", "/304?to=/end", "", ""},
		{"GET", "/300?to=/end", "", ""},
		{"GET", "/201?to=/end", "", ""},
		{"GET", "/307", "", ""}, // without a Location
	} {
		for name, change := range map[string]func(*httptest.Server){"HTTP/1.1": func(*httptest.Server) {}, "HTTP/2.0": withHTTP2} {
			t.Run(c.method+" "+c.path+" "+name, func(t *testing.T) {
				var d redirector
				s := serve(t, d.ServeHTTP, change)
				ex, err := follow(newTransport(t, Config{}, s), calling(t.Context(), c.method, s.URL+c.path))
				if err != nil {
					t.Fatal(err)
				}
				if c.second == "" {
					if len(d.seen) != 1 {
						t.Errorf("%d requests: %v", len(d.seen), d.seen)
					}
					return
				}
				if len(d.seen) != 2 || d.seen[1].line != c.second || d.seen[1].body != c.body {
					t.Fatalf("requests %v", d.seen)
				}
				first, second := strings.Fields(d.seen[0].header.Get("DPoP")), strings.Fields(d.seen[1].header.Get("DPoP"))
				if first[0] == second[0] || !strings.HasPrefix(second[1], s.URL+"/end") || ex.Request.HTU != second[1] {
					t.Errorf("proofs %q, then %q", first, second)
				}
				if d.seen[1].header.Get("Authorization") != "DPoP token" || ex.Response.Status != 200 || len(ex.Attempts) != 2 {
					t.Errorf("second request %v, attempts %+v", d.seen[1].header, ex.Attempts)
				}
			})
		}
	}
}

// A proof and a token never leave the server that they are for: whoever gets both can
// use them there.
func TestNothingOfTheTokenGoesToAnotherOrigin(t *testing.T) {
	mine := newAuthority(t, "Mine")
	var here, there redirector
	b := serve(t, there.ServeHTTP, asking(tls.RequestClientCert, mine)) // another port
	a := serve(t, here.ServeHTTP, asking(tls.RequestClientCert, mine))
	var trace record
	tr := newTransport(t, Config{Certificate: mine.client(t, "app"), Trace: trace.add}, a, b)
	ex, err := follow(tr, calling(t.Context(), "POST", a.URL+"/307?to="+b.URL+"/307%3Fto="+a.URL+"/back"))
	if err != nil {
		t.Fatal(err)
	}
	if len(here.seen) != 2 || len(there.seen) != 1 || here.seen[1].line != "POST /back" {
		t.Fatalf("here %v, there %v", here.seen, there.seen)
	}
	if first := here.seen[0]; !first.certificate || first.header.Get("DPoP") == "" {
		t.Errorf("the first request has no certificate or no proof: %v", first)
	}
	for name, s := range map[string]seen{"there": there.seen[0], "back again": here.seen[1]} {
		for _, field := range []string{"Authorization", "DPoP", "Cookie", "X-Api-Key"} {
			if s.header.Get(field) != "" {
				t.Errorf("%s: %s %q", name, field, s.header.Get(field))
			}
		}
		if s.certificate || s.header.Get("X-Other") != "open" {
			t.Errorf("%s: certificate %v, header %v", name, s.certificate, s.header)
		}
	}
	if ex.Request.HTU != "" || ex.Request.Certificate || ex.TLS.Sent || !ex.TLS.Asked {
		t.Errorf("facts %+v, %+v", ex.Request, ex.TLS)
	}
	if said := texts(trace.of(TraceRetry)); !strings.Contains(said, "no token, no proof") {
		t.Errorf("the trace says %q", said)
	}
	// A request of its own to that origin has the certificate.
	if _, err := tr.Do(t.Context(), calling(t.Context(), "POST", b.URL+"/own"), 100); err != nil || !there.seen[1].certificate {
		t.Errorf("%v, %v", there.seen, err)
	}
}

func TestRedirectsThatAreNotFollowed(t *testing.T) {
	var d redirector
	s := serve(t, d.ServeHTTP)
	five := s.URL
	for range bounds.Redirects {
		five = s.URL + "/307?to=" + strings.NewReplacer("%", "%25", "?", "%3F", "&", "%26").Replace(five)
	}
	for _, c := range []struct {
		url      string
		requests int
		says     string
	}{
		{five, 6, ""},
		{s.URL + "/307?to=" + strings.NewReplacer("%", "%25", "?", "%3F").Replace(five), 6, "one too many: 5"},
		{s.URL + "/307?to=http://api.example/", 1, "plain http"},
		{s.URL + "/307?to=ftp://api.example/", 1, "cannot be called"},
		{s.URL + "/307?to=https://user:hush@api.example/", 1, "cannot be called"},
		{s.URL + "/307?to=https://[::1/", 1, "not a URL"},
		{s.URL + "/307?to=https://", 1, "cannot be called"},
	} {
		d.seen = nil
		ex, err := follow(newTransport(t, Config{}, s), calling(t.Context(), "POST", c.url))
		if len(d.seen) != c.requests || ex == nil || len(ex.Attempts) != c.requests {
			t.Errorf("%s: %d requests, want %d", c.url, len(d.seen), c.requests)
		}
		var misled *RedirectError
		switch {
		case c.says == "" && err != nil:
			t.Errorf("%s: %v", c.url, err)
		case c.says != "" && (!errors.As(err, &misled) || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "hush")):
			t.Errorf("%s: %T %v, want %q", c.url, err, err, c.says)
		}
	}
}

// Where a redirect leads may want a nonce, and so may where it came from.
func TestEachHopMayAskForANonceOnce(t *testing.T) {
	var d redirector
	s := serve(t, d.ServeHTTP)
	ex, err := follow(newTransport(t, Config{}, s), calling(t.Context(), "POST", s.URL+"/307?to=/nonce"))
	if err != nil || ex.Response.Status != 200 || len(ex.Attempts) != 3 || !ex.Attempts[2].NonceRetry || ex.Attempts[1].NonceRetry {
		t.Errorf("%+v, %v", ex, err)
	}
}
