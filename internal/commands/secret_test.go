package commands_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/oauthpop/oauthpop/internal/cli"
)

// marks are secrets that cannot be mistaken when they are seen.
const (
	markSecret     = "MARK-client-secret-%zz+s0-long-that-it-would-be-shortened-and-not-left-out-as-a-whole"
	markPassphrase = "MARK-passphrase"
	markRefresh    = "MARK-refresh-token-0123456789"
	markOpaque     = "MARK-opaque-token"
)

// markedToken is a token whose signature and whose body nobody may see.
func markedToken(jkt string) string { return accessToken(map[string]string{"jkt": jkt}) }

// secretRun is one command with marked secrets in it, and the secret that its
// result is, if it is one.
type secretRun struct {
	args   []string
	result string // what may stand on standard output all the same
}

func secretRuns(t *testing.T, f *fakeIssuer, token string, private map[string]string) map[string][]secretRun {
	t.Helper()
	at := func(name string) string { return filepath.Join(f.dir, name) }
	ask := []string{
		"--token-endpoint", f.URL + "/token", "--client-id", "app", "--client-secret", markSecret, "--dpop", "--key", f.key,
		"--cacert", f.cacert, "--passphrase", markPassphrase, "--param", "refresh_token=" + markRefresh,
	}
	assert := []string{
		"token", "--token-endpoint", f.URL + "/token", "--client-id", "app", "--client-key", f.key, "--assertion-aud", "https://as.example",
		"--dpop", "--key", f.key, "--cacert", f.cacert,
	}
	known := []string{"--issuer", f.URL, "--client-id", "app", "--client-secret", markSecret, "--cacert", f.cacert}
	introspect := append([]string{"token", "--issuer", f.URL, "--introspect"}, ask...)
	introspect[5] = f.URL + "/opaque"
	curl := append([]string{"token", "--print-curl"}, ask[:len(ask)-2]...) // what --param was given is printed
	curl[7] = "@" + f.write(t, "secret.txt", []byte(markSecret+"\n"))
	refused := append([]string{"token"}, ask...)
	refused[2] = f.URL + "/refuse"
	unbound := append([]string{"token"}, ask...)
	unbound[2] = f.URL + "/unbound"
	return map[string][]secretRun{
		"version": {{args: []string{"version"}}},
		"demo":    {{args: []string{"demo"}}},
		"serve":   {{args: []string{"serve", "--listen", "127.0.0.1:0", "--", "true"}}},
		"token": {
			{append([]string{"token"}, ask...), token},
			{assert, token},
			{refused, ""},
			{unbound, ""},
			{append([]string{"token", "--auth-method", "client_secret_post"}, ask...), token},
			{append([]string{"token", "--auth-method", "client_secret_jwt"}, append(ask, "--assertion-aud", "https://as.example")...), token},
			{introspect, markOpaque},
			{append(introspect, "--introspect-client-id", "rs", "--introspect-client-secret", markSecret), markOpaque},
			{append(introspect, "--introspect-client-id", "rs", "--introspect-client-secret", "short", "--introspect-auth-method", "client_secret_jwt"), ""},
			{append(curl, "--auth-method", "client_secret_post"), ""},
			{append([]string{"token", "--print-curl"}, ask...), markSecret},
			{append([]string{"token", "-o", "env"}, ask...), token},
			{[]string{"token", "--client-secret", markSecret}, ""},
			{[]string{"token", "--token-endpoint", "https://as.example:1/%zz", "--client-id", "app", "--client-secret", markSecret, "--dpop", "--key", f.key}, ""},
		},
		"token revoke": {
			{append([]string{"token", "revoke", token}, known...), ""},
			{append([]string{"token", "revoke", token, "--auth-method", "client_secret_post"}, known...), ""},
			{append([]string{"token", "revoke", token, "--auth-method", "client_secret_jwt"}, known...), ""},
			{append([]string{"token", "revoke", token + "\n"}, known...), ""},
			{[]string{"token", "revoke", token}, ""},
			{[]string{"token", "revoke", "--" + markOpaque + markRefresh}, ""},
			{[]string{"token", "revoke", "-" + markOpaque}, ""},
			{[]string{"token", "revoke", token, token}, ""},
		},
		"call": {
			{[]string{"call", f.URL + "/api", "--token", token, "--key", f.key, "--cacert", f.cacert}, ""},
			{[]string{"call", f.URL + "/refuse", "--fail", "--token", token, "--key", f.key, "--cacert", f.cacert}, ""},
			{[]string{"call", f.URL + "/api", "--token", token + " x", "--key", f.key, "--cacert", f.cacert}, ""},
			{append([]string{"call", f.URL + "/api"}, ask...), ""},
			{[]string{"call", f.URL + "/refuse", "-L", "--json", "@" + f.key, "--token", token, "--key", f.key, "--cacert", f.cacert}, ""},
			{append([]string{"call", f.URL + "/refuse"}, ask...), ""},
			{append([]string{"call", f.URL + "/refuse", "--fail", "--repeat", "2"}, ask...), ""},
			{[]string{"call", f.URL + "/api", "--print-curl", "--token", "@" + f.write(t, "token", []byte(token)), "--key", f.key, "--cacert", f.cacert}, ""},
			{append([]string{"call", f.URL + "/api", "--print-curl"}, ask...), token},
		},
		"inspect": {
			{[]string{"inspect", token, "--key", f.key}, ""},
			{[]string{"inspect", token + "!"}, ""},
			{append([]string{"inspect", markOpaque, "--key", f.key, "--introspect"}, known...), ""},
			{append([]string{"inspect", markOpaque, "--introspect", "--auth-method", "client_secret_post"}, known...), ""},
			{[]string{"inspect", "{\"access_token\":\"" + token + "\",\"refresh_token\":\"" + markRefresh + "\"}", "--key", f.key}, ""},
		},
		"explain": {
			{[]string{"explain", "GET /x?access_token=" + token + "&a=b HTTP/1.1\nHost: user:" + markPassphrase + "@api.example\nAuthorization: DPoP " + token + "\n\nHTTP/1.1 401 x\n\n{\"refresh_token\":\"" + markRefresh + "\"}"}, ""},
			{[]string{"explain", "POST https://as.example/token\nAuthorization: Basic " + strings.Repeat("TUFSSw", 5) + "\nCookie: " + markSecret + "\n\nclient_secret=" + markSecret}, ""},
			{[]string{"explain", "curl 'https://api.example/x' -u 'app:" + markSecret + "' -H 'x"}, ""},
			{[]string{"explain", "curl 'https://api.example/x' -u 'app:" + markSecret + "'", "--key", f.key}, ""},
			{[]string{"explain", "{\"log\":{\"entries\":[{\"request\":\"" + token + "\"}"}, ""},
		},
		"discover": {
			{[]string{"discover", f.URL + "/metadata", "--cacert", f.cacert, "--passphrase", markPassphrase}, ""},
			{[]string{"discover", "https://app:" + markSecret + "@as.example"}, ""},
			{[]string{"discover", "--protected-resource", "https://app:" + markSecret + "@as.example"}, ""},
			{[]string{"discover", f.URL, "--cacert", f.cacert, "--cert", f.key, "--passphrase", markPassphrase}, ""},
		},
		"dpop proof": {
			{[]string{"dpop", "proof", "--key", f.key, "-X", "GET", "-u", "https://api.example/x", "--token", token}, ""},
			{[]string{"dpop", "proof", "--key", f.cacert, "-X", "GET", "-u", "https://api.example/x", "--token", token}, ""},
		},
		"dpop verify":     {{[]string{"dpop", "verify", "x.y.z", "--token", token, "--key", f.key}, ""}},
		"key generate":    {{[]string{"key", "generate", "--out", at("new.jwk")}, ""}},
		"key show":        {{[]string{"key", "show", f.key, "--passphrase", markPassphrase}, ""}, {[]string{"key", "show", private["broken"], "--passphrase", markPassphrase}, ""}},
		"key thumbprint":  {{[]string{"key", "thumbprint", f.key}, ""}, {[]string{"key", "thumbprint", private["encrypted"], "--passphrase", markPassphrase}, ""}},
		"key convert":     {{[]string{"key", "convert", f.key, "--format", "jwk", "--public"}, ""}, {[]string{"key", "convert", f.key, "--format", "jwk", "--out", at("out.jwk")}, ""}},
		"key jwks":        {{[]string{"key", "jwks", f.key}, ""}},
		"cert ca":         {{[]string{"cert", "ca", "--cn", "CA", "--out", at("ca")}, ""}},
		"cert issue":      {{[]string{"cert", "issue", "--cn", "a", "--self-signed", "--key", f.key, "--out", at("c")}, ""}},
		"cert show":       {{[]string{"cert", "show", f.cacert}, ""}},
		"cert thumbprint": {{[]string{"cert", "thumbprint", f.cacert}, ""}},
	}
}

func TestNoCommandShowsASecret(t *testing.T) {
	f := newFakeIssuer(t, func(f *fakeIssuer, w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch r.URL.Path {
		case "/token":
			_ = json.NewEncoder(w).Encode(map[string]any{"access_token": markedToken(f.jkt), "token_type": "DPoP", "refresh_token": markRefresh})
		case "/.well-known/openid-configuration":
			_ = json.NewEncoder(w).Encode(map[string]any{
				"issuer": f.URL, "token_endpoint": f.URL + "/token", "revocation_endpoint": f.URL + "/done", "introspection_endpoint": f.URL + "/introspect",
			})
		case "/opaque":
			_ = json.NewEncoder(w).Encode(map[string]any{"access_token": markOpaque, "token_type": "DPoP"})
		case "/introspect":
			_ = json.NewEncoder(w).Encode(map[string]any{"active": true, "cnf": map[string]string{"jkt": f.jkt}})
		case "/unbound":
			_ = json.NewEncoder(w).Encode(map[string]any{"access_token": markedToken("0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"), "token_type": "DPoP", "refresh_token": markRefresh})
		case "/refuse":
			w.Header().Set("WWW-Authenticate", `DPoP error="invalid_token"`)
			w.WriteHeader(401)
			_, _ = w.Write([]byte(`{"error":"invalid_client"}`))
		}
	})
	key, err := os.ReadFile(f.key)
	if err != nil {
		t.Fatal(err)
	}
	private := map[string]string{
		"broken":    f.write(t, "broken.pem", append([]byte("\n"), key[:len(key)-80]...)),
		"encrypted": f.write(t, "encrypted.pem", []byte("-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n-----END ENCRYPTED PRIVATE KEY-----\n")),
	}
	token := markedToken(f.jkt)
	runs := secretRuns(t, f, token, private)
	secrets := secretsOf(t, token, string(key))
	everyCommand(func(cmd *cobra.Command) {
		name := strings.TrimPrefix(cmd.CommandPath(), "oauthpop ")
		if !cli.IsGroup(cmd) && len(runs[name]) == 0 {
			t.Errorf("no secret was sent through %q", name)
		}
	})
	for name, list := range runs {
		for _, r := range list {
			for _, form := range []string{"text", "json"} {
				_, stdout, stderr := runMain(nil, append([]string{"-v", "-o", form}, r.args...)...)
				sawNone(t, name+" on standard error", stderr, secrets)
				if r.result == "" {
					sawNone(t, name+" on standard output", stdout, secrets)
				}
			}
		}
	}
}

// secretsOf are the marks, the parts of the token that nobody may see, and the
// lines of the private key.
func secretsOf(t *testing.T, token, key string) []string {
	t.Helper()
	secrets := []string{markSecret, markPassphrase, markRefresh, token, strings.Split(token, ".")[1], "MARK"}
	for line := range strings.Lines(key) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "-----") {
			secrets = append(secrets, line)
		}
	}
	if len(secrets) < 8 {
		t.Fatalf("%d secrets", len(secrets))
	}
	return secrets
}

// basicAuth finds what is a secret in another dress.
var basicAuth = regexp.MustCompile(`Basic [A-Za-z0-9+/]{20,}`)

func sawNone(t *testing.T, where, text string, secrets []string) {
	t.Helper()
	for _, s := range secrets {
		if strings.Contains(text, s) {
			t.Errorf("%s shows %.20s…:\n%s", where, s, text)
			return
		}
	}
	if found := basicAuth.FindString(text); found != "" {
		t.Errorf("%s shows %q", where, found)
	}
}
