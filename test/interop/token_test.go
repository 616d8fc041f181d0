//go:build interop

package interop

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// opaqueArgs ask for a token that says nothing itself.
func opaqueArgs(issuer string, more ...[]string) []string {
	return tokenArgs(issuer, append([][]string{{"--resource", at.resource + "/api/opaque"}}, more...)...)
}

// introspectors are the flags by which a client asks about a token of its own, and by
// which the resource server does.
func introspectors() map[string][]string {
	return map[string][]string{
		"the token's client":  nil,
		"the resource server": {"--introspect-client-id", "rs", "--introspect-client-secret", secret},
	}
}

func TestOpaqueTokenIsIntrospected(t *testing.T) {
	jkt := line(want(t, 0, "key", "thumbprint", "dpop.jwk"))
	for _, as := range issuers() {
		for _, w := range ways() {
			for who, flags := range introspectors() {
				t.Run(as.name+"/"+w.name+"/"+who, func(t *testing.T) {
					args := opaqueArgs(as.url, w.args, []string{"--dpop", "--key", "dpop.jwk", "-o", "json"})
					blind := decode[answer](t, want(t, 0, args...))
					blind.Binding.want(t, "cannot-tell", "dpop", thumbprints{})
					seen := decode[answer](t, want(t, 0, append(append(args, "--introspect", "--require-verified"), flags...)...))
					seen.Binding.want(t, "bound-and-matches", "dpop", thumbprints{JKT: jkt})
					if seen.Binding.Source != "introspection" {
						t.Errorf("source %q", seen.Binding.Source)
					}
				})
			}
		}
	}
}

func TestOpaqueTokenBoundToACertificateIsIntrospected(t *testing.T) {
	for _, as := range issuers() {
		x5t := opensslThumbprint(t, at.path("dn.pem"))
		args := opaqueArgs(as.url, []string{"--client-id", "issued-dn", "--auth-method", byCA, "--mtls", "--cert", "dn.pem", "-o", "json"})
		got := decode[answer](t, want(t, 0, append(args, "--introspect", "--require-verified")...))
		got.Binding.want(t, "bound-and-matches", "mtls", thumbprints{X5T: x5t})
	}
}

// The life of a token: bound, as the issuer says to its client and to the resource
// server, then revoked, and from then on inactive.
func TestTokenThatIsRevokedIsInactive(t *testing.T) {
	for _, as := range issuers() {
		for _, w := range ways() {
			t.Run(as.name+"/"+w.name, func(t *testing.T) {
				token := want(t, 0, opaqueArgs(as.url, w.args, []string{"--dpop", "--key", "dpop.jwk"})...).stdout
				if err := os.WriteFile(at.path("opaque.txt"), []byte(token), 0o600); err != nil {
					t.Fatal(err)
				}
				known := []string{"--issuer", as.url, "--cacert", at.cacert}
				inspect := append([]string{"inspect", "@opaque.txt", "--key", "dpop.jwk", "--introspect", "-o", "json"}, known...)
				mine := append(slices.Clone(inspect), w.args...)
				others := append(slices.Clone(inspect), "--client-id", "rs", "--client-secret", secret)
				want(t, 0, mine...)
				want(t, 0, append(others, "--require-valid")...)
				revoke := append(append([]string{"token", "revoke", "@opaque.txt", "-o", "json"}, known...), w.args...)
				if got := decode[struct{ Revoked bool }](t, want(t, 0, revoke...)); !got.Revoked {
					t.Errorf("%+v", got)
				}
				got := decode[struct{ Binding binding }](t, want(t, 3, others...))
				if got.Binding.Verdict != "cannot-tell" || got.Binding.Reason != "inactive" {
					t.Errorf("%+v", got.Binding)
				}
				want(t, 0, revoke...) // the server says the same of one that it does not know
			})
		}
	}
}

// This server can't end a JWT, and says so.
func TestRevocationThatIsRefused(t *testing.T) {
	w := ways()[0]
	token := line(want(t, 0, tokenArgs(at.plain, w.args, []string{"--dpop", "--key", "dpop.jwk"})...))
	known := []string{"--issuer", at.plain, "--cacert", at.cacert}
	r := want(t, 4, append(append([]string{"token", "revoke", token}, known...), w.args...)...)
	if !strings.Contains(r.stderr, "unsupported_token_type") {
		t.Errorf("%s", r)
	}
	want(t, 4, append([]string{"token", "revoke", "x", "--client-id", "basic", "--client-secret", "wrong"}, known...)...)
}

func TestAuthorizationDetailsArrive(t *testing.T) {
	const details = `[{"type":"payment_initiation","actions":["initiate"]}]`
	args := append(tokenArgs(at.nonce, ways()[0].args, []string{"--dpop", "--key", "dpop.jwk", "-o", "json"}), "--authorization-details", details)
	got := decode[struct {
		Details json.RawMessage `json:"authorization_details"`
	}](t, want(t, 0, args...))
	if !strings.Contains(strings.Join(strings.Fields(string(got.Details)), ""), `"initiate"`) {
		t.Errorf("granted %s", got.Details)
	}
	args[len(args)-1] = `[{"type":"payment_initiation"}]`
	want(t, 4, args...)
}

// curl runs a command line that the program printed.
func curl(t *testing.T, command string) string {
	t.Helper()
	return shell(t, nil, strings.Replace(command, "curl ", "curl -sS ", 1))
}

// The command is taken by the server, once: its proof and its assertion are used up
// by that.
func TestCurlRunsWhatTokenPrints(t *testing.T) {
	secretFile(t)
	for _, as := range issuers() {
		for _, w := range ways() {
			t.Run(as.name+"/"+w.name, func(t *testing.T) {
				who := slices.Clone(w.args)
				if i := slices.Index(who, secret); i >= 0 {
					who[i] = "@secret.txt"
				}
				command := line(want(t, 0, tokenArgs(as.url, who, []string{"--dpop", "--key", "dpop.jwk", "--print-curl"})...))
				if strings.Contains(command, secret) {
					t.Errorf("the secret stands in %s", command)
				}
				got := curl(t, command)
				if !strings.Contains(got, `"token_type":"DPoP"`) {
					t.Fatalf("%s\n%s", got, command)
				}
				if again := curl(t, command); !strings.Contains(again, `"error"`) {
					t.Errorf("a second time it is %s", again)
				}
			})
		}
		command := line(want(t, 0, tokenArgs(as.url, []string{"--client-id", "issued-dn", "--auth-method", byCA, "--mtls", "--cert", "dn.pem", "--print-curl"})...))
		if got := curl(t, command); !strings.Contains(got, `"token_type":"Bearer"`) {
			t.Errorf("%s\n%s", got, command)
		}
	}
}

func secretFile(t *testing.T) {
	t.Helper()
	if err := os.WriteFile(at.path("secret.txt"), []byte(secret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
}

// Certificate and key in one PEM, in PKCS#12 of each kind, or in two files: the
// server sees the same certificate.
func TestEveryFormOfACertificateAuthenticates(t *testing.T) {
	key := at.path("dn-key.pem")
	openssl := func(args ...string) {
		t.Helper()
		if err := command("openssl", args...); err != nil {
			t.Fatal(err)
		}
	}
	one, err := os.ReadFile(at.path("dn.pem"))
	if err != nil {
		t.Fatal(err)
	}
	second, err := os.ReadFile(key)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(at.path("one.pem"), append(second, one...), 0o600); err != nil {
		t.Fatal(err)
	}
	export := []string{"pkcs12", "-export", "-in", at.path("dn.pem"), "-inkey", key}
	openssl(append(export, "-passout", "pass:", "-out", at.path("open.p12"))...)
	openssl(append(export, "-passout", "pass:hush", "-out", at.path("modern.p12"))...)
	openssl(append(export, "-legacy", "-passout", "pass:hush", "-out", at.path("legacy.p12"))...)
	for name, files := range map[string][]string{
		"two files":       {"--cert", "dn.pem", "--cert-key", "dn-key.pem"},
		"the key beside":  {"--cert", "dn.pem"},
		"one PEM":         {"--cert", "one.pem"},
		"open PKCS#12":    {"--cert", "open.p12"},
		"modern PKCS#12":  {"--cert", "modern.p12", "--passphrase", "hush"},
		"legacy PKCS#12":  {"--cert", "legacy.p12", "--passphrase", "hush"},
		"PKCS#12 and key": {"--cert", "open.p12", "--cert-key", filepath.Base(key)},
	} {
		t.Run(name, func(t *testing.T) {
			args := tokenArgs(at.nonce, []string{"--client-id", "issued-dn", "--auth-method", byCA, "--mtls", "-o", "json"}, files)
			got := decode[answer](t, want(t, 0, args...))
			got.Binding.want(t, "bound-and-matches", "mtls", thumbprints{X5T: opensslThumbprint(t, at.path("dn.pem"))})
		})
	}
}
