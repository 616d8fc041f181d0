package oauth

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oauthpop/oauthpop/internal/bounds"
	"github.com/oauthpop/oauthpop/internal/wire"
)

func TestAnswerIsRead(t *testing.T) {
	for body, want := range map[string]Answer{
		good: {AccessToken: "at", TokenType: "DPoP", ExpiresIn: number(300), Scope: "a b"},
		"\xef\xbb\xbf" + `{"access_token":"at","token_type":"dpop","expires_in":"60"}`: {AccessToken: "at", TokenType: "dpop", ExpiresIn: number(60)},
		`{"access_token":"at","expires_in":3599.5}`:                                    {AccessToken: "at", ExpiresIn: number(3599)},
		`{"access_token":"at","token_type":"x","expires_in":-1}`:                       {AccessToken: "at", TokenType: "x"},
		`{"access_token":"at","expires_in":1e300,"error":""}`:                          {AccessToken: "at"},
		`{"access_token":"at","expires_in":"soon","Access_Token":"other"}`:             {AccessToken: "at"},
	} {
		s := serve(t, answering(200, body))
		c := Client{ID: "app", Now: time.Now}
		a, ex, err := c.Token(t.Context(), s.transport(t), s.URL, nil)
		if err != nil {
			t.Errorf("%s: %v", body, err)
			continue
		}
		if a.AccessToken != want.AccessToken || a.TokenType != want.TokenType || a.Scope != want.Scope || !same(a.ExpiresIn, want.ExpiresIn) {
			t.Errorf("%s: %+v", body, *a)
		}
		if string(a.Raw) != strings.TrimPrefix(body, "\xef\xbb\xbf") || ex.Response.Status != 200 {
			t.Errorf("%s: raw %s", body, a.Raw)
		}
	}
}

func number(n int64) *int64 { return &n }

func same(a, b *int64) bool { return a == nil && b == nil || a != nil && b != nil && *a == *b }

func TestOAuthErrorsAreTheServersOwnWords(t *testing.T) {
	for _, status := range []int{200, 400, 401, 429, 503} {
		s := serve(t, func(w http.ResponseWriter, r *http.Request, me string) {
			w.Header()["Www-Authenticate"] = []string{`Basic realm="as"`, "DPoP"}
			w.Header().Set("Retry-After", "7")
			answering(status, `{"error":"invalid_client","error_description":"The client_id\nis \u001b[31mwrong.","error_uri":"https://docs.example/e"}`)(w, r, me)
		})
		c := Client{ID: "app", Now: time.Now}
		_, ex, err := c.Token(t.Context(), s.transport(t), s.URL, nil)
		e := wantError[*Error](t, err, "invalid_client: The client_id is  [31mwrong.", "<https://docs.example/e>", fmt.Sprint(status), `Basic realm="as"`, "Retry-After: 7")
		if e.Code != wire.ErrInvalidClient || e.Status != status || e.Exchange != ex || e.URI != "https://docs.example/e" ||
			!strings.Contains(e.Description, "\n") || !slices.Equal(e.Challenges, []string{`Basic realm="as"`, "DPoP"}) || e.RetryAfter != "7" {
			t.Errorf("%+v", e)
		}
		if len(s.requests) != 1 {
			t.Errorf("%d requests for %d", len(s.requests), status)
		}
	}
}

func TestUselessAnswersAreSaidForWhatTheyAre(t *testing.T) {
	html := func(status int) func(http.ResponseWriter) {
		return func(w http.ResponseWriter) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, "<h1>Sign in</h1>")
		}
	}
	text := func(status int, body string) func(http.ResponseWriter) {
		return func(w http.ResponseWriter) { w.WriteHeader(status); _, _ = io.WriteString(w, body) }
	}
	for _, c := range []struct {
		name   string
		answer func(http.ResponseWriter)
		status int
		says   []string
	}{
		{"a page", html(200), 200, []string{"HTML page", "not JSON", "text/html; charset=utf-8"}},
		{"a gateway's page", html(502), 502, []string{"502 Bad Gateway", "HTML page"}},
		{"a page without a type", text(200, " <html>"), 200, []string{"HTML page"}},
		{"nothing", text(403, ""), 403, []string{"403 Forbidden", "empty body"}},
		{"nothing with 200", text(200, " \n"), 200, []string{"empty body"}},
		{"a redirect", func(w http.ResponseWriter) {
			w.Header().Set("Location", "https://login.example/?secret=hush")
			w.WriteHeader(302)
		}, 302, []string{"302 Found", `redirect to "https://login.example/"`}},
		{"a redirect with a password", func(w http.ResponseWriter) {
			w.Header().Set("Location", "https://me:hush@login.example/x")
			w.WriteHeader(302)
		}, 302, []string{`@login.example/x"`}},
		{"a coding that is not known", func(w http.ResponseWriter) {
			w.Header().Set("Content-Encoding", "br")
			_, _ = io.WriteString(w, "\x0b\x02\x80hello\x03")
		}, 200, []string{`coding "br"`}},
		{"a coding in name only", func(w http.ResponseWriter) {
			w.Header().Set("Content-Encoding", "br")
			_, _ = io.WriteString(w, "{}")
		}, 200, []string{"without access_token"}},
		{"a token for no header", text(200, `{"access_token":"`+strings.Repeat("x", bounds.Token+1)+`","token_type":"DPoP"}`), 200, []string{"fits into no header"}},
		{"prose", text(200, "all is well"), 200, []string{"not JSON", "text/plain"}},
		{"an array", text(200, "[]"), 200, []string{"not JSON"}},
		{"two objects", text(200, good+good), 200, []string{"not JSON"}},
		{"an empty object", text(200, "{}"), 200, []string{"without access_token"}},
		{"other case", text(200, `{"Access_Token":"at"}`), 200, []string{"without access_token"}},
		{"an empty token", text(200, `{"access_token":"","token_type":"DPoP"}`), 200, []string{"empty access_token"}},
		{"a number", text(200, `{"access_token":7}`), 200, []string{"access_token that is not a string"}},
		{"null", text(200, `{"access_token":null}`), 200, []string{"access_token that is not a string"}},
		{"a token twice", text(200, `{"access_token":"a","access_token":"b"}`), 200, []string{"access_token stands twice"}},
		{"a type twice", text(200, `{"access_token":"a","token_type":"DPoP","token_type":"Bearer"}`), 200, []string{"token_type stands twice"}},
		{"a type that is a list", text(200, `{"access_token":"a","token_type":["DPoP"]}`), 200, []string{"token_type that is not a string"}},
		{"a token with 400", text(400, good), 400, []string{"400 Bad Request", "without an error"}},
		{"an error that is an object", text(500, `{"error":{"code":7}}`), 500, []string{"without an error"}},
		{"too much", text(200, `{"access_token":"`+strings.Repeat("x", bounds.Answer)+`"}`), 200, []string{"more than 1048576 bytes"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := serve(t, func(w http.ResponseWriter, _ *http.Request, _ string) { c.answer(w) })
			client := Client{ID: "app", Now: time.Now}
			a, ex, err := client.Token(t.Context(), s.transport(t), s.URL, nil)
			e := wantError[*AnswerError](t, err, c.says...)
			if a != nil || e.Status != c.status || e.Exchange != ex || ex.Response.Status != c.status {
				t.Errorf("%+v, %+v", a, e)
			}
			if strings.Contains(err.Error(), "hush") || e.HintText() == "" {
				t.Errorf("%q, hint %q", err, e.HintText())
			}
			if len(s.requests) != 1 {
				t.Errorf("%d requests", len(s.requests))
			}
		})
	}
}

func TestWordsOfAServerAreMadePlain(t *testing.T) {
	for words, want := range map[string]string{
		"as it is: ü €":          "as it is: ü €",
		" a\tb\r\nc ":            "a b  c",
		"\x1b[2Jgone\x07":        "[2Jgone",
		"a\u202eb\u200bc\u2028d": "abc d",
	} {
		if got := plain(words); got != want {
			t.Errorf("%q becomes %q, want %q", words, got, want)
		}
	}
	if got := plain(strings.Repeat("x", 10*bounds.Words)); len(got) > bounds.Words+10 {
		t.Errorf("%d bytes are left", len(got))
	}
}

func FuzzAnswer(f *testing.F) {
	for _, seed := range []string{good, `{"error":"x"}`, `{"access_token":"a","access_token":"b"}`, "<html>", "", `{"access_token":"\ud800"}`} {
		f.Add([]byte(seed), 200)
	}
	f.Fuzz(func(t *testing.T, body []byte, status int) {
		ex := &wire.Exchange{Response: wire.ResponseFacts{Status: status, Header: http.Header{}, Body: body}}
		a, err := parseAnswer(ex)
		if (a == nil) == (err == nil) {
			t.Fatalf("%+v and %v", a, err)
		}
		if a != nil && (a.AccessToken == "" || status/100 != 2) {
			t.Errorf("a token out of %d %q", status, body)
		}
		if err != nil && strings.ContainsAny(err.Error(), "\n\x1b") {
			t.Errorf("%q is not plain", err)
		}
	})
}
