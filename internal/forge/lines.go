package forge

import "strings"

// formed is where RFC 9449 wants one well-formed JWT.
// https://www.rfc-editor.org/rfc/rfc9449#section-4.3
const formed = "RFC 9449 §4.3 item 2"

// lines are wrong before anything in them is read.
func lines() []Case {
	line := func(id, title string, change func(string) string) Case {
		return Case{
			ID: id, Title: title, Section: formed, Strength: Must, Fails: []string{"well-formed"}, Unreadable: true,
			change: func(d *draft) error {
				d.line = func(proof string) (string, error) { return change(proof), nil }
				return nil
			},
		}
	}
	return []Case{
		{
			ID: "two-proofs", Title: "two right proofs in one line, joined by a comma", Section: formed, Strength: Must,
			Fails: []string{"well-formed"}, Unreadable: true, change: twoProofs,
		},
		line("empty", "a header field without a value", func(string) string { return "" }),
		line("malformed", "a word instead of a JWT", func(string) string { return "malformed" }),
		line("two-parts", "the signature is missing, with its point", func(p string) string { return p[:strings.LastIndexByte(p, '.')] }),
		line("four-parts", "a part more than a JWT has", func(p string) string { return p + ".e30" }),
		line("five-parts", "five parts, as an encrypted JWT has", func(p string) string { return p + ".e30.e30" }),
		line("padded", "base64 padding at the end", func(p string) string { return p + "==" }),
	}
}

func twoProofs(d *draft) error {
	d.line = func(first string) (string, error) {
		d.line = nil
		d.claims.set("jti", quote(base64url(random(16))))
		second, err := d.seal()
		if err != nil {
			return "", err
		}
		return first + ", " + second.Value, nil
	}
	return nil
}

// sizes are proofs that are too long.
func sizes() []Case {
	padded := func(id, title string, size int) Case {
		return Case{
			// "a server [...] should reject DPoP proof JWTs with unnecessarily large jti
			// values": what holds for one claim holds for all that is read before a check.
			// https://www.rfc-editor.org/rfc/rfc9449#section-11.1
			ID: id, Title: title, Section: "RFC 9449 §11.1", Strength: Should, Fails: []string{"well-formed"},
			change: func(d *draft) error {
				d.claims.set("padding", quote(strings.Repeat("x", size)))
				return nil
			},
		}
	}
	return []Case{
		padded("proof-16k", "a proof above 16 KiB", 16<<10),
		padded("proof-64k", "a proof above 64 KiB", 64<<10),
	}
}
