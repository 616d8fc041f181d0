//go:build interop

package interop

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// shell runs a script in the site's folder, with the program in its path and the
// variables of env.
func shell(t *testing.T, env []string, script string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "sh", "-euc", script)
	cmd.Dir = at.dir
	cmd.Env = append([]string{"PATH=" + at.dir + string(filepath.ListSeparator) + os.Getenv("PATH"), "HOME=" + at.dir}, env...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s%s", script, err, out, stderr.String())
	}
	return string(out)
}

// One line in a pipeline: everything else is in its environment.
func TestCallInOneLine(t *testing.T) {
	key := want(t, 0, "key", "generate").stdout
	for _, as := range issuers() {
		for _, path := range []string{"/api", "/api-nonce"} {
			env := []string{
				"OAUTHPOP_ISSUER=" + as.url, "OAUTHPOP_CLIENT_ID=basic-dpop", "OAUTHPOP_CLIENT_SECRET=" + secret,
				"OAUTHPOP_CACERT=" + at.cacert, "KEY=" + key, "URL=" + at.resource + path,
			}
			if out := shell(t, env, `oauthpop call --dpop --key env:KEY "$URL" --fail`); !strings.Contains(out, `"bound":"dpop"`) {
				t.Errorf("%s, %s: %s", as.name, path, out)
			}
		}
	}
}

// The command of --print-curl is run by curl, and the resource takes it, once.
func TestCurlRunsWhatCallPrints(t *testing.T) {
	want(t, 0, "key", "generate", "--force", "--out", "curl.jwk")
	token := line(want(t, 0, tokenArgs(at.plain, []string{"--client-id", "basic-dpop", "--client-secret", secret, "--dpop", "--key", "curl.jwk"})...))
	cert := at.pki("mtls-ca.pem")
	bound := line(want(t, 0, tokenArgs(at.plain, []string{"--client-id", "mtls-ca", "--auth-method", byCA, "--mtls", "--cert", cert, "--cert-key", at.pki("mtls-ca.key")})...))
	env := []string{"CA=" + at.cacert, "API=" + at.resource + "/api", "OAUTHPOP_TOKEN=" + token, "BOUND=" + bound, "CERT=" + cert, "CERTKEY=" + at.pki("mtls-ca.key")}
	for _, tt := range []struct{ name, script, says string }{
		{"with a proof", `oauthpop call "$API/a%2Fb?q='x'&r=[1-3]" --key curl.jwk --cacert "$CA" --print-curl | sed 's/^curl/curl -sS/' | sh`, `"bound":"dpop"`},
		{"a second time", `oauthpop call "$API" --key curl.jwk --cacert "$CA" --print-curl | sed 's/^curl/curl -sS/' >once; sh once >first; sh once`, "jti replayed"},
		{"with a body", `oauthpop call PUT "$API" --key curl.jwk --cacert "$CA" --json '{"it'"'"'s": 1}' --print-curl | sed 's/^curl/curl -sS/' | sh`, `"bound":"dpop"`},
		{"with a certificate", `oauthpop call "$API" --token "$BOUND" --cert "$CERT" --cert-key "$CERTKEY" --cacert "$CA" --print-curl | sed 's/^curl/curl -sS/' | sh`, `"bound":"mtls"`},
		{"with a token of its own", `unset OAUTHPOP_TOKEN; oauthpop call "$API" --issuer ` + at.nonce + ` --client-id basic-dpop --client-secret ` + secret + ` --dpop --key curl.jwk --cacert "$CA" --print-curl | sed 's/^curl/curl -sS/' | sh`, `"bound":"dpop"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if out := shell(t, env, tt.script); !strings.Contains(out, tt.says) {
				t.Errorf("no %s in %s", tt.says, out)
			}
		})
	}
}

// told is what the echoing API says that it was sent.
type told struct {
	Method, Path, Authorization string
	Proof                       *struct{ HTM, HTU, ATH string }
}

// Each hop has a proof that jose takes, for its own URL and method; another origin
// gets none, and no token.
func TestRedirectsAreProvedToANodeServer(t *testing.T) {
	here := "https://localhost:" + startPeer(t, []string{"PKI_DIR=" + at.path("pki")}, "node", "echo.mjs")
	away := "https://localhost:" + startPeer(t, []string{"PKI_DIR=" + at.path("pki")}, "node", "echo.mjs")
	want(t, 0, "key", "generate", "--force", "--out", "redirect.jwk")
	call := func(method, target string) told {
		t.Helper()
		return decode[told](t, want(t, 0, "call", method, target, "-L", "--token", "a-token", "--key", "redirect.jwk", "--cacert", at.cacert, "--fail"))
	}
	for status, method := range map[int]string{301: "GET", 302: "GET", 303: "GET", 307: "POST", 308: "POST"} {
		got := call("POST", fmt.Sprintf("%s/%d?to=/308/x%%3Fto=/end%%2523part", here, status))
		if got.Method != method || got.Path != "/end" || got.Authorization != "DPoP a-token" || got.Proof == nil || got.Proof.HTM != method || got.Proof.HTU != here+"/end" || got.Proof.ATH == "" {
			t.Errorf("%d: %+v %+v", status, got, got.Proof)
		}
		got = call("GET", fmt.Sprintf("%s/%d?to=%s/there", here, status, away))
		if got.Path != "/there" || got.Authorization != "" || got.Proof != nil {
			t.Errorf("%d to another origin: %+v %+v", status, got, got.Proof)
		}
	}
}

// What node sends back is what was sent, whatever bytes it is, through a pipe too.
func TestBodiesGoThereAndBackAsTheyAre(t *testing.T) {
	here := "https://localhost:" + startPeer(t, []string{"PKI_DIR=" + at.path("pki")}, "node", "echo.mjs")
	want(t, 0, "key", "generate", "--force", "--out", "bodies.jwk")
	body := bytes.Repeat([]byte("\x00\xff\r\n\u00e4\x80"), 1<<19)
	if err := os.WriteFile(at.path("binary"), body, 0o600); err != nil {
		t.Fatal(err)
	}
	env := []string{"CA=" + at.cacert, "URL=" + here + "/raw"}
	for _, script := range []string{
		`oauthpop call "$URL" --token t --key bodies.jwk --cacert "$CA" --fail -d @binary`,
		`cat binary | oauthpop call "$URL" --token t --key bodies.jwk --cacert "$CA" --fail -d -`,
		`oauthpop call "$URL" --token t --key bodies.jwk --cacert "$CA" --fail -d @binary --force -O answer -q; cat answer`,
		`oauthpop call "$URL" --token t --key bodies.jwk --cacert "$CA" --fail -d @binary --print-curl -q | sed 's/^curl/curl -sS/' | sh`,
	} {
		if out := shell(t, env, script); out != string(body) {
			t.Errorf("%s: %d bytes of %d came back", script, len(out), len(body))
		}
	}
}
