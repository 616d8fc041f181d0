package jwt

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/base64"
	"math/big"
	"strings"
	"testing"
)

func TestParseJWKRefusesWhatNoEncoderWrites(t *testing.T) {
	const (
		x = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"
		y = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
	)
	ec := func(crv, x, y string) string {
		return `{"kty":"EC","crv":"` + crv + `","x":"` + x + `","y":"` + y + `"}`
	}
	n := "ofgW" + strings.Repeat("A", 336) + "AAE"
	rsa := func(n, e string) string { return `{"kty":"RSA","n":"` + n + `","e":"` + e + `"}` }
	if _, err := ParseJWK([]byte(ec("P-256", x, y))); err != nil {
		t.Fatal(err)
	}
	for _, e := range []string{"AQAB", "Aw", "f____w"} { // 65537, 3, 2^31-1
		if _, err := ParseJWK([]byte(rsa(n, e))); err != nil {
			t.Fatal(e, err)
		}
	}
	for name, jwk := range map[string]string{
		"empty": ``, "null": `null`, "array": `[]`, "string": `"a"`, "no kty": `{}`, "kty a number": `{"kty":1}`,
		"symmetric": `{"kty":"oct","k":"AQ"}`, "kty in lower case": strings.Replace(ec("P-256", x, y), "EC", "ec", 1),
		"no curve": `{"kty":"EC","x":"` + x + `","y":"` + y + `"}`, "secp256k1": ec("secp256k1", x, y), "wrong curve": ec("P-384", x, y),
		"no x": `{"kty":"EC","crv":"P-256","y":"` + y + `"}`, "x a number": `{"kty":"EC","crv":"P-256","x":1,"y":"` + y + `"}`,
		"x short": ec("P-256", x[:42], y), "x with a leading zero byte": ec("P-256", "AA"+x, y), "x padded": ec("P-256", x+"=", y),
		"unused bits": ec("P-256", x, y[:42]+"1"), "line break": ec("P-256", x, y[:40]+`\n`+y[40:]),
		"off the curve": ec("P-256", y, x), "point at infinity": ec("P-256", strings.Repeat("A", 43), strings.Repeat("A", 43)),
		"X25519":           `{"kty":"OKP","crv":"X25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`,
		"Ed448":            `{"kty":"OKP","crv":"Ed448","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`,
		"OKP short":        `{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHUR"}`,
		"OKP long":         `{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURoA"}`,
		"RSA of 1024 bits": rsa("gAAA"+strings.Repeat("A", 163)+"AAE", "AQAB"), "RSA with a leading zero byte": rsa("AKH4"+n[4:], "AQAB"),
		"RSA even": rsa("ofgW"+strings.Repeat("A", 336)+"AAA", "AQAB"), "RSA exponent 1": rsa(n, "AQ"), "RSA exponent even": rsa(n, "AQAA"),
		"RSA exponent zero": rsa(n, "AA"), "RSA exponent empty": rsa(n, ""), "RSA exponent of 33 bits": rsa(n, "AQAAAAE"), "RSA exponent of 32 bits": rsa(n, "gAAAAQ"),
		"RSA exponent huge": rsa(n, n), "RSA modulus missing": `{"kty":"RSA","e":"AQAB"}`,
		"RSA too long": rsa("gA"+strings.Repeat("A", 2*2731)+"AAAAAAE", "AQAB"),
	} {
		if k, err := ParseJWK([]byte(jwk)); err == nil {
			t.Errorf("%s is taken as %s", name, Kind(k))
		}
	}
}

func TestParseJWKLooksAtThePublicPartOnly(t *testing.T) {
	k, err := ParseJWK([]byte(`{"d":17,"kid":null,"crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","kty":"OKP","use":[]}`))
	if _, ok := k.(ed25519.PublicKey); !ok || err != nil {
		t.Errorf("got %T, %v", k, err)
	}
}

// The coordinates of 3*2^k times the base point begin with a zero byte now and then.
func TestCoordinatesKeepTheirLeadingZeros(t *testing.T) {
	for _, curve := range []elliptic.Curve{elliptic.P256(), elliptic.P384(), elliptic.P521()} {
		size, found := CoordinateSize(curve), 0
		for d := int64(1); d < 4000 && found < 2; d++ {
			raw := make([]byte, size)
			big.NewInt(d).FillBytes(raw)
			k, err := ecdsa.ParseRawPrivateKey(curve, raw)
			if err != nil {
				t.Fatal(err)
			}
			point, _ := k.PublicKey.Bytes()
			short := 0
			if size == 66 { // the first byte of P-521 is zero in every other point
				short = 1
			}
			if point[1+short] != 0 || point[1] != 0 {
				continue
			}
			found++
			jwk, err := PublicJWK(k.Public())
			if err != nil {
				t.Fatal(err)
			}
			for _, name := range []string{"x", "y"} {
				if n := base64.RawURLEncoding.DecodedLen(len(jwk[name])); n != size {
					t.Errorf("%s: %s has %d bytes", curve.Params().Name, name, n)
				}
			}
			canonical, _ := CanonicalJWK(k.Public())
			if again, err := ParseJWK(canonical); err != nil || !k.PublicKey.Equal(again) {
				t.Errorf("%s: reads as another key: %v", canonical, err)
			}
		}
		if found == 0 {
			t.Errorf("%s: no point with a leading zero byte", curve.Params().Name)
		}
	}
}

func TestKeysWithoutAJWKAreRefused(t *testing.T) {
	for _, k := range []any{nil, "key", ed25519.PublicKey("short"), &ecdsa.PublicKey{Curve: elliptic.P256(), X: big.NewInt(1), Y: big.NewInt(1)}, rsa.PublicKey{}} {
		if jwk, err := PublicJWK(k); err == nil {
			t.Errorf("%T: %v", k, jwk)
		}
		if _, err := Thumbprint(k); err == nil {
			t.Errorf("%T has a thumbprint", k)
		}
	}
}
