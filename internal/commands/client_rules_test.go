package commands_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// tokenIssuer answers every token request with one answer.
func tokenIssuer(t *testing.T, answer func(f *fakeIssuer) map[string]any) *fakeIssuer {
	t.Helper()
	return newFakeIssuer(t, func(f *fakeIssuer, w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(answer(f))
	})
}

// "If the access token response contains a different token_type value than DPoP, the
// access token protection provided by DPoP is not given. The client MUST discard the
// response in this case if this protection is deemed important"
// https://www.rfc-editor.org/rfc/rfc9449#section-5
func TestABearerAnswerToAProofIsDiscarded(t *testing.T) {
	for name, token := range map[string]func(f *fakeIssuer) string{
		"unbound":            func(*fakeIssuer) string { return accessToken(nil) },
		"opaque":             func(*fakeIssuer) string { return "opaque" },
		"bound all the same": func(f *fakeIssuer) string { return accessToken(map[string]string{"jkt": f.jkt}) },
	} {
		f := tokenIssuer(t, func(f *fakeIssuer) map[string]any {
			return map[string]any{"access_token": token(f), "token_type": "Bearer"}
		})
		if code, stdout, stderr := f.token("/"); code != 3 || stdout != "" {
			t.Errorf("%s: exit %d, %q: %s", name, code, stdout, stderr)
		}
		if code, stdout, stderr := f.token("/", "--allow-unbound"); code != 0 || stdout == "" || !strings.Contains(stderr, "warning") {
			t.Errorf("%s, allowed: exit %d, %q: %s", name, code, stdout, stderr)
		}
	}
}

// "Value is case insensitive."
// https://www.rfc-editor.org/rfc/rfc6749#section-5.1
func TestTokenTypeIsComparedWithoutCase(t *testing.T) {
	for _, kind := range []string{"DPoP", "dpop", "DPOP", "dPoP"} {
		f := tokenIssuer(t, func(f *fakeIssuer) map[string]any {
			return map[string]any{"access_token": accessToken(map[string]string{"jkt": f.jkt}), "token_type": kind}
		})
		if code, stdout, stderr := f.token("/"); code != 0 || stdout == "" {
			t.Errorf("%s: exit %d: %s", kind, code, stderr)
		}
	}
}

// "all confirmation members that are not understood by implementations MUST be ignored."
// https://www.rfc-editor.org/rfc/rfc7800#section-3.1
func TestUnknownMembersOfCnfAreIgnored(t *testing.T) {
	f := tokenIssuer(t, func(f *fakeIssuer) map[string]any {
		return map[string]any{"access_token": accessToken(map[string]string{"jkt": f.jkt, "kid": "1", "osc": "x", "x-vendor": ""}), "token_type": "DPoP"}
	})
	if code, _, stderr := f.token("/"); code != 0 || !strings.Contains(stderr, "bound-and-matches") {
		t.Errorf("exit %d: %s", code, stderr)
	}
}

// The last character of 32 bytes in base64url has two bits that mean nothing: a
// thumbprint that sets them is another string, and no comparison of strings fits it.
// https://www.rfc-editor.org/rfc/rfc4648#section-3.5
func TestAThumbprintThatIsNotCanonicalIsNamed(t *testing.T) {
	f := tokenIssuer(t, func(f *fakeIssuer) map[string]any {
		raw, err := base64.RawURLEncoding.DecodeString(f.jkt)
		if err != nil {
			t.Fatal(err)
		}
		for _, last := range "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_" {
			alike := f.jkt[:len(f.jkt)-1] + string(last)
			same, err := base64.RawURLEncoding.DecodeString(alike)
			if err == nil && string(same) == string(raw) && alike != f.jkt {
				return map[string]any{"access_token": accessToken(map[string]string{"jkt": alike}), "token_type": "DPoP"}
			}
		}
		t.Fatal("there is none")
		return nil
	})
	code, stdout, stderr := f.token("/", "-o", "json")
	if code != 3 || !strings.Contains(stdout, `"malformed-cnf"`) || !strings.Contains(stdout, "non-canonical") || strings.Contains(stdout, "access_token") {
		t.Errorf("exit %d: %s%s", code, stdout, stderr)
	}
}

// Challenges are several in one field, in any case, with commas in quotes.
// https://www.rfc-editor.org/rfc/rfc9110#section-11.6.1
func TestTheChallengeForANonceIsFoundAmongOthers(t *testing.T) {
	for _, challenge := range []string{
		`DPoP error="use_dpop_nonce"`,
		`dpop error="use_dpop_nonce"`,
		`DPOP algs="ES256 PS256", error=use_dpop_nonce`,
		`Bearer realm="a, DPoP x=\"y\"", error="invalid_token", dpop algs="ES256", error="use_dpop_nonce"`,
		`Basic realm="x", Negotiate, DPoP error="use_dpop_nonce", Bearer`,
	} {
		f := newFakeIssuer(t, func(f *fakeIssuer, w http.ResponseWriter, r *http.Request) {
			if len(f.seen) == 1 {
				w.Header().Set("WWW-Authenticate", challenge)
				w.Header().Set("DPoP-Nonce", "n-1")
				w.WriteHeader(http.StatusUnauthorized)
			}
		})
		code, _, stderr := runMain(nil, "call", f.URL+"/x", "--token", someToken, "--key", f.key, "--cacert", f.cacert, "--fail")
		if code != 0 || len(f.seen) != 2 || claimsOf(t, f.seen[1])["nonce"] != "n-1" {
			t.Errorf("%s: exit %d, %d requests: %s", challenge, code, len(f.seen), stderr)
		}
	}
}

// A nonce that comes with the token is that of the origin, and its API is asked with it
// at once.
// https://www.rfc-editor.org/rfc/rfc9449#section-8.2
func TestTheNonceOfAnAnswerSavesARequest(t *testing.T) {
	f := newFakeIssuer(t, func(f *fakeIssuer, w http.ResponseWriter, r *http.Request) {
		w.Header().Set("DPoP-Nonce", "n-1")
		_ = json.NewEncoder(w).Encode(map[string]any{"access_token": accessToken(map[string]string{"jkt": f.jkt}), "token_type": "DPoP"})
	})
	code, _, stderr := runMain(nil, "call", f.URL+"/api", "--token-endpoint", f.URL+"/token", "--client-id", "app", "--grant", "client_credentials",
		"--auth-method", "none", "--dpop", "--key", f.key, "--cacert", f.cacert)
	if code != 0 || len(f.seen) != 2 || claimsOf(t, f.seen[0])["nonce"] != nil || claimsOf(t, f.seen[1])["nonce"] != "n-1" {
		t.Errorf("exit %d, %d requests: %s", code, len(f.seen), stderr)
	}
}

// "servers MUST only accept DPoP proofs for a limited time after their creation", by
// clocks of their own: where these differ, the difference is told.
// https://www.rfc-editor.org/rfc/rfc9449#section-11.1
func TestTheDifferenceOfTheClocksIsTold(t *testing.T) {
	env, _, _ := testWorld(nil)
	for ahead, word := range map[time.Duration]string{90 * time.Second: "90 s behind", -90 * time.Second: "90 s ahead", 2 * time.Second: ""} {
		f := newFakeIssuer(t, func(_ *fakeIssuer, w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Date", env.Now().Add(ahead).UTC().Format(http.TimeFormat))
			if r.URL.Path == "/token" {
				w.WriteHeader(http.StatusBadRequest)
				_, _ = fmt.Fprint(w, `{"error":"invalid_dpop_proof"}`)
				return
			}
			w.Header().Set("WWW-Authenticate", `DPoP error="invalid_dpop_proof"`)
			w.WriteHeader(http.StatusUnauthorized)
		})
		token, _, tokenSaid := f.token("/token")
		call, _, callSaid := runMain(nil, "call", f.URL+"/x", "--token", someToken, "--key", f.key, "--cacert", f.cacert, "--fail")
		for name, said := range map[string]string{"token": tokenSaid, "call": callSaid} {
			if token != 4 || call != 4 || word != "" && !strings.Contains(said, word) || word == "" && strings.Contains(said, "clock") {
				t.Errorf("%s, %v: exit %d and %d: %s", name, ahead, token, call, said)
			}
		}
	}
}
