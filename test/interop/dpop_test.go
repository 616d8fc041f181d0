//go:build interop

package interop

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// A way of authenticating to the token endpoint, as flags.
type way struct {
	name string
	args []string
}

func ways() []way {
	return []way{
		{"client_secret_basic", []string{"--client-id", "basic-dpop", "--client-secret", secret}},
		{"client_secret_post", []string{"--client-id", "post", "--client-secret", secret, "--auth-method", "client_secret_post"}},
		{"client_secret_jwt", []string{"--client-id", "secret-jwt", "--client-secret", secret, "--auth-method", "client_secret_jwt"}},
		{"private_key_jwt", []string{"--client-id", "pkjwt-dpop", "--client-key", at.pki("pkjwt.key"), "--client-kid", "pkjwt"}},
		{"private_key_jwt with a key of key generate", []string{"--client-id", "issued-assertion", "--client-key", "assertion.jwk"}},
		{"private_key_jwt with RSA", []string{"--client-id", "issued-assertion", "--client-key", "assertion-rsa.pem"}},
		{"private_key_jwt with Ed25519", []string{"--client-id", "issued-assertion", "--client-key", "assertion-ed25519.pem"}},
	}
}

type issuer struct{ name, url string }

func issuers() []issuer {
	return []issuer{{"nonce optional", at.plain}, {"nonce required", at.nonce}}
}

// answer is the part of `token -o json` that is looked at.
type answer struct {
	AccessToken string `json:"access_token"`
	TokenType   string `json:"token_type"`
	Binding     binding
}

// called is the part of `call -o json` that is looked at.
type called struct {
	Status   int
	Body     string
	Attempts []struct {
		Status     int
		NonceRetry bool `json:"nonce_retry"`
	}
	TLS struct {
		ClientCertificate string `json:"client_certificate"`
	}
}

// bound is what the resource says that it saw the token bound by.
func (c called) bound(t *testing.T) string {
	t.Helper()
	var b struct{ Bound string }
	if err := json.Unmarshal([]byte(c.Body), &b); err != nil {
		t.Fatalf("%v: %q", err, c.Body)
	}
	return b.Bound
}

func tokenArgs(issuer string, more ...[]string) []string {
	args := []string{"token", "--issuer", issuer, "--grant", "client_credentials", "--scope", "api:read", "--cacert", at.cacert}
	for _, m := range more {
		args = append(args, m...)
	}
	return args
}

func callArgs(path, token string, more ...string) []string {
	return append([]string{"call", "GET", at.resource + path, "--token", token, "--cacert", at.cacert, "--fail"}, more...)
}

func TestTokenBoundToAKey(t *testing.T) {
	jkt := line(want(t, 0, "key", "thumbprint", "dpop.jwk"))
	for _, as := range issuers() {
		for _, w := range ways() {
			t.Run(as.name+"/"+w.name, func(t *testing.T) {
				args := tokenArgs(as.url, w.args, []string{"--dpop", "--key", "dpop.jwk"})
				got := decode[answer](t, want(t, 0, append(args, "-o", "json")...))
				got.Binding.want(t, "bound-and-matches", "dpop", thumbprints{JKT: jkt})
				if !strings.EqualFold(got.TokenType, "DPoP") {
					t.Errorf("token_type %q", got.TokenType)
				}
				alone := line(want(t, 0, args...))
				if strings.Count(alone, ".") != 2 || strings.ContainsAny(alone, " \n") {
					t.Errorf("text output is not the token alone: %q", alone)
				}
				useKeyBoundToken(t, got.AccessToken, jkt)
			})
		}
	}
}

// useKeyBoundToken calls both resources, with the right key and without, and
// inspects the token.
func useKeyBoundToken(t *testing.T, token, jkt string) {
	t.Helper()
	for path, attempts := range map[string]int{"/api": 1, "/api-nonce": 2} {
		got := decode[called](t, want(t, 0, callArgs(path, token, "--key", "dpop.jwk", "-o", "json")...))
		if got.Status != 200 || got.bound(t) != "dpop" || len(got.Attempts) != attempts {
			t.Errorf("%s: %+v, want 200, bound by dpop, after %d requests", path, got, attempts)
		}
		if last := got.Attempts[len(got.Attempts)-1]; last.NonceRetry != (attempts > 1) {
			t.Errorf("%s: the last request: %+v", path, last)
		}
		want(t, 4, callArgs(path, token, "--key", "other.jwk")...)
		want(t, 4, callArgs(path, token)...)
	}
	mine := decode[struct{ Binding binding }](t, want(t, 0, "inspect", token, "--key", "dpop.jwk", "-o", "json"))
	mine.Binding.want(t, "bound-and-matches", "dpop", thumbprints{JKT: jkt})
	others := decode[struct{ Binding binding }](t, want(t, 3, "inspect", token, "--key", "other.jwk", "-o", "json"))
	others.Binding.want(t, "bound-to-another-key", "dpop", thumbprints{JKT: jkt})
	if others.Binding.Reason != "key-differs" {
		t.Errorf("reason %q", others.Binding.Reason)
	}
}

func TestTokenWithSignatureCheckedByTheIssuersKeys(t *testing.T) {
	args := tokenArgs(at.plain, ways()[0].args, []string{"--dpop", "--key", "dpop.jwk"})
	token := line(want(t, 0, args...))
	type inspected struct {
		Signature struct{ Verdict string }
		Binding   binding
	}
	checked := decode[inspected](t, want(t, 0, "inspect", token, "--key", "dpop.jwk", "--issuer", at.plain, "--cacert", at.cacert, "-o", "json"))
	if checked.Signature.Verdict != "valid" {
		t.Errorf("signature: %+v", checked)
	}
	forged := token[:len(token)-20] + strings.Repeat("A", 20)
	bad := decode[inspected](t, want(t, 3, "inspect", forged, "--key", "dpop.jwk", "--issuer", at.plain, "--cacert", at.cacert, "-o", "json"))
	if bad.Binding.Verdict != "cannot-tell" || bad.Binding.Reason != "signature-invalid" {
		t.Errorf("a forged token: %+v", bad.Binding)
	}
}

func TestProofsOfEveryAlgorithm(t *testing.T) {
	for _, alg := range []string{"ES256", "ES384", "ES512", "Ed25519", "EdDSA", "RS256", "PS256"} {
		t.Run(alg, func(t *testing.T) {
			file := "dpop-" + alg + ".jwk"
			want(t, 0, "key", "generate", "--alg", alg, "--out", file)
			token := line(want(t, 0, tokenArgs(at.nonce, ways()[0].args, []string{"--dpop", "--key", file})...))
			want(t, 0, callArgs("/api-nonce", token, "--key", file)...)
			want(t, 0, "inspect", token, "--key", file)
		})
	}
}

func TestTokenFromAFileAndFromStandardInput(t *testing.T) {
	token := want(t, 0, tokenArgs(at.plain, ways()[0].args, []string{"--dpop", "--key", "dpop.jwk"})...).stdout
	if err := os.WriteFile(at.path("token.txt"), []byte(token), 0o600); err != nil {
		t.Fatal(err)
	}
	want(t, 0, callArgs("/api", "@token.txt", "--key", "dpop.jwk")...)
	wantWith(t, 0, token, callArgs("/api", "-", "--key", "dpop.jwk")...)
}

func TestUnboundTokenIsNotPrinted(t *testing.T) {
	args := []string{"--client-id", "basic", "--client-secret", secret}
	r := want(t, 0, tokenArgs(at.plain, args, []string{"--bearer", "-o", "json"})...)
	token := decode[answer](t, r)
	token.Binding.want(t, "not-bound", "none", thumbprints{})
	// This server binds whatever comes with a certificate only if it was told so.
	unbound := want(t, 3, tokenArgs(at.plain, []string{"--client-id", "mtls-ca-unbound", "--auth-method", "tls_client_auth", "--mtls", "--cert", at.pki("mtls-ca.pem")})...)
	if unbound.stdout != "" {
		t.Errorf("an unbound token was printed\n%s", unbound)
	}
}

func TestServersRefusalIsExitFour(t *testing.T) {
	wrong := []string{"--client-id", "basic-dpop", "--client-secret", "not-the-secret", "--dpop", "--key", "dpop.jwk", "-o", "json"}
	r := want(t, 4, tokenArgs(at.plain, wrong)...)
	got := decode[struct {
		Error struct {
			Code       int
			OAuth      struct{ Error string }
			HTTPStatus int `json:"http_status"`
		}
	}](t, r)
	if got.Error.Code != 4 || got.Error.OAuth.Error != "invalid_client" || got.Error.HTTPStatus != 401 {
		t.Errorf("%s", r)
	}
	if strings.Contains(r.stdout+r.stderr, "not-the-secret") {
		t.Errorf("the secret is shown\n%s", r)
	}
}
