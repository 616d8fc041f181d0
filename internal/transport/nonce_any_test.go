package transport

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/oauthpop/oauthpop/internal/bounds"
)

// A new nonce comes with a refusal, or with "the HTTP 200 (OK) response from the previous
// request"; nothing bars other answers from having one.
// https://www.rfc-editor.org/rfc/rfc9449#section-8.2
func TestNonceIsLearntFromAnswersOfEveryStatus(t *testing.T) {
	for name, change := range map[string]func(*httptest.Server){"HTTP/1.1": func(*httptest.Server) {}, "HTTP/2.0": withHTTP2} {
		for _, status := range []int{200, 201, 204, 301, 304, 307, 400, 401, 403, 404, 429, 500, 503} {
			t.Run(fmt.Sprint(name, " ", status), func(t *testing.T) {
				var proofs []string
				s := serve(t, func(w http.ResponseWriter, r *http.Request) {
					proofs = append(proofs, r.Header.Get("DPoP"))
					w.Header().Set("DPoP-Nonce", "n-1")
					w.WriteHeader(status)
				}, change)
				tr := newTransport(t, Config{}, s)
				for range 2 {
					if _, err := tr.Do(t.Context(), proving(t.Context(), http.MethodPost, s.URL), 100); err != nil {
						t.Fatal(err)
					}
				}
				if len(proofs) != 2 || strings.HasSuffix(proofs[0], "n-1") || !strings.HasSuffix(proofs[1], " n-1") {
					t.Errorf("proofs %q", proofs)
				}
			})
		}
	}
}

// "The client MUST use the new nonce value supplied for the next token request and for
// all subsequent token requests until the authorization server supplies a new nonce."
// What cannot be one replaces none.
// https://www.rfc-editor.org/rfc/rfc9449#section-8.2
func TestNonceIsUsedUntilItIsReplaced(t *testing.T) {
	var used []string
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		nonce := ""
		if proof := strings.Fields(r.Header.Get("DPoP")); len(proof) == 3 {
			nonce = proof[2]
		}
		used = append(used, nonce)
		w.Header()["Dpop-Nonce"] = r.Header["Give"]
	})
	tr := newTransport(t, Config{}, s)
	for _, give := range [][]string{{"n-1"}, nil, {}, {""}, {"n-2", "n-3"}, {`n"4`}, {strings.Repeat("n", bounds.Nonce+1)}, {"n-5"}, nil, nil} {
		build := func(at Attempt) (*http.Request, error) {
			req, err := proving(t.Context(), http.MethodPost, s.URL)(at)
			if err == nil {
				req.Header["Give"] = give
			}
			return req, err
		}
		if _, err := tr.Do(t.Context(), build, 100); err != nil {
			t.Fatal(err)
		}
	}
	if got := strings.Join(used, ","); got != ",n-1,n-1,n-1,n-1,n-1,n-1,n-1,n-5,n-5" {
		t.Errorf("used %s", got)
	}
}
