package view

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/oauthpop/oauthpop/internal/oauth"
	"github.com/oauthpop/oauthpop/internal/ui"
)

// discovered is the view of a document, checked by FAPI 2.0.
func discovered(document string) *Discover {
	raw := json.RawMessage(document)
	p, _ := oauth.ProfileOf("fapi2")
	verdict, results := oauth.CheckClauses(raw, p.Server)
	return &Discover{
		Metadata: raw, Name: "https://as.example", URL: "https://as.example/.well-known/openid-configuration", Endpoints: oauth.Endpoints(raw),
		Support: NewSupport(oauth.SupportOf(raw, oauth.Features())), Check: NewProfileCheck(p, verdict, results),
	}
}

func drawn(v ui.Drawer, width int) string {
	var out bytes.Buffer
	p := ui.New(&out, false)
	p.SetWidth(width)
	v.Draw(p)
	return out.String()
}

// Only a word that is too long by itself goes beyond the edge of the terminal.
func TestDiscoverFitsATerminal(t *testing.T) {
	v := discovered(`{"issuer":"https://as.example","token_endpoint":"https://as.example/token","authorization_endpoint":"https://as.example/auth",
		"introspection_endpoint":"https://as.example/i","pushed_authorization_request_endpoint":"https://as.example/par",
		"mtls_endpoint_aliases":{"token_endpoint":"https://m.as.example/token","authorization_endpoint":"https://m.as.example/auth"},
		"token_endpoint_auth_methods_supported":["none","client_secret_basic","client_secret_post","private_key_jwt","self_signed_tls_client_auth"],
		"dpop_signing_alg_values_supported":["ES256","ES384","ES512","RS256","RS384","RS512","PS256","PS384","PS512","EdDSA"]}`)
	for _, width := range []int{80, 60} {
		for line := range strings.Lines(drawn(v, width)) {
			line = strings.TrimRight(line, "\n")
			if last := line[strings.LastIndex(line, " ")+1:]; len(line) > width && len(last) < 24 {
				t.Errorf("%d columns: %q", width, line)
			}
		}
	}
	for _, want := range []string{
		"\nyes       dpop                   ES256", "must say EdDSA\n", "\nno        pkce",
		"no alias for introspection_endpoint, pushed_authorization_request_endpoint", "no meaning: authorization_endpoint",
		"\n  with a certificate          https://m.as.example/token\n", "\nfailed  FAPI 2.0 Security Profile",
		"\nfailed       confidential           confidential clients only (5.3.2.1 item 3): token_endpoint_auth_methods_supported lists none\n",
		"\ncannot tell  response-type          response_type is code, and nothing else (5.3.2.2 item 1): response_types_supported is not there\n",
	} {
		if text := drawn(v, 0); !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
}

// A server can't fill the screen, nor move its cursor.
func TestDiscoverOfAHostileServer(t *testing.T) {
	var algs, endpoints []string
	for i := range 2000 {
		algs = append(algs, fmt.Sprintf(`"A%d%s"`, i, strings.Repeat("x", 100)))
		endpoints = append(endpoints, fmt.Sprintf(`"\u001b[2J%d_endpoint":"http://as.example/%d"`, i, i))
	}
	text := drawn(discovered(`{"issuer":"https://as.example","dpop_signing_alg_values_supported":[`+strings.Join(algs, ",")+`],`+strings.Join(endpoints, ",")+`}`), 80)
	if strings.ContainsRune(text, '\x1b') || len(text) > 32<<10 || !strings.Contains(text, "and 1960 more") || !strings.Contains(text, "and 1976 more") {
		t.Errorf("%d bytes:\n%.2000s", len(text), text)
	}
}
