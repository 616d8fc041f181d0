package commands_test

import (
	"net/http"
	"strings"
	"testing"
)

func TestCallTellsWhatTheChallengeIsAbout(t *testing.T) {
	challenge, status := "", 401
	env, _, _ := testWorld(nil)
	f := newFakeIssuer(t, func(_ *fakeIssuer, w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("WWW-Authenticate", challenge)
		w.Header().Set("Date", env.Now().UTC().Format(http.TimeFormat))
		w.WriteHeader(status)
	})
	const command = "oauthpop discover --protected-resource "
	for _, tt := range []struct {
		name, challenge string
		status          int
		says, saysNot   string
	}{
		{"its own metadata", `Bearer resource_metadata="URL/.well-known/oauth-protected-resource/api"`, 401, command + "URL/.well-known/oauth-protected-resource/api", "another host"},
		{"in a second challenge, with a scheme of another case", `Basic realm="x, y", dpop error="invalid_token", resource_metadata=URL/m`, 401, command + "URL/m", "another host"},
		{"metadata of another host", `DPoP resource_metadata="https://other.example/m"`, 401, "another host", ""},
		{"a URL for a shell", `DPoP resource_metadata="https://a.example/;rm -rf $(x)'"`, 401, command + `'https://a.example/;rm -rf $(x)'\'''`, ""},
		{"no URL", `DPoP resource_metadata="javascript:alert(1)"`, 401, "401", command},
		{"a URL of another kind", `DPoP resource_metadata="ftp://a.example/m"`, 401, "401", command},
		{"a URL with a password", `DPoP resource_metadata="https://u:p@a.example/"`, 401, "401", command},
		{"not a refusal of the token", `DPoP resource_metadata="URL/m"`, 403, "403", command},
		{"a scope", `DPoP error="insufficient_scope", scope="a:read b"`, 403, "--scope 'a:read b'", command},
		{"a proof that looks right", `DPoP error="invalid_dpop_proof"`, 401, "--htu-map", ""},
		{"another code", `DPoP error="invalid_token"`, 401, "401", "--htu-map"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			challenge, status = strings.ReplaceAll(tt.challenge, "URL", f.URL), tt.status
			for _, more := range [][]string{nil, {"--fail"}} {
				args := append([]string{"call", f.URL + "/api?q=1", "--token", someToken, "--key", f.key, "--cacert", f.cacert}, more...)
				_, _, stderr := runMain(nil, args...)
				flat := strings.Join(strings.Fields(stderr), " ")
				if !strings.Contains(flat, strings.ReplaceAll(tt.says, "URL", f.URL)) || tt.saysNot != "" && strings.Contains(flat, tt.saysNot) {
					t.Errorf("%v: %s", more, stderr)
				}
			}
		})
	}
	// Who is named in a challenge is not asked.
	for _, r := range f.seen {
		if r.URL.Path != "/api" {
			t.Errorf("%s was asked", r.URL)
		}
	}
}

// Both URLs are told where the proof was for another one.
func TestCallTellsBothURLs(t *testing.T) {
	f := newFakeIssuer(t, func(_ *fakeIssuer, w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("WWW-Authenticate", `DPoP error="invalid_dpop_proof"`)
		w.WriteHeader(http.StatusUnauthorized)
	})
	for _, flag := range [][]string{{"--htu", "https://public.example/x"}, {"--htu-map", f.URL + "/api=https://public.example/x"}} {
		args := append([]string{"call", f.URL + "/api?q=1", "--token", someToken, "--key", f.key, "--cacert", f.cacert, "--fail"}, flag...)
		code, _, stderr := runMain(nil, args...)
		if code != 4 || !strings.Contains(stderr, `"https://public.example/x"`) || !strings.Contains(stderr, `"`+f.URL+`/api"`) {
			t.Errorf("%v: exit %d: %s", flag, code, stderr)
		}
	}
}

// An API may have no other words for a refusal than those of its body.
func TestCallTellsWhatTheBodySays(t *testing.T) {
	challenge := ""
	f := newFakeIssuer(t, func(_ *fakeIssuer, w http.ResponseWriter, _ *http.Request) {
		if challenge != "" {
			w.Header().Set("WWW-Authenticate", challenge)
		}
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte(`{"error":"invalid_request","error_description":"no such \u001b[31morder"}`))
	})
	for given, want := range map[string]string{
		"":                             "; the body says invalid_request: no such ",
		`DPoP error="invalid_token"`:   "; the body says invalid_request",
		`DPoP error="invalid_request"`: "",
	} {
		challenge = given
		code, _, stderr := runMain(nil, "call", f.URL, "--token", someToken, "--key", f.key, "--cacert", f.cacert, "--fail")
		if code != 4 || !strings.Contains(stderr, want) || (want == "") == strings.Contains(stderr, "the body says") || strings.ContainsRune(stderr, 0x1b) {
			t.Errorf("%s: exit %d: %s", given, code, stderr)
		}
	}
}
