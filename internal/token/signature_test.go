package token

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"strings"
	"testing"

	"github.com/oauthpop/oauthpop/internal/jwt"
)

func sign(t *testing.T, key crypto.Signer, header map[string]any) *jwt.Compact {
	t.Helper()
	s, err := jwt.Encode(key, header, map[string]any{"iss": "https://as.example"})
	if err != nil {
		t.Fatal(err)
	}
	return split(t, s)
}

func split(t *testing.T, s string) *jwt.Compact {
	t.Helper()
	c, err := jwt.Split(s)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func ec(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestSignatures(t *testing.T) {
	issuer, other := ec(t), ec(t)
	_, edwardsKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	one := func(k Key) KeySet { return KeySet{Keys: []Key{k}} }
	es256 := func(kid string) map[string]any { return map[string]any{"alg": "ES256", "kid": kid} }
	good := sign(t, issuer, es256("1"))
	unsigned := split(t, b64(`{"alg":"none"}`)+"."+b64(`{}`)+".")
	mac := split(t, b64(`{"alg":"HS256","kid":"1"}`)+"."+b64(`{}`)+".c2ln")
	header, _, _ := strings.Cut(good.SigningInput, ".")
	changed := split(t, header+"."+b64(`{"iss":"https://evil.example"}`)+"."+b64(string(good.Signature)))

	for _, c := range []struct {
		name   string
		token  *jwt.Compact
		set    KeySet
		valid  bool
		detail string
	}{
		{"the named key", good, one(Key{KID: "1", Public: &issuer.PublicKey}), true, ""},
		{"the named key among others", good, KeySet{Keys: []Key{{KID: "0", Public: &other.PublicKey}, {KID: "1", Alg: "ES256", Use: "sig", Public: &issuer.PublicKey}}}, true, ""},
		{"one of two with the same kid", good, KeySet{Keys: []Key{{KID: "1", Public: &other.PublicKey}, {KID: "1", Public: &issuer.PublicKey}}}, true, ""},
		{"a key without kid", good, one(Key{Public: &issuer.PublicKey}), true, `none has the kid "1"`},
		{"a token without kid", sign(t, issuer, map[string]any{"alg": "ES256"}), one(Key{KID: "1", Public: &issuer.PublicKey}), true, ""},
		{"the older name of an algorithm", sign(t, edwardsKey, map[string]any{"alg": "EdDSA"}), one(Key{Alg: "Ed25519", Public: edwardsKey.Public()}), true, ""},

		{"another key of that name", good, one(Key{KID: "1", Public: &other.PublicKey}), false, `the key "1" does not verify`},
		{"another key of that name, and the right one of another", good, KeySet{Keys: []Key{{KID: "1", Public: &other.PublicKey}, {KID: "2", Public: &issuer.PublicKey}}}, false, `the key "1" does not verify`},
		{"a kid that is unknown", sign(t, other, es256("9")), one(Key{KID: "1", Public: &issuer.PublicKey}), false, `no key of the set has the kid "9"`},
		{"no kid, no key", sign(t, other, map[string]any{"alg": "ES256"}), one(Key{KID: "1", Public: &issuer.PublicKey}), false, "none of the 1 keys for ES256"},
		{"a key for encryption", good, one(Key{KID: "1", Use: "enc", Public: &issuer.PublicKey}), false, `for the algorithm "ES256"`},
		{"a key for another algorithm", good, one(Key{KID: "1", Alg: "ES384", Public: &issuer.PublicKey}), false, `for the algorithm "ES256"`},
		{"a key of another kind", good, one(Key{KID: "1", Public: edwardsKey.Public()}), false, `for the algorithm "ES256"`},
		{"an empty set", good, KeySet{}, false, "no key that a signature can be checked with"},
		{"changed after signing", changed, one(Key{KID: "1", Public: &issuer.PublicKey}), false, "does not verify"},
		{"unsigned", unsigned, one(Key{Public: &issuer.PublicKey}), false, "not signed"},
		{"a MAC", mac, one(Key{KID: "1", Public: &issuer.PublicKey}), false, `"HS256"`},
		{"critical extensions", sign(t, issuer, map[string]any{"alg": "ES256", "crit": []string{"b64"}, "b64": false}), one(Key{Public: &issuer.PublicKey}), false, "crit"},
		{"alg twice", split(t, b64(`{"alg":"none","alg":"ES256"}`)+"."+b64(`{}`)+"."), one(Key{Public: &issuer.PublicKey}), false, `"alg" twice`},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := CheckSignature(c.token, c.set)
			if s.Valid != c.valid || !strings.Contains(s.Detail, c.detail) || (c.detail == "") != (s.Detail == "") {
				t.Errorf("valid: %v, detail %q; want %v, %q", s.Valid, s.Detail, c.valid, c.detail)
			}
		})
	}
}

func TestKeySets(t *testing.T) {
	members, err := jwt.PublicJWK(&ec(t).PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(members)
	if err != nil {
		t.Fatal(err)
	}
	named := strings.Replace(string(raw), "{", `{"kid":"1","use":"sig","alg":"ES256",`, 1)
	const strange = `{"kty":"OKP","crv":"X25519","x":"AA"},{"kty":"oct","k":"AA"},{"kty":"EC","crv":"secp256k1"},1`

	set, err := ParseKeySet([]byte("\ufeff" + `{"keys":[` + strange + `,` + named + `]}`))
	if err != nil {
		t.Fatal(err)
	}
	if len(set.Keys) != 1 || set.Unusable != 4 {
		t.Errorf("%d keys, %d unusable; want 1, 4", len(set.Keys), set.Unusable)
	}
	if k := set.Keys[0]; k.KID != "1" || k.Use != "sig" || k.Alg != "ES256" {
		t.Errorf("the key is %+v", k)
	}
	if set, err = ParseKeySet([]byte(named)); err != nil || len(set.Keys) != 1 {
		t.Errorf("a single JWK: %d keys, %v", len(set.Keys), err)
	}
	for _, wrong := range []string{"", "[]", `{"keys":{}}`, `{"issuer":"x"}`, "<html>"} {
		if _, err := ParseKeySet([]byte(wrong)); err == nil || !strings.Contains(err.Error(), "not a JWK set") {
			t.Errorf("%q: %v", wrong, err)
		}
	}
}
