package dpop

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/oauthpop/oauthpop/internal/jwt"
)

// checkStrict holds the rules of the RFCs below RFC 9449 that servers often leave
// to their library.
func checkStrict(p *proof, r *Request) error {
	var found []string
	for _, rule := range [...]func(*proof, *Request) string{
		strictDuplicates, strictEncoding, strictCrit, strictTimes, strictKey, strictIntent, strictUserinfo,
	} {
		if s := rule(p, r); s != "" {
			found = append(found, s)
		}
	}
	if found == nil {
		return nil
	}
	return &mismatch{
		expected: "a proof by the rules of JWS and JWT", found: strings.Join(found, "; "),
		hint: "lenient servers do not look; a careful one refuses",
	}
}

// "The Claim Names within a JWT Claims Set MUST be unique"
// https://www.rfc-editor.org/rfc/rfc7519#section-4
// "The Header Parameter names within the JOSE Header MUST be unique"
// https://www.rfc-editor.org/rfc/rfc7515#section-4
func strictDuplicates(p *proof, _ *Request) string {
	names := p.jws.Header.Duplicates()
	if len(names) == 0 {
		names = p.jws.Payload.Duplicates()
	}
	if len(names) == 0 {
		return ""
	}
	return "member twice: " + shorten(strings.Join(names, " "))
}

// The unused bits of a last character are zero in what an encoder writes, and a
// decoder may refuse others: two spellings of one proof are two keys of a cache.
// https://www.rfc-editor.org/rfc/rfc4648#section-3.5
func strictEncoding(p *proof, _ *Request) string {
	if p.jws.Canonical {
		return ""
	}
	return "base64url with unused bits set"
}

// "If any of the listed extension Header Parameters are not understood and
// supported by the recipient, then the JWS is invalid." None is, here.
// https://www.rfc-editor.org/rfc/rfc7515#section-4.1.11
// "JSON Web Tokens (JWTs) MUST NOT use the unencoded payload option"
// https://www.rfc-editor.org/rfc/rfc7797
func strictCrit(p *proof, _ *Request) string {
	if _, ok := p.jws.Header.Get("crit"); ok {
		return "crit " + shown(p.jws.Header, "crit")
	}
	if raw, ok := p.jws.Header.Text("b64"); ok && raw != "true" {
		return "b64 " + shown(p.jws.Header, "b64")
	}
	return ""
}

// A proof needs neither exp nor nbf; if they are there, they count.
// https://www.rfc-editor.org/rfc/rfc7519#section-4.1.4
func strictTimes(p *proof, r *Request) string {
	for _, name := range [...]string{"exp", "nbf"} {
		if _, ok := p.jws.Payload.Get(name); !ok {
			continue
		}
		at, ok := p.number(name)
		if !ok {
			return name + " is not a number"
		}
		if r.NoFreshness {
			continue
		}
		// "Implementers MAY provide for some small leeway [...] to account for clock
		// skew."
		late := seconds(r.Now) - at
		if name == "exp" && late >= r.MaxSkew.Seconds() || name == "nbf" && -late > r.MaxSkew.Seconds() {
			return name + " " + ageText(late)
		}
	}
	return ""
}

// strictKey wants a key of sufficient size, on the curve of the algorithm, and
// written as an encoder writes it. https://www.rfc-editor.org/rfc/rfc7518#section-6
func strictKey(p *proof, _ *Request) string {
	if p.jwk == nil {
		return "" // the check "signature" says so
	}
	if p.keyErr != nil {
		return p.keyErr.Error()
	}
	alg, ok := p.jws.Header.String("alg")
	if !ok || !slices.Contains(jwt.Algorithms(), alg) {
		return "" // the check "alg" says so
	}
	if err := jwt.AlgorithmFits(alg, p.key); err != nil {
		return err.Error()
	}
	return ""
}

// strictIntent: a key that says what it is for is for nothing else.
// "The "use" (public key use) parameter identifies the intended use of the public
// key." "Values defined by this specification are: [...] "sig" (signature) [...]
// "enc" (encryption)". "The "alg" (algorithm) parameter identifies the algorithm
// intended for use with the key."
// https://www.rfc-editor.org/rfc/rfc7517#section-4.2
func strictIntent(p *proof, _ *Request) string {
	if p.jwk == nil {
		return ""
	}
	alg, _ := p.jws.Header.String("alg")
	for _, intent := range [...]struct{ name, want string }{{"use", "sig"}, {"alg", alg}} {
		if _, ok := p.jwk.Get(intent.name); !ok {
			continue
		}
		if found, ok := p.jwk.String(intent.name); !ok || found != intent.want {
			return intent.name + " in jwk is " + shown(p.jwk, intent.name)
		}
	}
	return strictOperations(p.jwk)
}

// "Its value is an array of key operation values. [...] Duplicate key operation
// values MUST NOT be present in the array." One of them is "verify", for "verify
// digital signature or MAC". https://www.rfc-editor.org/rfc/rfc7517#section-4.3
func strictOperations(jwk *jwt.Object) string {
	raw, ok := jwk.Get("key_ops")
	if !ok {
		return ""
	}
	var all []string
	err := json.Unmarshal(raw, &all)
	once := slices.Compact(slices.Sorted(slices.Values(all)))
	if err != nil || !slices.Contains(all, "verify") || len(once) != len(all) {
		return "key_ops in jwk is " + shown(jwk, "key_ops")
	}
	return ""
}

func strictUserinfo(p *proof, _ *Request) string {
	htu, _ := p.claim("htu")
	_, rest, _ := strings.Cut(htu, "://")
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		rest = rest[:i]
	}
	if strings.Contains(rest, "@") {
		return "a user name or password in htu"
	}
	return ""
}
