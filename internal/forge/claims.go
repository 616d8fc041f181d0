package forge

import (
	"errors"
	"strconv"
	"strings"
)

func setClaim(name, value string) func(*draft) error {
	return func(d *draft) error {
		d.claims.set(name, value)
		return nil
	}
}

func cutClaim(name string) func(*draft) error {
	return func(d *draft) error {
		d.claims.cut(name)
		return nil
	}
}

// extensions are header parameters that a recipient must understand or refuse.
func extensions() []Case {
	header := func(id, title, section string, members ...Member) Case {
		return Case{
			ID: id, Title: title, Section: section, Strength: Must, Fails: []string{"strict"},
			change: func(d *draft) error {
				for _, m := range members {
					d.header.set(m.Name, m.Value)
				}
				return nil
			},
		}
	}
	return []Case{
		// "If any of the listed extension Header Parameters are not understood and
		// supported by the recipient, then the JWS is invalid."
		// https://www.rfc-editor.org/rfc/rfc7515#section-4.1.11
		header("crit-unknown", "crit with an extension that nobody knows", "RFC 7515 §4.1.11", Member{"crit", `["x-unknown"]`}, Member{"x-unknown", `1`}),
		// "JSON Web Tokens (JWTs) MUST NOT use the unencoded payload option"
		// https://www.rfc-editor.org/rfc/rfc7797#section-7
		header("b64-false", "b64 false", "RFC 7797 §7", Member{"b64", `false`}),
	}
}

// needed says why a claim that is not there, or not of its type, fails two checks.
const needed = "a claim that is not there, or not of its type, is also not that of the request"

// claims are proofs whose jti or htm is wrong.
func claims() []Case {
	claim := func(id, title, name, value string, fails ...string) Case {
		c := Case{ID: id, Title: title, Section: "RFC 9449 §4.2", Strength: Must, Fails: fails, change: setClaim(name, value)}
		if value == "" {
			c.change = cutClaim(name)
		}
		if len(fails) > 1 {
			c.Why = needed
		}
		return c
	}
	long := func(id, title string, size int, fails ...string) Case {
		c := claim(id, title, "jti", "", fails...)
		c.change = func(d *draft) error {
			d.claims.set("jti", quote(strings.Repeat("x", size)))
			return nil
		}
		c.Section, c.Strength = "RFC 9449 §11.1", Should
		if len(fails) > 1 {
			c.Why = "the whole proof is too long with it"
		}
		return c
	}
	other := func(id, title, strength string, change func(string) string) Case {
		// "The htm claim matches the HTTP method of the current request."
		// https://www.rfc-editor.org/rfc/rfc9449#section-4.3
		return Case{ID: id, Title: title, Section: "RFC 9449 §4.3 item 8", Strength: strength, Fails: []string{"htm"}, change: func(d *draft) error {
			htm, err := d.claims.text("htm")
			if err != nil {
				return err
			}
			changed := change(htm)
			if changed == htm {
				return errors.New("the method has no letters")
			}
			d.claims.set("htm", quote(changed))
			return nil
		}}
	}
	array := claim("htm-array", "htm in an array", "htm", "", "claims", "htm")
	array.change = func(d *draft) error {
		d.claims.set("htm", "["+quote(d.request.Method)+"]")
		return nil
	}
	return []Case{
		claim("jti-missing", "no jti", "jti", "", "claims"),
		claim("jti-empty", "an empty jti", "jti", `""`, "claims"),
		claim("jti-number", "a jti that is a number", "jti", `1`, "claims"),
		long("jti-4k", "a jti of 4 KiB", 4<<10, "claims"),
		long("jti-64k", "a jti of 64 KiB", 64<<10, "well-formed", "claims"),
		claim("htm-missing", "no htm", "htm", "", "claims", "htm"),
		other("htm-other", "htm of another method", Must, func(htm string) string {
			if htm == "GET" {
				return "POST"
			}
			return "GET"
		}),
		other("htm-case", "htm in the other case", Should, func(htm string) string {
			if lower := strings.ToLower(htm); lower != htm {
				return lower
			}
			return strings.ToUpper(htm)
		}),
		array,
	}
}

// quoteTime is a NumericDate some seconds after the proof's time.
func quoteTime(d *draft, seconds int64) string {
	return strconv.FormatInt(d.request.Time.Unix()+seconds, 10)
}

// times are proofs of another time, or whose time cannot be read.
func times() []Case {
	// "The creation time of the JWT [...] is within an acceptable window."
	// https://www.rfc-editor.org/rfc/rfc9449#section-4.3
	const section = "RFC 9449 §4.3 item 11"
	fixed := func(id, title, value string) Case {
		return Case{ID: id, Title: title, Section: section, Strength: Must, Fails: []string{"fresh"}, change: setClaim("iat", value)}
	}
	moved := func(id, title string, seconds int64) Case {
		return Case{ID: id, Title: title, Section: section, Strength: Must, Fails: []string{"fresh"}, change: func(d *draft) error {
			d.claims.set("iat", quoteTime(d, seconds))
			return nil
		}}
	}
	missing := func(id, title string, change func(*draft) error) Case {
		return Case{ID: id, Title: title, Section: "RFC 9449 §4.2", Strength: Must, Fails: []string{"claims", "fresh"}, change: change, Why: needed}
	}
	// exp and nbf are no claims of a proof; the rules of any JWT hold if they are there.
	// https://www.rfc-editor.org/rfc/rfc7519#section-4.1.4
	bound := func(id, title, name, section string, seconds int64) Case {
		return Case{ID: id, Title: title, Section: section, Strength: Should, Fails: []string{"strict"}, change: func(d *draft) error {
			d.claims.set(name, quoteTime(d, seconds))
			return nil
		}}
	}
	milliseconds := fixed("iat-milliseconds", "iat in milliseconds", "")
	milliseconds.change = func(d *draft) error {
		d.claims.set("iat", strconv.FormatInt(d.request.Time.UnixMilli(), 10))
		return nil
	}
	return []Case{
		missing("iat-missing", "no iat", cutClaim("iat")),
		missing("iat-string", "iat that is a string", func(d *draft) error {
			d.claims.set("iat", quote(quoteTime(d, 0)))
			return nil
		}),
		fixed("iat-zero", "iat 0", `0`), fixed("iat-negative", "iat before 1970", `-1`), milliseconds,
		moved("iat-hour-old", "iat an hour ago", -3600), moved("iat-hour-ahead", "iat in an hour", 3600),
		// The window is five minutes, or one, in many servers. What is ahead comes nearer
		// while it is sent.
		moved("iat-301s-old", "iat 301 seconds ago", -301), moved("iat-305s-ahead", "iat in 305 seconds", 305), moved("iat-65s-ahead", "iat in 65 seconds", 65),
		bound("exp-past", "exp in the past", "exp", "RFC 7519 §4.1.4", -600),
		bound("nbf-future", "nbf in the future", "nbf", "RFC 7519 §4.1.5", 600),
	}
}

// doubles are proofs with a member twice, which parsers read differently.
func doubles() []Case {
	// "The Claim Names within a JWT Claims Set MUST be unique"
	// https://www.rfc-editor.org/rfc/rfc7519#section-4
	const section = "RFC 7519 §4"
	evil := Member{"htu", `"https://other.invalid/"`}
	return []Case{
		{
			ID: "htu-twice-first-right", Title: "htu twice, the first one right", Section: section, Strength: Should, Fails: []string{"htu", "strict"},
			Why:    "where the last of two counts, as in most parsers, it is also the wrong one",
			change: func(d *draft) error { d.claims = append(d.claims, evil); return nil },
		},
		{
			ID: "htu-twice-last-right", Title: "htu twice, the last one right", Section: section, Strength: Should, Fails: []string{"strict"},
			change: func(d *draft) error { d.claims = append(object{evil}, d.claims...); return nil },
		},
		{
			ID: "alg-twice", Title: "alg twice, the first one none", Section: "RFC 7515 §4", Strength: Should, Fails: []string{"strict"},
			change: func(d *draft) error { d.header = append(object{{"alg", `"none"`}}, d.header...); return nil },
		},
	}
}
