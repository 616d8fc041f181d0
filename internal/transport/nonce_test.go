package transport

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/oauthpop/oauthpop/internal/bounds"
	"github.com/oauthpop/oauthpop/internal/wire"
)

// nonceServer asks for nonces as its path says, and keeps the proofs that it saw.
type nonceServer struct {
	mu     sync.Mutex
	proofs []string
}

func (n *nonceServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	n.mu.Lock()
	n.proofs = append(n.proofs, r.Header.Get("DPoP"))
	count := len(n.proofs)
	n.mu.Unlock()
	fields := strings.Fields("- " + r.Header.Get("DPoP") + " -")
	nonce := fields[len(fields)-2]

	const inBody, challenged = `{"error":"use_dpop_nonce"}`, `DPoP error="use_dpop_nonce", algs="ES256"`
	ask := func(status int, nonce, body, challenge string) {
		if nonce != "" {
			w.Header().Set("DPoP-Nonce", nonce)
		}
		if challenge != "" {
			w.Header().Set("WWW-Authenticate", challenge)
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
	switch path := r.URL.Path; {
	case path == "/always":
		ask(400, fmt.Sprint("n-", count), inBody, "")
	case path == "/same":
		ask(400, "n-same", inBody, "")
	case path == "/none":
		ask(400, "", inBody, "")
	case path == "/with-200":
		ask(200, "n-200", "{}", "")
	case nonce == "n-right" || nonce == "n-200":
		ask(200, "", "welcome", "")
	case path == "/400":
		ask(400, "n-right", inBody, "")
	case path == "/401-body":
		ask(401, "n-right", inBody, "")
	case path == "/401-challenge":
		ask(401, "n-right", "no", `Bearer realm="a, b", `+strings.ToLower(challenged))
	case path == "/other-case":
		ask(400, "n-right", `{"Error":"use_dpop_nonce"}`, "")
	case path == "/other-error":
		ask(400, "n-right", `{"error":"invalid_request","error_description":"use_dpop_nonce"}`, `DPoP error="invalid_token"`)
	case path == "/bearer-challenge":
		ask(401, "n-right", "no", `Bearer error="use_dpop_nonce"`)
	case path == "/403":
		ask(403, "n-right", inBody, challenged)
	case path == "/two":
		w.Header().Add("DPoP-Nonce", "n-right")
		ask(400, "", inBody, "")
	case path == "/two-lines":
		w.Header()["Dpop-Nonce"] = []string{"n-right", "n-right"}
		ask(400, "", inBody, "")
	case path == "/bad-characters":
		ask(400, `n"right`, inBody, "")
	case path == "/too-long":
		ask(400, strings.Repeat("n", bounds.Nonce+1), inBody, "")
	default:
		ask(404, "", "", "")
	}
}

// An authorization server asks for a nonce with 400 and use_dpop_nonce in the body, a
// resource server with 401 and a challenge; "there MUST NOT be more than one DPoP-Nonce
// header". The request is sent again once, and not at all with the nonce that it had.
// https://www.rfc-editor.org/rfc/rfc9449#section-8
// https://www.rfc-editor.org/rfc/rfc9449#section-9
func TestNonceIsAskedForOnceAtMost(t *testing.T) {
	for _, c := range []struct {
		path     string
		requests int
		status   int
		said     string // in the trace
	}{
		{"/400", 2, 200, "asks for a nonce"},
		{"/401-body", 2, 200, "asks for a nonce"},
		{"/401-challenge", 2, 200, "asks for a nonce"},
		{"/always", 2, 400, "asks for another"},
		{"/same", 2, 400, "that it was sent"},
		{"/none", 1, 400, "gives none"},
		{"/other-case", 1, 400, ""},
		{"/other-error", 1, 400, ""},
		{"/bearer-challenge", 1, 401, ""},
		{"/403", 1, 403, ""},
		{"/two", 2, 200, "asks for a nonce"}, // one line only: the control of the next
		{"/two-lines", 1, 400, "2 DPoP-Nonce fields"},
		{"/bad-characters", 1, 400, "characters"},
		{"/too-long", 1, 400, "longer than"},
		{"/with-200", 1, 200, ""},
	} {
		for name, change := range map[string]func(*httptest.Server){"HTTP/1.1": func(*httptest.Server) {}, "HTTP/2.0": withHTTP2} {
			for way, do := range map[string]func(*Transport, Build) (*wire.Exchange, error){"Do": whole, "Stream": streamed} {
				t.Run(c.path+" "+name+" "+way, func(t *testing.T) {
					var n nonceServer
					s := serve(t, n.ServeHTTP, change)
					var trace record
					tr := newTransport(t, Config{Trace: trace.add}, s)
					ex, err := do(tr, proving(t.Context(), http.MethodPost, s.URL+c.path))
					if err != nil {
						t.Fatal(err)
					}
					if len(n.proofs) != c.requests || ex.Response.Status != c.status {
						t.Errorf("%d requests, status %d, want %d, %d", len(n.proofs), ex.Response.Status, c.requests, c.status)
					}
					checkAttempts(t, ex, c.requests)
					if len(n.proofs) == 2 && n.proofs[0][:26] == n.proofs[1][:26] {
						t.Error("the second request had the proof of the first")
					}
					if said := texts(append(trace.of(TraceRetry), trace.of(TraceWarning)...)); c.said != "" && !strings.Contains(said, c.said) || c.said == "" && said != "" {
						t.Errorf("the trace says %q, want %q", said, c.said)
					}
					if c.status == 200 && c.path != "/with-200" && string(ex.Response.Body) != "welcome" {
						t.Errorf("body %q", ex.Response.Body)
					}
				})
			}
		}
	}
}

func whole(tr *Transport, b Build) (*wire.Exchange, error) {
	return tr.Do(context.Background(), b, 1000)
}

func streamed(tr *Transport, b Build) (*wire.Exchange, error) {
	return readWhole(tr.Stream(context.Background(), b))
}

// readWhole reads a streamed answer to its end.
func readWhole(ex *wire.Exchange, body Body, err error) (*wire.Exchange, error) {
	if err != nil {
		return ex, err
	}
	defer body.Close()
	ex.Response.Body, err = io.ReadAll(body)
	return ex, err
}

func texts(events []TraceEvent) string {
	var all []string
	for _, e := range events {
		all = append(all, e.Text)
	}
	return strings.Join(all, "; ")
}

func checkAttempts(t *testing.T, ex *wire.Exchange, want int) {
	t.Helper()
	if len(ex.Attempts) != want {
		t.Fatalf("attempts %+v, want %d", ex.Attempts, want)
	}
	for i, a := range ex.Attempts {
		if a.URL != ex.Request.URL || a.NonceRetry != (i == 1) {
			t.Errorf("attempt %d: %+v", i, a)
		}
	}
	if last := ex.Attempts[want-1]; last.Status != ex.Response.Status {
		t.Errorf("the last attempt has status %d, the answer %d", last.Status, ex.Response.Status)
	}
}

// The body that was looked at for the error code is still all there.
func TestBodyOfARefusalIsWhole(t *testing.T) {
	long := `{"error":"other","pad":"` + strings.Repeat("x", 2*bounds.ErrorBody) + `"}`
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(400)
		_, _ = io.WriteString(w, long)
	})
	for name, do := range map[string]func(*Transport, Build) (*wire.Exchange, error){
		"Stream": streamed,
		"Do": func(tr *Transport, b Build) (*wire.Exchange, error) {
			return tr.Do(t.Context(), b, int64(len(long)))
		},
	} {
		ex, err := do(newTransport(t, Config{}, s), proving(t.Context(), http.MethodPost, s.URL))
		if err != nil || string(ex.Response.Body) != long {
			t.Errorf("%s: %d bytes, %v, want %d", name, len(ex.Response.Body), err, len(long))
		}
	}
}

// What is learnt from any answer is sent with the first attempt of the next request.
// https://www.rfc-editor.org/rfc/rfc9449#section-8.2
func TestNonceOfAnyAnswerIsUsedNext(t *testing.T) {
	var n nonceServer
	s := serve(t, n.ServeHTTP)
	tr := newTransport(t, Config{}, s)
	for _, path := range []string{"/with-200", "/400"} {
		ex, err := tr.Do(t.Context(), proving(t.Context(), http.MethodPost, s.URL+path), 100)
		if err != nil || ex.Response.Status != 200 || len(ex.Attempts) != 1 {
			t.Errorf("%s: %+v, %v", path, ex.Attempts, err)
		}
	}
	if !strings.HasSuffix(n.proofs[1], " n-200") {
		t.Errorf("the second proof is %q", n.proofs[1])
	}
}

// A server gives nonces for itself alone, and another port is another server.
// https://www.rfc-editor.org/rfc/rfc9449#section-9
func TestNonceStaysWithItsOrigin(t *testing.T) {
	var one, two nonceServer
	a, b := serve(t, one.ServeHTTP), serve(t, two.ServeHTTP) // two ports
	tr := newTransport(t, Config{}, a, b)
	for _, url := range []string{a.URL + "/with-200", b.URL + "/none"} {
		if _, err := tr.Do(t.Context(), proving(t.Context(), http.MethodPost, url), 100); err != nil {
			t.Fatal(err)
		}
	}
	if strings.Contains(two.proofs[0], "n-200") {
		t.Error("the nonce of one port was sent to another")
	}
	for raw, want := range map[string]string{
		"https://api.example/a?b":         "https://api.example:443",
		"HTTPS://API.example:443":         "https://api.example:443",
		"https://api.example:8443/":       "https://api.example:8443",
		"http://api.example/":             "http://api.example:80",
		"https://bücher.example/ä":        "https://xn--bcher-kva.example:443",
		"https://xn--bcher-kva.example/x": "https://xn--bcher-kva.example:443",
		"https://[2001:DB8::1]/":          "https://[2001:db8::1]:443",
		"nothing":                         "",
	} {
		if got := originOf(raw); got != want {
			t.Errorf("origin of %q is %q, want %q", raw, got, want)
		}
	}
}

func TestRequestWithoutProofIsNotRetried(t *testing.T) {
	var n nonceServer
	s := serve(t, n.ServeHTTP)
	ex, err := newTransport(t, Config{}, s).Do(t.Context(), get(t.Context(), s.URL+"/400"), 100)
	if err != nil || len(ex.Attempts) != 1 {
		t.Errorf("%+v, %v", ex.Attempts, err)
	}
}
