package commands_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/oauthpop/oauthpop/internal/bounds"
	"github.com/oauthpop/oauthpop/internal/commands"
	"github.com/oauthpop/oauthpop/internal/commands/view"
)

// explained runs the command with -o json and standard input.
func explained(t *testing.T, text string, args ...string) (int, view.Explain, string) {
	t.Helper()
	env, stdout, stderr := testWorld(nil)
	env.Stdin = strings.NewReader(text)
	code := commands.Main(env, append([]string{"explain", "-", "-o", "json"}, args...))
	var v view.Explain
	if err := json.Unmarshal(stdout.Bytes(), &v); err != nil {
		t.Fatalf("%v: %s %s", err, stdout, stderr)
	}
	return code, v, stdout.String() + stderr.String()
}

// checkOf returns the status of a check of the first request, of the proof or not.
func checkOf(v view.Explain, id string) string {
	all := v.Requests[0].Checks
	if p := v.Requests[0].Proof; p != nil {
		all = slices.Concat(all, p.Checks)
	}
	for _, c := range all {
		if c.ID == id {
			return c.Status
		}
	}
	return ""
}

// proofOf makes a key, and a proof of it.
func proofOf(t *testing.T, args ...string) (key, jkt, proof string) {
	t.Helper()
	key = filepath.Join(t.TempDir(), "key.jwk")
	mustRun(t, 0, "key", "generate", "--out", key)
	jkt = strings.TrimSpace(mustRun(t, 0, "key", "thumbprint", key))
	return key, jkt, strings.TrimSpace(mustRun(t, 0, append([]string{"dpop", "proof", "--key", key}, args...)...))
}

func TestExplainJudgesTokenSchemeAndProofTogether(t *testing.T) {
	const other = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"
	key, jkt, _ := proofOf(t, "-X", "GET", "-u", "https://api.example/x")
	prove := func(token string) string {
		return strings.TrimSpace(mustRun(t, 0, "dpop", "proof", "--key", key, "-X", "GET", "-u", "https://api.example/x", "--token", token))
	}
	bound, foreign, unbound := accessToken(map[string]string{"jkt": jkt}), accessToken(map[string]string{"jkt": other}), accessToken(nil)
	for _, c := range []struct {
		name, scheme, token string
		proof               bool
		code                int
		check, status       string
		binding             string
	}{
		{"right", "DPoP", bound, true, 0, "scheme", "passed", "bound-and-matches"},
		{"the scheme in other case", "dpop", bound, true, 0, "scheme", "passed", "bound-and-matches"},
		{"as bearer", "Bearer", bound, true, 3, "scheme", "failed", "bound-and-matches"},
		{"as bearer without a proof", "Bearer", bound, false, 3, "scheme", "failed", "bound"},
		{"without a proof", "DPoP", bound, false, 3, "scheme", "failed", "bound"},
		{"of another key", "DPoP", foreign, true, 3, "binding", "failed", "bound-to-another-key"},
		{"not bound", "DPoP", unbound, true, 3, "scheme", "failed", "not-bound"},
		{"a bearer token", "Bearer", unbound, false, 0, "scheme", "passed", "not-bound"},
		{"opaque", "DPoP", "opaque", true, 0, "scheme", "passed", "cannot-tell"},
		{"opaque as bearer", "Bearer", "opaque", true, 0, "scheme", "not-checked", "cannot-tell"},
	} {
		text := "GET /x?q HTTP/1.1\nHost: api.example\nAuthorization: " + c.scheme + " " + c.token + "\n"
		if c.proof {
			text += "DPoP: " + prove(c.token) + "\n"
		}
		code, v, said := explained(t, text)
		if code != c.code || checkOf(v, c.check) != c.status || v.Requests[0].Binding.Verdict != c.binding {
			t.Errorf("%s: exit %d, want %d, %s %s: %s", c.name, code, c.code, c.check, c.status, said)
		}
	}
	text := "GET /x HTTP/1.1\nHost: api.example\nAuthorization: DPoP opaque\nDPoP: " + prove("opaque") + "\n"
	if code, v, said := explained(t, text, "--key", key); code != 0 || checkOf(v, "binding") != "passed" {
		t.Errorf("with the key of an opaque token: exit %d %s", code, said)
	}
	if code, v, said := explained(t, text, "--jkt", other); code != 3 || checkOf(v, "binding") != "failed" {
		t.Errorf("with another key: exit %d %s", code, said)
	}
}

func TestExplainDemandsTheWholeBindingOnlyWhereItIsGiven(t *testing.T) {
	key, jkt, _ := proofOf(t, "-X", "GET", "-u", "https://api.example/x")
	token := accessToken(map[string]string{"jkt": jkt, "x5t#S256": "bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg0"})
	proof := strings.TrimSpace(mustRun(t, 0, "dpop", "proof", "--key", key, "-X", "GET", "-u", "https://api.example/x", "--token", token))
	text := "GET /x HTTP/1.1\nHost: api.example\nAuthorization: DPoP " + token + "\nDPoP: " + proof + "\n"
	if code, v, said := explained(t, text); code != 0 || v.Requests[0].Binding.Reason != "half-compared" {
		t.Errorf("the certificate is not in the text: exit %d: %s", code, said)
	}
	if code, _, said := explained(t, text, "--key", key); code != 3 {
		t.Errorf("only the key is given: exit %d: %s", code, said)
	}
	if code, _, said := explained(t, text, "--key", key, "--x5t", "bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg0"); code != 0 {
		t.Errorf("both are given: exit %d: %s", code, said)
	}
}

func TestExplainKnowsTheNoncesOfOtherServers(t *testing.T) {
	_, _, proof := proofOf(t, "-X", "GET", "-u", "https://api.example/x", "--nonce", "n1")
	text := "POST /token HTTP/1.1\nHost: as.example\n\nHTTP/1.1 400 Bad\nDPoP-Nonce: n1\n\n" +
		"GET /x HTTP/1.1\nHost: api.example\nAuthorization: DPoP x\nDPoP: " + proof + "\n\nHTTP/1.1 401 No\nDPoP-Nonce: n2\nWWW-Authenticate: DPoP error=\"use_dpop_nonce\"\n"
	_, v, said := explained(t, text, "--at", "iat")
	if len(v.Requests) != 2 || !slices.ContainsFunc(v.Requests[1].Causes, func(c view.Cause) bool { return strings.Contains(c.Text, "https://as.example gave") }) {
		t.Error(said)
	}
}

func TestExplainComparesForwardedCertificates(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "app.pem")
	mustRun(t, 0, "cert", "issue", "--cn", "app", "--self-signed", "--out", filepath.Join(dir, "app"))
	x5t := strings.TrimSpace(mustRun(t, 0, "cert", "thumbprint", file))
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(data)
	escaped := strings.ReplaceAll(url.QueryEscape(string(pem.EncodeToMemory(block))), "+", "%20")
	b64 := base64.StdEncoding.EncodeToString(block.Bytes)
	for _, c := range []struct {
		name, field, x5t string
		code             int
		status           string
	}{
		{"rfc 9440", "Client-Cert: :" + b64 + ":", x5t, 0, "passed"},
		{"envoy", `X-Forwarded-Client-Cert: Hash=0;Cert="` + escaped + `"`, x5t, 0, "passed"},
		{"nginx", "ssl-client-cert: " + escaped, x5t, 0, "passed"},
		{"another", "Client-Cert: :" + b64 + ":", "bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2", 3, ""},
		{"another, well-formed", "Client-Cert: :" + b64 + ":", "bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg0", 3, "failed"},
		{"not shown", "X-Nothing: x", x5t, 0, "not-checked"},
	} {
		text := "GET /x HTTP/1.1\nHost: api.example\nAuthorization: Bearer " + accessToken(map[string]string{"x5t#S256": c.x5t}) + "\n" + c.field + "\n"
		code, v, said := explained(t, text)
		if code != c.code || c.status != "" && checkOf(v, "certificate") != c.status {
			t.Errorf("%s: exit %d, want %d and %s: %s", c.name, code, c.code, c.status, said)
		}
	}
}

func TestExplainJudgesWhatATokenEndpointGave(t *testing.T) {
	_, jkt, proof := proofOf(t, "-X", "POST", "-u", "https://as.example/token")
	for _, c := range []struct {
		name, token, tokenType string
		code                   int
		status                 string
	}{
		{"bound", accessToken(map[string]string{"jkt": jkt}), "DPoP", 0, "passed"},
		{"not bound", accessToken(nil), "DPoP", 3, "failed"},
		{"as bearer", accessToken(map[string]string{"jkt": jkt}), "Bearer", 3, "failed"},
		{"opaque", "opaque", "DPoP", 0, "not-checked"},
		{"opaque as bearer", "opaque", "Bearer", 3, "failed"},
	} {
		text := "POST /token HTTP/1.1\nHost: as.example\nDPoP: " + proof + "\n\ngrant_type=client_credentials\n\nHTTP/1.1 200 OK\n\n{\"access_token\":\"" + c.token + "\",\"token_type\":\"" + c.tokenType + "\"}"
		code, v, said := explained(t, text, "--at", "iat")
		if code != c.code || checkOf(v, "answer-binding") != c.status {
			t.Errorf("%s: exit %d, want %d and %s: %s", c.name, code, c.code, c.status, said)
		}
	}
}

func TestExplainAsksForTheNonceThatTheAnswerGives(t *testing.T) {
	_, _, proof := proofOf(t, "-X", "POST", "-u", "https://as.example/token", "--nonce", "n1")
	for nonce, status := range map[string]string{"n1": "passed", "n2": "failed"} {
		text := "POST /token HTTP/1.1\nHost: as.example\nDPoP: " + proof + "\n\nHTTP/1.1 400 Bad\nDPoP-Nonce: " + nonce + "\n\n{\"error\":\"use_dpop_nonce\"}"
		if _, v, said := explained(t, text, "--at", "iat"); checkOf(v, "nonce") != status || v.Requests[0].Nonce != nonce {
			t.Errorf("%s: %s", nonce, said)
		}
	}
}

func TestExplainChecksTheSignatureWithTheIssuersKeys(t *testing.T) {
	i, other := newIssuer(t, nil), newIssuer(t, nil)
	for _, c := range []struct {
		name, token string
		code        int
		verdict     string
	}{
		{"its own", i.token(t, i.URL), 3, view.SignatureValid},
		{"of another issuer", other.token(t, i.URL), 3, view.SignatureInvalid},
	} {
		code, v, said := explained(t, "GET / HTTP/1.1\nHost: a.example\nAuthorization: DPoP "+c.token+"\n", "--issuer", i.URL, "--cacert", i.ca)
		if code != c.code || v.Requests[0].Signature == nil || v.Requests[0].Signature.Verdict != c.verdict {
			t.Errorf("%s: exit %d: %s", c.name, code, said)
		}
	}
	before := i.requests.Load()
	explained(t, "GET / HTTP/1.1\nHost: a.example\nAuthorization: DPoP opaque\n", "--issuer", i.URL, "--cacert", i.ca)
	explained(t, "GET / HTTP/1.1\nHost: a.example\nAuthorization: DPoP "+i.token(t, i.URL)+"\n")
	if got := i.requests.Load(); got != before {
		t.Errorf("%d requests where nothing is to be asked", got-before)
	}
}

func TestExplainJudgesOrRefusesWhateverIsGiven(t *testing.T) {
	long := strings.Repeat("A", 1<<20)
	for _, c := range []struct {
		name, text string
		code       int
	}{
		{"a token of 1 MiB", "GET / HTTP/1.1\nHost: a\nAuthorization: DPoP " + long + "\nDPoP: x", 3},
		{"a token of 1 MiB in parts", "GET / HTTP/1.1\nHost: a\nAuthorization: DPoP eyJ" + long + "." + long + ".x\nDPoP: x", 3},
		{"a proof of 1 MiB", "GET / HTTP/1.1\nHost: a\nDPoP: " + long, 3},
		{"an endless line", strings.Repeat(long, 20), 2},
		{"a million lines", "GET / HTTP/1.1\nHost: a\nDPoP: x\n" + strings.Repeat("A: b\n", 1_000_000), 3},
		{"a million folded lines", "GET / HTTP/1.1\nHost: a\nDPoP: x\nA: b\n" + strings.Repeat(" c\n", 200_000), 3},
		{"a million proofs", "GET / HTTP/1.1\nHost: a\n" + strings.Repeat("DPoP: x.y.z\n", 1_000_000), 3},
		{"a million certificates", "GET / HTTP/1.1\nHost: a\n" + strings.Repeat("Client-Cert: :AA:\n", 1_000_000), 3},
		{"a million lines of a body", "GET / HTTP/1.1\nHost: a\nDPoP: x\n\n" + strings.Repeat("x: HTTP/1.1\n", 1_000_000), 3},
		{"many requests", strings.Repeat("GET / HTTP/1.1\nHost: a\nDPoP: x\n", bounds.Exchanges+5), 3},
		{"deep JSON", strings.Repeat(`{"a":`, 1<<20), 2},
		{"binary", "GET / HTTP/1.1\x00\xff", 2},
		{"too long", strings.Repeat(long, 65), 2},
	} {
		env, stdout, stderr := testWorld(nil)
		env.Stdin = strings.NewReader(c.text)
		if code := commands.Main(env, []string{"explain"}); code != c.code {
			t.Errorf("%s: exit %d, want %d: %.300s %.300s", c.name, code, c.code, stdout, stderr)
		}
		if stdout.Len() > 100*bounds.Exchanges+1<<20 {
			t.Errorf("%s: %d bytes of result", c.name, stdout.Len())
		}
	}
}

// The forms that editors on Windows save.
func TestExplainReadsUTF16AndByteOrderMarks(t *testing.T) {
	text := "\ufeffGET / HTTP/1.1\r\nHost: a.example\r\nAuthorization: Bearer x\r\n"
	var utf16 bytes.Buffer
	for _, r := range text {
		utf16.Write([]byte{byte(r), byte(r >> 8)})
	}
	for _, in := range []string{text, utf16.String()} {
		if code, v, said := explained(t, in); code != 0 || v.Requests[0].URL != "https://a.example/" {
			t.Errorf("exit %d: %s", code, said)
		}
	}
	env, _, stderr := testWorld(nil)
	env.StdinTerminal = true
	env.Stdin = strings.NewReader(text)
	if code := commands.Main(env, []string{"explain"}); code != 0 || !strings.Contains(stderr.String(), "paste the request") {
		t.Errorf("exit %d: %s", code, stderr)
	}
}
