package commands_test

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/oauthpop/oauthpop/internal/jwt"
)

// The algorithm of an assertion is the key's, or the one of those that the metadata
// lists which the key or the secret serves; what is not listed is sent and said.
func TestAlgorithmOfTheAssertion(t *testing.T) {
	i := newIntrospecting(t) // lists HS384 and ES256
	i.token, i.tokenType = accessToken(map[string]string{"jkt": i.jkt}), "DPoP"
	at := func(name string) string { return filepath.Join(i.dir, name) }
	for name, alg := range map[string]string{"p256.pem": "ES256", "p384.pem": "ES384", "rsa.pem": "PS256", "ed.pem": "Ed25519", "own.jwk": "RS256"} {
		args := []string{"key", "generate", "--alg", alg, "--out", at(name)}
		if strings.HasSuffix(name, ".pem") {
			args = append(args, "--format", "pem")
		}
		mustRun(t, 0, args...)
	}
	var own struct{ Kid string }
	if err := json.Unmarshal([]byte(mustRun(t, 0, "key", "convert", at("own.jwk"), "--format", "jwk", "--public")), &own); err != nil || own.Kid == "" {
		t.Fatal(own, err)
	}
	kid := own.Kid
	secret := strings.Repeat("s", 48)
	for _, tt := range []struct {
		flags, alg, kid string
		noted           bool
	}{
		{"--client-secret " + secret + " --auth-method client_secret_jwt", "HS384", "", false},
		{"--client-secret " + secret[:32] + " --auth-method client_secret_jwt", "HS256", "", true},
		{"--client-key " + at("p256.pem"), "ES256", "", false},
		{"--client-key " + at("p384.pem"), "ES384", "", true},
		{"--client-key " + at("rsa.pem") + " --client-kid k1", "PS256", "k1", true},
		{"--client-key " + at("ed.pem"), "EdDSA", "", true},
		{"--client-key " + at("own.jwk"), "RS256", kid, true},
	} {
		i.seen = nil
		args := append([]string{"token", "--issuer", i.URL, "--client-id", "app", "--dpop", "--key", i.key, "--cacert", i.cacert}, strings.Fields(tt.flags)...)
		code, _, stderr := runMain(nil, args...)
		if code != 0 {
			t.Errorf("%s: exit %d: %s", tt.flags, code, stderr)
			continue
		}
		form := i.seen[len(i.seen)-1].Form
		c, err := jwt.Split(form.Get("client_assertion"))
		if err != nil {
			t.Errorf("%s: %v", tt.flags, err)
			continue
		}
		var header struct{ Alg, Kid string }
		var claims struct{ Aud string }
		if json.Unmarshal(c.RawHeader, &header) != nil || json.Unmarshal(c.RawPayload, &claims) != nil || header.Alg != tt.alg || header.Kid != tt.kid || claims.Aud != i.URL {
			t.Errorf("%s: %s %s", tt.flags, c.RawHeader, c.RawPayload)
		}
		if noted := strings.Contains(stderr, "does not list "+tt.alg); noted != tt.noted {
			t.Errorf("%s: noted %v: %s", tt.flags, noted, stderr)
		}
		if strings.Contains(strings.Join(form["client_secret"], ""), "s") {
			t.Errorf("%s: the secret was sent", tt.flags)
		}
	}
}

// Nothing is sent with a secret that RFC 7518 section 3.2 wants longer.
func TestSecretThatIsTooShortForAnAssertion(t *testing.T) {
	i := newIntrospecting(t)
	code, _, stderr := runMain(nil, "token", "--issuer", i.URL, "--client-id", "app", "--dpop", "--key", i.key, "--cacert", i.cacert,
		"--client-secret", "fifteen-letters", "--auth-method", "client_secret_jwt")
	if code != 2 || len(i.seen) > 0 || !strings.Contains(stderr, "15 bytes, and 32 are needed") || strings.Contains(stderr, "fifteen-letters") {
		t.Errorf("exit %d after %d requests: %s", code, len(i.seen), stderr)
	}
}
