//go:build interop

package interop

import (
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

func (v verified) failed() string {
	var ids []string
	for _, c := range v.Checks {
		if c.Status == "failed" {
			ids = append(ids, c.ID)
		}
	}
	return strings.Join(ids, " ")
}

// foreign is a proof of another library, with all that it was made for.
type foreign struct{ Proof, Method, URL, Token, Nonce, JKT string }

func foreignProofs(t *testing.T) []foreign {
	t.Helper()
	var all []foreign
	for _, l := range peer(t, nil, "", "proofs.mjs") {
		var f foreign
		if err := json.Unmarshal([]byte(l), &f); err != nil {
			t.Fatalf("%v: %s", err, l)
		}
		all = append(all, f)
	}
	if len(all) < 100 {
		t.Fatalf("only %d proofs", len(all))
	}
	return all
}

func (f foreign) verify(t *testing.T, code int) verified {
	t.Helper()
	args := []string{"dpop", "verify", f.Proof, "-X", f.Method, "-u", f.URL, "--jkt", f.JKT, "-o", "json"}
	if f.Token != "" {
		args = append(args, "--token", f.Token)
	}
	if f.Nonce != "" {
		args = append(args, "--nonce", f.Nonce)
	}
	return decode[verified](t, want(t, code, args...))
}

func TestProofsOfForeignLibrariesVerifyHere(t *testing.T) {
	for _, f := range foreignProofs(t) {
		if v := f.verify(t, 0); v.Verdict != "valid" {
			t.Errorf("%+v\n%+v", f, v)
		}
	}
}

// The same proofs for anything else than they were made for.
func TestProofsOfForeignLibrariesForOtherRequestsAreRefused(t *testing.T) {
	proofs := foreignProofs(t)
	for _, c := range []struct {
		check  string
		change func(*foreign)
	}{
		{"htm", func(f *foreign) { f.Method = "PATCH" }},
		{"htu", func(f *foreign) { f.URL = "https://other.example.com/v1" }},
		{"ath", func(f *foreign) { f.Token = "another.token" }},
		{"nonce", func(f *foreign) { f.Nonce = "another-nonce" }},
		{"binding", func(f *foreign) { f.JKT = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs" }},
		{"signature", func(f *foreign) { f.Proof = otherSignature(f.Proof, proofs) }},
	} {
		t.Run(c.check, func(t *testing.T) {
			for i := 0; i < len(proofs); i += 5 {
				f := proofs[i]
				c.change(&f)
				if v := f.verify(t, 3); v.Verdict != "invalid" || v.failed() != c.check {
					t.Errorf("%+v\nfailed %q, want %q", f, v.failed(), c.check)
				}
			}
		})
	}
}

// otherSignature takes the signature of another proof of the same length, which
// is well-formed and fits the algorithm.
func otherSignature(proof string, all []foreign) string {
	cut := strings.LastIndexByte(proof, '.') + 1
	for _, o := range all {
		other := o.Proof[strings.LastIndexByte(o.Proof, '.')+1:]
		if len(other) == len(proof)-cut && other != proof[cut:] {
			return proof[:cut] + other
		}
	}
	return proof
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
