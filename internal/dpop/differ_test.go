package dpop

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"math/rand/v2" //nolint:depguard // drawn from a seed, so that each run draws the same proofs

	"github.com/oauthpop/oauthpop/internal/forge"
)

// drawn is how many proofs are drawn, beside those of the lists.
const drawn = 4000

// Thousands of proofs and requests, of the lists and drawn: Verify and Judge say what
// the reference verifier says, also when keys are remembered from one to the next.
func TestVerdictsOfMutatedProofsAreThoseOfTheReference(t *testing.T) {
	d := &drawer{Rand: rand.New(rand.NewPCG(9449, 43)), t: t}
	requests := d.forged()
	bases := allVectors(t)
	for range drawn {
		requests = append(requests, d.request(bases[d.IntN(len(bases))]))
	}
	keys := NewKeys()
	first := map[string]int{}
	for i, r := range requests {
		if i%2 == 0 {
			r.Keys = keys
		}
		first[agree(t, r)]++
	}
	t.Logf("%d proofs; the first check that fails: %v", len(requests), first)
	for _, c := range append(Checks(), Check{ID: agreed}) {
		if first[c.ID] < 20 { // drawn so that each comes up in earnest
			t.Errorf("%s: only %d of %d proofs", c.ID, first[c.ID], len(requests))
		}
	}
}

// drawer makes proofs by chance; what it draws is the same in each run, only keys and
// signatures are not.
type drawer struct {
	*rand.Rand
	t *testing.T
}

func pick[T any](d *drawer, from ...T) T { return from[d.IntN(len(from))] }

// forged are all defects and oddities that have a name, by each algorithm.
func (d *drawer) forged() []Request {
	var all []Request
	for _, s := range [][2]string{{"P-256", "ES256"}, {"P-384", "ES384"}, {"P-521", "ES512"}, {"Ed25519", "EdDSA"}, {"Ed25519", "Ed25519"}, {"RSA", "PS256"}, {"RSA", "RS512"}} {
		r := forge.Request{
			Key: testKeys()[s[0]], Alg: s[1], Disposable: true,
			Method: "POST", HTU: vectorURL, Token: vectorToken, Nonce: vectorNonce, Time: time.Unix(vectorTime, 0),
		}
		for _, c := range append(forge.Defects(), forge.Oddities()...) {
			if strings.Contains(c.Title, "RS") != (s[0] == "RSA") && (s[0] != "RSA" || c.ID == "signature-other-key") {
				continue // making an RSA key for it takes longer than all the others together
			}
			if p, err := c.Make(r); err == nil {
				all = append(all, vectorRequest([]string{p.Value}, p.JKT))
			}
		}
	}
	return all
}

// request changes a vector before it is signed, after it was signed, and in what it is
// judged against.
func (d *drawer) request(v vector) Request {
	key, alg := v.key, v.alg
	if key == "" {
		key = "P-256"
	}
	if alg == "" {
		alg = "ES256"
	}
	if pick(d, true, false) { // a right proof
		v = vector{}
	}
	header, payload := v.header.apply(d.t, plainHeader(d.t, key, alg)), v.payload.apply(d.t, plainPayload())
	url := vectorURL
	for range d.IntN(3) {
		change := d.IntN(8)
		if v.lines != nil {
			change |= 2 // its header is cut later, at places that are looked for
		}
		switch change {
		case 0, 1:
			header = d.member(header)
		case 2, 3:
			payload = d.member(payload)
		case 4:
			header = d.torn(header)
		case 6:
			payload = d.torn(payload)
		default:
			url = d.url()
			payload = strings.Replace(payload, `"`+vectorURL+`"`, d.quote(pick(d, url, d.url(), d.url())), 1)
		}
	}
	proof := signAs(d.t, key, alg, header, payload)
	lines := []string{proof}
	if v.lines != nil {
		lines = v.lines(proof)
	}
	if len(lines) > 0 && d.IntN(8) == 0 {
		lines[0] = d.tornProof(lines[0])
	}
	r := vectorRequest(lines, thumbprintOrNone(key))
	r.URL = url
	if v.request != nil {
		v.request(&r)
	}
	d.against(&r)
	return r
}

// against leaves checks out, and changes what others compare with.
func (d *drawer) against(r *Request) {
	switch d.IntN(16) {
	case 0:
		r.JKT = thumbprint(pick(d, "Ed25519", "other P-256"))
	case 1:
		r.Method = pick(d, "", "GET", "post")
	case 2:
		r.URL = pick(d, "", d.url())
	case 3:
		r.HasToken, r.Token = pick(d, true, false), pick(d, "", "another")
	case 4:
		r.Nonce = nil
	case 5:
		r.NoFreshness = true
	case 6:
		r.Now = r.Now.Add(time.Duration(d.IntN(900_000)-450_000) * time.Millisecond)
	case 7:
		r.Algs = pick(d, nil, []string{"ES256"}, []string{"PS256", "EdDSA", "none", "HS256"})
	case 8:
		r.JKT = ""
	}
}

// member changes one member of an object: its value, its name, its number.
func (d *drawer) member(text string) string {
	var o map[string]json.RawMessage
	if json.Unmarshal([]byte(text), &o) != nil || len(o) == 0 {
		return text
	}
	name := pick(d, "jti", "htm", "htu", "iat", "ath", "nonce", "exp", "nbf", "typ", "alg", "jwk", "crit", "b64", "kid", "x")
	if strings.Contains(text, `"jwk"`) && d.IntN(3) == 0 {
		return d.keyMember(text)
	}
	was, there := o[name]
	value := d.value(name)
	switch {
	case !there || d.IntN(6) == 0: // added, beside another of its name or not
		if pick(d, true, false) {
			return strings.Replace(text, "{", `{"`+name+`":`+value+`,`, 1)
		}
		return strings.TrimSuffix(text, "}") + `,"` + name + `":` + value + `}`
	case d.IntN(6) == 0: // another name, or the same with an escape
		other := pick(d, strings.ToUpper(name), name+" ", " "+name, fmt.Sprintf(`\u%04x%s`, name[0], name[1:]), name+`\u0000`)
		return strings.Replace(text, `"`+name+`"`, `"`+other+`"`, 1)
	default:
		return strings.Replace(text, `"`+name+`":`+string(was), `"`+name+`":`+value, 1)
	}
}

// keyMember adds a member to jwk, or changes the value of one.
func (d *drawer) keyMember(header string) string {
	name := pick(d, "d", "p", "k", "oth", "use", "alg", "kid", "key_ops", "ext", "kty", "crv", "x", "y", "n", "e", "x5c")
	value := pick(d, `"AQ"`, `"sig"`, `"enc"`, `"ES256"`, `"RSA"`, `"P-384"`, `""`, `null`, `1`, `["verify"]`, `true`, `{}`, `"AQAB"`, `"AAEAAQ"`, `"AQ=="`)
	i := strings.Index(header, `"jwk":{`)
	if i < 0 {
		return header
	}
	i += len(`"jwk":{`)
	if d.IntN(3) > 0 {
		return header[:i] + `"` + name + `":` + value + `,` + header[i:]
	}
	// A character of one of its values.
	at := i + d.IntN(len(header)-i)
	return header[:at] + pick(d, "A", "B", "_", "=", "+", "") + header[at+1:]
}

// value is a JSON value that the member may have or not.
func (d *drawer) value(name string) string {
	switch name {
	case "iat", "exp", "nbf":
		if d.IntN(3) > 0 {
			at := vectorTime + d.IntN(800) - 400
			return fmt.Sprintf(pick(d, "%d", "%d", "%d.0", "%d.5", "%d.999", "%de0", "%d000e-3", "%d000", "-%d", `"%d"`), at)
		}
	case "htu":
		if d.IntN(3) > 0 {
			return d.quote(d.url())
		}
	case "typ":
		return pick(d, `"dpop+jwt"`, `"DPOP+jwt"`, `"dpop\u002bjwt"`, `"application/dpop+jwt"`, `"jwt"`, `null`, `["dpop+jwt"]`)
	case "alg":
		return d.quote(pick(d, "none", "HS256", "es256", "ES256 ", "ES256", "ES384", "ES512", "EdDSA", "Ed25519", "RS256", "PS256", "PS512", "ES256K", ""))
	case "ath":
		ath := ATH(vectorToken)
		return d.quote(pick(d, ath+"=", strings.ToLower(ath), ath[:42], ATH(vectorToken+"\n"), ATH("")))
	case "crit":
		return pick(d, `[]`, `["b64"]`, `["x"]`, `null`, `"x"`)
	case "jti":
		return pick(d, `""`, `" "`, `"\u0000"`, `"`+strings.Repeat("é", 250+d.IntN(12))+`"`, `1`)
	}
	return pick(d, `null`, `true`, `false`, `0`, `-0`, `1e400`, `-1.5E+3`, `""`, `"x"`, `"é"`, `"\ud83d\ude00"`, `"\ud800"`, `[]`, `{}`, `[{"a":[1]}]`,
		`{"a":1,"a":2}`, strings.Repeat("[", 62+d.IntN(3))+strings.Repeat("]", 62+d.IntN(3)), `01`, `.5`, `+1`, `NaN`, `'x'`, "\"\x01\"", "\"\xff\"", `"`+strings.Repeat("x", 16<<10)+`"`)
}

func (d *drawer) quote(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		d.t.Fatal(err)
	}
	return string(b)
}

// url spells the URL of the request in some way that may or may not be another URL.
func (d *drawer) url() string {
	const same = 4 // as often as the right spelling is taken for a part
	or := func(right string, wrong ...string) string {
		if d.IntN(same) > 0 {
			return right
		}
		return pick(d, wrong...)
	}
	path := ""
	for range d.IntN(3) {
		path += "/" + pick(d, ".", "..", "%2e", "%2E%2e", "", "a", "a/..", "%2F", "%5c", `\`, "ä", "a b", "[", "|", "%", "%z1", "~", "%7E", "...")
	}
	path += or("/token", "/%74oken", "/toke%6e", "/Token", "/token/", "/token/.", "/token%2f", "//token", "", "token", "/token%00", "/tok\ten", "/token;a=1")
	return or("https", "HTTPS", "http", "ftp", "") + or("://", ":", ":/", ":///", "//") +
		or("server.example.com", "Server.Example.COM", "server.example.com.", "serv%65r.example.com", "evil.example", "", "[::1]", "[2001:DB8::1]", "127.0.0.1", "a@server.example.com", "server_1", " server.example.com") +
		or("", ":", ":443", ":0443", ":80", ":8443", ":65536", ":x") + path + or("", "?", "?a=b", "#f", "?a#b", "?/../x")
}

// torn changes a byte of a text before it is signed, or some more.
func (d *drawer) torn(text string) string {
	if text == "" {
		return text
	}
	at := d.IntN(len(text))
	switch d.IntN(5) {
	case 0:
		return text[:at] + text[at+1:]
	case 1:
		return text[:at] + pick(d, " ", "\n", "\t", "\x00", "\ufeff", `"`, `\`, ",", "{", "}", ":", "[", "0", "-", "\xc3", "/**/") + text[at:]
	case 2:
		return pick(d, " ", "\ufeff", "[", "\n") + text
	case 3:
		return text + pick(d, " ", "{}", "\n", "\x00", ",", "]")
	default:
		return text[:at] + string(rune(text[at]^1<<d.IntN(7))) + text[at+1:]
	}
}

// tornProof changes a proof after it was signed.
func (d *drawer) tornProof(proof string) string {
	if proof == "" {
		return proof
	}
	at := d.IntN(len(proof))
	switch d.IntN(4) {
	case 0:
		return proof[:at] + proof[at+1:]
	case 1:
		return proof[:at] + pick(d, "=", ".", " ", "\n", "+", "/", "%", "A", "é") + proof[at:]
	case 2: // the last characters, whose unused bits mean nothing
		at = len(proof) - 1
	}
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	i := strings.IndexByte(letters, proof[at])
	if i < 0 {
		return proof[:at] + base64.RawURLEncoding.EncodeToString([]byte{byte(at)}) + proof[at+1:]
	}
	return proof[:at] + string(letters[i^1<<d.IntN(6)]) + proof[at+1:]
}
