package material

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
)

func members(t testing.TB, name string) map[string]any {
	t.Helper()
	m := map[string]any{}
	if err := json.Unmarshal(load(t, name), &m); err != nil {
		t.Fatal(err)
	}
	return m
}

func encode(t testing.TB, m map[string]any) []byte {
	t.Helper()
	b, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// with returns the JWK with some members changed; nil removes one.
func with(m map[string]any, changes map[string]any) map[string]any {
	m = maps.Clone(m)
	for k, v := range changes {
		if m[k] = v; v == nil {
			delete(m, k)
		}
	}
	return m
}

func text(m map[string]any, name string) string {
	s, _ := m[name].(string)
	return s
}

// prepend adds a zero byte to a base64url value; cut removes the first byte.
func prepend(s string) string {
	b, _ := base64.RawURLEncoding.DecodeString(s)
	return base64.RawURLEncoding.EncodeToString(append([]byte{0}, b...))
}

func cut(s string) string {
	b, _ := base64.RawURLEncoding.DecodeString(s)
	return base64.RawURLEncoding.EncodeToString(b[1:])
}

func TestJWKMembersAreKept(t *testing.T) {
	jwk := encode(t, with(members(t, "ec.jwk"), map[string]any{"alg": "ES256", "kid": "k 1", "use": "sig"}))
	k, err := PrivateKey("k", jwk, nil)
	if err != nil || k.Alg != "ES256" || k.KID != "k 1" || k.Use != "sig" {
		t.Errorf("%+v, %v", k, err)
	}
}

func TestBadJWKsAreRefused(t *testing.T) {
	ec, ed, rsa := members(t, "ec.jwk"), members(t, "ed25519.jwk"), members(t, "rsa.jwk")
	other := members(t, "p521.jwk")
	for name, c := range map[string]struct {
		jwk  map[string]any
		want string
	}{
		"short x":                  {with(ec, map[string]any{"x": cut(text(ec, "x"))}), "x has 31 bytes, and on P-256 it has 32 (RFC 7518 section 6.2.1.2)"},
		"short y":                  {with(ec, map[string]any{"y": cut(text(ec, "y"))}), "RFC 7518 section 6.2.1.3"},
		"short d":                  {with(ec, map[string]any{"d": cut(text(ec, "d"))}), "RFC 7518 section 6.2.2.1"},
		"long x":                   {with(ec, map[string]any{"x": prepend(text(ec, "x"))}), "x has 33 bytes"},
		"short x, public":          {with(ec, map[string]any{"x": cut(text(ec, "x")), "d": nil}), "RFC 7518 section 6.2.1.2"},
		"off the curve":            {with(ec, map[string]any{"x": text(ec, "y"), "d": nil}), "no point on P-256"},
		"x and y swapped":          {with(ec, map[string]any{"x": text(ec, "y"), "y": text(ec, "x")}), "no point on P-256"},
		"d of another key":         {with(ec, map[string]any{"d": strings.Repeat("A", 42) + "E"}), "d does not fit x and y"},
		"d of zero":                {with(ec, map[string]any{"d": strings.Repeat("A", 43)}), "d is not a private key"},
		"d no string":              {with(ec, map[string]any{"d": 5}), "d is missing or not a string"},
		"d with a line break":      {with(ec, map[string]any{"d": text(ec, "d")[:9] + "\n" + text(ec, "d")[9:]}), "d is not canonical base64url"},
		"d with unused bits":       {with(ec, map[string]any{"d": text(ec, "d")[:42] + "l"}), "d is not canonical base64url"},
		"no y":                     {with(ec, map[string]any{"y": nil}), "y is missing"},
		"padded":                   {with(ec, map[string]any{"x": text(ec, "x") + "="}), "x is base64url with padding"},
		"line break":               {with(ec, map[string]any{"x": text(ec, "x")[:9] + "\n" + text(ec, "x")[9:]}), "x is not canonical base64url"},
		"unused bits":              {with(ec, map[string]any{"x": text(ec, "x")[:42] + "1"}), "x is not canonical base64url"},
		"another curve":            {with(ec, map[string]any{"crv": "P-384"}), "on P-384 it has 48"},
		"unknown curve":            {with(ec, map[string]any{"crv": "secp256k1"}), "secp256k1"},
		"X25519":                   {with(ed, map[string]any{"crv": "X25519"}), "X25519"},
		"unknown kty":              {with(ec, map[string]any{"kty": "AKP"}), "AKP"},
		"kty no string":            {with(ec, map[string]any{"kty": 1}), "kty"},
		"kty missing":              {with(ec, map[string]any{"kty": nil}), "no JWK"},
		"symmetric":                {map[string]any{"kty": "oct", "k": "AAAA"}, "a symmetric key"},
		"alg of another kind":      {with(ec, map[string]any{"alg": "RS256"}), "RS256"},
		"alg of another curve":     {with(ec, map[string]any{"alg": "ES384"}), "ES384"},
		"alg for encryption":       {with(rsa, map[string]any{"alg": "RSA-OAEP"}), "RSA-OAEP"},
		"alg none":                 {with(ec, map[string]any{"alg": "none"}), "none"},
		"alg no string":            {with(ec, map[string]any{"alg": 1}), "alg is not a string"},
		"kid no string":            {with(ec, map[string]any{"kid": 1}), "kid is not a string"},
		"x5c of another key":       {with(ed, map[string]any{"x5c": []string{base64.StdEncoding.EncodeToString(load(t, "cert.der"))}}), "x5c"},
		"x5c no list":              {with(ec, map[string]any{"x5c": "AAAA"}), "x5c"},
		"x5c no certificate":       {with(ec, map[string]any{"x5c": []string{"AAAA"}}), "x5c"},
		"Ed25519, short x":         {with(ed, map[string]any{"x": cut(text(ed, "x")), "d": nil}), "31 bytes"},
		"Ed25519, short d":         {with(ed, map[string]any{"d": cut(text(ed, "d"))}), "d has 31 bytes"},
		"Ed25519, d of another":    {with(ed, map[string]any{"d": strings.Repeat("A", 43)}), "d does not fit x"},
		"RSA, short n":             {with(rsa, map[string]any{"n": text(rsa, "n")[:167] + "B"}), "too short"},
		"RSA, n with a zero":       {with(rsa, map[string]any{"n": prepend(text(rsa, "n"))}), "zero byte"},
		"RSA, no primes":           {with(rsa, map[string]any{"p": nil, "q": nil, "dp": nil, "dq": nil, "qi": nil}), "without its primes"},
		"RSA, primes and no d":     {with(rsa, map[string]any{"d": nil}), "private member p but no d"},
		"RSA, more primes":         {with(rsa, map[string]any{"oth": []any{}}), "more than two primes"},
		"RSA, p twice":             {with(rsa, map[string]any{"q": text(rsa, "p")}), "p and q do not fit n"},
		"RSA, p of 1":              {with(rsa, map[string]any{"p": "AQ", "q": text(rsa, "n")}), "modulus"},
		"RSA, wrong d":             {with(rsa, map[string]any{"d": "Aw"}), "rsa"},
		"RSA, d without end":       {with(rsa, map[string]any{"d": strings.Repeat("B", 40000)}), "do not fit n"},
		"RSA, dp of another":       {with(rsa, map[string]any{"dp": text(rsa, "dq")}), "dp does not fit"},
		"RSA, qi of another":       {with(rsa, map[string]any{"qi": text(rsa, "dq")}), "qi does not fit"},
		"RSA, even exponent":       {with(rsa, map[string]any{"e": "AQAA", "d": nil, "p": nil, "q": nil, "dp": nil, "dq": nil, "qi": nil}), "RSA"},
		"a set of none":            {map[string]any{"keys": []any{}}, "without a key"},
		"a set that is no list":    {map[string]any{"keys": 1}, "keys is not an array"},
		"a set of strings":         {map[string]any{"keys": []any{"x"}}, "JSON object"},
		"a set with a short key":   {map[string]any{"keys": []any{with(ec, map[string]any{"x": cut(text(ec, "x"))})}}, "6.2.1.2"},
		"the second is symmetric":  {map[string]any{"keys": []any{ec, map[string]any{"kty": "oct", "k": "AAAA"}}}, "symmetric"},
		"the second is unreadable": {map[string]any{"keys": []any{ec, with(other, map[string]any{"y": nil})}}, "key 2"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := PublicKey("k.jwk", encode(t, c.jwk), nil)
			wantError(t, err, "k.jwk", c.want)
			_, err = PrivateKey("k.jwk", encode(t, c.jwk), nil)
			wantError(t, err, "k.jwk", c.want)
		})
	}
}

func TestMembersThatStandTwiceAreRefused(t *testing.T) {
	jwk := strings.TrimSpace(string(load(t, "ec.jwk")))
	for _, text := range []string{
		strings.Replace(jwk, "{", `{"kty":"RSA",`, 1),
		strings.Replace(jwk, "{", `{"k\u0074y":"EC",`, 1),
		`{"keys":[` + strings.Replace(jwk, "{", `{"d":"AA",`, 1) + `]}`,
	} {
		_, err := PrivateKey("k", []byte(text), nil)
		wantError(t, err, "k", "stands twice", "RFC 7517")
	}
	_, err := PrivateKey("k", []byte(jwk[:len(jwk)-1]), nil)
	wantError(t, err, "k", "JSON")
}

func TestOptionalMembersMayBeLeftOut(t *testing.T) {
	rsa := members(t, "rsa.jwk")
	k, err := PrivateKey("k", encode(t, with(rsa, map[string]any{"dp": nil, "dq": nil, "qi": nil})), nil)
	if err != nil || thumb(t, k) != thumbRSA {
		t.Errorf("an RSA key with p and q alone: %v", err)
	}
	chain := []string{base64.StdEncoding.EncodeToString(load(t, "cert.der"))}
	k, err = PrivateKey("k", encode(t, with(members(t, "ec.jwk"), map[string]any{"x5c": chain})), nil)
	if err != nil || thumb(t, k) != thumbP256 {
		t.Errorf("a key with its certificate: %v", err)
	}
}

// go-jose writes the JWK: what it wrote must be read, and be the same key.
func TestAgreesWithAnotherImplementation(t *testing.T) {
	for _, curve := range []elliptic.Curve{elliptic.P256(), elliptic.P384(), elliptic.P521()} {
		for range 40 {
			key, err := ecdsa.GenerateKey(curve, rand.Reader)
			if err != nil {
				t.Fatal(err)
			}
			for _, form := range []any{key, &key.PublicKey} {
				jwk, err := jose.JSONWebKey{Key: form, KeyID: "k"}.MarshalJSON()
				if err != nil {
					t.Fatal(err)
				}
				k, err := PublicKey("k", jwk, nil)
				if err != nil {
					t.Fatalf("%s: %v", jwk, err)
				}
				if !key.PublicKey.Equal(k.Public) || k.KID != "k" {
					t.Fatalf("%s: read as another key", jwk)
				}
				if k.Private != nil && !key.Equal(k.Private) {
					t.Fatalf("%s: read as another private key", jwk)
				}
			}
		}
	}
}
