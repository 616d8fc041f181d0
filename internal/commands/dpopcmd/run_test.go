package dpopcmd

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/oauthpop/oauthpop/internal/cli"
	"github.com/oauthpop/oauthpop/internal/commands/view"
	"github.com/oauthpop/oauthpop/internal/dpop"
)

// keyFile writes the key of https://www.rfc-editor.org/rfc/rfc8037#appendix-A.1
func keyFile(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "key.jwk")
	jwk := `{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`
	if err := os.WriteFile(path, []byte(jwk), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func proofFor(t *testing.T, o *proofOptions, format string) string {
	t.Helper()
	env, stdout, stderr := testEnv("")
	env.Global.Output = format
	o.env, o.key = env, keyFile(t)
	if err := o.run(); err != nil {
		t.Fatal(err)
	}
	if stderr.Len() > 0 {
		t.Errorf("stderr: %s", stderr)
	}
	return stdout.String()
}

func TestTextIsTheProofAlone(t *testing.T) {
	out := proofFor(t, &proofOptions{target: target{method: "GET", url: "https://a.example"}}, "text")
	r := dpop.Request{Proofs: []string{strings.TrimSuffix(out, "\n")}, Method: "GET", URL: "https://a.example/", Now: time.Unix(1_700_000_000, 0), Algs: []string{"EdDSA"}, JKT: "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"}
	if _, err := dpop.Verify(r, dpop.Checks()); err != nil {
		t.Errorf("%v: %q", err, out)
	}
}

func TestJSONHasTheMembersOfTheContract(t *testing.T) {
	out := proofFor(t, &proofOptions{target: target{method: "GET", url: "https://a.example"}, token: "t", nonce: "n"}, "json")
	var got map[string]any
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"proof", "header", "claims", "jkt"} {
		if got[name] == nil {
			t.Errorf("no %s in %s", name, out)
		}
	}
	if claims, _ := got["claims"].(map[string]any); len(got) != 4 || claims["ath"] != dpop.ATH("t") || claims["nonce"] != "n" || claims["iat"] != 1.7e9 {
		t.Errorf("got %s", out)
	}
	if strings.Contains(out, `"d"`) {
		t.Errorf("the private key is in %s", out)
	}
}

func TestHeaderFormHasTheTokenOnlyIfGiven(t *testing.T) {
	plain := target{method: "GET", url: "https://a.example"}
	with := strings.Split(proofFor(t, &proofOptions{target: plain, token: "t"}, "header"), "\n")
	without := strings.Split(proofFor(t, &proofOptions{target: plain}, "header"), "\n")
	if len(with) != 3 || !strings.HasPrefix(with[0], "DPoP: ey") || with[1] != "Authorization: DPoP t" || with[2] != "" {
		t.Errorf("with a token: %q", with)
	}
	if len(without) != 2 || !strings.HasPrefix(without[0], "DPoP: ey") {
		t.Errorf("without: %q", without)
	}
}

func TestAnInvalidProofIsACheckThatSaidNo(t *testing.T) {
	env, stdout, _ := testEnv("")
	o := &verifyOptions{env: env, proof: "malformed", algs: []string{"ES256"}}
	err := o.run(t.Context())
	if _, ok := errors.AsType[*cli.CheckError](err); !ok {
		t.Errorf("got %v", err)
	}
	if out := stdout.String(); !strings.HasPrefix(out, "invalid  1 failed") || !strings.Contains(out, "expected  a JWT") {
		t.Errorf("drawn: %s", out)
	}
}

func TestEveryCheckIsALine(t *testing.T) {
	proof := strings.TrimSpace(proofFor(t, &proofOptions{target: target{method: "GET", url: "https://a.example"}}, "text"))
	env, stdout, _ := testEnv("")
	o := &verifyOptions{env: env, proof: proof, target: target{method: "GET"}, key: keyFile(t), maxAge: time.Minute}
	if err := o.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(stdout.String()), "\n")
	if len(lines) != 1+len(dpop.Checks()) || !strings.HasPrefix(lines[0], "valid") {
		t.Errorf("drawn: %s", stdout)
	}
	for i, c := range dpop.Checks() {
		if !strings.Contains(lines[1+i], c.ID) || !strings.Contains(lines[1+i], c.Section) {
			t.Errorf("line %d is %q, not that of %s", 1+i, lines[1+i], c.ID)
		}
	}
}

func TestTheHintIsThatOfTheFirstFailure(t *testing.T) {
	v := &view.ProofReport{Checks: []view.ProofCheck{{ID: "typ", Status: "passed", Hint: "no"}, {ID: "htm", Status: "failed", Hint: "first"}, {ID: "fresh", Status: "failed", Hint: "second"}}}
	err, ok := errors.AsType[*cli.CheckError](verdict(v))
	if !ok || err.Message != "the proof is invalid: htm, fresh" || err.Hint != "first" {
		t.Errorf("got %+v", err)
	}
	v.Checks = v.Checks[2:]
	if err, ok := errors.AsType[*cli.CheckError](verdict(v)); !ok || !strings.Contains(err.Hint, "--at iat") {
		t.Errorf("got %+v", err)
	}
	if err := verdict(&view.ProofReport{}); err != nil {
		t.Errorf("got %v", err)
	}
}
