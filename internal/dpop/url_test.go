package dpop

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// normalForms are htu values with their form for comparing, both ways: those of
// one row are equal, those of two rows are not.
func normalForms() map[string][]string {
	return map[string][]string{
		"https://server.example.com/token": {
			"https://server.example.com/token", "HTTPS://Server.Example.COM/token", "https://server.example.com:443/token",
			"https://server.example.com/token?x=1", "https://server.example.com/token#f", "https://server.example.com/token?x=1#f",
			"https://server.example.com/a/../token", "https://server.example.com/%74oken", "https://server.example.com:/token",
			"https://server.example.com/./token", "https://server.example.com/../token", "https://server.example.com/%2e%2E/token",
			"https://server.example.com:0443/token", "https://server.example.com/token?a/../b", "https://server.example.com/token#/../x",
		},
		"https://server.example.com/Token":      {"https://server.example.com/Token"},
		"https://server.example.com/token/":     {"https://server.example.com/token/", "https://server.example.com/token/."},
		"https://server.example.com:8443/token": {"https://server.example.com:8443/token"},
		"http://server.example.com/token":       {"http://server.example.com/token", "http://server.example.com:80/token"},
		"http://server.example.com:443/token":   {"http://server.example.com:443/token"},
		"https://server.example.com:80/token":   {"https://server.example.com:80/token"},
		"https://server.example.com./token":     {"https://server.example.com./token"},
		"https://server.example.com/": {
			"https://server.example.com", "https://server.example.com/", "https://server.example.com?x", "https://server.example.com#f",
			"https://server.example.com/.", "https://server.example.com/..", "https://server.example.com/a/..", "https://server.example.com/a/../..",
		},
		"https://h.example/~user":              {"https://h.example/%7euser", "https://h.example/%7Euser", "https://h.example/~user"},
		"https://h.example/a%2Fb":              {"https://h.example/a%2fb", "https://h.example/a%2Fb"},
		"https://h.example/a/b":                {"https://h.example/a/b"},
		"https://h.example/azAZ09-._~":         {"https://h.example/%61%7a%41%5A%30%39%2d%2E%5f%7E", "https://h.example/azAZ09-._~"},
		"https://h.example/%60%7B%40%5B%2F%3A": {"https://h.example/%60%7b%40%5b%2f%3a"},
		"https://h.example/a//b":               {"https://h.example/a//b", "https://h.example/a/./%2E//b"},
		"https://h.example//":                  {"https://h.example//", "https://h.example//.", "https://h.example//a/.."},
		"https://h.example/a%252Fb":            {"https://h.example/a%252Fb"},
		"https://h.example/a%20b":              {"https://h.example/a%20b", "https://h.example/a b"},
		"https://h.example/a+b":                {"https://h.example/a+b"},
		"https://h.example/a%2Bb":              {"https://h.example/a%2bb"},
		"https://h.example/jo@corp":            {"https://h.example/jo@corp"},
		"https://h.example/jo%40corp":          {"https://h.example/jo%40corp"},
		"https://h.example/a;b=c,d":            {"https://h.example/a;b=c,d"},
		"https://h.example/a%3Bb=c,d":          {"https://h.example/a%3bb=c,d"},
		"https://h.example/k%C3%A4se":          {"https://h.example/käse", "https://h.example/k%c3%a4se"},
		"https://h.example/%5C..%5Cb":          {`https://h.example/\..\b`},
		"https://h.example/...":                {"https://h.example/..."},
		"https://h.example/a.":                 {"https://h.example/a.", "https://h.example/a%2E"},
		"https://xn--bcher-kva.example/":       {"https://bücher.example/", "https://BÜCHER.example", "https://xn--bcher-kva.example/", "https://XN--BCHER-KVA.example/"},
		"https://[2001:db8::1]/token":          {"https://[2001:DB8:0:0::1]/token", "https://[2001:db8::1]:443/token", "https://[2001:0db8:0000:0000:0000:0000:0000:0001]/token"},
		"https://[fe80::1]:8443/":              {"https://[fe80::1%25en0]:8443/", "https://[fe80::1]:8443"},
		"https://127.0.0.1:8443/":              {"https://127.0.0.1:8443"},
		"https://under_score.example/":         {"https://Under_Score.example"},
	}
}

func TestNormalizeMakesEqualWhatIsEqualAndNothingElse(t *testing.T) {
	for want, forms := range normalForms() {
		for _, form := range forms {
			got, err := Normalize(form)
			if err != nil || got != want {
				t.Errorf("%s becomes %q (%v), want %q", form, got, err, want)
			}
		}
		if again, err := Normalize(want); err != nil || again != want {
			t.Errorf("%s becomes %q when normalised again (%v)", want, again, err)
		}
	}
}

func malformedURLs() []string {
	return []string{
		"", ":::*;", "/token", "token", "server.example.com/token", "localhost:8443/token", "//server.example.com/token", "://x", "https:", "https:/token", "https:///token",
		"https://", "https://:443/", "https://?x", "ftp://server.example.com/token", "mailto:a@b", "/token?next=http://x",
		"https://u:p@server.example.com/token", "https://u@server.example.com/", "https://server.example.com@evil.example/", "https://@server.example.com/", `https://evil.example\@server.example.com/`,
		"https://server.example.com:x/", "https://server.example.com:65536/", "https://server.example.com:-1/", "https://server.example.com:+443/", "https://a:1:2/",
		"https://server example.com/", "https://server.example.com /", " https://server.example.com/", "https://%73erver.example.com/", "https://a|b/", `https://a\b/`, "https://a%2fb/", "https://<a>/",
		"https://[::1/", "https://::1/", "https://[::1]]/", "https://[[::1]/", "https://[1.2.3.4]/", "https://[::g]/", "https://[v1.x]/", "https://[]/", "https://x[::1]/", "https://[::1]x/", "https://[::%]0", "https://[::1%25]]/",
		"https://h.example/%", "https://h.example/%2", "https://h.example/%zz", "https://h.example/%g1", "https://h.example/%1g", "https://h.example/%2%46", "https://h.example/a\nb", "https://h.example/?a\x00", "https://h.example/\x7f", "https://h.example/#\t",
		"https://a℀b/", "https://a／b/", "https://xn--a\u0301\u200d/", "https://\u00ad/",
	}
}

func TestMalformedURLsAreRefused(t *testing.T) {
	for _, s := range malformedURLs() {
		for name, f := range map[string]func(string) (string, error){"HTU": HTU, "Normalize": Normalize, "RequestURL": RequestURL} {
			got, err := f(s)
			if _, ok := errors.AsType[*URLError](err); !ok {
				t.Errorf("%s(%q) is %q, %v", name, s, got, err)
			}
		}
	}
}

func TestAURLErrorShowsNoSecrets(t *testing.T) {
	for _, s := range []string{"https://user:hush@h.example/", "https://user:hush@h.example:x/?a", "nope://h.example/?token=hush", "h.example?token=hush", "https://user:hush@@h.example/"} {
		_, err := HTU(s)
		e, ok := errors.AsType[*URLError](err)
		if !ok || strings.Contains(err.Error()+e.HintText(), "hush") {
			t.Errorf("%v", err)
		}
	}
}

func TestHTUIsTheURLAsItIsSent(t *testing.T) {
	for raw, want := range map[string]string{
		"https://api.example.com":                                        "https://api.example.com/",
		"https://api.example.com/a?b=c&d=/../x#frag":                     "https://api.example.com/a",
		"https://api.example.com?only=query":                             "https://api.example.com/",
		"https://api.example.com:443/v1/":                                "https://api.example.com/v1/",
		"https://API.Example.com:8443/A%2fb/%7Eme":                       "https://api.example.com:8443/A%2fb/%7Eme",
		"https://[2001:DB8::1]:8443/v1?x":                                "https://[2001:db8::1]:8443/v1",
		"https://bücher.example/käse":                                    "https://xn--bcher-kva.example/k%C3%A4se",
		"https://h.example/a//b/./c":                                     "https://h.example/a//b/./c",
		"https://h.example/a/../b":                                       "https://h.example/a/../b",
		"https://h.example/users/jo%40corp.test/files/a%2Fb%20c?x=1%2F2": "https://h.example/users/jo%40corp.test/files/a%2Fb%20c",
		"https://h.example/users/jo@corp.test":                           "https://h.example/users/jo@corp.test",
		"https://h.example/käse/a%2Fb":                                   "https://h.example/k%C3%A4se/a%2Fb",
		`https://h.example/a%2Fb"c`:                                      "https://h.example/a%2Fb%22c",
		"http://127.0.0.1:80/":                                           "http://127.0.0.1/",
		"https://h.example/*":                                            "https://h.example/*",
		"https://h.example/[a]":                                          "https://h.example/[a]",
	} {
		if got, err := HTU(raw); err != nil || got != want {
			t.Errorf("%s: htu %q (%v), want %q", raw, got, err, want)
		}
	}
}

func TestRequestURLKeepsTheQuery(t *testing.T) {
	for raw, want := range map[string]string{
		"https://h.example?a=b#c":                       "https://h.example/?a=b",
		"https://h.example/a?x=1%2F2&y=%7E&z=a+b":       "https://h.example/a?x=1%2F2&y=%7E&z=a+b",
		"https://h.example/a?q=ü&r=a b&s=\"<>\"&t=!~'|": "https://h.example/a?q=%C3%BC&r=a%20b&s=%22%3C%3E%22&t=!~'|",
		"https://h.example/a?":                          "https://h.example/a?",
		"https://h.example/a??b/../c":                   "https://h.example/a??b/../c",
	} {
		if got, err := RequestURL(raw); err != nil || got != want {
			t.Errorf("%s: %q (%v), want %q", raw, got, err, want)
		}
	}
}

// checkSent asks net/http what it would send for a URL.
func checkSent(t *testing.T, raw string) {
	t.Helper()
	htu, err := HTU(raw)
	if err != nil {
		return
	}
	sent, err := RequestURL(raw)
	if err != nil {
		t.Fatalf("%q has an htu, but no URL: %v", raw, err)
	}
	u, err := url.Parse(sent)
	if err != nil {
		t.Fatalf("%q: net/url refuses %q: %v", raw, sent, err)
	}
	uri, _, _ := strings.Cut(u.RequestURI(), "?")
	if got := u.Scheme + "://" + u.Host + uri; got != htu {
		t.Errorf("%q: net/http sends %q, htu is %q", raw, got, htu)
	}
	if strings.ContainsAny(htu, "?# \"<>") || strings.ContainsFunc(htu, func(r rune) bool { return r <= 0x20 || r >= 0x7f }) {
		t.Errorf("%q: htu %q", raw, htu)
	}
}

func TestNetHTTPSendsThePathOfHTU(t *testing.T) {
	for _, forms := range normalForms() {
		for _, form := range forms {
			checkSent(t, form)
		}
	}
	for _, path := range []string{"", "/", "//a", "/a//b/./c", "/%2F", "/k%C3%A4se?q=%C3%BC", "/käse/a%2Fb?q=ü b", "/a|b^c`{d}", "/*", "/:a", "/a;b", "/a?b?c#d"} {
		checkSent(t, "https://h.example"+path)
	}
}

func TestTheServerSeesWhatWasSigned(t *testing.T) {
	var seen string
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		path, _, _ := strings.Cut(r.RequestURI, "?")
		seen = "http://" + r.Host + path
	}))
	defer server.Close()
	for _, path := range []string{"", "?x=1", "/a//b/./c", "/users/jo%40corp.test/files/a%2Fb%20c?x=1%2F2&y=%7E", "/users/jo@corp.test", "/käse/a%2Fb?q=ü"} {
		target, err := RequestURL(server.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, target, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := server.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if htu, err := HTU(server.URL + path); err != nil || htu != seen {
			t.Errorf("%s: htu %q, the server sees %q", path, htu, seen)
		}
	}
}
