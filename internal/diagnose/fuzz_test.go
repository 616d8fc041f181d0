package diagnose

import (
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/oauthpop/oauthpop/internal/wire"
)

// Whatever stands in a captured request and its answer, nothing panics, texts are
// short and can be shown, and what was accepted has no cause.
func FuzzCauses(f *testing.F) {
	for _, seed := range [][6]string{
		{"GET", "https://api.example/a?b", "DPoP Kz~8mXK1EalYznwH-LC-1fBAo", "eyJ.eyJ.e", `DPoP error="invalid_token", algs="ES256"`, "invalid_token"},
		{"POST", "http://10.0.0.7/", "Bearer eyJhbGciOiJFUzI1NiJ9.eyJjbmYiOnsiamt0IjoieCJ9fQ.AA", "", "n 1", "use_dpop_nonce"},
		{"", ":", "DPoP", "a, b", "", ""},
	} {
		f.Add(seed[0], seed[1], seed[2], seed[3], seed[4], seed[5], []byte(`{"access_token":"x"}`), 401)
	}
	f.Fuzz(func(t *testing.T, method, url, authorization, proof, answer, code string, body []byte, status int) {
		ex := &wire.Exchange{
			Request: wire.RequestFacts{Method: method, URL: url, Header: http.Header{
				"Authorization": {authorization}, "Dpop": {proof}, "X-Forwarded-Host": {url},
			}},
			Response: wire.ResponseFacts{Status: status, Body: body, Header: http.Header{
				"Www-Authenticate": {answer}, "Dpop-Nonce": {answer}, "Date": {answer},
			}},
		}
		for _, c := range Causes(ex, code) {
			if len(c.Text) > 4<<10 || !utf8.ValidString(c.Text) || strings.ContainsFunc(c.Text, func(r rune) bool { return r < ' ' || r == 0x7f }) {
				t.Errorf("%s says %q", c.ID, c.Text)
			}
			if status == http.StatusNoContent && code == "" {
				t.Errorf("%s although it was accepted", c.ID)
			}
		}
	})
}
