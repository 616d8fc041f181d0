package hostile

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
)

// with answers with a status, a content type and a body.
func with(status int, kind, body string) func(*Server, http.ResponseWriter, *http.Request) {
	return func(_ *Server, w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func object(status int, body string) func(*Server, http.ResponseWriter, *http.Request) {
	return with(status, "application/json", body)
}

func redirectFaults() []Fault {
	leading := func(name, does string, followed Outcome, to func(s *Server, r *http.Request) string) []Fault {
		f := Fault{
			Name: name, Does: does,
			Want: map[Place]Outcome{
				Metadata: useless("307"), Token: useless("a redirect to").after(1), Keys: useless("status 307").after(1),
				Resource: right().after(1),
			},
			answer: func(s *Server, w http.ResponseWriter, r *http.Request) { leads(w, to(s, r)) },
		}
		g := f
		g.Name, g.Want = name+", followed", map[Place]Outcome{Resource: followed.by(append(followed.Args, "-L")...)}
		return []Fault{f, g}
	}
	quick, _ := patience()
	silence := nothing("--timeout").by(append(quick, "-L")...)
	return slices.Concat(
		leading("redirect loop", "redirects to itself", useless("one too many").after(6), func(_ *Server, r *http.Request) string { return r.URL.Path }),
		leading("redirect to another origin", "redirects to another port, which keeps what comes", right().after(1), func(s *Server, r *http.Request) string { return s.elsewhere() + r.URL.Path }),
		leading("redirect to plain http", "redirects to plain http", useless("plain http").after(1), func(*Server, *http.Request) string { return "http://api.example/x" }),
		leading("redirect to a file", "redirects to a file", useless("cannot be called").after(1), func(*Server, *http.Request) string { return "file:///etc/passwd" }),
		leading("redirect with a password", "redirects to a URL with a password", useless("cannot be called").after(1), func(*Server, *http.Request) string { return "https://a:b@api.example/" }),
		leading("redirect to nowhere", "redirects to what is no URL", useless("not a URL").after(1), func(*Server, *http.Request) string { return "https://[::1" }),
		[]Fault{{
			Name: "redirect, then silence", Does: "redirects once and never answers again", Hangs: true,
			Want: map[Place]Outcome{Resource: silence},
			answer: func(s *Server, w http.ResponseWriter, r *http.Request) {
				if r.URL.RawQuery == "" {
					leads(w, r.URL.Path+"?again")
					return
				}
				s.wait(r)
			},
		}},
	)
}

func leads(w http.ResponseWriter, to string) {
	w.Header().Set("Location", to)
	w.WriteHeader(http.StatusTemporaryRedirect)
}

// elsewhere starts the other server, which only keeps what comes, and returns its URL.
func (s *Server) elsewhere() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.other == nil {
		s.other = httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.foreign = append(s.foreign, r)
		}))
		s.other.TLS = s.http.TLS.Clone()
		s.other.StartTLS()
	}
	return s.other.URL
}

// contentFaults are bodies that are not what was asked for.
func contentFaults() []Fault {
	page := map[Place]Outcome{
		Metadata: useless("an HTML page"), Token: useless("an HTML page"), Keys: useless("not a JWK set"), Resource: right(),
	}
	text := map[Place]Outcome{
		Metadata: useless("not JSON"), Token: useless("not JSON"), Keys: useless("not a JWK set"), Resource: right(),
	}
	return []Fault{
		{Name: "HTML", Does: "answers 200 with a page", ignorable: true, Want: page, answer: with(200, "text/html", "<html><title>Sign in</title></html>")},
		{Name: "HTML as JSON", Does: "answers 200 with a page that it calls JSON", ignorable: true, Want: page, answer: object(200, "<html><title>Sign in</title></html>")},
		{
			Name: "bad gateway", Does: "answers 502 with a page",
			Want: map[Place]Outcome{
				Metadata: useless("502"), Token: useless("502").after(1), Keys: useless("502").after(1), Resource: useless("502").by("--fail").after(1),
			},
			answer: with(502, "text/html", "<html>502</html>"),
		},
		{
			Name: "too many requests", Does: "answers 429 with Retry-After",
			Want: map[Place]Outcome{
				Metadata: useless("429"), Token: useless("Retry-After: 120").after(1), Keys: useless("429").after(1), Resource: useless("Retry-After: 120").by("--fail").after(1),
			},
			answer: func(s *Server, w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Retry-After", "120")
				object(429, `{}`)(s, w, r)
			},
		},
		{
			Name: "204", Does: "answers 204 without a body", ignorable: true,
			Want: map[Place]Outcome{
				Metadata: useless("204"), Token: useless("an empty body"), Keys: useless("status 204"), Resource: right(),
			},
			answer: func(_ *Server, w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) },
		},
		{
			Name: "empty body", Does: "answers 200 without a body", ignorable: true,
			Want: map[Place]Outcome{
				Metadata: useless("an empty body"), Token: useless("an empty body"), Keys: useless("not a JWK set"), Resource: right(),
			},
			answer: object(200, ""),
		},
		{Name: "JSON that is cut off", Does: "answers with half an object", ignorable: true, Want: text, answer: object(200, `{"issuer":"https://`)},
		{Name: "an array", Does: "answers with an array", ignorable: true, Want: text, answer: object(200, `[{"access_token":"x","token_type":"DPoP"}]`)},
		{Name: "a second value", Does: "answers with two objects", ignorable: true, Want: text, answer: object(200, `{"access_token":"x","token_type":"DPoP"}{}`)},
		{Name: "deep JSON", Does: "answers with a hundred thousand arrays in each other", ignorable: true, Want: map[Place]Outcome{
			Metadata: useless("not JSON"), Token: useless("nested too deeply"), Keys: useless("nested too deeply"), Resource: right(),
		}, answer: object(200, `{"a":`+strings.Repeat("[", 100_000)+strings.Repeat("]", 100_000)+`}`)},
		{Name: "bytes", Does: "answers with bytes that are no text", ignorable: true, Want: text, answer: with(200, "application/octet-stream", "\x00\xff\xfe\x01")},
	}
}
