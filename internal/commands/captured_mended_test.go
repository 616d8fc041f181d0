package commands_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/oauthpop/oauthpop/internal/commands/view"
)

// A client takes members by their exact names, and of two the one or the other.
func TestExplainReadsTheMembersOfAnAnswerByTheirExactNames(t *testing.T) {
	_, jkt, proof := proofOf(t, "-X", "POST", "-u", "https://as.example/token")
	bound, unbound := accessToken(map[string]string{"jkt": jkt}), accessToken(nil)
	for name, body := range map[string]string{
		"another case":       `{"access_token":"` + unbound + `","token_type":"DPoP","Access_Token":"` + bound + `"}`,
		"twice":              `{"access_token":"` + unbound + `","token_type":"DPoP","access_token":"` + bound + `"}`,
		"type, another case": `{"access_token":"opaque","token_type":"Bearer","Token_Type":"DPoP"}`,
	} {
		text := "POST /token HTTP/1.1\nHost: as.example\nDPoP: " + proof + "\n\ngrant_type=client_credentials\n\nHTTP/1.1 200 OK\n\n" + body
		code, v, said := explained(t, text, "--at", "iat")
		if code != 3 || checkOf(v, "answer-binding") != "failed" {
			t.Errorf("%s: exit %d: %s", name, code, said)
		}
	}
}

// A document says something of the issuer whose place it comes from, and of no other.
func TestExplainBelievesNoForeignMetadata(t *testing.T) {
	_, _, proof := proofOf(t, "-X", "POST", "-u", "https://as.example/token")
	token := harEntry("POST", "https://as.example/token", 400, `{"error":"invalid_dpop_proof"}`, map[string]string{"DPoP": proof}, nil)
	for _, from := range []string{
		"https://evil.example" + metadataPath, "https://as.example/x?" + metadataPath, "http://as.example" + metadataPath, "https://as.example/.well-known/other",
	} {
		_, v, said := explained(t, harOf(t, harEntry("GET", from, 200, onlyRS256, nil, nil), token), "--at", "iat")
		if got := firstCause(v, 0); got != "" {
			t.Errorf("%s: cause %q: %s", from, got, said)
		}
	}
}

// What stands in a variable of the shell is not known, and not wrong.
func TestExplainJudgesNoVariableOfTheShell(t *testing.T) {
	_, _, proof := proofOf(t, "-X", "GET", "-u", "https://api.example/x", "--token", "opaque")
	for name, text := range map[string]string{
		"the token":  `curl https://api.example/x -H "Authorization: DPoP $TOKEN" -H 'DPoP: ` + proof + `'`,
		"the output": `curl https://api.example/x -H "Authorization: DPoP $(cat t)" -H 'DPoP: ` + proof + `'`,
		"the method": `curl -X $M https://api.example/x -H 'Authorization: DPoP opaque' -H 'DPoP: ` + proof + `'`,
		"the URL":    `curl "$URL/x" -H 'Authorization: DPoP opaque' -H 'DPoP: ` + proof + `'`,
	} {
		code, v, said := explained(t, text, "--at", "iat")
		if code != 0 || firstCause(v, 0) != "" || !strings.Contains(strings.Join(v.Requests[0].Notes, ";"), "variable of the shell, and is not known") {
			t.Errorf("%s: exit %d, %+v: %s", name, code, v, said)
		}
	}
	// In a path, and where nothing is for a shell, a dollar sign is text.
	_, _, odata := proofOf(t, "-X", "GET", "-u", "https://api.example/x/$count", "--token", "opaque")
	if code, _, said := explained(t, `curl 'https://api.example/x/$count' -H 'Authorization: DPoP opaque' -H 'DPoP: `+odata+`'`, "--at", "iat"); code != 0 {
		t.Errorf("exit %d: %s", code, said)
	}
}

// A caret inside the quotes of another shell does not make a command one for Windows.
func TestExplainTakesACaretInQuotesForText(t *testing.T) {
	_, _, proof := proofOf(t, "-X", "POST", "-u", "https://api.example/x", "--token", "opaque")
	text := `curl 'https://api.example/x' -H 'Authorization: DPoP opaque' -H 'DPoP: ` + proof + `' --data-raw '{"re":"^"}'`
	code, v, said := explained(t, text, "--at", "iat")
	if code != 0 || len(v.Requests) != 1 || v.Requests[0].URL != "https://api.example/x" || v.Requests[0].Proof == nil {
		t.Errorf("exit %d: %+v: %s", code, v, said)
	}
}

// An answer out of a cache was made before it came.
func TestExplainAddsTheAgeOfAnAnswer(t *testing.T) {
	_, _, proof := proofOf(t, "-X", "GET", "-u", "https://api.example/x", "--iat", "1700000000")
	for age, code := range map[string]int{"3600": 0, "0": 3, "-3600": 3} {
		text := fmt.Sprintf("GET /x HTTP/1.1\nHost: api.example\nDPoP: %s\n\nHTTP/1.1 200 OK\nDate: Tue, 14 Nov 2023 21:13:20 GMT\nAge: %s\n", proof, age)
		if got, _, said := explained(t, text); got != code {
			t.Errorf("Age %s: exit %d, want %d: %s", age, got, code, said)
		}
	}
}

// Whoever copies a proof and spoils it does not spend its jti.
func TestAForgedProofIsNoReplay(t *testing.T) {
	_, _, proof := proofOf(t, "-X", "GET", "-u", "https://api.example/x")
	forged := proof[:len(proof)-10] + "AAAAAAAAAA"
	request := "GET /x HTTP/1.1\nHost: api.example\nDPoP: %s\n\nHTTP/1.1 %d X\n\n"
	_, v, said := explained(t, fmt.Sprintf(request, forged, 401)+fmt.Sprintf(request, proof, 200), "--at", "iat")
	if len(v.Requests) != 2 || v.Requests[1].Verdict == view.RequestFailed {
		t.Errorf("%s", said)
	}
}

// One server has one origin, however it is written.
func TestANonceIsOfAServerHoweverItIsWritten(t *testing.T) {
	_, _, proof := proofOf(t, "-X", "GET", "-u", "https://api.example/x", "--nonce", "n1")
	refused := map[string]string{"DPoP-Nonce": "n2", "WWW-Authenticate": `DPoP error="use_dpop_nonce"`}
	text := harOf(
		t,
		harEntry("GET", "https://API.example:443/y", 200, "", map[string]string{"DPoP": proof}, map[string]string{"DPoP-Nonce": "n1"}),
		harEntry("GET", "https://api.example/x", 401, "", map[string]string{"DPoP": proof}, refused),
	)
	if _, v, said := explained(t, text, "--at", "iat"); firstCause(v, 1) == "nonce-of-another-server" {
		t.Errorf("%s", said)
	}
}
