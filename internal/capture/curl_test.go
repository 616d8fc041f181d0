package capture

import (
	"strings"
	"testing"
)

func TestCurlAsBrowsersCopyIt(t *testing.T) {
	for _, c := range []struct{ name, text, body, cookie string }{
		{
			"chrome, bash",
			"curl 'https://api.example/orders?a=1&b=2' \\\n  -X 'POST' \\\n  -H 'accept: */*' \\\n  -H 'authorization: DPoP t' \\\n  -H 'dpop: p' \\\n  -b 'sid=1; x=2' \\\n  --data-raw $'{\"a\":\"it\\'s \\u0021\"}' \\\n  --insecure ;",
			`{"a":"it's !"}`, "sid=1; x=2",
		},
		{
			"chrome, cmd",
			"curl ^\"https://api.example/orders?a=1^&b=2^\" ^\r\n  -H ^\"accept: */*^\" ^\r\n  -H ^\"authorization: DPoP t^\" ^\r\n  -H ^\"dpop: p^\" ^\r\n  -b ^\"sid=1^\" ^\r\n  --data-raw ^\"^{^\\^\"a^\\^\":^\\^\"100^%^ b^\\^\"^}^\"",
			`{"a":"100% b"}`, "sid=1",
		},
		{
			"chrome, cmd, before 2024",
			"curl \"https://api.example/orders?a=1&b=2\" ^\n  -H \"authorization: DPoP t\" ^\n  -H \"dpop: p\" ^\n  --data-raw \"{\\\"a\\\":1}\" ^\n  --compressed",
			`{"a":1}`, "",
		},
		{
			"firefox",
			"curl 'https://api.example/orders?a=1&b=2' --compressed -X POST -H 'User-Agent: Mozilla/5.0' -H 'Authorization: DPoP t' -H 'DPoP: p' -H 'Cookie: sid=1' --data-raw 'a=b'",
			"a=b", "sid=1",
		},
		{
			"firefox, windows",
			"curl.exe \"https://api.example/orders?a=1&b=2\" -X POST -H \"Authorization: DPoP t\" -H \"DPoP: p\" --data-raw \"a\"\"b\"",
			`a"b`, "",
		},
		{
			"safari",
			"curl 'https://api.example/orders?a=1&b=2' \\\n-X 'POST' \\\n-H 'Authorization: DPoP t' \\\n-H 'DPoP: p' \\\n--data-binary 'a=b'",
			"a=b", "",
		},
		{
			"by hand",
			"$ curl -sSk -XPOST -H\"Authorization: DPoP t\" -H 'DPoP: 'p -o/dev/null -d a=b --data c=d --url https://api.example/orders?a=1\\&b=2#frag | jq .",
			"a=b&c=d", "",
		},
	} {
		x := one(t, c.text)
		h := x.Request.Header
		if x.Request.Method != "POST" || x.Request.URL != "https://api.example/orders?a=1&b=2" {
			t.Errorf("%s: %s %s", c.name, x.Request.Method, x.Request.URL)
		}
		if h.Get("Authorization") != "DPoP t" || h.Get("DPoP") != "p" || h.Get("Cookie") != c.cookie || x.Body != c.body {
			t.Errorf("%s: %q, body %q", c.name, h, x.Body)
		}
		if len(x.Notes) > 0 {
			t.Errorf("%s: %q", c.name, x.Notes)
		}
	}
}

func TestCurlMethods(t *testing.T) {
	for _, c := range []struct{ args, method, url string }{
		{"https://a.example/x", "GET", "https://a.example/x"},
		{"-I https://a.example/x", "HEAD", "https://a.example/x"},
		{"-d a https://a.example/x", "POST", "https://a.example/x"},
		{"--json {} https://a.example/x", "POST", "https://a.example/x"},
		{"-F a=b https://a.example/x", "POST", "https://a.example/x"},
		{"-T file https://a.example/x", "PUT", "https://a.example/x"},
		{"-G -d a=b --data-urlencode 'c=d e' https://a.example/x?y", "GET", "https://a.example/x?y&a=b&c=d+e"},
		{"-X DELETE -d a https://a.example/x", "DELETE", "https://a.example/x"},
		{"--request PATCH --unknown https://a.example/x", "PATCH", "https://a.example/x"},
	} {
		if x := one(t, "curl "+c.args); x.Request.Method != c.method || x.Request.URL != c.url {
			t.Errorf("%s: %s %s", c.args, x.Request.Method, x.Request.URL)
		}
	}
}

func TestCurlSaysWhatItDidNotRead(t *testing.T) {
	for _, c := range []struct{ text, header, says string }{
		{`curl -H "Authorization: DPoP $(cat token)" https://a.example/`, "", "nothing was executed"},
		{"curl -H \"Authorization: DPoP `cat t`\" https://a.example/", "", "nothing was executed"},
		{`curl -H "Authorization: DPoP $TOKEN" https://a.example/`, "", "no variable was read"},
		{`curl -H Authorization:\ DPoP\ ${TOKEN} https://a.example/`, "", "no variable was read"},
		{`curl -H @headers https://a.example/`, "", "out of a file"},
		{`curl -b jar https://a.example/`, "", "cookies out of a file"},
		{`curl -d @body https://a.example/`, "", "a body out of a file"},
		{`curl -K config https://a.example/`, "", "options out of a file"},
		{`curl -E cert.pem https://a.example/`, "", "--cert compares"},
		{`curl a.example/x`, "", "takes http"},
		{`curl https://a.example/?x=1&y=2`, "", "a & that is not quoted"},
		{"curl.exe -H \"Authorization: DPoP %TOKEN%\" https://a.example/", "", "%variable%"},
	} {
		x := one(t, c.text)
		if x.Request.Header.Get("Authorization") != c.header || !strings.Contains(strings.Join(x.Notes, "; "), c.says) {
			t.Errorf("%s: %q %q", c.text, x.Request.Header, x.Notes)
		}
	}
}

func TestCurlWithItsAnswerAndSeveral(t *testing.T) {
	x := one(t, "curl -i https://a.example/\nHTTP/2 401 \ndpop-nonce: n\n\nbody")
	if x.Response.Status != 401 || x.Response.Header.Get("DPoP-Nonce") != "n" || string(x.Response.Body) != "body" {
		t.Errorf("%+v", x.Response)
	}
	for _, text := range []string{
		"curl 'https://a.example/1' ;\ncurl 'https://a.example/2'", "cd x; curl https://a.example/1 && curl https://a.example/2",
		"curl ^\"https://a.example/1^\" &\r\ncurl ^\"https://a.example/2^\"", "curl https://a.example/1 https://a.example/2",
	} {
		if !strings.HasPrefix(text, "curl") {
			text = "curl --version https://a.example/0;" + text
		}
		r, err := Read(text, Options{})
		if err != nil || len(r.Exchanges) < 2 || !strings.HasSuffix(r.Exchanges[len(r.Exchanges)-1].Request.URL, "/2") {
			t.Errorf("%q: %+v, %v", text, r, err)
		}
	}
}

func TestCurlLinesThatAreRefused(t *testing.T) {
	for _, text := range []string{
		"curl 'https://a.example/", "curl -H x", "curl", "curl https://a.example/ -d '" + strings.Repeat("a", 300<<10) + "'",
		"curl " + strings.Repeat("$(", 100_000), "curl " + strings.Repeat("(", 200_000), "curl (",
	} {
		if r, err := Read(text, Options{}); err == nil {
			t.Errorf("%.40q is read as %+v", text, r)
		} else if strings.Contains(err.Error(), "a.example") {
			t.Errorf("the error quotes the text: %v", err)
		}
	}
}

func TestWindowsQuotes(t *testing.T) {
	for in, want := range map[string]string{
		`"a\\" b`: `a\|b`, `"a\\\"b"`: `a\"b`, `a\b\\c`: `a\b\\c`, `"a""b"`: `a"b`, `a""b`: `ab`, `"" x`: `|x`, `"a b"c`: `a bc`,
	} {
		if got := strings.Join(arguments(in), "|"); got != want {
			t.Errorf("%q is %q, want %q", in, got, want)
		}
	}
	x := one(t, "curl ^\"https://a.example/^\" ^\r\n --data-raw ^\"a^\r\n\r\nb^\"")
	if x.Body != "a\nb" {
		t.Errorf("%q", x.Body)
	}
	if x = one(t, "curl --data-raw @x https://a.example/"); x.Body != "@x" || len(x.Notes) > 0 {
		t.Errorf("%q %q", x.Body, x.Notes)
	}
}

func TestANSICQuotes(t *testing.T) {
	for in, want := range map[string]string{
		`a\nb\t\'\"\\`: "a\nb\t'\"\\", `\x41\101\u00e9\U0001F600`: "AAé😀", `\q\`: `\q\`, `\xg`: `\xg`, `\UFFFFFFFF`: "\ufffd", `\0`: "\x00",
	} {
		if got := ansiC(in); got != want {
			t.Errorf("%q is %q, want %q", in, got, want)
		}
	}
}

func FuzzCurl(f *testing.F) {
	for _, seed := range []string{
		`'https://a' -H 'a: b' --data-raw $'\u0021\'\x'`, "^\"https://a^\" ^\n -H ^\"a: ^%^b^\" --data-raw ^\"^\\^\"^\n\n^\"", `-XPOST "$(x)" ${y:-z} a=b <in >out &`,
		"a\nHTTP/1.1 401 x\nA: b\n\nbody", "'", `"`, "`", "<(x)", "{a,b}", "-X $A $B", `-H "DPoP: $P" https://$H/`, `\`, "^", "-H", "-sd", "--",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, args string) {
		for _, name := range []string{"curl ", "curl.exe "} {
			r, err := Read(name+args, Options{})
			if err != nil {
				continue
			}
			for _, x := range r.Exchanges {
				// What is left out was for a shell to put in, and that is said.
				said := strings.Contains(strings.Join(x.Notes, "; "), "stands in a variable of the shell, and is not known")
				if (x.Request.Method == "" || x.Request.URL == "") && !said || x.Request.Header == nil {
					t.Errorf("%+v", x)
				}
			}
		}
	})
}
