package transport

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"golang.org/x/net/http/httpguts"

	"github.com/oauthpop/oauthpop/internal/dpop"
)

// check refuses what must not or cannot be sent.
//
// DPoP is always used together with HTTPS, and so is what is asked for without it.
// https://www.rfc-editor.org/rfc/rfc9449#section-2
func (t *Transport) check(req *http.Request) error {
	u := req.URL
	switch {
	case u.Scheme != "https" && u.Scheme != "http":
		return &RequestError{Why: fmt.Sprintf("the URL %q does not begin with https://", u.Redacted())}
	case u.Hostname() == "":
		return &RequestError{Why: fmt.Sprintf("the URL %q names no host", u.Redacted())}
	case u.User != nil:
		return &RequestError{Why: fmt.Sprintf("the URL %q has a user name in it, which is not sent: give an Authorization header", u.Redacted())}
	case u.Scheme == "http" && !t.config.Insecure && !t.loopback(u):
		return &PlainHTTPError{URL: u.Redacted()}
	case !httpguts.ValidHeaderFieldName(req.Method):
		return &RequestError{Why: fmt.Sprintf("%q is no method", req.Method)}
	}
	for name, values := range req.Header {
		if !httpguts.ValidHeaderFieldName(name) {
			return &RequestError{Why: fmt.Sprintf("%q is no name of a header field", name)}
		}
		for _, v := range values {
			if !httpguts.ValidHeaderFieldValue(v) { // the value may be a secret
				return &RequestError{Why: fmt.Sprintf("the value of the header field %q has characters that cannot be sent (a line break?)", name)}
			}
		}
	}
	return nil
}

// loopback reports whether a request stays on this machine.
func (t *Transport) loopback(u *url.URL) bool {
	host := strings.ToLower(u.Hostname())
	if to, ok := t.config.Resolve[addressOf(u)]; ok {
		host, _, _ = net.SplitHostPort(to)
	}
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.Unmap().IsLoopback()
}

// addressOf is what is dialed for a URL, where nothing says otherwise.
func addressOf(u *url.URL) string {
	return asDialed(net.JoinHostPort(u.Hostname(), portOf(u)))
}

// asDialed is a "host:port" with the host as it goes over the wire: in small ASCII
// letters, also where it was written in others.
func asDialed(address string) string {
	if sent, err := dpop.RequestURL("https://" + address + "/"); err == nil {
		if u, err := url.Parse(sent); err == nil {
			return net.JoinHostPort(u.Hostname(), portOf(u))
		}
	}
	return strings.ToLower(address)
}

func portOf(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case u.Scheme == "http":
		return "80"
	}
	return "443"
}

// originOf returns scheme, host and port of a URL: what nonces are kept by.
// https://www.rfc-editor.org/rfc/rfc6454#section-4
func originOf(rawURL string) string {
	if sent, err := dpop.RequestURL(rawURL); err == nil {
		rawURL = sent // the host as it is written on the wire
	}
	u, err := url.Parse(rawURL)
	if err != nil || u.Host == "" {
		return ""
	}
	return strings.ToLower(u.Scheme) + "://" + net.JoinHostPort(strings.ToLower(u.Hostname()), portOf(u))
}
