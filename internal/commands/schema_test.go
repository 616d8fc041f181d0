package commands_test

import (
	"context"
	"encoding/json"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/spf13/cobra"

	"github.com/oauthpop/oauthpop/internal/cli"
	"github.com/oauthpop/oauthpop/internal/commands"
)

func TestEveryCommandHasASchema(t *testing.T) {
	want := []string{"dpop-proof-break-list"} // a result of another kind than the command's own
	var got []string
	everyCommand(func(cmd *cobra.Command) {
		if !cli.IsGroup(cmd) {
			want = append(want, strings.ReplaceAll(strings.TrimPrefix(cmd.CommandPath(), "oauthpop "), " ", "-"))
		}
	})
	for _, r := range commands.Results {
		got = append(got, r.Name)
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("schemas  %v\ncommands %v", got, want)
	}
}

// conforms checks real output against the schema that is generated from the view.
// It must be one object and must not be empty of what the schema requires.
func conforms(t *testing.T, name, output string) {
	t.Helper()
	schema, err := jsonschema.NewCompiler().Compile(filepath.Join("..", "..", "docs", "schema", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(output))
	if err != nil {
		t.Fatalf("%s: %v\n%s", name, err, output)
	}
	if err := schema.Validate(value); err != nil {
		t.Errorf("%s: %v\n%s", name, err, output)
	}
	if s, ok := value.(map[string]any); !ok || len(s) == 0 {
		t.Errorf("%s: not an object with members: %s", name, output)
	}
}

func TestRealOutputConformsToTheSchemas(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	f := newFakeIssuer(t, func(f *fakeIssuer, w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api" {
			_, _ = w.Write([]byte("\xff"))
			return
		}
		if strings.HasPrefix(r.URL.Path, "/.well-known/") {
			_, _ = w.Write([]byte(`{"issuer":"` + f.URL + `","resource":"` + f.URL + `","token_endpoint":"` + f.URL + `/token","dpop_signing_alg_values_supported":["ES256"]}`))
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"access_token": accessToken(map[string]string{"jkt": f.jkt}), "token_type": "DPoP", "expires_in": 60})
	})
	proof := strings.TrimSpace(mustRun(t, 0, "dpop", "proof", "--key", f.key, "-X", "GET", "-u", "https://api.example/x"))
	for _, tt := range []struct {
		name string
		code int
		args []string
	}{
		{"version", 0, []string{"version"}},
		{"key-generate", 0, []string{"key", "generate"}},
		{"key-generate", 0, []string{"key", "generate", "--out", at("k.jwk")}},
		{"key-show", 0, []string{"key", "show", f.key}},
		{"key-thumbprint", 0, []string{"key", "thumbprint", f.key}},
		{"key-convert", 0, []string{"key", "convert", f.key, "--format", "pem", "--public"}},
		{"key-jwks", 0, []string{"key", "jwks", f.key}},
		{"cert-ca", 0, []string{"cert", "ca", "--cn", "CA", "--out", at("ca")}},
		{"cert-issue", 0, []string{"cert", "issue", "--cn", "app", "--ca", at("ca"), "--san-dns", "a.example", "--out", at("app")}},
		{"cert-issue", 0, []string{"cert", "issue", "--cn", "app", "--self-signed"}},
		{"cert-show", 0, []string{"cert", "show", at("app.pem")}},
		{"cert-thumbprint", 0, []string{"cert", "thumbprint", at("app.pem")}},
		{"dpop-proof", 0, []string{"dpop", "proof", "--key", f.key, "-X", "GET", "-u", "https://api.example/x"}},
		{"dpop-proof-break-list", 0, []string{"dpop", "proof", "--break", "list"}},
		{"dpop-verify", 0, []string{"dpop", "verify", proof, "-X", "GET", "-u", "https://api.example/x"}},
		{"dpop-verify", 3, []string{"dpop", "verify", "nonsense"}},
		{"inspect", 0, []string{"inspect", accessToken(map[string]string{"jkt": f.jkt}), "--key", f.key}},
		{"inspect", 3, []string{"inspect", accessToken(nil), "--key", f.key}},
		{"inspect", 0, []string{"inspect", someToken}},
		{"explain", 3, []string{"explain", "GET /x HTTP/1.1\nHost: api.example\nAuthorization: DPoP " + accessToken(map[string]string{"jkt": f.jkt}) + "\nDPoP: " + proof}},
		{"explain", 3, []string{"explain", "GET /x HTTP/1.1\nHost: api.example\nAuthorization: Bearer x\nClient-Cert: :AA:"}},
		{"discover", 0, []string{"discover", f.URL, "--cacert", f.cacert}},
		{"discover", 3, []string{"discover", f.URL, "--cacert", f.cacert, "--check", "fapi2"}},
		{"discover", 0, []string{"discover", "--protected-resource", f.URL, "--cacert", f.cacert, "--check", "fapi2"}},
		{"call", 0, []string{"call", f.URL + "/api", "--token", someToken, "--key", f.key, "--cacert", f.cacert}},
		{"demo", 0, []string{"demo"}},
	} {
		conforms(t, tt.name, mustRun(t, tt.code, append(tt.args, "-o", "json")...))
	}
	if code, out, errOut := f.token("/token", "-o", "json"); code != 0 {
		t.Errorf("token: exit %d: %s", code, errOut)
	} else {
		conforms(t, "token", out)
	}
}

func mustRun(t *testing.T, code int, args ...string) string {
	t.Helper()
	got, stdout, stderr := runMain(nil, args...)
	if got != code {
		t.Errorf("%v: exit %d, want %d: %s%s", args, got, code, stdout, stderr)
	}
	return stdout
}

func TestServeAnnouncesItselfByItsSchema(t *testing.T) {
	env, _, _ := testWorld(nil)
	out := &streamed{first: make(chan struct{})}
	env.Stdout = out
	env.Notify = func(parent context.Context) (context.Context, context.CancelFunc) {
		ctx, cancel := context.WithCancelCause(parent)
		go func() {
			<-out.first
			cancel(&cli.InterruptedError{Signal: syscall.SIGTERM})
		}()
		return ctx, func() { cancel(nil) }
	}
	code := commands.Main(env, []string{"serve", "--listen", "127.0.0.1:0", "--state", t.TempDir(), "-o", "json"})
	if code != 143 {
		t.Errorf("exit %d, want 143", code)
	}
	conforms(t, "serve", out.all.String())
}
