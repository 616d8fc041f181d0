package capture

import (
	"slices"
	"strings"
	"testing"

	"github.com/oauthpop/oauthpop/internal/bounds"
)

func one(t *testing.T, text string) Exchange {
	t.Helper()
	r, err := Read(text, Options{})
	if err != nil {
		t.Fatalf("%v in %q", err, text)
	}
	if len(r.Exchanges) != 1 {
		t.Fatalf("%d requests in %q", len(r.Exchanges), text)
	}
	return r.Exchanges[0]
}

func TestRawHTTPInEveryForm(t *testing.T) {
	const answer = "HTTP/1.1 401 Unauthorized\nDPoP-Nonce: n\nWWW-Authenticate: DPoP\n\n{\"error\":\"x\"}\n"
	for _, c := range []struct{ name, text string }{
		{"a first line", "GET /a?b HTTP/1.1\nHost: api.example\nDPoP: p\nAuthorization: DPoP t\n\n" + answer},
		{"an absolute target", "GET https://api.example/a?b HTTP/1.1\nHost: other\nDPoP: p\nAuthorization: DPoP t\n\n" + answer},
		{"no version", "GET https://api.example/a?b\nDPoP: p\nAuthorization: DPoP t\n\n" + answer},
		{"empty lines before, spaces behind", "\n\n  GET /a?b HTTP/2 \nhost:api.example\ndpop:p  \nauthorization:\tDPoP t\n\n" + answer},
		{"no line between", "GET /a?b HTTP/1.1\nHost: api.example\nDPoP: p\nAuthorization: DPoP t\n" + answer},
		{"pseudo-header fields", ":method: GET\n:scheme: https\n:authority: api.example\n:path: /a?b\ndpop: p\nauthorization: DPoP t\n\n:status: 401\ndpop-nonce: n\nwww-authenticate: DPoP\n\n{\"error\":\"x\"}"},
		{"names and values on lines of their own", ":authority\napi.example\n:method\nGET\n:path\n/a?b\n:scheme\nhttps\ndpop\np\nauthorization\nDPoP t\n:status\n401\ndpop-nonce\nn\nwww-authenticate\nDPoP\n\n{\"error\":\"x\"}"},
		{"wrapped", "GET /a?b HTTP/1.1\nHost: api.example\nDPoP:\n p\nAuthorization: DPoP\n t\n\n" + answer},
	} {
		for _, end := range []string{"\n", "\r\n"} {
			x := one(t, strings.ReplaceAll(c.text, "\n", end))
			if x.Request.Method != "GET" || x.Request.URL != "https://api.example/a?b" || x.Request.Header.Get("DPoP") != "p" {
				t.Errorf("%s: %+v", c.name, x.Request)
			}
			if got := strings.ReplaceAll(x.Request.Header.Get("Authorization"), " ", ""); got != "DPoPt" {
				t.Errorf("%s: Authorization %q", c.name, got)
			}
			r := x.Response
			if r.Status != 401 || r.Header.Get("DPoP-Nonce") != "n" || r.Header.Get("WWW-Authenticate") != "DPoP" || string(r.Body) != `{"error":"x"}` {
				t.Errorf("%s: %+v %q", c.name, r, r.Body)
			}
		}
	}
}

func TestSchemeIsWhatTheTextSaysElseHTTPS(t *testing.T) {
	for _, c := range []struct{ text, scheme, want string }{
		{"GET / HTTP/1.1\nHost: a.example\n", "", "https://a.example/"},
		{"GET / HTTP/1.1\nHost: a.example\n", "http", "http://a.example/"},
		{"GET http://a.example/ HTTP/1.1\n", "https", "http://a.example/"},
		{":method: GET\n:scheme: http\n:authority: a.example\n:path: /\n", "", "http://a.example/"},
		{"GET / HTTP/1.1\nHost: a.example\nX-Forwarded-Proto: http\n", "", "http://a.example/"},
		{"GET / HTTP/1.1\n", "", ""},
	} {
		r, err := Read(c.text, Options{Scheme: c.scheme})
		if err != nil || r.Exchanges[0].Request.URL != c.want {
			t.Errorf("%q with %q: %+v %v, want %q", c.text, c.scheme, r, err, c.want)
		}
	}
}

func TestSeveralRequestsAndLines(t *testing.T) {
	r, err := Read("GET /1 HTTP/1.1\nHost: a\nDPoP: x\nDPoP: y\n\nHTTP/1.1 100 Continue\n\nHTTP/1.1 200 OK\n\nbody\nPOST /2 HTTP/1.1\nHost: a\n\na=b\n", Options{})
	if err != nil || len(r.Exchanges) != 2 {
		t.Fatalf("%+v, %v", r, err)
	}
	first, second := r.Exchanges[0], r.Exchanges[1]
	if got := first.Request.Header.Values("DPoP"); len(got) != 2 || first.Response.Status != 200 || string(first.Response.Body) != "body" {
		t.Errorf("%q %+v", got, first.Response)
	}
	if second.Request.Method != "POST" || second.Body != "a=b" || second.Response.Status != 0 {
		t.Errorf("%+v", second)
	}
}

// Programs log what they fetch without a version, one exchange below the other.
func TestALogOfFetchHasSeveralRequests(t *testing.T) {
	const answer = "HTTP/1.1 200 OK\ndate: x\n\n"
	for _, c := range []struct {
		name, text string
		urls       []string
	}{
		{"bodies", "GET https://a.example/1\nh: v\n\n\n\n" + answer + "{\"a\":1}\n\nPOST https://b.example/2\nh: v\n\na=b\n\n" + answer + "{}", []string{"https://a.example/1", "https://b.example/2"}},
		{"no bodies", "GET https://a.example/1\nh: v\n\n" + answer + "\nGET https://b.example/2\nh: v\n\n" + answer, []string{"https://a.example/1", "https://b.example/2"}},
		{"no answers", "GET https://a.example/1\nh: v\n\nGET https://b.example/2\nh: v\n", []string{"https://a.example/1", "https://b.example/2"}},
		{"a line of a body", "GET https://a.example/1\nh: v\n\n" + answer + "see\nGET https://b.example/2\n", []string{"https://a.example/1"}},
		{"a path in a body", "GET https://a.example/1\nh: v\n\n" + answer + "\nGET /2?u=http://b\n", []string{"https://a.example/1"}},
		{"a body where requests have versions", "GET https://a.example/1 HTTP/1.1\nh: v\n\n" + answer + "\nGET https://b.example/2\n", []string{"https://a.example/1"}},
	} {
		r, err := Read(c.text, Options{})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		var urls []string
		for _, x := range r.Exchanges {
			urls = append(urls, x.Request.URL)
		}
		if !slices.Equal(urls, c.urls) {
			t.Errorf("%s: %q, want %q", c.name, urls, c.urls)
		}
	}
}

func TestAHeaderIsBounded(t *testing.T) {
	x := one(t, "GET / HTTP/1.1\nHost: a\n"+strings.Repeat("A: b\n", bounds.Fields+10)+"DPoP: p\n")
	if got := len(x.Request.Header.Values("A")); got != bounds.Fields-1 || len(x.Notes) != 1 {
		t.Errorf("%d fields, %q", got, x.Notes)
	}
	x = one(t, "GET / HTTP/1.1\nHost: a\nDPoP: p\n"+strings.Repeat(" q\n", bounds.Folds+10))
	if got := len(x.Request.Header.Get("DPoP")); got != bounds.Folds+1 {
		t.Errorf("%d bytes", got)
	}
}

func TestWhatIsNoRequestIsRefused(t *testing.T) {
	for _, text := range []string{"", " \n", "hello", "\x00\x01", "HTTP/1.1 200 OK\n\n", `{"a":1}`, "[]", "fetch(\"https://a/\")", "Invoke-WebRequest -Uri \"https://a/\"", ":method: \n", strings.Repeat("a", 1<<20)} {
		if r, err := Read(text, Options{}); err == nil {
			t.Errorf("%.20q is read as %+v", text, r.Exchanges[0].Request)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, seed := range []string{
		"GET /a HTTP/1.1\r\nHost: a\r\nDPoP: x.y.z\r\n\r\nHTTP/1.1 401 x\r\nDate: y\r\n\r\nbody",
		":method: GET\n:path: /\n:status: 200\n", ":authority\na\n:method\nGET\nx\n", "GET / HTTP/1.1\n folded\n: x\n::\n",
		"GET / HTTP/1.1\nX-Forwarded-Client-Cert: Hash=00;Cert=\"%2D\",a=\"\\\nClient-Cert: :AA:\n",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := Read(text, Options{})
		if err != nil {
			return
		}
		if len(r.Exchanges) == 0 {
			t.Fatal("neither a request nor an error")
		}
		for _, x := range r.Exchanges {
			if x.Request.Method == "" || x.Request.Header == nil {
				t.Errorf("%+v", x)
			}
			Certificates(x.Request.Header)
		}
	})
}
