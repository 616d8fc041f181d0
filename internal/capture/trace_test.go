package capture

import (
	"strings"
	"testing"
)

const verbose = `*   Trying 127.0.0.1:8443...
* Connected to api.example (127.0.0.1) port 443 (#0)
* TLSv1.3 (IN), TLS handshake, Request CERT (13):
* TLSv1.3 (OUT), TLS handshake, Certificate (11):
* TLSv1.3 (OUT), TLS handshake, CERT verify (15):
* SSL connection using TLSv1.3 / TLS_AES_256_GCM_SHA384
> GET /x HTTP/1.1
> Host: api.example
> Authorization: DPoP abc
> DPoP: p
>
< HTTP/1.1 401 Unauthorized
< DPoP-Nonce: n
<
{ [31 bytes data]
{"error":"invalid_dpop_proof"}* Connection #0 to host api.example left intact
`

const traced = `== Info: Connected to api.example (127.0.0.1) port 80 (#0)
=> Send header, 155 bytes (0x9b)
0000: POST /x HTTP/1.1
0012: Host: api.example
0025: DPoP: 0123456789012345678901234567890123456789012345678901234567
0065: 89
0069: 
=> Send data, 3 bytes (0x3)
0000: x=1
<= Recv header, 27 bytes (0x1b)
0000: HTTP/1.1 401 Unauthorized
<= Recv header, 17 bytes (0x11)
0000: DPoP-Nonce: n
<= Recv header, 2 bytes (0x2)
0000: 
<= Recv data, 31 bytes (0x1f)
0000: {"error":"invalid_dpop_proof"}.
== Info: Connection #0 to host left intact
`

// A handshake of which only the end is in the text doesn't show that the server did
// not ask for a certificate, nor that none was sent.
func TestAHandshakeCountsWhereItIsShown(t *testing.T) {
	const server = "* TLSv1.3 (IN), TLS handshake, Certificate (11):\n* TLSv1.3 (IN), TLS handshake, CERT verify (15):\n"
	const ask = "* TLSv1.3 (IN), TLS handshake, Request CERT (13):\n"
	const rest = "* TLSv1.3 (OUT), TLS handshake, Finished (20):\n* SSL connection using TLSv1.3 / TLS_AES_128_GCM_SHA256\n> GET /x HTTP/1.1\n> Host: api.example\n>\n< HTTP/1.1 401 No\n<\n"
	for _, c := range []struct {
		name, text   string
		shown, asked bool
	}{
		{"nothing asked", server + rest, true, false},
		{"asked", server + ask + rest, true, true},
		{"a session that is resumed", rest, false, false},
		{"lines cut out", strings.SplitAfterN(rest, "\n", 2)[1], false, false},
	} {
		got := one(t, "* Connected to api.example (127.0.0.1) port 443 (#0)\n"+c.text).TLS
		if (got.Version != 0) != c.shown || got.Asked != c.asked || !got.Used || got.Sent {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
}

func TestWhatCurlSays(t *testing.T) {
	x := one(t, verbose)
	if x.Request.URL != "https://api.example/x" || x.Request.Header.Get("DPoP") != "p" || x.Response.Header.Get("DPoP-Nonce") != "n" {
		t.Errorf("%+v", x)
	}
	if string(x.Response.Body) != `{"error":"invalid_dpop_proof"}` || !x.TLS.Asked || !x.TLS.Sent || x.TLS.Version == 0 {
		t.Errorf("%q %+v", x.Response.Body, x.TLS)
	}
	timed := ""
	for line := range strings.Lines(traced) {
		if line[0] == '=' || line[0] == '<' {
			line = "04:44:48.127195 [0-0] " + line
		}
		timed += line
	}
	for _, text := range []string{traced, timed, strings.ReplaceAll(traced, "\n", "\r\n")} {
		x = one(t, text)
		if x.Request.URL != "http://api.example/x" || x.Body != "x=1" || x.Request.Header.Get("DPoP") != strings.Repeat("0123456789", 6) {
			t.Errorf("%+v", x)
		}
		if string(x.Response.Body) != `{"error":"invalid_dpop_proof"}` || x.Response.Status != 401 || x.Response.Header.Get("DPoP-Nonce") != "n" {
			t.Errorf("%+v %q", x.Response, x.Response.Body)
		}
	}
}

func FuzzTrace(f *testing.F) {
	f.Add(verbose)
	f.Add(traced)
	f.Add("> GET / HTTP/1.1\n>\n< HTTP/2 200\n<")
	f.Add("=> Send header, 999999999 bytes (0x0)\nffffffff: GET / HTTP/1.1\n0000: x\n")
	f.Fuzz(func(t *testing.T, text string) {
		for _, ascii := range []bool{true, false} {
			r, err := readTrace(text, ascii, Options{})
			if err == nil && (len(r.Exchanges) == 0 || r.Exchanges[0].Request.Header == nil) {
				t.Errorf("%+v", r)
			}
		}
	})
}
