package commands_test

import (
	"encoding/json"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/oauthpop/oauthpop/internal/commands/view"
)

func firstCause(v view.Explain, n int) string {
	if len(v.Requests) <= n || len(v.Requests[n].Causes) == 0 {
		return ""
	}
	return v.Requests[n].Causes[0].ID
}

const metadataPath = "/.well-known/oauth-authorization-server"

// harOf makes a HAR of one answer after the other.
func harOf(t *testing.T, entries ...map[string]any) string {
	t.Helper()
	b, err := json.Marshal(map[string]any{"log": map[string]any{"entries": entries}})
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func harEntry(method, url string, status int, body string, requestHeader, responseHeader map[string]string) map[string]any {
	pairs := func(m map[string]string) []map[string]string {
		list := []map[string]string{}
		for name, value := range m {
			list = append(list, map[string]string{"name": name, "value": value})
		}
		return list
	}
	return map[string]any{
		"startedDateTime": time.Unix(1_700_000_000, 0).UTC().Format(time.RFC3339),
		"request":         map[string]any{"method": method, "url": url, "headers": pairs(requestHeader)},
		"response":        map[string]any{"status": status, "headers": pairs(responseHeader), "content": map[string]string{"text": body}},
	}
}

const onlyRS256 = `{"issuer":"https://as.example","token_endpoint":"https://as.example/token","dpop_signing_alg_values_supported":["RS256"]}`

// A browser asks for the metadata before it asks for a token: what that says of
// algorithms is for the server's own endpoints, and for no other.
func TestExplainKnowsTheAlgorithmsOfMetadataInTheCapture(t *testing.T) {
	_, _, proof := proofOf(t, "-X", "POST", "-u", "https://as.example/token")
	_, _, elsewhere := proofOf(t, "-X", "POST", "-u", "https://other.example/token")
	refusal := `{"error":"invalid_dpop_proof"}`
	metadata := harEntry("GET", "https://as.example"+metadataPath, 200, onlyRS256, nil, nil)
	token := harEntry("POST", "https://as.example/token?x=1", 400, refusal, map[string]string{"DPoP": proof}, nil)
	for _, c := range []struct {
		name, text, cause string
	}{
		{"metadata of the server", harOf(t, metadata, token), "alg-not-offered"},
		{"metadata that comes later", harOf(t, token, metadata), "alg-not-offered"},
		{"no metadata", harOf(t, token), ""},
		{"metadata that was refused", harOf(t, harEntry("GET", "https://as.example"+metadataPath, 404, onlyRS256, nil, nil), token), ""},
		{"another document", harOf(t, harEntry("GET", "https://as.example/other", 200, onlyRS256, nil, nil), token), ""},
		{"another server's", harOf(t, metadata, harEntry("POST", "https://other.example/token", 400, refusal, map[string]string{"DPoP": elsewhere}, nil)), ""},
		{
			"as HTTP text", "GET " + metadataPath + " HTTP/1.1\nHost: as.example\n\nHTTP/1.1 200 OK\nContent-Type: application/json\n\n" + onlyRS256 +
				"\n\nPOST /token HTTP/1.1\nHost: as.example\nDPoP: " + proof + "\n\nHTTP/1.1 400 Bad Request\n\n" + refusal, "alg-not-offered",
		},
	} {
		_, v, said := explained(t, c.text, "--at", "iat")
		if got := firstCause(v, len(v.Requests)-1); got != c.cause {
			t.Errorf("%s: cause %q, want %q: %s", c.name, got, c.cause, said)
		}
	}
}

func TestExplainAsksTheIssuerForTheAlgorithmsItOffers(t *testing.T) {
	i := newIssuer(t, nil)
	i.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"issuer":"` + i.URL + `","token_endpoint":"` + i.URL + `/token","dpop_signing_alg_values_supported":["RS256"]}`))
	})
	_, _, proof := proofOf(t, "-X", "POST", "-u", i.URL+"/token")
	text := "POST " + i.URL + "/token HTTP/1.1\nDPoP: " + proof + "\n\nHTTP/1.1 400 Bad Request\n\n{\"error\":\"invalid_dpop_proof\"}"
	if _, v, said := explained(t, text, "--at", "iat", "--issuer", i.URL, "--cacert", i.ca); firstCause(v, 0) != "alg-not-offered" {
		t.Errorf("with --issuer: %s", said)
	}
	if _, v, said := explained(t, text, "--at", "iat"); firstCause(v, 0) != "" {
		t.Errorf("without --issuer: %s", said)
	}
}

// A client that keeps one nonce for all servers sends one server's to the other.
func TestExplainKnowsANonceOfAnotherServer(t *testing.T) {
	_, _, first := proofOf(t, "-X", "POST", "-u", "https://as.example/token")
	_, _, second := proofOf(t, "-X", "GET", "-u", "https://api.example/orders", "--nonce", "of-the-issuer", "--token", "opaque")
	refused := map[string]string{"DPoP-Nonce": "of-the-api", "WWW-Authenticate": `DPoP error="use_dpop_nonce"`}
	text := harOf(
		t,
		harEntry("POST", "https://as.example/token", 200, `{"access_token":"opaque","token_type":"DPoP"}`, map[string]string{"DPoP": first}, map[string]string{"DPoP-Nonce": "of-the-issuer"}),
		harEntry("GET", "https://api.example/orders", 401, "", map[string]string{"DPoP": second, "Authorization": "DPoP opaque"}, refused),
	)
	if _, v, said := explained(t, text, "--at", "iat"); firstCause(v, 1) != "nonce-of-another-server" {
		t.Errorf("%s", said)
	}
}

// Of a request that curl shows with its handshake it is known whether the server
// asked for a certificate; that there was one is known of what --cert gives.
func TestExplainSaysThatNoCertificateWasAskedFor(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"app", "other"} {
		mustRun(t, 0, "cert", "issue", "--cn", name, "--self-signed", "--out", filepath.Join(dir, name))
	}
	x5t := strings.TrimSpace(mustRun(t, 0, "cert", "thumbprint", filepath.Join(dir, "app.pem")))
	const server = "* TLSv1.3 (IN), TLS handshake, Certificate (11):\n"
	const ask = "* TLSv1.3 (IN), TLS handshake, Request CERT (13):\n"
	const using = "* SSL connection using TLSv1.3 / TLS_AES_128_GCM_SHA256\n"
	for _, c := range []struct{ name, handshake, cert, cause string }{
		{"not asked", server + using, "app", "certificate-not-asked"},
		{"nothing given", server + using, "", "certificate-not-sent"},
		{"asked", server + ask + using, "app", "certificate-not-sent"},
		{"the handshake is not shown", using, "app", ""},
		{"the handshake is not shown, and nothing given", using, "", ""},
		{"another certificate", server + using, "other", "certificate-not-sent"},
	} {
		text := c.handshake + "> GET /x HTTP/1.1\n> Host: api.example\n> Authorization: Bearer " + accessToken(map[string]string{"x5t#S256": x5t}) +
			"\n>\n< HTTP/1.1 401 Unauthorized\n< WWW-Authenticate: Bearer error=\"invalid_token\"\n<\n"
		var args []string
		if c.cert != "" {
			args = []string{"--cert", filepath.Join(dir, c.cert+".pem")}
		}
		_, v, said := explained(t, text, args...)
		if got := firstCause(v, 0); got != c.cause || len(v.Requests[0].Causes) > 1 {
			t.Errorf("%s: the first cause is %q, want %q alone: %s", c.name, got, c.cause, said)
		}
	}
}

// A request without its URL says neither http nor https: what is taken for it is no
// fault of the proof, and said.
func TestExplainSaysThatItTookTheScheme(t *testing.T) {
	_, _, proof := proofOf(t, "-X", "GET", "-u", "http://api.example/orders")
	for _, c := range []struct {
		text string
		args []string
		said bool
	}{
		{"GET /orders HTTP/1.1\nHost: api.example\nDPoP: " + proof, nil, true},
		{"GET /orders HTTP/1.1\nHost: api.example\nX-Forwarded-Proto: https\nDPoP: " + proof, nil, false},
		{"GET https://api.example/orders HTTP/1.1\nDPoP: " + proof, nil, false},
		{"GET /orders HTTP/1.1\nHost: api.example\nDPoP: " + proof, []string{"--scheme", "http"}, false},
	} {
		_, v, said := explained(t, c.text, append(c.args, "--at", "iat")...)
		if notes := strings.Join(v.Requests[0].Notes, "; "); strings.Contains(notes, "--scheme http") != c.said {
			t.Errorf("%q %v: notes %q: %s", c.text, c.args, notes, said)
		}
	}
}
