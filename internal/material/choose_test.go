package material

import (
	"encoding/base64"
	"errors"
	"math/big"
	"strings"
	"testing"
)

// set is a JWK set of an EC key named "a", an Ed25519 key without a name and an
// RSA key named "a#b".
func set(t *testing.T) []byte {
	t.Helper()
	return encode(t, map[string]any{"keys": []any{
		with(members(t, "ec.jwk"), map[string]any{"kid": "a"}),
		with(members(t, "ed25519.jwk"), map[string]any{"kid": nil, "alg": nil, "use": nil}),
		with(members(t, "rsa.jwk"), map[string]any{"kid": "a#b"}),
	}})
}

func TestOneKeyOfASetIsChosenByItsName(t *testing.T) {
	for kid, want := range map[string]string{"a": thumbP256, thumbEd25519: thumbEd25519, "a#b": thumbRSA} {
		one, err := Choose("set", append([]byte("\ufeff"), set(t)...), kid)
		if err != nil {
			t.Fatal(err)
		}
		if k, err := PrivateKey("set#"+kid, one, nil); err != nil || thumb(t, k) != want {
			t.Errorf("#%s: %v, want %s", kid, err, want)
		}
	}
	// A single JWK answers to its name too.
	alone := encode(t, with(members(t, "ec.jwk"), map[string]any{"kid": "a"}))
	if one, err := Choose("k", alone, "a"); err != nil || len(one) != len(alone) {
		t.Errorf("a JWK alone: %v", err)
	}
}

func TestAChoiceThatIsNoneIsNamed(t *testing.T) {
	ec := with(members(t, "ec.jwk"), map[string]any{"kid": "a"})
	for _, c := range []struct {
		name, data, kid string
		words           []string
	}{
		{"another name", string(set(t)), "z", []string{`no key with the kid "z"`, `it has "a"`, thumbEd25519, `"a#b"`}},
		{"no name", string(set(t)), "", []string{`no key with the kid ""`}},
		{"a thumbprint where there is a name", string(set(t)), thumbP256, []string{"no key with the kid"}},
		{"the same name twice", string(encode(t, map[string]any{"keys": []any{ec, ec}})), "a", []string{`2 keys with the kid "a", not one`}},
		{"a PEM file", string(load(t, "pkcs8.pem")), "a", []string{"no JSON, not a JWK set", "#a chooses"}},
		{"nothing", "", "a", []string{"no JSON"}},
		{"broken JSON", `{"keys":[`, "a", []string{"begins like JSON"}},
		{"no array", `{"keys":{}}`, "a", []string{"keys is not an array"}},
		{"keys twice", `{"keys":[],"keys":[]}`, "a", []string{`"keys" stands twice`}},
		{"encrypted", `{"ciphertext":""}`, "a", []string{"JWE"}},
		{"too many", `{"keys":[` + strings.Repeat("1,", 10_000) + `1]}`, "a", []string{"more than 10000 keys"}},
		{"many names", `{"keys":[` + strings.Repeat(`{"kid":"b"},`, 9) + `{}]}`, "a", []string{`"b", "b", "b", "b", "b" and others`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Choose("file", []byte(c.data), c.kid)
			wantError(t, err, "file", c.words...)
		})
	}
}

func TestSeveralKeysOfASetSayHowToChoose(t *testing.T) {
	_, err := PrivateKey("set", set(t), nil)
	wantError(t, err, "set", "3 keys, not one", `set#KID`, `"set#a"`)
	unnamed := encode(t, map[string]any{"keys": []any{members(t, "ed25519.jwk"), with(members(t, "rsa.jwk"), map[string]any{"kid": nil})}})
	_, err = PrivateKey("set", unnamed, nil)
	wantError(t, err, "set", "2 keys, not one", `"set#`+thumbEd25519+`"`)
	_, err = PrivateKey("pem", append(load(t, "pkcs8.pem"), load(t, "ed25519.pem")...), nil)
	wantError(t, err, "pem", "2 keys, not one", "a file of its own")
}

func TestAKeyNeedsNoAlgUseOrKid(t *testing.T) {
	for file, want := range map[string]string{"ec.jwk": thumbP256, "ed25519.jwk": thumbEd25519, "rsa.jwk": thumbRSA} {
		bare := with(members(t, file), map[string]any{"alg": nil, "use": nil, "kid": nil, "key_ops": nil, "ext": nil})
		k, err := PrivateKey(file, encode(t, bare), nil)
		if err != nil || thumb(t, k) != want || k.Alg+k.Use+k.KID != "" {
			t.Errorf("%s: %v, alg %q, use %q, kid %q", file, err, k.Alg, k.Use, k.KID)
		}
	}
}

// openssl ecparam, req and pkcs12 leave such blocks in whatever order.
func TestBlocksMayStandInAnyOrder(t *testing.T) {
	parameters := string(load(t, "ec-parameters-first.pem"))
	parameters = parameters[:strings.Index(parameters, "-----BEGIN EC PRIVATE")]
	blocks := []string{parameters, string(load(t, "sec1.pem")), string(load(t, "spki.pem")), string(load(t, "cert.pem")), string(load(t, "request.pem"))}
	for first := range blocks {
		for _, step := range []int{1, 2, 3, 4} {
			var text strings.Builder
			for i := range blocks {
				text.WriteString(blocks[(first+i*step)%len(blocks)])
			}
			k, err := PrivateKey("pem", []byte(text.String()), nil)
			if err != nil || thumb(t, k) != thumbP256 {
				t.Fatalf("beginning with %d, by %d: %v", first, step, err)
			}
			if chain, err := Chain("pem", []byte(text.String()), nil); err != nil || len(chain) != 1 {
				t.Fatalf("the certificate, beginning with %d, by %d: %v", first, step, err)
			}
		}
	}
}

func TestBase64OfAnotherKindIsNamed(t *testing.T) {
	rsa := members(t, "rsa.jwk")
	n, err := base64.RawURLEncoding.DecodeString(rsa["n"].(string))
	if err != nil {
		t.Fatal(err)
	}
	e := base64.StdEncoding.EncodeToString(big.NewInt(65537 << 8).Bytes()) // AQABAA==
	for name, c := range map[string]struct {
		member, value, want string
	}{
		"padded":                   {"n", base64.URLEncoding.EncodeToString(n), "n is base64url with padding, not the base64url of RFC 7515 section 2"},
		"standard":                 {"n", strings.NewReplacer("-", "+", "_", "/").Replace(rsa["n"].(string)), "n is standard base64, not"},
		"standard and padded":      {"n", base64.StdEncoding.EncodeToString(n), "n is standard base64 with padding"},
		"padded, in both alphabet": {"e", e, "e is base64url with padding"},
		"neither":                  {"n", "a b", "n is not canonical base64url"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := PublicKey("k", encode(t, with(rsa, map[string]any{c.member: c.value})), nil)
			wantError(t, err, "k", c.want)
		})
	}
	ed := members(t, "ed25519.jwk")
	_, err = PublicKey("k", encode(t, with(ed, map[string]any{"x": ed["x"].(string) + "="})), nil)
	wantError(t, err, "k", "x is base64url with padding")
}

func TestPEMWithoutItsLinesIsNamed(t *testing.T) {
	der := load(t, "pkcs8.der")
	for name, text := range map[string]string{
		"one line":  base64.StdEncoding.EncodeToString(der),
		"base64url": base64.RawURLEncoding.EncodeToString(der),
		"wrapped":   base64.StdEncoding.EncodeToString(der)[:64] + "\r\n" + base64.StdEncoding.EncodeToString(der)[64:] + "\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := PrivateKey("k", []byte(text), nil)
			wantError(t, err, "k", "base64 without the BEGIN and END lines of PEM", "base64 -d")
		})
	}
	_, err := PrivateKey("k", []byte("AAAA"), nil)
	wantError(t, err, "k", "neither PEM nor DER")
}

func TestAKeyForDecryptionIsReadWhereOneIsMeant(t *testing.T) {
	for _, c := range []struct{ file, alg, want string }{
		{"rsa.jwk", "RSA-OAEP-256", thumbRSA}, {"ec.jwk", "ECDH-ES+A128KW", thumbP256}, {"ec.jwk", "ES256", thumbP256},
	} {
		data := encode(t, with(members(t, c.file), map[string]any{"alg": c.alg, "use": "enc"}))
		k, err := DecryptionKey(c.file, data, nil)
		if err != nil || k.Private == nil || thumb(t, k) != c.want {
			t.Errorf("%s for %s: %v", c.file, c.alg, err)
		}
	}
	data := encode(t, with(members(t, "rsa.jwk"), map[string]any{"alg": "RSA-OAEP-256"}))
	_, err := PrivateKey("k", data, nil)
	wantError(t, err, "k", "RSA-OAEP-256")
	_, err = DecryptionKey("k", encode(t, with(members(t, "rsa.jwk"), map[string]any{"alg": "ES256"})), nil)
	wantError(t, err, "k", "ES256")
	_, err = DecryptionKey("k", load(t, "spki.pem"), nil)
	wantError(t, err, "k", "a public key, not a private key to decrypt with")
}

// FuzzChoose: what is chosen is one key, and it alone.
func FuzzChoose(f *testing.F) {
	for _, kid := range []string{"a", "", "z"} {
		f.Add([]byte(`{"keys":[{"kid":"a","kty":"oct"},{"kid":"a#b"},{}]}`), kid)
		f.Add([]byte(`{"kid":"a"}`), kid)
		f.Add([]byte("\ufeff{\"keys\":[1,[],null]}"), kid)
	}
	f.Fuzz(func(t *testing.T, data []byte, kid string) {
		one, err := Choose("f", data, kid)
		if err != nil {
			var e *Error
			if !errors.As(err, &e) || e.File != "f" || e.Found == "" || one != nil {
				t.Fatalf("an error of another kind: %#v", err)
			}
			return
		}
		if nameOfKey(one) != kid {
			t.Errorf("chosen by %q: %s", kid, one)
		}
		if c, err := Parse("f", one, nil); err == nil && len(c.Keys) != 1 {
			t.Errorf("%d keys in %s", len(c.Keys), one)
		}
	})
}
