package forge

import (
	"errors"
	"net"
	"net/url"
	"strings"
)

// targets are proofs for another URL.
func targets() []Case {
	// "The htu claim matches the HTTP URI value for the HTTP request in which the JWT
	// was received, ignoring any query and fragment parts."
	// https://www.rfc-editor.org/rfc/rfc9449#section-4.3
	const section = "RFC 9449 §4.3 item 9"
	other := func(id, title string, change func(*htu) error) Case {
		return Case{ID: id, Title: title, Section: section, Strength: Must, Fails: []string{"htu"}, change: rewrite(change)}
	}
	untyped := func(id, title string, change func(*draft) error) Case {
		return Case{ID: id, Title: title, Section: "RFC 9449 §4.2", Strength: Must, Fails: []string{"claims", "htu"}, Why: needed, change: change}
	}
	userinfo := other("htu-userinfo", "htu with a user name and a password", func(h *htu) error { h.host = "user:secret@" + h.host; return nil })
	userinfo.Section, userinfo.Strength, userinfo.Fails = "RFC 9110 §4.2.4", Should, []string{"htu", "strict"}
	userinfo.Why = "it is not the URL of the request, and has no place in any"
	slash := other("htu-slash-encoded", "htu with a slash as %2F, or the other way round", encodedSlash)
	slash.Section, slash.Strength = "RFC 3986 §2.2", Should
	return []Case{
		untyped("htu-missing", "no htu", cutClaim("htu")),
		untyped("htu-number", "htu that is a number", setClaim("htu", `1`)),
		{ID: "htu-malformed", Title: "htu that is no URL", Section: section, Strength: Must, Fails: []string{"htu"}, change: setClaim("htu", `":::*;"`)},
		other("htu-relative", "htu without scheme and host", func(h *htu) error { h.scheme, h.host = "", ""; return nil }),
		other("htu-other-path", "htu of another path", func(h *htu) error { h.path += "ohnonotagain"; return nil }),
		other("htu-other-host", "htu of another host", func(h *htu) error { h.host = "other.invalid"; return nil }),
		other("htu-other-scheme", "htu of http instead of https", func(h *htu) error {
			h.scheme = map[bool]string{true: "https", false: "http"}[strings.EqualFold(h.scheme, "http")]
			return nil
		}),
		other("htu-other-port", "htu of another port", func(h *htu) error {
			host, port := h.split()
			h.host = host + ":8443"
			if port == "8443" {
				h.host = host + ":8444"
			}
			return nil
		}),
		other("htu-slash", "htu with a slash at its end", func(h *htu) error { h.path += "/"; return nil }),
		other("htu-path-case", "htu with a letter of the path in the other case", pathCase),
		userinfo, slash,
	}
}

// oddities are right, odd as they look.
func oddities() []Case {
	odd := func(id, title, section, strength string, change func(*draft) error) Case {
		return Case{ID: id, Title: title, Section: section, Strength: strength, change: change}
	}
	// "Verifiers SHOULD employ Syntax-Based Normalization [...] and Scheme-Based
	// Normalization" https://www.rfc-editor.org/rfc/rfc9449#section-4.3
	const normal, target = "RFC 3986 §6.2", "RFC 9449 §4.3 item 9"
	iat := func(seconds int64, fraction string) func(*draft) error {
		return func(d *draft) error { d.claims.set("iat", quoteTime(d, seconds)+fraction); return nil }
	}
	return []Case{
		odd("odd-htu-query", "htu with query and fragment", target, Must, rewrite(func(h *htu) error { h.path += "?x=1#f"; return nil })),
		odd("odd-htu-capitals", "htu with scheme and host in capitals", normal, Should, rewrite(func(h *htu) error {
			h.scheme, h.host = strings.ToUpper(h.scheme), strings.ToUpper(h.host)
			return nil
		})),
		odd("odd-htu-port", "htu with the port that its scheme has", normal, Should, rewrite(func(h *htu) error {
			host, port := h.split()
			if port == "" {
				h.host = host + map[bool]string{true: ":80", false: ":443"}[strings.EqualFold(h.scheme, "http")]
			} else if port != "80" && port != "443" {
				return errors.New("the URL has a port of its own")
			}
			return nil
		})),
		odd("odd-htu-escape", "htu with a letter of the path as %XX", normal, Should, rewrite(escapeLetter)),
		odd("odd-htu-dots", "htu with dot segments", normal, Should, rewrite(func(h *htu) error { h.path = "/./a/.." + h.path; return nil })),
		// "not-before [...] in the range of 0 to 10 seconds in the future" is accepted.
		// https://openid.net/specs/fapi-security-profile-2_0-final.html
		odd("odd-iat-10s-old", "iat ten seconds ago", "RFC 9449 §11.1", Should, iat(-10, "")),
		odd("odd-iat-10s-ahead", "iat in ten seconds", "RFC 9449 §11.1", Should, iat(10, "")),
		odd("odd-iat-fraction", "iat with a fraction", "RFC 7519 §2", Should, iat(0, ".5")),
		odd("odd-header", "a header parameter that nobody knows", "RFC 9449 §4.2", Must, setHeader("x-unknown", `{"a":[1,null]}`)),
		odd("odd-claim", "a claim that nobody knows", "RFC 9449 §4.2", Must, setClaim("x-unknown", `"x"`)),
	}
}

// htu is the htu of a request, taken apart by its letters.
type htu struct{ scheme, host, path string }

func (h *htu) split() (host, port string) {
	if host, port, err := net.SplitHostPort(h.host); err == nil {
		if strings.Contains(host, ":") {
			host = "[" + host + "]"
		}
		return host, port
	}
	return h.host, ""
}

func rewrite(change func(*htu) error) func(*draft) error {
	return func(d *draft) error {
		text, err := d.claims.text("htu")
		if err != nil {
			return err
		}
		u, err := url.Parse(text)
		if err != nil || u.Host == "" {
			return errors.New("htu is not a URL that could be changed")
		}
		h := &htu{scheme: u.Scheme, host: u.Host, path: u.EscapedPath()}
		if err := change(h); err != nil {
			return err
		}
		changed := h.path
		if h.host != "" {
			changed = h.scheme + "://" + h.host + h.path
		}
		d.claims.set("htu", quote(changed))
		return nil
	}
}

// letter finds a letter of the path that is no part of an escape.
func letter(path string) (int, error) {
	for i := 0; i < len(path); i++ {
		switch c := path[i] | 0x20; {
		case path[i] == '%':
			i += 2
		case 'a' <= c && c <= 'z':
			return i, nil
		}
	}
	return 0, errors.New("the path of the URL has no letter")
}

func pathCase(h *htu) error {
	i, err := letter(h.path)
	if err == nil {
		h.path = h.path[:i] + string(h.path[i]^0x20) + h.path[i+1:]
	}
	return err
}

func escapeLetter(h *htu) error {
	const hex = "0123456789ABCDEF"
	i, err := letter(h.path)
	if err == nil {
		c := h.path[i]
		h.path = h.path[:i] + "%" + string(hex[c>>4]) + string(hex[c&15]) + h.path[i+1:]
	}
	return err
}

// encodedSlash: a slash is a reserved character, and %2F another thing.
func encodedSlash(h *htu) error {
	for _, escape := range []string{"%2F", "%2f"} {
		if strings.Contains(h.path, escape) {
			h.path = strings.Replace(h.path, escape, "/", 1)
			return nil
		}
	}
	i := strings.LastIndexByte(h.path, '/')
	if i <= 0 {
		return errors.New("the path of the URL has no second segment")
	}
	h.path = h.path[:i] + "%2F" + h.path[i+1:]
	return nil
}
