package oauth

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oauthpop/oauthpop/internal/wire"
)

func asking(t *testing.T) Client {
	return Client{ID: "app", Method: wire.AuthBasic, Secret: "s", Now: time.Now, DPoP: prover(t)}
}

func TestIntrospectionIsRead(t *testing.T) {
	for body, want := range map[string]Introspection{
		`{"active":true,"token_type":"DPoP","cnf":{"jkt":"x"},"n":1.50}`: {Active: true, TokenType: "DPoP", HasCnf: true, Cnf: []byte(`{"jkt":"x"}`)},
		`{"active":true}`: {Active: true},
		`{"active":true,"cnf":{"jkt":"x"},"cnf":{}}`: {Active: true, HasCnf: true, Cnf: []byte(`{}`), CnfRepeated: true},
		`{"active":false,"cnf":{"jkt":"x"}}`:         {}, // of a token that is not active nothing counts
	} {
		s := serve(t, answering(200, body))
		c := asking(t)
		got, err := c.Introspect(t.Context(), s.transport(t), s.URL, "the token")
		if err != nil {
			t.Errorf("%s: %v", body, err)
			continue
		}
		if got.Active != want.Active || got.TokenType != want.TokenType || got.HasCnf != want.HasCnf || string(got.Cnf) != string(want.Cnf) ||
			got.CnfRepeated != want.CnfRepeated || string(got.Raw) != body {
			t.Errorf("%s is %+v", body, got)
		}
		r := s.requests[0]
		if names := slices.Sorted(maps.Keys(r.form)); !slices.Equal(names, []string{"token", "token_type_hint"}) || r.form.Get("token") != "the token" {
			t.Errorf("sent %v", r.form)
		}
		if r.header.Get("Authorization") == "" || r.header.Get("DPoP") != "" || c.DPoP == nil {
			t.Errorf("sent %v", r.header)
		}
	}
}

func TestIntrospectionThatIsOfNoUse(t *testing.T) {
	for body, says := range map[string]string{
		`{}`:                             "without active",
		`{"active":"true"}`:              "neither true nor false",
		`{"active":1}`:                   "neither true nor false",
		`{"active":false,"active":true}`: "stands twice",
		`{"active":true,"iss":"https://evil.example"}`: "another issuer",
		`{"active":true,"iss":1}`:                      "iss that is no string",
		`<html>`:                                       "HTML",
		``:                                             "an empty body",
		`"active"`:                                     "not JSON",
		`[{"active":true}]`:                            "not JSON",
		strings.Repeat(`{"active":true}`, 2):           "not JSON",
	} {
		s := serve(t, answering(200, body))
		c := asking(t)
		c.Issuer = "https://as.example"
		_, err := c.Introspect(t.Context(), s.transport(t), s.URL, "x")
		if e := wantError[*AnswerError](t, err, says); e != nil && !strings.Contains(e.HintText(), "the introspection endpoint") {
			t.Errorf("%s: the hint is %q", body, e.HintText())
		}
	}
	s := serve(t, answering(401, `{"error":"invalid_client","error_description":"who?"}`))
	c := asking(t)
	_, err := c.Introspect(t.Context(), s.transport(t), s.URL, "x")
	wantError[*Error](t, err, "invalid_client", "who?")
}

func TestRevocation(t *testing.T) {
	for _, tt := range []struct {
		status int
		body   string
		says   string // "" is done
	}{
		{200, "", ""},
		{200, "<html>whatever", ""},
		{200, `{"ok":true}`, ""},
		{204, "", ""},
		{200, `{"error":"unsupported_token_type"}`, "unsupported_token_type"},
		{400, `{"error":"unsupported_token_type","error_description":"no JWTs"}`, "no JWTs"},
		{401, `{"error":"invalid_client"}`, "invalid_client"},
		{503, "", "503 Service Unavailable"},
		{404, "<html>", "404 Not Found with an HTML page"},
		{302, "", "302 Found"},
		{500, `{}`, "500"},
	} {
		s := serve(t, func(w http.ResponseWriter, r *http.Request, me string) {
			w.Header().Set("Retry-After", "7")
			answering(tt.status, tt.body)(w, r, me)
		})
		c := asking(t)
		err := c.Revoke(t.Context(), s.transport(t), s.URL, "the token", "refresh_token")
		if tt.says == "" && err != nil || tt.says != "" && (err == nil || !strings.Contains(err.Error(), tt.says) || !strings.Contains(err.Error(), "Retry-After: 7")) {
			t.Errorf("%d %s: %v", tt.status, tt.body, err)
		}
		if r := s.requests[0]; len(s.requests) != 1 || r.form.Get("token") != "the token" || r.form.Get("token_type_hint") != "refresh_token" || r.header.Get("DPoP") != "" {
			t.Errorf("sent %v, %v", r.form, r.header)
		}
	}
}

func TestRevocationWithoutAHint(t *testing.T) {
	s := serve(t, answering(200, ""))
	c := asking(t)
	if err := c.Revoke(t.Context(), s.transport(t), s.URL, "x", ""); err != nil || s.requests[0].form.Has("token_type_hint") {
		t.Errorf("%v, sent %v", err, s.requests[0].form)
	}
}
