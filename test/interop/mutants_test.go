//go:build interop

package interop

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"math/rand/v2" //nolint:depguard // drawn from a seed, so that each run draws the same proofs

	"github.com/oauthpop/oauthpop/internal/forge"
	"github.com/oauthpop/oauthpop/internal/jwt"
)

// mutant is a proof, right or wrong, with the request that it is judged for: a line
// as `dpop verify -` reads it. What it is made of is drawn from a seed; only keys and
// signatures differ from run to run.
type mutant struct {
	Proof  string `json:"proof"`
	Method string `json:"method"`
	URL    string `json:"url"`
	Token  string `json:"token"`
	At     int64  `json:"at"`
	JKT    string `json:"jkt"`

	Made string `json:"made"` // how, for a person
}

// mutantAt is when all requests arrived.
const mutantAt = 1_700_000_000

const mutantURL = "https://api.example.com/v1/orders"

// signer is a key with its algorithm and an access token that is bound to it.
type signer struct {
	key        crypto.Signer
	alg        string
	jkt, token string
}

// breeder draws mutants.
type breeder struct {
	t       *testing.T
	draw    *rand.Rand
	signers []signer
}

func newBreeder(t *testing.T, mint func(jkt string) string) *breeder {
	t.Helper()
	must := func(k crypto.Signer, err error) crypto.Signer {
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	_, ed, err := ed25519.GenerateKey(nil)
	// Its x begins with a zero byte: only such a key is the same without it.
	ec := must(ecdsa.GenerateKey(elliptic.P256(), nil))
	for ec.Public().(*ecdsa.PublicKey).X.BitLen() > 248 {
		ec = must(ecdsa.GenerateKey(elliptic.P256(), nil))
	}
	rsa2048 := must(rsa.GenerateKey(nil, 2048))
	b := &breeder{t: t, draw: rand.New(rand.NewPCG(9449, 8705))}
	for _, s := range []signer{
		{key: ec, alg: "ES256"},
		{key: must(ecdsa.GenerateKey(elliptic.P384(), nil)), alg: "ES384"},
		{key: must(ecdsa.GenerateKey(elliptic.P521(), nil)), alg: "ES512"},
		{key: must(ed, err), alg: "EdDSA"},
		{key: ed, alg: "Ed25519"},
		{key: rsa2048, alg: "RS256"},
		{key: rsa2048, alg: "PS256"},
	} {
		if s.jkt, err = jwt.Thumbprint(s.key.Public()); err != nil {
			t.Fatal(err)
		}
		s.token = mint(s.jkt)
		b.signers = append(b.signers, s)
	}
	return b
}

func pick[T any](b *breeder, from []T) T { return from[b.draw.IntN(len(from))] }

func (s signer) mutant(proof, made string) mutant {
	return mutant{Proof: proof, Method: "POST", URL: mutantURL, Token: s.token, At: mutantAt, JKT: s.jkt, Made: s.alg + ": " + made}
}

// forged are all named defects and oddities, by every key.
func (b *breeder) forged() []mutant {
	var all []mutant
	for _, s := range b.signers {
		r := forge.Request{Key: s.key, Alg: s.alg, Method: "POST", HTU: mutantURL, Token: s.token, Time: time.Unix(mutantAt, 0)}
		for _, c := range append(forge.Defects(), forge.Oddities()...) {
			p, err := c.Make(r)
			if err != nil {
				continue // not of this key
			}
			all = append(all, s.mutant(p.Value, c.ID))
		}
	}
	return all
}

// parts are the members of a proof, as JSON texts in their order.
type parts struct{ header, claims [][2]string }

func (b *breeder) right(s signer) parts {
	jwk, err := jwt.CanonicalJWK(s.key.Public())
	if err != nil {
		b.t.Fatal(err)
	}
	quote := func(v string) string { q, _ := json.Marshal(v); return string(q) }
	ath := forgeATH(s.token)
	return parts{
		header: [][2]string{{"typ", `"dpop+jwt"`}, {"alg", quote(s.alg)}, {"jwk", string(jwk)}},
		claims: [][2]string{
			{"jti", quote(b.text(16))}, {"htm", `"POST"`}, {"htu", quote(mutantURL)}, {"iat", "1700000000"}, {"ath", quote(ath)},
		},
	}
}

func forgeATH(token string) string {
	h := crypto.SHA256.New()
	h.Write([]byte(token))
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}

func (b *breeder) text(n int) string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	out := make([]byte, n)
	for i := range out {
		out[i] = letters[b.draw.IntN(len(letters))]
	}
	return string(out)
}

func object(members [][2]string) string {
	var all []string
	for _, m := range members {
		name, _ := json.Marshal(m[0])
		all = append(all, string(name)+":"+m[1])
	}
	return "{" + strings.Join(all, ",") + "}"
}

// sign makes a proof of any texts; its signature is right.
func (b *breeder) sign(s signer, header, claims string) string {
	input := base64.RawURLEncoding.EncodeToString([]byte(header)) + "." + base64.RawURLEncoding.EncodeToString([]byte(claims))
	signature, err := jwt.Sign(s.key, s.alg, input)
	if err != nil {
		b.t.Fatal(err)
	}
	return input + "." + base64.RawURLEncoding.EncodeToString(signature)
}

// edited are proofs whose texts were changed before they were signed.
func (b *breeder) edited(n int) []mutant {
	var all []mutant
	for range n {
		s := pick(b, b.signers)
		p := b.right(s)
		var made []string
		for range 1 + b.draw.IntN(2) {
			made = append(made, b.edit(&p))
		}
		m := s.mutant(b.sign(s, object(p.header), object(p.claims)), strings.Join(made, "; "))
		if b.draw.IntN(8) == 0 {
			m.URL, m.Made = pick(b, urls()), m.Made+"; for another URL"
		}
		all = append(all, m)
	}
	return all
}

func (b *breeder) edit(p *parts) string {
	list, name := &p.claims, pick(b, []string{"jti", "htm", "htu", "iat", "ath", "htu", "iat"})
	if b.draw.IntN(3) == 0 {
		list, name = &p.header, pick(b, []string{"typ", "alg", "jwk"})
	}
	i := 0
	for i < len(*list) && (*list)[i][0] != name {
		i++
	}
	if i == len(*list) {
		return "no more " + name
	}
	value := pick(b, values(name))
	switch b.draw.IntN(6) {
	case 0:
		*list = append((*list)[:i:i], (*list)[i+1:]...)
		return "without " + name
	case 1:
		*list = append(*list, [2]string{name, value})
		return "again " + name + " " + value
	case 2:
		extra := pick(b, additions())
		*list = append(*list, extra)
		return "with " + extra[0] + " " + extra[1]
	default:
		if name == "jwk" {
			value = b.key((*list)[i][1])
		}
		(*list)[i][1] = value
		return name + " " + value
	}
}

// key changes a jwk.
func (b *breeder) key(jwk string) string {
	switch b.draw.IntN(8) {
	case 0:
		return strings.Replace(jwk, `{`, `{"d":"AQ",`, 1)
	case 1:
		return strings.Replace(jwk, `{`, `{"use":"sig",`, 1)
	case 2:
		return strings.Replace(jwk, `{`, `{"use":"enc",`, 1)
	case 3:
		ops := pick(b, []string{`["verify"]`, `["sign"]`, `[]`, `["verify","verify"]`, `["wrapKey","verify"]`, `"verify"`})
		return strings.Replace(jwk, `{`, `{"kid":"k","key_ops":`+ops+`,`, 1)
	case 4:
		return strings.Replace(jwk, `{`, `{"alg":"ES256",`, 1)
	case 5:
		return strings.Replace(jwk, `"kty"`, `"kTy"`, 1)
	case 6:
		return strings.Replace(jwk, `"}`, `="}`, 1) // padded
	default:
		at := strings.LastIndex(jwk, `"`) - 1
		return jwk[:at] + b.text(1) + jwk[at+1:]
	}
}

// torn are right proofs in which bytes were changed, dropped or added after signing.
func (b *breeder) torn(n int) []mutant {
	var all []mutant
	for range n {
		s := pick(b, b.signers)
		p := b.right(s)
		proof := []byte(b.sign(s, object(p.header), object(p.claims)))
		at := b.draw.IntN(len(proof))
		if b.draw.IntN(2) == 0 { // the last characters of parts, with their unused bits
			at = pick(b, []int{strings.IndexByte(string(proof), '.') - 1, strings.LastIndexByte(string(proof), '.') - 1, len(proof) - 1})
		}
		made := "changed"
		switch b.draw.IntN(4) {
		case 0:
			proof, made = append(proof[:at:at], proof[at+1:]...), "shortened"
		case 1:
			with := pick(b, []string{"=", ".", " ", "\n", "+", "A"})
			proof, made = []byte(string(proof[:at])+with+string(proof[at:])), "with "+with
		default:
			proof[at] = b.text(1)[0]
		}
		all = append(all, s.mutant(string(proof), made))
	}
	return all
}

func urls() []string {
	return []string{
		mutantURL, mutantURL + "?a=b", mutantURL + "#f", "HTTPS://API.example.com/v1/orders", "https://api.example.com:443/v1/orders",
		"https://api.example.com/v1/%6Frders", "https://api.example.com/v1/x/../orders", "https://api.example.com/./v1/orders",
		"https://api.example.com/v1/orders/", "https://api.example.com/v1/Orders", "https://api.example.com:8443/v1/orders",
		"http://api.example.com/v1/orders", "https://api.example.com/v1%2Forders", "https://api.example.com/v1/orders;p=1",
		"https://other.example/v1/orders", "https://api.example.com//v1/orders", "https://api.example.com./v1/orders",
		"https://api.example.com/v1/or%64er%73", "https://api.example.com/v1/%2e%2e/v1/orders",
	}
}

// values are what a member may have in place of what is right.
func values(name string) []string {
	list := []string{`null`, `true`, `0`, `-1`, `1e9`, `""`, `"x"`, `[]`, `{}`, `["a"]`, `"\u0000"`, `"é"`, `"\ud83d\ude00"`, `{"a":{"b":[1]}}`}
	switch name {
	case "htu":
		for _, u := range append(urls(), "/v1/orders", ":::*;", "https://u:p@api.example.com/v1/orders", "api.example.com/v1/orders", " "+mutantURL, mutantURL+" ") {
			q, _ := json.Marshal(u)
			list = append(list, string(q), string(q))
		}
	case "iat":
		list = append(list, "1700000000.5", "1.7e9", "17e8", "1699999999", "1700000059", "1700000061", "1700000120", "1699999701", "1699999699", "1699999640",
			"1700000000000", `"1700000000"`, "-1700000000", "1e400", "0.17e10", "1700000000.000")
	case "htm":
		list = append(list, `"post"`, `"GET"`, `"POST "`, `"\u0050OST"`, `"Post"`)
	case "typ":
		list = append(list, `"DPoP+JWT"`, `"application/dpop+jwt"`, `"JWT"`, `"dpop\u002bjwt"`, `"at+jwt"`)
	case "alg":
		list = append(list, `"none"`, `"HS256"`, `"es256"`, `"ES256"`, `"RS256"`, `"PS256"`, `"RS384"`, `"EdDSA"`, `"Ed25519"`, `"ES256K"`)
	case "ath":
		list = append(list, `"47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"`)
	}
	return list
}

func additions() [][2]string {
	return [][2]string{
		{"x", `1`},
		{"x", `"y"`},
		{"nonce", `"n"`},
		{"nonce", `1`},
		{"exp", `1700000100`},
		{"exp", `1699999000`},
		{"exp", `1699999970`},
		{"exp", `"1700000100"`},
		{"nbf", `1700000000`},
		{"nbf", `1700001000`},
		{"nbf", `1700000030`},
		{"nbf", `null`},
		{"aud", `"a"`},
		{"aud", `1`},
		{"iss", `"i"`},
		{"iss", `1`},
		{"sub", `"s"`},
		{"crit", `["x"]`},
		{"crit", `[]`},
		{"b64", `true`},
		{"b64", `false`},
		{"kid", `"k"`},
		{"x5c", `["MIIB"]`},
		{"jku", `"https://api.example.com/jwks"`},
		{"deep", strings.Repeat("[", 20) + strings.Repeat("]", 20)},
	}
}
