package oauth

import (
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/oauthpop/oauthpop/internal/bounds"
	"github.com/oauthpop/oauthpop/internal/transport"
)

func TestPlaceOfTheMetadataOfAResource(t *testing.T) {
	const known = "/.well-known/oauth-protected-resource"
	for given, want := range map[string][2]string{
		"https://api.example":                        {"https://api.example", "https://api.example" + known},
		"https://api.example/":                       {"https://api.example/", "https://api.example" + known},
		"https://api.example/r1":                     {"https://api.example/r1", "https://api.example" + known + "/r1"},
		"https://api.example/r1/":                    {"https://api.example/r1/", "https://api.example" + known + "/r1/"},
		"https://api.example:8443/a%2Fb?x=1":         {"https://api.example:8443/a%2Fb?x=1", "https://api.example:8443" + known + "/a%2Fb?x=1"},
		"https://api.example/?x=1":                   {"https://api.example/?x=1", "https://api.example" + known + "?x=1"},
		"https://api.example" + known:                {"https://api.example", "https://api.example" + known},
		"https://api.example" + known + "/r1":        {"https://api.example/r1", "https://api.example" + known + "/r1"},
		"https://api.example" + known + "?x=1":       {"https://api.example?x=1", "https://api.example" + known + "?x=1"},
		"https://api.example" + known + "s":          {"https://api.example" + known + "s", "https://api.example" + known + known + "s"},
		"https://[2001:db8::1]/x":                    {"https://[2001:db8::1]/x", "https://[2001:db8::1]" + known + "/x"},
		"https://api.example/x" + known:              {"https://api.example/x" + known, "https://api.example" + known + "/x" + known},
		"http://localhost:8080/x":                    {"http://localhost:8080/x", "http://localhost:8080" + known + "/x"},
		"https://api.example/.well-known/other/form": {"https://api.example/.well-known/other/form", "https://api.example" + known + "/.well-known/other/form"},
	} {
		resource, place, err := cutResource(given)
		if err != nil || resource != want[0] || place != want[1] {
			t.Errorf("%q gives %q at %q, %v; want %q", given, resource, place, err, want)
		}
	}
	for _, given := range []string{"api.example", "ftp://api.example", "https://", "https://user:hush@api.example", "https://api.example/#x", "https://a b"} {
		_, _, err := cutResource(given)
		wantError[*InputError](t, err)
	}
}

func TestResourceOfMetadataIsCompared(t *testing.T) {
	for _, c := range []struct {
		given, answered string
		taken, noted    bool
	}{
		{"", "", true, false},
		{"", "/", true, true},
		{"/", "", true, true},
		{"/r", "/r", true, false},
		{"/r", "/r/", false, false},
		{"/r", "", false, false},
		{"", "/r", false, false},
		{"/r?x", "/r", false, false},
		{"/.well-known/oauth-protected-resource/r", "/r", true, false},
	} {
		t.Run(c.given+" "+c.answered, func(t *testing.T) {
			s := serve(t, func(w http.ResponseWriter, _ *http.Request, me string) {
				fmt.Fprintf(w, `{"resource":%q,"x":1}`, me+c.answered)
			})
			m, notes, err := DiscoverResource(t.Context(), s.transport(t), s.URL+c.given)
			if !c.taken {
				wantError[*ResourceError](t, err, "RFC 9728 section 3.3", s.URL+c.answered)
				return
			}
			if err != nil || m.Resource != s.URL+c.answered || (len(notes) == 1) != c.noted || len(m.Raw) == 0 || m.URL == "" {
				t.Errorf("%+v, %q, %v", m, notes, err)
			}
		})
	}
}

func TestWhatIsNoMetadataOfAResource(t *testing.T) {
	for why, answer := range map[string]func(http.ResponseWriter, string){
		"404 Not Found":           func(w http.ResponseWriter, _ string) { w.WriteHeader(404) },
		"204 No Content":          func(w http.ResponseWriter, _ string) { w.WriteHeader(204) },
		"HTML page":               func(w http.ResponseWriter, _ string) { _, _ = io.WriteString(w, page) },
		"empty body":              func(http.ResponseWriter, string) {},
		"not JSON":                func(w http.ResponseWriter, _ string) { _, _ = io.WriteString(w, "[]") },
		"too large":               func(w http.ResponseWriter, _ string) { _, _ = w.Write(make([]byte, bounds.Metadata+1)) },
		"resource stands twice":   func(w http.ResponseWriter, me string) { fmt.Fprintf(w, `{"resource":%q,"resource":"x"}`, me) },
		"JSON without a resource": func(w http.ResponseWriter, _ string) { _, _ = io.WriteString(w, `{"resource":7}`) },
	} {
		t.Run(why, func(t *testing.T) {
			s := serve(t, func(w http.ResponseWriter, _ *http.Request, me string) { answer(w, me) })
			_, _, err := DiscoverResource(t.Context(), s.transport(t), s.URL)
			wantError[*ResourceError](t, err, why)
		})
	}
	s := serve(t, func(http.ResponseWriter, *http.Request, string) {})
	s.Close()
	_, _, err := DiscoverResource(t.Context(), s.transport(t), s.URL)
	wantError[*transport.NetworkError](t, err)
	_, _, err = DiscoverResource(t.Context(), s.transport(t), "http://api.example")
	wantError[*transport.PlainHTTPError](t, err)
}
