package capture

import (
	"strings"
	"testing"
	"time"
)

const har = `{"log":{"version":"1.2","creator":{"name":"WebInspector"},"pages":[],"entries":[
{"startedDateTime":"2026-02-03T04:05:06.789+01:00","time":1500,"request":{"method":"GET","url":"https://api.example/style.css","headers":[],"cookies":[]},"response":{"status":200,"headers":[],"content":{"size":1,"text":"x"}}},
{"startedDateTime":"2026-02-03T04:05:06.789+01:00","time":1500,"request":{"method":"POST","url":"https://api.example/orders","httpVersion":"http/2.0",
"headers":[{"name":":authority","value":"api.example"},{"name":"authorization","value":"DPoP t"},{"name":"dpop","value":"p"}],"postData":{"mimeType":"x","text":"a=b"}},
"response":{"status":401,"httpVersion":"http/2.0","headers":[{"name":"www-authenticate","value":"DPoP error=\"x\"\nBearer"},{"name":"dpop-nonce","value":"n"}],"content":{"text":"eyJlcnJvciI6IngifQ==","encoding":"base64"}}},
{"request":{"method":"GET","url":"https://api.example/blocked","headers":[{"name":"DPoP","value":"p2"}]},"response":{"status":0,"headers":[],"content":{},"_error":"net::ERR_FAILED"}},
{"request":{"method":1}},
{"request":{"method":"POST","url":"https://as.example/token","headers":[]},"response":{"status":200,"headers":[],"content":{"text":"{\"access_token\":\"x\"}"}}}
]}}`

func TestHARHasTheRequestsWithCredentials(t *testing.T) {
	r, err := Read("\ufeff\n"+har, Options{})
	if err != nil || len(r.Exchanges) != 3 || r.Skipped != 2 || r.Form != FormHAR {
		t.Fatalf("%+v, %v", r, err)
	}
	x := r.Exchanges[0]
	if x.Request.Method != "POST" || x.Request.URL != "https://api.example/orders" || x.Body != "a=b" || len(x.Request.Header) != 2 {
		t.Errorf("%+v", x.Request)
	}
	if x.Response.Status != 401 || string(x.Response.Body) != `{"error":"x"}` || len(x.Response.Header.Values("WWW-Authenticate")) != 2 {
		t.Errorf("%+v", x.Response)
	}
	if got := x.Response.Received.Sub(x.Started); got != 1500*time.Millisecond || x.Started.UTC().Hour() != 3 {
		t.Errorf("started %s, answered %s later", x.Started, got)
	}
	if blocked := r.Exchanges[1]; blocked.Response.Status != 0 || !strings.Contains(strings.Join(blocked.Notes, ""), "net::ERR_FAILED") {
		t.Errorf("%+v", blocked)
	}
}

func TestHARsThatAreRefused(t *testing.T) {
	for _, c := range []struct{ text, says string }{
		{`{"a":1}`, "not a HAR"},
		{`{"log":{}}`, "not a HAR"},
		{`{"log":[]}`, "not a HAR"},
		{`{"log":{"entries":{}}}`, "not a HAR"},
		{`{"log":{"entries":[]}}`, "none of the 0 requests"},
		{`{"log":{"entries":[{},{"request":{"url":"https://a.example/","headers":[]}}]}}`, "none of the 2 requests"},
		{har[:len(har)-4], "after 5 whole requests"},
		{har[:len(har)/2], "cut off or damaged after 1 whole"},
		{`{"log":{"entries":[` + strings.Repeat("[", 1<<20), "cut off or damaged"},
		{strings.Repeat(`{"log":`, 1<<18), "cut off or damaged"},
		{`{"x":` + strings.Repeat(`{"a":`, 1<<18), "cut off or damaged"},
		{"{", "cut off"},
	} {
		if r, err := Read(c.text, Options{}); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%.60q: %+v, %v; want %q", c.text, r, err, c.says)
		}
	}
}

func FuzzHAR(f *testing.F) {
	f.Add(har)
	f.Add(`{"log":{"entries":[{"time":1e99,"startedDateTime":"2026-02-03T04:05:06Z","request":{"headers":[{"name":"DPoP","value":"a\n\u0000"}]},"response":{"status":200}}]}}`)
	f.Add(`{"log":{"entries":[{}`)
	f.Fuzz(func(t *testing.T, text string) {
		r, err := readHAR(text)
		if err == nil && len(r.Exchanges) == 0 {
			t.Error("neither a request nor an error")
		}
	})
}
