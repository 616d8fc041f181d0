package capture

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/oauthpop/oauthpop/internal/bounds"
	"github.com/oauthpop/oauthpop/internal/wire"
)

// isCurl recognises a command line, also behind a prompt.
func isCurl(text string) (command string, ok bool) {
	text = strings.TrimLeft(text, " \t\r\n")
	for _, prompt := range []string{"$ ", "# ", "% ", "> "} {
		text = strings.TrimPrefix(text, prompt)
	}
	name, rest := text, ""
	if i := strings.IndexAny(text, " \t\r\n^\\"); i >= 0 {
		name, rest = text[:i], text[i:]
	}
	return text, (name == "curl" || name == "curl.exe") && strings.TrimSpace(rest) != ""
}

// readCurl reads command lines of curl, as browsers copy them, with an answer below
// if there is one. No command is executed and no file is read.
func readCurl(text string, o Options) (*Reading, error) {
	text, answer := cutAnswer(text)
	if len(text) > bounds.CommandLine {
		return nil, &Error{Reason: "the curl command line is too long to be read", Hint: "leave out its body"}
	}
	commands, err := split(text)
	if err != nil {
		return nil, err
	}
	out := &Reading{Form: FormCurl}
	for _, c := range commands {
		found, err := c.exchanges(o)
		if err != nil {
			return nil, err
		}
		if c.substituted {
			for i := range found {
				found[i].withoutVariables()
			}
		}
		if out.Exchanges = append(out.Exchanges, found...); len(out.Exchanges) > bounds.Exchanges {
			out.Exchanges, out.Cut = out.Exchanges[:bounds.Exchanges], true
			return out, nil
		}
	}
	if answer == "" || len(out.Exchanges) == 0 {
		return out, nil
	}
	last := &out.Exchanges[len(out.Exchanges)-1]
	r, err := readHTTP("GET / HTTP/1.1\nHost: x\n\n"+answer, o) // the request is a stand-in
	if err == nil {
		last.Response = r.Exchanges[0].Response
	}
	return out, nil
}

// withoutVariables leaves out what a shell would have put in: it is not known, and
// must not be judged as if it were what was sent.
func (x *Exchange) withoutVariables() {
	const signs = "$`%"
	for _, name := range []string{"Authorization", wire.HeaderDPoP} {
		all := x.Request.Header.Values(name)
		known := slices.DeleteFunc(slices.Clone(all), func(v string) bool { return strings.ContainsAny(v, signs) })
		if len(known) == len(all) {
			continue
		}
		x.note(name + " stands in a variable of the shell, and is not known")
		x.Request.Header.Del(name)
		for _, v := range known {
			x.Request.Header.Add(name, v)
		}
	}
	if strings.ContainsAny(x.Request.Method, signs) {
		x.note("the method stands in a variable of the shell, and is not known")
		x.Request.Method = ""
	}
	_, rest, _ := strings.Cut(x.Request.URL, "://")
	if host, _, _ := strings.Cut(rest, "/"); strings.ContainsAny(host, signs) { // in a path they are text as well
		x.note("the URL stands in a variable of the shell, and is not known")
		x.Request.URL = ""
	}
}

// cutAnswer finds an answer that was pasted below the command line.
func cutAnswer(text string) (command, answer string) {
	status := newPatterns().status
	at := 0
	for line := range strings.Lines(text) {
		if at > 0 && status.MatchString(strings.TrimRight(line, " \t\r\n")) {
			return text[:at], text[at:]
		}
		at += len(line)
	}
	return text, ""
}

// split finds the commands that are curl.
func split(text string) ([]command, error) {
	if isWindows(text) {
		return splitWindows(text), nil
	}
	return splitShell(text)
}

// command is one command of curl in words.
type command struct {
	words []string
	notes []string
	// substituted: something in it was for a shell to put in.
	substituted bool
}

// valued are the options of curl that take a value. What is not here takes none.
func valued() map[string]bool {
	const names = `abstract-unix-socket alt-svc aws-sigv4 cacert capath cert cert-type ciphers config connect-timeout
connect-to continue-at cookie cookie-jar create-file-mode crlfile curves data data-ascii data-binary data-raw
data-urlencode delegation dns-interface dns-ipv4-addr dns-ipv6-addr dns-servers doh-url dump-header ech egd-file
engine etag-compare etag-save expect100-timeout form form-string ftp-account ftp-alternative-to-user ftp-method
ftp-port happy-eyeballs-timeout-ms haproxy-clientip header help hostpubmd5 hostpubsha256 hsts interface ip-tos
ipfs-gateway json keepalive-cnt keepalive-time key key-type krb libcurl limit-rate local-port login-options
mail-auth mail-from mail-rcpt max-filesize max-redirs max-time netrc-file noproxy oauth2-bearer output output-dir
parallel-max pass pinnedpubkey preproxy proto proto-default proto-redir proxy proxy-cacert proxy-capath proxy-cert
proxy-cert-type proxy-ciphers proxy-crlfile proxy-header proxy-key proxy-key-type proxy-pass proxy-pinnedpubkey
proxy-service-name proxy-tls13-ciphers proxy-tlsauthtype proxy-tlspassword proxy-tlsuser proxy-user proxy1.0
pubkey quote random-file range rate referer request request-target resolve retry retry-delay retry-max-time
sasl-authzid service-name socks4 socks4a socks5 socks5-gssapi-service socks5-hostname speed-limit speed-time
stderr telnet-option tftp-blksize time-cond tls-max tls13-ciphers tlsauthtype tlspassword tlsuser trace
trace-ascii trace-config unix-socket upload-file url url-query user user-agent variable vlan-priority write-out`
	m := map[string]bool{}
	for _, n := range strings.Fields(names) {
		m[n] = true
	}
	return m
}

// short are the options of one letter that take a value, by their long name, and
// those without a value that change the request.
func short() map[byte]string {
	return map[byte]string{
		'A': "user-agent", 'b': "cookie", 'c': "cookie-jar", 'C': "continue-at", 'd': "data", 'D': "dump-header",
		'e': "referer", 'E': "cert", 'F': "form", 'H': "header", 'K': "config", 'm': "max-time", 'o': "output",
		'P': "ftp-port", 'Q': "quote", 'r': "range", 't': "telnet-option", 'T': "upload-file", 'u': "user",
		'U': "proxy-user", 'w': "write-out", 'x': "proxy", 'X': "request", 'y': "speed-time", 'Y': "speed-limit",
		'z': "time-cond", 'G': "get", 'I': "head",
	}
}

// line is a command line of curl that is being read.
type line struct {
	x                       Exchange
	method                  string
	urls, data              []string
	get, head, form, upload bool
}

// exchanges are the requests that the command would send.
func (c command) exchanges(o Options) ([]Exchange, error) {
	l := &line{}
	l.x.Notes = slices.Clone(c.notes)
	l.x.Request.Header = http.Header{}
	takes, letters := valued(), short()
	for i := 1; i < len(c.words); i++ {
		w := c.words[i]
		next := func() string { // the value of an option
			if i+1 < len(c.words) {
				i++
				return c.words[i]
			}
			return ""
		}
		long, isLong := strings.CutPrefix(w, "--")
		switch {
		case isLong && takes[long]:
			l.option(long, next())
		case isLong:
			l.option(long, "")
		case len(w) > 1 && w[0] == '-':
			l.letters(w[1:], takes, letters, next)
		case w != "":
			l.urls = append(l.urls, w)
		}
	}
	if len(l.urls) == 0 {
		return nil, &Error{Reason: "the curl command line names no URL", Hint: "copy the whole command"}
	}
	var all []Exchange
	for _, u := range l.urls[:min(len(l.urls), bounds.Exchanges)] {
		all = append(all, l.exchange(u, o))
	}
	return all, nil
}

// letters reads options of one letter, which may stand together and before a value.
func (l *line) letters(s string, takes map[string]bool, letters map[byte]string, next func() string) {
	for i := range len(s) {
		name := letters[s[i]]
		switch {
		case !takes[name]:
			l.option(name, "")
		case i+1 < len(s):
			l.option(name, s[i+1:])
			return
		default:
			l.option(name, next())
			return
		}
	}
}

func (l *line) option(name, value string) {
	h := l.x.Request.Header
	switch name {
	case "request":
		l.method = value
	case "url":
		l.urls = append(l.urls, value)
	case "header":
		l.header(value)
	case "get":
		l.get = true
	case "head":
		l.head = true
	case "data", "data-ascii", "data-binary", "data-raw", "data-urlencode", "json":
		l.body(name, value)
	case "form", "form-string":
		l.form = true
	case "upload-file":
		l.upload = true
	case "url-query":
		l.x.note("--url-query was not added to the URL")
	case "user-agent":
		h.Set("User-Agent", value)
	case "referer":
		h.Set("Referer", value)
	case "cookie":
		if !strings.Contains(value, "=") {
			l.x.note("cookies out of a file were not read")
			return
		}
		h.Add("Cookie", value)
	case "user":
		h.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(value)))
	case "oauth2-bearer":
		h.Set("Authorization", wire.SchemeBearer+" "+value)
	case "cert":
		l.x.note("the command gives a client certificate in a file, which was not read: --cert compares with it")
	case "config":
		l.x.note("options out of a file were not read")
	}
}

// header reads "Name: value", "Name;" for an empty one, "Name:" for one that curl
// leaves out, and @FILE.
func (l *line) header(s string) {
	if strings.HasPrefix(s, "@") {
		l.x.note("header fields out of a file were not read")
		return
	}
	name, value, found := strings.Cut(s, ":")
	value = strings.TrimSpace(value)
	switch {
	case found && value != "":
		l.x.Request.Header.Add(strings.TrimSpace(name), value)
	case !found && strings.HasSuffix(s, ";"):
		l.x.Request.Header.Add(strings.TrimSuffix(s, ";"), "")
	}
}

func (l *line) body(option, value string) {
	if option != "data-raw" && strings.HasPrefix(value, "@") {
		l.x.note("a body out of a file was not read")
		value = ""
	}
	if option == "data-urlencode" {
		if name, rest, ok := strings.Cut(value, "="); ok {
			value = strings.TrimPrefix(name+"="+url.QueryEscape(rest), "=")
		} else {
			value = url.QueryEscape(value)
		}
	}
	l.data = append(l.data, value)
}

// exchange is the request to one URL.
func (l *line) exchange(target string, o Options) Exchange {
	x := l.x
	x.Request.Header, x.Notes = x.Request.Header.Clone(), slices.Clone(x.Notes)
	data := strings.Join(l.data, "&")
	method := http.MethodGet
	switch {
	case l.head:
		method = http.MethodHead
	case l.get && len(l.data) > 0:
		mark := "?"
		if strings.Contains(target, "?") {
			mark = "&"
		}
		target += mark + data
	case l.upload:
		method = http.MethodPut
	case l.form, len(l.data) > 0:
		method, x.Body = http.MethodPost, data
	}
	if l.method != "" {
		method = l.method
	}
	target, _, _ = strings.Cut(target, "#")
	if scheme, _, ok := strings.Cut(target, "://"); !ok || strings.ContainsAny(scheme, "/?") {
		scheme = o.Scheme
		if scheme == "" {
			scheme = "http"
			x.note("the URL names no scheme, and curl takes http then")
		}
		target = scheme + "://" + target
	}
	x.Request.Method, x.Request.URL = method, target
	return x
}
