package dpop

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"
	"testing"

	"github.com/oauthpop/oauthpop/internal/bounds"
	"github.com/oauthpop/oauthpop/internal/jwt"
)

// unsigned are the checks that a proof without a usable key fails.
const unsigned = "signature binding"

// headerVectors are proofs whose header line, JOSE header or signature is wrong.
func headerVectors(t testing.TB) []vector {
	jwk := func(key string) string {
		b, err := jwt.CanonicalJWK(testKeys()[key].Public())
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	ec := jwk("P-256")
	noJWK := func(extra string) edit { return edit{`,"jwk":` + ec, extra} }
	typ := func(value string) edit { return edit{`"dpop+jwt"`, value} }
	alg := func(value string) edit { return edit{`"alg":"ES256"`, value} }
	other := vector{key: "other P-256"}.build(t).Proofs[0]
	second := vector{payload: edit{"-BwC3ESc6acc2lTc", "another-jti"}}.build(t).Proofs[0]
	one := func(f func(string) string) func(string) []string {
		return func(p string) []string { return []string{f(p)} }
	}

	all := []vector{
		{name: "two header lines", fails: "single-header", lines: func(p string) []string { return []string{p, second} }},
		{name: "two header lines, the second by another key", fails: "single-header", lines: func(p string) []string { return []string{p, other} }},
		{name: "two header lines, the first by another key", fails: "single-header binding", lines: func(p string) []string { return []string{other, p} }},
		{name: "no header line", fails: "single-header well-formed", lines: func(string) []string { return nil }},
		{name: "two proofs in one line", fails: "well-formed", lines: one(func(p string) string { return p + ", " + second })},
		{name: "empty", fails: "well-formed", lines: one(func(string) string { return "" })},
		{name: "malformed", fails: "well-formed", lines: one(func(string) string { return "malformed" })},
		{name: "two parts", fails: "well-formed", lines: one(func(p string) string { return p[:strings.LastIndexByte(p, '.')] })},
		{name: "four parts", fails: "well-formed", lines: one(func(p string) string { return p + ".e30" })},
		{name: "five parts", fails: "well-formed", lines: one(func(p string) string { return p + ".e30.e30" })},
		{name: "padded", fails: "well-formed", lines: one(func(p string) string { return p + "==" })},
		{name: "line break in the signature", fails: "well-formed", lines: one(func(p string) string { return p[:len(p)-4] + "\n" + p[len(p)-4:] })},
		{name: "header is an array", fails: "well-formed", lines: one(func(p string) string { return "W10" + p[strings.IndexByte(p, '.'):] })},
		{name: "text after the header's object", header: edit{`"}}`, `"}} {}`}, fails: "well-formed"},
		{name: "payload is not UTF-8", payload: edit{"-BwC3ESc6acc2lTc", "\xff"}, fails: "well-formed"},
		{name: "nested too deeply", payload: edit{`{"jti"`, `{"deep":` + strings.Repeat("[", 64) + strings.Repeat("]", 64) + `,"jti"`}, fails: "well-formed"},
		{name: "16 KiB", payload: edit{`{"jti"`, `{"padding":"` + strings.Repeat("x", bounds.Proof) + `","jti"`}, fails: "well-formed"},
		{name: "jku instead of jwk", header: noJWK(`,"jku":"https://server.example.com/jwks"`), fails: unsigned},
		{name: "x5u instead of jwk", header: noJWK(`,"x5u":"https://server.example.com/x5u"`), fails: unsigned},
		{name: "kid instead of jwk", header: noJWK(`,"kid":"1"`), fails: unsigned},
		{name: "x5c instead of jwk", header: noJWK(`,"x5c":["MIIB"]`), fails: unsigned},
		{name: "jwk missing", header: noJWK(""), fails: unsigned},
		{name: "typ missing", header: edit{`"typ":"dpop+jwt",`, ""}, fails: "typ"},
		{name: "alg missing", header: edit{`"alg"`, `"alg2"`}, fails: "alg signature"},
		{name: "alg not in the list", key: "P-384", alg: "ES384", request: func(r *Request) { r.Algs = []string{"ES256"} }, fails: "alg"},
		{name: "RS256 not in the list", key: "RSA", alg: "RS256", request: func(r *Request) { r.Algs = []string{"ES256", "PS256"} }, fails: "alg"},
		{name: "empty list", request: func(r *Request) { r.Algs = nil }, fails: "alg"},
		{name: "ES256 with a P-384 key", key: "P-384", alg: "ES384", header: edit{"ES384", "ES256"}, fails: "signature strict"},
		{name: "EdDSA with an RSA key", key: "RSA", alg: "RS256", header: edit{"RS256", "EdDSA"}, fails: "signature strict"},
		{name: "PS256 over an RS256 signature", key: "RSA", alg: "RS256", header: edit{"RS256", "PS256"}, fails: "signature"},
		{name: "RS256 over a PS256 signature", key: "RSA", alg: "PS256", header: edit{"PS256", "RS256"}, fails: "signature"},
		{name: "RS512 over an RS256 signature", key: "RSA", alg: "RS256", header: edit{"RS256", "RS512"}, fails: "signature"},
		{name: "RSA of 1024 bits", key: "RSA-1024", alg: "RS256", fails: unsigned + " strict"},
		{name: "point off the curve", header: edit{`"x":"f83OJ3D2`, `"x":"f83OJ3D3`}, fails: unsigned + " strict"},
		{name: "x of 31 bytes", header: edit{`"x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"`, `"x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVA"`}, fails: unsigned + " strict"},
		{name: "coordinate with unused bits set", header: edit{`KIWI5a0"`, `KIWI5a1"`}, fails: unsigned + " strict"},
		{name: "secp256k1", header: edit{`"P-256"`, `"secp256k1"`}, fails: unsigned + " strict"},
		{name: "private EC key in jwk", header: edit{`"kty":"EC"`, `"d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI","kty":"EC"`}, fails: "no-private-key"},
		{name: "private OKP key in jwk", key: "Ed25519", alg: "EdDSA", header: edit{`"kty":"OKP"`, `"d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","kty":"OKP"`}, fails: "no-private-key"},
		{name: "private RSA exponent in jwk", key: "RSA", alg: "PS256", header: edit{`"kty":"RSA"`, `"d":"AQ","kty":"RSA"`}, fails: "no-private-key"},
		{name: "RSA prime in jwk", key: "RSA", alg: "PS256", header: edit{`"kty":"RSA"`, `"p":"AQ","kty":"RSA"`}, fails: "no-private-key"},
		{name: "symmetric key beside the public one", header: edit{`"kty":"EC"`, `"k":"AQ","kty":"EC"`}, fails: "no-private-key"},
		{name: "a key for encryption", header: edit{`"crv"`, `"use":"enc","crv"`}, fails: "strict"},
		{name: "a key for another algorithm", header: edit{`"crv"`, `"alg":"ES384","crv"`}, fails: "strict"},
		{name: "a key that says alg is null", header: edit{`"crv"`, `"alg":null,"crv"`}, fails: "strict"},
		{name: "a key that is to sign", header: edit{`"crv"`, `"key_ops":["sign"],"crv"`}, fails: "strict"},
		{name: "a key that verifies twice", header: edit{`"crv"`, `"key_ops":["verify","verify"],"crv"`}, fails: "strict"},
		{name: "a key for nothing", header: edit{`"crv"`, `"key_ops":[],"crv"`}, fails: "strict"},
		{name: "key_ops that is no list", header: edit{`"crv"`, `"key_ops":"verify","crv"`}, fails: "strict"},
		{name: "a key that verifies and wraps", header: edit{`"crv"`, `"key_ops":["wrapKey","verify"],"crv"`}},
		{name: "a key for this very use", header: edit{`"crv"`, `"use":"sig","alg":"ES256","kid":"1","crv"`}},
		{name: "crit", header: edit{`"typ"`, `"crit":["x"],"x":1,"typ"`}, fails: "strict"},
		{name: "b64 false", header: edit{`"typ"`, `"b64":false,"typ"`}, fails: "strict"},
		{name: "alg twice", header: edit{`"alg":"ES256"`, `"alg":"none","alg":"ES256"`}, fails: "strict"},
		{name: "member of jwk twice", header: edit{`"kty":"EC"`, `"kty":"oct","kty":"EC"`}, fails: "strict"},
		{name: "member twice, once escaped", header: edit{`"alg":"ES256"`, `"\u0061lg":"none","alg":"ES256"`}, fails: "strict"},
		{name: "signature with unused bits set", fails: "strict", lines: one(func(p string) string {
			const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
			last := strings.IndexByte(alphabet, p[len(p)-1])
			return p[:len(p)-1] + string(alphabet[last^1])
		})},
		{name: "signature with a bit flipped", fails: "signature", lines: withSignature(func(s []byte) []byte { s[40] ^= 1; return s })},
		{name: "signature all zero", fails: "signature", lines: withSignature(func(s []byte) []byte { return make([]byte, len(s)) })},
		{name: "signature in DER", fails: "signature", lines: withSignature(der)},
		{name: "signature a byte short", fails: "signature", lines: withSignature(func(s []byte) []byte { return s[:len(s)-1] })},
		{name: "signature with a byte after it", fails: "signature", lines: withSignature(func(s []byte) []byte { return append(s, 0) })},
		{name: "signature empty", fails: "signature", lines: withSignature(func([]byte) []byte { return nil })},
		{name: "signed by another key than jwk", key: "other P-256", header: edit{jwk("other P-256"), ec}, fails: "signature", request: func(r *Request) { r.JKT = thumbprint("P-256") }},
		{name: "another key than the token's", key: "other P-256", request: func(r *Request) { r.JKT = thumbprint("P-256") }, fails: "binding"},
	}
	for _, value := range []string{`"JWT"`, `"at+jwt"`, `"oauth-authz-req+jwt"`, `"jwt+dpop"`, `"dpop+jwt+wrongyousee"`, `"DPoP+JWT"`, `"application/dpop+jwt"`, `""`, `true`, `null`} {
		all = append(all, vector{name: "typ " + value, header: typ(value), fails: "typ"})
	}
	for _, value := range []string{`1`, `true`, `"unsupported"`, `"none"`, `"None"`, `"nOnE"`, `"ES256K"`} {
		all = append(all, vector{
			name: "alg " + value, header: alg(`"alg":` + value), fails: "alg signature",
			request: func(r *Request) { r.Algs = append(r.Algs, "none", "None", "unsupported") },
			lines: one(func(p string) string {
				if strings.EqualFold(value, `"none"`) {
					return p[:strings.LastIndexByte(p, '.')+1]
				}
				return p
			}),
		})
	}
	for _, value := range []string{`""`, `1`, `null`, `[]`, `"foo"`, `true`} {
		all = append(all, vector{name: "jwk " + value, header: edit{ec, value}, fails: unsigned})
	}
	all = append(all, vector{name: "jwk {}", header: edit{ec, `{}`}, fails: unsigned + " strict"})
	return append(all, macVectors(t, ec)...)
}

// macVectors sign with an HMAC whose secret an attacker knows: the public key in
// each of its forms, or a secret that stands in jwk.
func macVectors(t testing.TB, ec string) []vector {
	spki, err := x509.MarshalPKIXPublicKey(testKeys()["P-256"].Public())
	if err != nil {
		t.Fatal(err)
	}
	mac := func(secret []byte) func(string) []string {
		return func(p string) []string {
			input := p[:strings.LastIndexByte(p, '.')]
			h := hmac.New(sha256.New, secret)
			h.Write([]byte(input))
			return []string{input + "." + base64.RawURLEncoding.EncodeToString(h.Sum(nil))}
		}
	}
	allow := func(r *Request) { r.Algs = append(r.Algs, "HS256") }
	hs256 := edit{`"ES256"`, `"HS256"`}
	return []vector{
		{name: "HS256 by the public key in DER", header: hs256, lines: mac(spki), request: allow, fails: "alg signature"},
		{name: "HS256 by the public key as a JWK", header: hs256, lines: mac([]byte(ec)), request: allow, fails: "alg signature"},
		{
			name: "HS256 by a symmetric key in jwk", header: edit{`"ES256","jwk":` + ec, `"HS256","jwk":{"k":"c2VjcmV0","kty":"oct"}`},
			lines: mac([]byte("secret")), request: allow, fails: "alg signature no-private-key binding strict",
		},
	}
}

// claimVectors are proofs whose claims are wrong.
func claimVectors() []vector {
	claim := func(name, old, value string) edit { return edit{`"` + name + `":` + old, `"` + name + `":` + value} }
	jti := func(value string) edit { return claim("jti", `"-BwC3ESc6acc2lTc"`, value) }
	htm := func(value string) edit { return claim("htm", `"POST"`, value) }
	htu := func(value string) edit { return claim("htu", `"`+vectorURL+`"`, value) }
	iat := func(value string) edit { return claim("iat", "1700000000", value) }
	ath := func(value string) edit { return claim("ath", `"`+ATH(vectorToken)+`"`, value) }
	nonce := func(value string) edit { return claim("nonce", `"`+vectorNonce+`"`, value) }
	sum := sha256.Sum256([]byte(vectorToken))

	all := []vector{
		{name: "jti missing", payload: edit{`"jti"`, `"jti2"`}, fails: "claims"},
		{name: "jti empty", payload: jti(`""`), fails: "claims"},
		{name: "jti a number", payload: jti(`1`), fails: "claims"},
		{name: "jti null", payload: jti(`null`), fails: "claims"},
		{name: "jti of 513 bytes", payload: jti(`"` + strings.Repeat("x", bounds.JTI+1) + `"`), fails: "claims"},
		{name: "jti of 512 bytes", payload: jti(`"` + strings.Repeat("x", bounds.JTI) + `"`)},
		{name: "htm missing", payload: edit{`"htm"`, `"htm2"`}, fails: "claims htm"},
		{name: "htm of another method", payload: htm(`"GET"`), fails: "htm"},
		{name: "htm in lower case", payload: htm(`"post"`), fails: "htm"},
		{name: "htm an array", payload: htm(`["POST"]`), fails: "claims htm"},
		{name: "htu missing", payload: edit{`"htu"`, `"htu2"`}, fails: "claims htu"},
		{name: "htu a number", payload: htu(`1`), fails: "claims htu"},
		{name: "htu an object", payload: htu(`{}`), fails: "claims htu"},
		{name: "htu with userinfo", payload: htu(`"https://u:p@server.example.com/token"`), fails: "htu strict"},
		{name: "htu with a slash that is %2F in the request", payload: htu(`"https://server.example.com/a/b"`), request: func(r *Request) { r.URL = "https://server.example.com/a%2Fb" }, fails: "htu"},
		{name: "request whose URL is none", request: func(r *Request) { r.URL = "/token" }, fails: "htu"},
		{name: "htu twice, the last one right", payload: edit{`"htu"`, `"htu":"https://evil.example/","htu"`}, fails: "strict"},
		{name: "htu twice, the last one wrong", payload: edit{`"iat"`, `"htu":"https://evil.example/","iat"`}, fails: "htu strict"},
		{name: "iat missing", payload: edit{`"iat"`, `"iat2"`}, fails: "claims fresh"},
		{name: "iat a string", payload: iat(`"1700000000"`), fails: "claims fresh"},
		{name: "iat beyond all numbers", payload: iat(`1e400`), fails: "claims fresh"},
		{name: "exp in the past", payload: edit{`"jti"`, `"exp":1699999000,"jti"`}, fails: "strict"},
		{name: "exp just out of the skew", payload: edit{`"jti"`, `"exp":1699999940,"jti"`}, fails: "strict"},
		{name: "nbf just out of the skew", payload: edit{`"jti"`, `"nbf":1700000061,"jti"`}, fails: "strict"},
		{name: "exp a string", payload: edit{`"jti"`, `"exp":"1800000000","jti"`}, fails: "strict"},
		{name: "nbf in the future", payload: edit{`"jti"`, `"nbf":1700000100,"jti"`}, fails: "strict"},
		{name: "nonce missing", payload: edit{`"nonce"`, `"nonce2"`}, fails: "nonce"},
		{name: "nonce of another server", payload: nonce(`"eyJ7S_zG.eyJbYu3.xQmBj-1"`), fails: "nonce"},
		{name: "nonce with a letter more", payload: nonce(`"` + vectorNonce + `x"`), fails: "nonce"},
		{name: "nonce a number", payload: nonce(`1`), fails: "nonce"},
		{name: "nonce an object where none was asked for", payload: nonce(`{}`), request: func(r *Request) { r.Nonce = nil }, fails: "nonce"},
		{name: "ath missing", payload: edit{`"ath"`, `"ath2"`}, fails: "ath"},
		{name: "ath of another token", payload: ath(`"` + ATH("another") + `"`), fails: "ath"},
		{name: "ath of the empty string", payload: ath(`"47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"`), fails: "ath"},
		{name: "ath padded", payload: ath(`"` + ATH(vectorToken) + `="`), fails: "ath"},
		{name: "ath in hexadecimal", payload: ath(`"` + hex.EncodeToString(sum[:]) + `"`), fails: "ath"},
		{name: "ath with unused bits set", payload: ath(`"` + ATH(vectorToken)[:42] + `p"`), fails: "ath"},
		{name: "ath of the token with a line break", payload: ath(`"` + ATH(vectorToken+"\n") + `"`), fails: "ath"},
		{name: "ath a number", payload: ath(`1`), fails: "ath"},
		{name: "empty token", payload: ath(`"` + ATH("") + `"`), request: func(r *Request) { r.Token = "" }, fails: "ath"},
		{
			name: "a client assertion", fails: "claims typ signature htm htu nonce ath binding",
			header: edit{`"typ":"dpop+jwt",`, `"typ":"JWT","kid":"1",`}, payload: edit{plainPayload(), `{"iss":"c","sub":"c","aud":"https://server.example.com","jti":"1","iat":1700000000,"exp":1700000060}`},
			lines: func(p string) []string { return []string{withoutJWK(p)} },
		},
	}
	for _, value := range []string{
		":::*;", "", "/token", "token", "//server.example.com/token", "https:///token", "https://server.example.com/tokenohnonotagain",
		"https://evil.example/token", "http://server.example.com/token", "https://server.example.com:8443/token",
		"https://server.example.com/token/", "https://server.example.com/Token", "https://server.example.com./token",
		"https://server.example.com//token", "https://server.example.com/%2Ftoken", "https://server.example.com/a%2F..%2Ftoken",
		"https://server.example.com/%ZZtoken", "https://server.example.com/", "ftp://server.example.com/token",
	} {
		all = append(all, vector{name: "htu " + value, payload: htu(`"` + value + `"`), fails: "htu"})
	}
	for _, value := range []string{"0", "-1", "1700000000000", "1699996400", "1700003600", "1699999699", "1700000301", "1700000061", "1e300", "-1e300"} {
		all = append(all, vector{name: "iat " + value, payload: iat(value), fails: "fresh"})
	}
	return slices.Concat(all, goodVectors(htu, iat))
}

func withoutJWK(p string) string {
	header := string(unbase64(p[:strings.IndexByte(p, '.')]))
	header = header[:strings.Index(header, `,"jwk"`)] + "}"
	return base64.RawURLEncoding.EncodeToString([]byte(header)) + p[strings.IndexByte(p, '.'):]
}

// goodVectors must be accepted, odd as they are.
func goodVectors(htu, iat func(string) edit) []vector {
	all := []vector{
		{name: "plain"},
		{name: "unknown header parameter", header: edit{`"typ"`, `"x-unknown":{"a":[1,null]},"typ"`}},
		{name: "unknown claim", payload: edit{`"jti"`, `"x-unknown":"\ud83d\ude00","jti"`}},
		{name: "optional members of jwk", header: edit{`"kty":"EC"`, `"kid":"1","use":"sig","alg":"ES256","key_ops":["verify"],"kty":"EC"`}},
		{name: "b64 true", header: edit{`"typ"`, `"b64":true,"typ"`}},
		{name: "exp and nbf that hold", payload: edit{`"jti"`, `"nbf":1700000000,"exp":1700000300,"jti"`}},
		{name: "exp far away, nbf just within the skew", payload: edit{`"jti"`, `"nbf":1700000060,"exp":9999999999,"jti"`}},
		{name: "exp just within the skew", payload: edit{`"jti"`, `"exp":1699999941,"jti"`}},
		{name: "white space in the JSON", payload: edit{`{"jti":`, " {\r\n \"jti\" : "}},
		{name: "escaped letters", payload: edit{`"POST"`, `"\u0050OST"`}},
		{name: "no nonce was given, one is sent", request: func(r *Request) { r.Nonce = nil }},
		{name: "ath without a token", request: func(r *Request) { r.HasToken, r.Token = false, "" }},
		{name: "freshness left out", payload: iat("1"), request: func(r *Request) { r.NoFreshness = true }},
		{name: "expired, with freshness left out", payload: edit{`"jti"`, `"exp":1,"jti"`}, request: func(r *Request) { r.NoFreshness = true }},
		{name: "request with a query", request: func(r *Request) { r.URL += "?a=b#c" }},
	}
	for _, v := range [][2]string{{"P-384", "ES384"}, {"P-521", "ES512"}, {"Ed25519", "EdDSA"}, {"Ed25519", "Ed25519"}, {"RSA", "RS256"}, {"RSA", "RS384"}, {"RSA", "RS512"}, {"RSA", "PS256"}, {"RSA", "PS384"}, {"RSA", "PS512"}} {
		all = append(all, vector{name: v[1] + " by " + v[0], key: v[0], alg: v[1]})
	}
	for _, value := range []string{
		"https://server.example.com/token?x=1", "https://server.example.com/token#f", "https://server.example.com/token?x=1#f",
		"HTTPS://Server.Example.COM/token", "https://server.example.com:443/token", "https://server.example.com:/token",
		"https://server.example.com/a/../token", "https://server.example.com/./token", "https://server.example.com/%74oken",
	} {
		all = append(all, vector{name: "htu " + value, payload: htu(`"` + value + `"`)})
	}
	for _, value := range []string{"1699999990", "1700000010", "1699999700", "1700000060", "1700000000.5", "1.7e9", "17000000000e-1"} {
		all = append(all, vector{name: "iat " + value, payload: iat(value)})
	}
	return all
}
