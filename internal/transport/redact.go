package transport

import (
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/oauthpop/oauthpop/internal/bounds"
	"github.com/oauthpop/oauthpop/internal/wire"
)

// isSecret reports whether what goes by this name is shortened: rather too much
// than too little. Names of kinds and methods (grant_type, code_challenge_method)
// are open.
func isSecret(name string) bool {
	name = strings.ToLower(name)
	switch name {
	case "dpop", "request", "code", "device_code", "user_code", "otp", "auth_req_id":
		return true
	}
	for _, end := range []string{"_type", "_method"} {
		if strings.HasSuffix(name, end) {
			return false
		}
	}
	for _, part := range []string{
		"secret", "token", "assertion", "passw", "passphrase", "cookie", "apikey", "-key", "_key",
		"authorization", "verifier", "session", "signature", "credential", "jwt",
	} {
		if strings.Contains(name, part) {
			return true
		}
	}
	return false
}

func redactHeader(header http.Header) []Field {
	var all []Field
	for _, name := range slices.Sorted(maps.Keys(header)) {
		for _, value := range header[name] {
			all = append(all, Field{Name: name, Value: redactField(name, value)})
		}
	}
	return all
}

func redactField(name, value string) string {
	switch lower := strings.ToLower(name); {
	case lower == "authorization" || lower == "proxy-authorization":
		scheme, rest, spaced := strings.Cut(value, " ")
		if !spaced {
			return wire.Secret(value).String()
		}
		return scheme + " " + wire.Secret(rest).String()
	case lower == "location" || lower == "content-location" || lower == "referer":
		u, err := url.Parse(value)
		if err != nil {
			return wire.Secret(value).String()
		}
		return redactURL(u)
	case isSecret(name):
		return wire.Secret(value).String()
	}
	return value
}

// redactURL shortens the secrets in a query and in a fragment, and a password.
func redactURL(u *url.URL) string {
	shown := withoutQuery(u)
	if u.RawQuery != "" {
		shown += "?" + redactPairs(u.RawQuery)
	}
	if u.Fragment != "" {
		shown += "#" + redactPairs(u.EscapedFragment())
	}
	return shown
}

func redactPairs(query string) string {
	pairs := strings.Split(query, "&")
	for i, pair := range pairs {
		name, value, _ := strings.Cut(pair, "=")
		if plain, err := url.QueryUnescape(name); err != nil || isSecret(plain) {
			pairs[i] = name + "=" + wire.Secret(value).String()
		}
	}
	return strings.Join(pairs, "&")
}

// redactForm returns the values of a form in its own order.
func redactForm(req *http.Request) []Field {
	kind, _, _ := mime.ParseMediaType(req.Header.Get("Content-Type"))
	if kind != "application/x-www-form-urlencoded" || req.GetBody == nil || req.ContentLength > bounds.FormBody {
		return nil
	}
	body, err := req.GetBody()
	if err != nil {
		return nil
	}
	defer body.Close() // a copy in memory
	text, err := io.ReadAll(io.LimitReader(body, bounds.FormBody))
	if err != nil {
		return nil
	}
	var all []Field
	for pair := range strings.SplitSeq(string(text), "&") {
		name, value, _ := strings.Cut(pair, "=")
		name, nameErr := url.QueryUnescape(name)
		plain, valueErr := url.QueryUnescape(value)
		if nameErr != nil || valueErr != nil || isSecret(name) {
			plain = wire.Secret(value).String()
		}
		all = append(all, Field{Name: name, Value: plain})
	}
	return all
}
