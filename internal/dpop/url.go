package dpop

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"golang.org/x/net/idna"
)

// URLError is a URL that a request cannot be sent to, or an htu that is none.
type URLError struct {
	URL    string // without userinfo and query
	Reason string
	Hint   string
}

// Error names the URL and the reason.
func (e *URLError) Error() string { return fmt.Sprintf("URL %q: %s", e.URL, e.Reason) }

// HintText says what to do.
func (e *URLError) HintText() string { return e.Hint }

// target is a URL taken apart. Scheme, host and port are canonical, path and
// query are as they go out.
type target struct {
	scheme, host, port string
	path, query        string // query with its question mark
}

// HTU returns the htu for a request to rawURL as it is really sent.
func HTU(rawURL string) (string, error) {
	// "The HTTP target URI [...] of the request to which the JWT is attached, without
	// query and fragment parts." https://www.rfc-editor.org/rfc/rfc9449#section-4.2
	t, err := split(rawURL)
	if err != nil {
		return "", err
	}
	return t.origin() + t.path, nil
}

// RequestURL returns rawURL as it is really sent, with its query: parsed by
// net/url and requested by net/http it goes out with exactly the path of [HTU].
// (Given the raw URL, net/http turns /ä/a%2Fb into /%C3%A4/a/b.)
func RequestURL(rawURL string) (string, error) {
	t, err := split(rawURL)
	if err != nil {
		return "", err
	}
	return t.origin() + t.path + t.query, nil
}

func (t target) origin() string {
	if t.port == "" {
		return t.scheme + "://" + t.host
	}
	return t.scheme + "://" + t.host + ":" + t.port
}

func split(raw string) (target, error) {
	var t target
	shown, _, _ := strings.Cut(raw, "?")
	scheme, rest, ok := strings.Cut(raw, "://")
	t.scheme = strings.ToLower(scheme)
	if !ok || strings.ContainsAny(scheme, "/?#") {
		return t, &URLError{shown, "it has no scheme", "give the whole URL, for example https://api.example.com/v1"}
	}
	if t.scheme != "https" && t.scheme != "http" {
		return t, &URLError{shown, fmt.Sprintf("the scheme %q is not https or http", scheme), ""}
	}
	authority, path := rest, ""
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		authority, path = rest[:i], rest[i:]
	}
	if i := strings.LastIndexByte(authority, '@'); i >= 0 {
		// "A sender MUST NOT generate the userinfo subcomponent (and its "@" delimiter)"
		// https://www.rfc-editor.org/rfc/rfc9110#section-4.2.4
		return t, &URLError{t.scheme + "://" + authority[i+1:], "it holds a user name or password", "leave out what stands before the @: it is never part of htu"}
	}
	for i := range len(raw) {
		if raw[i] < 0x20 || raw[i] == 0x7f {
			return t, &URLError{shown, "it holds a control character", ""}
		}
	}
	var reason string
	if t.host, t.port, reason = hostPort(authority, t.scheme); reason != "" {
		return t, &URLError{shown, reason, ""}
	}
	path, _, _ = strings.Cut(path, "#")
	query := ""
	if i := strings.IndexByte(path, '?'); i >= 0 {
		path, query = path[:i], path[i:]
	}
	if t.path, ok = escape(path, pathByte); !ok {
		return t, &URLError{shown, "a % in its path is not followed by two hexadecimal digits", "write %25 for a percent sign"}
	}
	if t.path == "" {
		t.path = "/"
	}
	t.query = escapeQuery(query)
	return t, nil
}

// hostPort returns the host in its canonical form and the port, "" for the
// default one; a reason where they are none.
func hostPort(authority, scheme string) (host, port, reason string) {
	host = authority
	if i := strings.LastIndexByte(authority, ':'); i > strings.LastIndexByte(authority, ']') {
		host, port = authority[:i], authority[i+1:]
	}
	if port != "" {
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil || port[0] == '+' {
			return "", "", fmt.Sprintf("the port %q is not a number up to 65535", port)
		}
		port = strconv.FormatUint(n, 10)
	}
	if scheme == "https" && port == "443" || scheme == "http" && port == "80" {
		port = ""
	}
	host, reason = canonicalHost(host)
	return host, port, reason
}

func canonicalHost(host string) (canonical, reason string) {
	switch {
	case host == "":
		return "", "it has no host"
	case host[0] == '[':
		// The zone of a link-local address is this machine's own: it is not sent.
		inner, closed := strings.CutSuffix(host[1:], "]")
		addr, err := netip.ParseAddr(inner)
		if err != nil || !addr.Is6() || !closed || strings.ContainsAny(inner, "[]") {
			return "", fmt.Sprintf("the host %q is not an IPv6 address", host)
		}
		return "[" + addr.WithZone("").String() + "]", ""
	}
	for i := range len(host) {
		if host[i] >= 0x80 {
			// The same profile as net/http, so that it is the name that is called.
			ascii, err := idna.Lookup.ToASCII(host)
			if err != nil || ascii == "" { // of a soft hyphen nothing is left
				return "", fmt.Sprintf("the host %q is not a domain name", host)
			}
			host = ascii
			break
		}
	}
	for i := range len(host) {
		if !unreserved(host[i]) && strings.IndexByte(subDelims, host[i]) < 0 {
			return "", fmt.Sprintf("the host %q holds %q", host, host[i])
		}
	}
	return strings.ToLower(host), ""
}

// subDelims are reserved characters that may stand in a host and a path.
// https://www.rfc-editor.org/rfc/rfc3986#section-2.2
const subDelims = "!$&'()*+,;="

// unreserved: "ALPHA / DIGIT / "-" / "." / "_" / "~""
// https://www.rfc-editor.org/rfc/rfc3986#section-2.3
func unreserved(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' ||
		c == '-' || c == '.' || c == '_' || c == '~'
}

// pathByte says what may stand in a path as it is. Brackets may not, by RFC 3986,
// but net/http and browsers send them so.
func pathByte(c byte) bool {
	return unreserved(c) || c == '/' || c == ':' || c == '@' || c == '[' || c == ']' ||
		strings.IndexByte(subDelims, c) >= 0
}

// escape percent-encodes each byte that may not stand as it is and keeps all
// others, percent-encoded ones included, as they came.
func escape(s string, may func(byte) bool) (string, bool) {
	var b []byte
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '%' {
			if i+2 >= len(s) || unhex(s[i+1]) < 0 || unhex(s[i+2]) < 0 {
				return "", false
			}
		} else if !may(c) {
			if b == nil {
				b = append(make([]byte, 0, len(s)+16), s[:i]...)
			}
			b = append(b, '%', upperHex[c>>4], upperHex[c&15])
			continue
		}
		if b != nil {
			b = append(b, c)
		}
	}
	if b == nil {
		return s, true
	}
	return string(b), true
}

// escapeQuery makes a query safe to be sent and changes nothing else in it.
func escapeQuery(s string) string {
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c >= 0x7f || c == '"' || c == '<' || c == '>' {
			b.WriteString("%" + string(upperHex[c>>4]) + string(upperHex[c&15]))
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

const upperHex = "0123456789ABCDEF"

func unhex(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	default:
		return -1
	}
}
