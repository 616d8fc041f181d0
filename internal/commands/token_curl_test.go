package commands_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/oauthpop/oauthpop/internal/jwt"
)

// Before the command is printed the server is asked once for a nonce, by a proof that
// is an hour old; with its answer it is not asked again.
func TestCurlCommandHasTheNonceOfTheServer(t *testing.T) {
	const now = 1_700_000_000 // of the test's world
	for _, tt := range []struct{ name, nonce, body string }{
		{"wanted", "n-1", `{"error":"use_dpop_nonce"}`},
		{"given with another refusal", "n-2", `{"error":"invalid_dpop_proof"}`},
		{"given with a token by a server that takes no notice of proofs", "n-3", `{"access_token":"x","token_type":"Bearer"}`},
		{"not given", "", `{"error":"invalid_dpop_proof"}`},
		{"of no use", "", "<html>"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := newFakeIssuer(t, func(_ *fakeIssuer, w http.ResponseWriter, _ *http.Request) {
				if tt.nonce != "" {
					w.Header().Set("DPoP-Nonce", tt.nonce)
				}
				w.WriteHeader(400)
				_, _ = w.Write([]byte(tt.body))
			})
			code, stdout, stderr := f.token("/token", "--print-curl")
			if code != 0 || len(f.seen) != 1 || claimsOf(t, f.seen[0])["iat"] != float64(now-3600) {
				t.Fatalf("exit %d after %d requests: %s", code, len(f.seen), stderr)
			}
			_, proof, _ := strings.Cut(stdout, "'DPoP: ")
			proof, _, _ = strings.Cut(proof, "'")
			c, err := jwt.Split(proof)
			if err != nil {
				t.Fatal(err, stdout)
			}
			if nonce, _ := c.Payload.String("nonce"); nonce != tt.nonce || !strings.Contains(string(c.RawPayload), `"iat":1700000000`) {
				t.Errorf("the proof says %s", c.RawPayload)
			}
			if proof == f.seen[0].Header.Get("DPoP") || !strings.HasSuffix(stdout, " "+f.URL+"/token\n") {
				t.Errorf("printed %s", stdout)
			}
		})
	}
}

// Without a proof nobody is asked anything, and nothing of what -v shows is in the way.
func TestCurlCommandWithoutAProof(t *testing.T) {
	f := newFakeIssuer(t, func(*fakeIssuer, http.ResponseWriter, *http.Request) {})
	args := []string{
		"token", "--token-endpoint", f.URL + "/token?tenant=a%2Fb", "--client-id", "app", "--auth-method", "none", "--grant", "client_credentials",
		"--bearer", "--scope", "a b", "--cacert", f.cacert, "--print-curl",
	}
	code, stdout, stderr := runMain(nil, args...)
	want := "curl --cacert " + f.cacert + " -H 'Accept: application/json' --data-raw 'client_id=app&grant_type=client_credentials&scope=a+b' '" + f.URL + "/token?tenant=a%2Fb'\n"
	if code != 0 || len(f.seen) > 0 || stdout != want || stderr != "" {
		t.Errorf("exit %d after %d requests: %s%s\nwant %s", code, len(f.seen), stdout, stderr, want)
	}
	if code, _, stderr = runMain(nil, append(args, "--require-verified")...); code != 2 || !strings.Contains(stderr, "--require-verified would not be used") {
		t.Errorf("exit %d: %s", code, stderr)
	}
}
