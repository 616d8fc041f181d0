package commands_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// led is an API that leads elsewhere, and then says what it was sent.
func led(_ *fakeIssuer, w http.ResponseWriter, r *http.Request) {
	status := map[string]int{"/keep": 307, "/see": 303, "/moved": 301, "/loop": 308, "/twice": 308}[r.URL.Path]
	switch {
	case r.URL.Path == "/loop":
		http.Redirect(w, r, "/loop", status)
	case r.URL.Path == "/twice":
		http.Redirect(w, r, "/keep", status)
	case status != 0:
		http.Redirect(w, r, "/end/%2F?q=1#part", status)
	default:
		body, _ := io.ReadAll(r.Body)
		_, _ = io.WriteString(w, r.Method+" "+r.Header.Get("Content-Type")+" "+string(body))
	}
}

func TestCallFollowsRedirectsWithAProofForEach(t *testing.T) {
	f := newFakeIssuer(t, led)
	for _, tt := range []struct{ args, want string }{
		{"POST URL/keep -d body -H Content-Type:text/plain", "POST text/plain body"},
		{"POST URL/see -d body", "GET  "},
		{"POST URL/moved --json {}", "GET  "},
		{"PUT URL/moved --json {}", "PUT application/json {}"},
		{"GET URL/twice", "GET  "},
		{"URL/keep --htu https://inner.example/x", "GET  "},
		{"URL/keep --htu-map URL/end=https://inner.example/other", "GET  "},
	} {
		t.Run(tt.args, func(t *testing.T) {
			f.seen = nil
			args := append([]string{"call", "-L", "--token", someToken, "--key", f.key, "--cacert", f.cacert}, strings.Fields(strings.ReplaceAll(tt.args, "URL", f.URL))...)
			code, stdout, stderr := runMain(nil, args...)
			if code != 0 || stdout != tt.want || len(f.seen) < 2 {
				t.Fatalf("exit %d, %q, %d requests: %s", code, stdout, len(f.seen), stderr)
			}
			jtis := map[any]bool{}
			for i, r := range f.seen {
				claims, htu := claimsOf(t, r), f.URL+r.URL.EscapedPath()
				if strings.Contains(tt.args, "--htu ") && i == 0 {
					htu = "https://inner.example/x"
				}
				if strings.Contains(tt.args, "--htu-map") && i == 1 {
					htu = "https://inner.example/other/%2F"
				}
				if claims["htu"] != htu || claims["htm"] != r.Method || jtis[claims["jti"]] {
					t.Errorf("%s %s was sent with %v", r.Method, r.URL, claims)
				}
				jtis[claims["jti"]] = true
			}
		})
	}
	f.seen = nil
	code, _, stderr := runMain(nil, "call", "-L", f.URL+"/loop", "--token", someToken, "--key", f.key, "--cacert", f.cacert)
	if code != 4 || len(f.seen) != 6 || !strings.Contains(stderr, "5 are followed") {
		t.Errorf("in a loop: exit %d, %d requests: %s", code, len(f.seen), stderr)
	}
	code, _, stderr = runMain(nil, "call", f.URL+"/keep", "--token", someToken, "--key", f.key, "--cacert", f.cacert)
	if code != 0 || !strings.Contains(stderr, "307 Temporary Redirect") || !strings.Contains(stderr, "-L follows it") {
		t.Errorf("not followed: exit %d: %s", code, stderr)
	}
}

// Neither token nor proof is for another origin, nor what has a secret's name.
func TestCallTakesNothingOfTheTokenToAnotherOrigin(t *testing.T) {
	var there []*http.Request
	other := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		there = append(there, r)
		w.Header().Set("WWW-Authenticate", `DPoP error="use_dpop_nonce"`)
		w.Header().Set("DPoP-Nonce", "n-1")
		w.WriteHeader(http.StatusUnauthorized)
	}))
	t.Cleanup(other.Close)
	f := newFakeIssuer(t, func(_ *fakeIssuer, w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.URL+"/x", http.StatusFound)
	})
	code, stdout, stderr := runMain(nil, "call", "-L", f.URL+"/a", "--token", someToken, "--key", f.key, "--cacert", f.cacert,
		"-H", "X-Plain: 1", "-H", "X-Api-Key: hush", "-H", "Host: elsewhere.example", "-v", "-o", "json")
	var o struct {
		Attempts []struct {
			URL    string
			Status int
		}
	}
	if err := json.Unmarshal([]byte(stdout), &o); err != nil || code != 0 {
		t.Fatalf("exit %d, %v: %s", code, err, stderr)
	}
	if len(o.Attempts) != 2 || o.Attempts[0].Status != 302 || o.Attempts[1].URL != other.URL+"/x" {
		t.Errorf("%+v", o)
	}
	if len(there) != 1 {
		t.Fatalf("%d requests", len(there))
	}
	h := there[0].Header
	if h.Get("Authorization") != "" || h.Get("DPoP") != "" || h.Get("X-Api-Key") != "" || h.Get("X-Plain") != "1" || there[0].Host == "elsewhere.example" {
		t.Errorf("%s was sent %v", there[0].Host, h)
	}
	if f.seen[0].Host != "elsewhere.example" || !strings.Contains(stderr, "another origin") {
		t.Errorf("the first was sent to %s; %s", f.seen[0].Host, stderr)
	}
}
