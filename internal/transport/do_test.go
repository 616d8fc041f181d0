package transport

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/oauthpop/oauthpop/internal/bounds"
)

type netConn = net.Conn

func wantNetwork(t *testing.T, err error, op string) {
	t.Helper()
	var network *NetworkError
	if !errors.As(err, &network) || network.Op != op {
		t.Fatalf("%T %v, want a network error %q", err, err, op)
	}
}

func wantHint(t *testing.T, err error, part string) {
	t.Helper()
	var h interface{ HintText() string }
	if !errors.As(err, &h) || !strings.Contains(h.HintText(), part) {
		t.Errorf("the hint of %q does not name %q", err, part)
	}
}

func TestAnswerOfAnyStatusIsNoErrorAndRedirectsAreNotFollowed(t *testing.T) {
	requests := 0
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		requests++
		if r.UserAgent() != "agent/1" || r.Header.Get("Accept-Encoding") != "" {
			t.Errorf("header %v", r.Header)
		}
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(http.StatusTemporaryRedirect)
		_, _ = io.WriteString(w, "gone there")
	})
	now := time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC)
	tr := newTransport(t, Config{UserAgent: "agent/1", Now: func() time.Time { return now }}, s)
	iat := now.Add(-time.Second)
	ex, err := tr.Do(t.Context(), func(Attempt) (*http.Request, error) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/a?b=c", nil)
		return WithProof(req, "htu", iat), err
	}, 100)
	if err != nil {
		t.Fatal(err)
	}
	if ex.Response.Status != 307 || string(ex.Response.Body) != "gone there" || !ex.Response.Received.Equal(now) || requests != 1 {
		t.Errorf("answer %+v after %d requests", ex.Response, requests)
	}
	if ex.Response.Proto != "HTTP/1.1" {
		t.Errorf("protocol %q", ex.Response.Proto)
	}
	if r := ex.Request; r.Method != "GET" || r.URL != s.URL+"/a?b=c" || r.HTU != "htu" || !r.IAT.Equal(iat) || r.Certificate || r.Header.Get("User-Agent") != "agent/1" {
		t.Errorf("request %+v", r)
	}
	if len(ex.Attempts) != 1 || ex.Attempts[0].Status != 307 || ex.Attempts[0].NonceRetry {
		t.Errorf("attempts %+v", ex.Attempts)
	}
}

func TestEmptyBodyIsNotNil(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	ex, err := newTransport(t, Config{}, s).Do(t.Context(), get(t.Context(), s.URL), 0)
	if err != nil || ex.Response.Body == nil {
		t.Errorf("body %v, %v", ex.Response.Body, err)
	}
}

func TestAnswersAreBounded(t *testing.T) {
	const field = 1000
	for name, change := range map[string]func(*httptest.Server){"HTTP/1.1": func(*httptest.Server) {}, "HTTP/2.0": withHTTP2} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/header" {
					each := field + len("X-000: \r\n")
					if r.ProtoMajor == 2 { // which counts 32 bytes for each field, and ends the connection far beyond the bound
						each = field + len("x-000") + 32
					}
					for i := range bounds.Header/each + 4 {
						w.Header().Set(fmt.Sprintf("X-%03d", i), strings.Repeat("x", field))
					}
				}
				w.WriteHeader(http.StatusTeapot)
				_, _ = io.WriteString(w, "0123456789")
			}, change)
			tr := newTransport(t, Config{}, s)
			if ex, err := tr.Do(t.Context(), get(t.Context(), s.URL), 10); err != nil || len(ex.Response.Body) != 10 {
				t.Errorf("a body as long as its bound: %v", err)
			}
			for path, what := range map[string]string{"/": "body", "/header": "header"} {
				ex, err := tr.Do(t.Context(), get(t.Context(), s.URL+path), 9)
				var over *AnswerTooLargeError
				if !errors.As(err, &over) || over.What != what {
					t.Fatalf("%s: %T %v", what, err, err)
				}
				if what == "body" && (over.Status != http.StatusTeapot || ex.Response.Status != http.StatusTeapot || over.Limit != 9) {
					t.Errorf("error %+v", over)
				}
			}
		})
	}
}

func TestStreamGivesTheBodyAsItComes(t *testing.T) {
	more := make(chan struct{})
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "one")
		w.(http.Flusher).Flush()
		<-more
		_, _ = io.WriteString(w, "two")
	})
	ex, body, err := newTransport(t, Config{}, s).Stream(t.Context(), get(t.Context(), s.URL))
	if err != nil {
		t.Fatal(err)
	}
	defer body.Close()
	first := make([]byte, 3)
	if _, err := io.ReadFull(body, first); err != nil || string(first) != "one" {
		t.Fatalf("%q, %v", first, err)
	}
	close(more)
	rest, err := io.ReadAll(body)
	if err != nil || string(rest) != "two" || ex.Response.Body != nil {
		t.Errorf("%q, %v, body of the exchange %q", rest, err, ex.Response.Body)
	}
}

func TestSlowServerTimesOut(t *testing.T) {
	done := make(chan struct{})
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/body" {
			w.(http.Flusher).Flush()
		}
		<-done
	})
	asks := serve(t, func(http.ResponseWriter, *http.Request) { <-done }, asking(tls.RequestClientCert, newAuthority(t, "Mine")))
	defer close(done)
	for _, c := range []struct {
		name, path string
		config     Config
		hint       string
	}{
		{"header", "/", Config{Timeout: 30 * time.Millisecond}, "--timeout"},
		{"body", "/body", Config{Timeout: 30 * time.Millisecond}, "--timeout"},
		{"header, for everything", "/", Config{MaxTime: 30 * time.Millisecond}, "--max-time"},
		{"body, for everything", "/body", Config{MaxTime: 30 * time.Millisecond}, "--max-time"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := newTransport(t, c.config, s).Do(t.Context(), get(t.Context(), s.URL+c.path), 100)
			wantNetwork(t, err, OpTimeout)
			wantHint(t, err, c.hint)
		})
	}
	t.Run("a server that asks for a certificate and then hangs refuses nothing", func(t *testing.T) {
		_, err := newTransport(t, Config{Timeout: 200 * time.Millisecond}, asks).Do(t.Context(), get(t.Context(), asks.URL), 100)
		wantNetwork(t, err, OpTimeout)
	})
	t.Run("a handshake that never ends", func(t *testing.T) {
		address := listen(t, func(c net.Conn) { <-done; _ = c.Close() })
		_, err := newTransport(t, Config{Timeout: 30 * time.Millisecond}).Do(t.Context(), get(t.Context(), "https://"+address), 100)
		wantNetwork(t, err, OpTimeout)
	})
	t.Run("a stream has no limit but that for everything", func(t *testing.T) {
		_, body, err := newTransport(t, Config{MaxTime: 500 * time.Millisecond}, s).Stream(t.Context(), get(t.Context(), s.URL+"/body"))
		if err != nil {
			t.Fatal(err)
		}
		defer body.Close()
		_, err = io.ReadAll(body)
		wantNetwork(t, err, OpTimeout)
	})
}

func TestCancelledContextIsItsOwnError(t *testing.T) {
	done := make(chan struct{})
	ctx, cancel := context.WithCancel(t.Context())
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/body" {
			w.(http.Flusher).Flush()
		}
		cancel()
		<-done
	})
	defer close(done)
	for _, path := range []string{"/", "/body"} {
		_, err := newTransport(t, Config{}, s).Do(ctx, get(ctx, s.URL+path), 100)
		if err != context.Canceled { //nolint:errorlint // it is promised as it is
			t.Errorf("%s: %T %v", path, err, err)
		}
		ctx, cancel = context.WithCancel(t.Context())
		defer cancel()
	}
}

func TestNoAnswer(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := l.Addr().String()
	_ = l.Close()
	plain := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer plain.Close()
	for _, c := range []struct{ name, url, op, hint string }{
		{"nobody listens", "https://" + nobody, OpConnect, "running"},
		{"no such name", "https://nothing.invalid/", OpLookup, "--resolve"},
		{"no TLS", strings.Replace(plain.URL, "http:", "https:", 1), OpHandshake, "TLS"},
	} {
		t.Run(c.name, func(t *testing.T) {
			mine := newAuthority(t, "Mine")
			tr := newTransport(t, Config{Certificate: mine.client(t, "app")}, plain)
			ex, err := tr.Do(t.Context(), get(t.Context(), c.url), 100)
			wantNetwork(t, err, c.op)
			wantHint(t, err, c.hint)
			if ex == nil || len(ex.Attempts) != 1 || ex.Attempts[0].Status != 0 {
				t.Errorf("exchange %+v", ex)
			}
		})
	}
}

func TestErrorOfBuildComesThrough(t *testing.T) {
	mine := errors.New("no key")
	ex, err := newTransport(t, Config{}).Do(t.Context(), func(Attempt) (*http.Request, error) { return nil, mine }, 1)
	if err != mine || ex != nil { //nolint:errorlint // it is promised as it is
		t.Errorf("%v, %v", ex, err)
	}
}

// answerOnce answers the first request of a connection and closes it on the second.
func answerOnce(c *tls.Conn) {
	r := bufio.NewReader(c)
	for range 1 {
		req, err := http.ReadRequest(r)
		if err != nil {
			return
		}
		_, _ = io.Copy(io.Discard, req.Body)
		_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
	}
	req, err := http.ReadRequest(r)
	if err == nil {
		_, _ = io.Copy(io.Discard, req.Body)
	}
	_ = c.Close()
}

// closing answers every other request of a connection and then closes it, and
// keeps the proofs that it saw.
type closing struct {
	mu     sync.Mutex
	proofs map[string]int
}

func (c *closing) serve(nc *tls.Conn) {
	r := bufio.NewReader(nc)
	for i := 0; ; i++ {
		req, err := http.ReadRequest(r)
		if err != nil {
			return
		}
		_, _ = io.Copy(io.Discard, req.Body)
		c.mu.Lock()
		c.proofs[req.Header.Get("DPoP")]++
		c.mu.Unlock()
		if i == 1 {
			_ = nc.Close()
			return
		}
		_, _ = io.WriteString(nc, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
	}
}

// net/http sends a GET again by itself when a kept connection is closed under it:
// the server would see one proof twice.
func TestNoProofIsSentTwiceWhenAKeptConnectionIsLost(t *testing.T) {
	s := serve(t, ok)
	for range 30 {
		c := closing{proofs: map[string]int{}}
		address := listen(t, tlsConn(s, func(*tls.Config) {}, c.serve))
		var trace record
		tr := newTransport(t, Config{Trace: trace.add}, s)
		build := proving(t.Context(), http.MethodGet, "https://"+address)
		for range 2 {
			ex, err := tr.Do(t.Context(), build, 10)
			if err != nil || !bytes.Equal(ex.Response.Body, []byte("ok")) {
				t.Fatalf("%v", err)
			}
		}
		c.mu.Lock()
		for p, n := range c.proofs {
			if n != 1 {
				t.Errorf("the proof %q came %d times", p, n)
			}
		}
		if len(c.proofs) != 3 {
			t.Errorf("%d requests, want three: one, the one that is lost, the one in its place", len(c.proofs))
		}
		c.mu.Unlock()
		if n := len(trace.of(TraceRetry)); n != 1 {
			t.Errorf("%d retries in the trace, want 1", n)
		}
	}
}
