//go:build interop

package interop

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// peer runs one of the scripts beside this file and returns its lines.
func peer(t *testing.T, env []string, stdin string, args ...string) []string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "node", args...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdin = strings.NewReader(stdin)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("node %v: %v\n%s", args, err, stderr.Bytes())
	}
	return strings.Split(strings.TrimSpace(string(out)), "\n")
}

type verified struct {
	Verdict string
	Checks  []struct{ ID, Status, Expected, Found string }
}

// verify pipes proofs into `dpop verify -` and returns a verdict for each.
func verify(t *testing.T, code int, lines []string, args ...string) []verified {
	t.Helper()
	r := wantWith(t, code, strings.Join(lines, "\n")+"\n", append([]string{"dpop", "verify", "-"}, args...)...)
	var all []verified
	for s := bufio.NewScanner(strings.NewReader(r.stdout)); s.Scan(); {
		var v verified
		if err := json.Unmarshal(s.Bytes(), &v); err != nil {
			t.Fatalf("%v\n%s", err, s.Text())
		}
		all = append(all, v)
	}
	if len(all) != len(lines) {
		t.Fatalf("%d verdicts of %d proofs\n%s", len(all), len(lines), r)
	}
	return all
}

func TestProofsOfForeignLibrariesVerifyHere(t *testing.T) {
	lines := peer(t, nil, "", "proofs.mjs")
	if len(lines) < 100 {
		t.Fatalf("only %d proofs", len(lines))
	}
	for i, v := range verify(t, 0, lines) {
		if v.Verdict != "valid" {
			t.Errorf("%s\n%+v", lines[i], v)
		}
	}
}

// The same proofs for anything else than they were made for.
func TestProofsOfForeignLibrariesForOtherRequestsAreRefused(t *testing.T) {
	lines := peer(t, nil, "", "proofs.mjs")
	for _, c := range []struct{ member, value, check string }{
		{"method", "PATCH", "htm"},
		{"url", "https://other.example.com/v1", "htu"},
		{"token", "another.token", "ath"},
		{"nonce", "another-nonce", "nonce"},
		{"jkt", "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs", "binding"},
	} {
		t.Run(c.member, func(t *testing.T) {
			changed := make([]string, len(lines))
			for i, l := range lines {
				var o map[string]any
				if err := json.Unmarshal([]byte(l), &o); err != nil {
					t.Fatal(err)
				}
				o[c.member] = c.value
				text, err := json.Marshal(o)
				if err != nil {
					t.Fatal(err)
				}
				changed[i] = string(text)
			}
			for i, v := range verify(t, 3, changed) {
				if failed := failures(v); v.Verdict != "invalid" || len(failed) != 1 || failed[0] != c.check {
					t.Errorf("%s\nfailed %v, want %s", changed[i], failed, c.check)
				}
			}
		})
	}
}

func failures(v verified) []string {
	var ids []string
	for _, c := range v.Checks {
		if c.Status == "failed" {
			ids = append(ids, c.ID)
		}
	}
	return ids
}

func TestProofsMadeHereSatisfyForeignJudges(t *testing.T) {
	env := []string{"ISSUER=" + at.path("issuer.jwk")}
	var lines []string
	for _, alg := range []string{"ES256", "ES384", "ES512", "Ed25519", "EdDSA", "RS256", "PS256"} {
		key := "judged-" + alg + ".jwk"
		want(t, 0, "key", "generate", "--alg", alg, "--out", key)
		jkt := line(want(t, 0, "key", "thumbprint", key))
		const aud = "https://api.example.com/"
		token := peer(t, env, "", "judge.mjs", "mint", jkt, aud)[0]
		for _, url := range []string{aud + "v1/accounts", aud + "a%2Fb/~me?q=a%20b&c", "https://[2001:db8::1]:8443", "https://bücher.example/käse"} {
			made := decode[struct{ Proof, JKT string }](t, want(t, 0, "dpop", "proof", "--key", key, "-X", "POST", "-u", url, "--token", token, "--nonce", "n-1", "-o", "json"))
			if made.JKT != jkt {
				t.Errorf("%s: jkt %s, want %s", alg, made.JKT, jkt)
			}
			text, err := json.Marshal(map[string]string{"alg": alg, "jkt": jkt, "proof": made.Proof, "method": "POST", "url": url, "token": token, "aud": aud})
			if err != nil {
				t.Fatal(err)
			}
			lines = append(lines, string(text))
		}
	}
	verdicts := peer(t, env, strings.Join(lines, "\n")+"\n", "judge.mjs")
	if len(verdicts) != len(lines) {
		t.Fatalf("%d verdicts of %d proofs", len(verdicts), len(lines))
	}
	for i, v := range verdicts {
		if v != "valid" {
			t.Errorf("%s\n%s", v, lines[i])
		}
	}
}

func TestForeignClientsGetBoundTokensFromServe(t *testing.T) {
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	r := want(t, 0, "serve", "--listen", "127.0.0.1:0", "--dpop-nonce", "required", "--", "node", here+"/client.mjs")
	if !strings.Contains(r.stdout, "both clients got a bound token with a nonce") {
		t.Errorf("%s", r)
	}
	want(t, 7, "serve", "--listen", "127.0.0.1:0", "--", "node", "-e", "process.exit(7)")
}
