package keys

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"github.com/oauthpop/oauthpop/internal/jwt"
	"github.com/oauthpop/oauthpop/internal/material"
)

func read(t testing.TB, text string) material.Key {
	t.Helper()
	k, err := material.PublicKey("key", []byte(text), nil)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func thumbprint(t testing.TB, k material.Key) string {
	t.Helper()
	s, err := Thumbprint(k.Public)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

const (
	rfc7638N = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
	// A public key whose members are those of https://www.rfc-editor.org/rfc/rfc9449#section-4.1
	rfc9449 = `"kty":"EC","x":"l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs","y":"9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA","crv":"P-256"`
)

func TestThumbprintVectors(t *testing.T) {
	for name, c := range map[string]struct{ jwk, want string }{
		"RFC 9449 figure 5":     {`{` + rfc9449 + `}`, "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"},
		"optional members":      {`{"use":"sig","alg":"ES256","kid":"any","ext":true,` + rfc9449 + `}`, "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"},
		"RFC 7638 section 3.1":  {`{"kty":"RSA","n":"` + rfc7638N + `","e":"AQAB","alg":"RS256","kid":"2011-04-29"}`, "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"},
		"RFC 8037 appendix A.3": {`{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"},
		"RFC 8037, private":     {`{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"},
		"RFC 7515 appendix A.3": {`{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}`, "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U"},
		"RFC 7517 appendix A.2": {`{"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM","d":"870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE","use":"enc","kid":"1"}`, "cn-I_WNMClehiVp51i_0VpOENW1upEerA8sEam5hn-s"},
		"RFC 8705 appendix A":   {`{"kty":"EC","crv":"P-256","x":"1yfLHCpXqFjxCeHHHMVDTcLscpb07KUxudBmOMn8C7Q","y":"8_coZwxS7LfA4vOLS9WuneIXhbGGWvsDSb0tH6IxLm8"}`, "Fvi_j8Immo6AlgIwpZKqaXnNP_9b09pLKkQHObRebQY"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := thumbprint(t, read(t, c.jwk)); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
	if got := ThumbprintURI("NzbL"); got != "urn:ietf:params:oauth:jwk-thumbprint:sha-256:NzbL" {
		t.Errorf("URI %q", got)
	}
}

func TestGenerateMakesAKeyForEachAlgorithm(t *testing.T) {
	for _, alg := range Algs() {
		k, err := Generate(alg, 0)
		if err != nil {
			t.Fatal(err)
		}
		if k.Alg != alg || !material.Same(k.Private.Public(), k.Public) || k.KID != thumbprint(t, k) {
			t.Errorf("%s: %+v", alg, k)
		}
		if got, err := Alg(k); err != nil || got != alg {
			t.Errorf("Alg of a key for %s = %q, %v", alg, got, err)
		}
		sig, err := jwt.Sign(k.Private, alg, "input")
		if err != nil || jwt.Verify(k.Public, alg, "input", sig) != nil {
			t.Errorf("%s: the key does not sign: %v", alg, err)
		}
	}
	k, err := Generate("PS256", 3072)
	if err != nil {
		t.Fatal(err)
	}
	if pub, ok := k.Public.(*rsa.PublicKey); !ok || pub.N.BitLen() != 3072 {
		t.Errorf("3072 bits asked for: %T", k.Public)
	}
}

func TestGenerateRefusesOtherKinds(t *testing.T) {
	for _, c := range []struct {
		alg  string
		bits int
		want string
	}{
		{"HS256", 0, "HS256"},
		{"none", 0, "none"},
		{"", 0, "no algorithm"},
		{"es256", 0, "ES256"},
		{"RS256", 1024, "1024"},
		{"PS256", 1 << 20, "1048576"},
		{"RS256", -1, "-1"},
		{"ES256", 256, "ES256"},
	} {
		_, err := Generate(c.alg, c.bits)
		var o *OptionError
		if !errors.As(err, &o) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("Generate(%q, %d) = %v", c.alg, c.bits, err)
		}
	}
}

func TestAlgIsThatOfTheKeyElseTheDefault(t *testing.T) {
	for alg, want := range map[string]string{"ES256": "ES256", "ES512": "ES512", "Ed25519": "EdDSA", "EdDSA": "EdDSA", "RS256": "PS256"} {
		k, err := Generate(alg, 0)
		if err != nil {
			t.Fatal(err)
		}
		k.Alg = ""
		if got, err := Alg(k); err != nil || got != want {
			t.Errorf("a key for %s without alg: %q, %v", alg, got, err)
		}
		k.Alg = "ES384"
		if _, err := Alg(k); err == nil {
			t.Errorf("a key for %s passes for one for ES384", alg)
		}
	}
}

// leadingZero makes a key whose coordinate (an x, a y or a d) begins with a zero
// byte.
func leadingZero(t *testing.T, alg, member string) material.Key {
	t.Helper()
	for range 20_000 {
		k, err := Generate(alg, 0)
		if err != nil {
			t.Fatal(err)
		}
		private, ok := k.Private.(*ecdsa.PrivateKey)
		if !ok {
			t.Fatalf("%T", k.Private)
		}
		point, err := private.PublicKey.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		d, err := private.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		value := map[string]byte{"x": point[1], "y": point[1+len(d)], "d": d[0]}
		if value[member] == 0 {
			return k
		}
	}
	t.Fatal("no key with a leading zero")
	return material.Key{}
}

func TestLeadingZerosAreKept(t *testing.T) {
	for alg, length := range map[string]int{"ES256": 43, "ES384": 64, "ES512": 88} {
		for _, member := range []string{"x", "y", "d"} {
			k := leadingZero(t, alg, member)
			b, err := MarshalJWK(k, false)
			if err != nil {
				t.Fatal(err)
			}
			var j map[string]string
			if err := json.Unmarshal(b, &j); err != nil {
				t.Fatal(err)
			}
			for _, m := range []string{"x", "y", "d"} {
				if len(j[m]) != length {
					t.Errorf("%s with a zero in %s: %s has %d characters, want %d", alg, member, m, len(j[m]), length)
				}
			}
			if got := thumbprint(t, read(t, string(b))); got != k.KID {
				t.Errorf("%s: read again, the thumbprint is another", alg)
			}
			sameAsJose(t, b, k.KID)
		}
	}
}

// sameAsJose reads a JWK with go-jose and compares the thumbprint.
func sameAsJose(t *testing.T, jwk []byte, want string) jose.JSONWebKey {
	t.Helper()
	var oracle jose.JSONWebKey
	if err := oracle.UnmarshalJSON(jwk); err != nil {
		t.Fatalf("go-jose does not read %s: %v", jwk, err)
	}
	sum, err := oracle.Thumbprint(crypto.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	if got := base64.RawURLEncoding.EncodeToString(sum); got != want {
		t.Errorf("go-jose has the thumbprint %s, not %s", got, want)
	}
	return oracle
}

func TestWhatIsWrittenIsReadAgain(t *testing.T) {
	for _, alg := range Algs() {
		k, err := Generate(alg, 0)
		if err != nil {
			t.Fatal(err)
		}
		k.Use = "sig"
		for form, marshal := range map[string]func(material.Key, bool) ([]byte, error){"jwk": MarshalJWK, "pem": MarshalPEM, "der": MarshalDER} {
			for _, public := range []bool{false, true} {
				b, err := marshal(k, public)
				if err != nil {
					t.Fatal(err)
				}
				again := read(t, string(b))
				if !material.Same(again.Public, k.Public) || (again.Private == nil) != public {
					t.Errorf("%s as %s (public: %v) is read as another key", alg, form, public)
				}
				if again.Private != nil && !equal(again.Private, k.Private) {
					t.Errorf("%s as %s: another private key", alg, form)
				}
				if form == "jwk" && (again.Alg != alg || again.KID != k.KID || again.Use != "sig") {
					t.Errorf("%s: alg %q, kid %q, use %q", alg, again.Alg, again.KID, again.Use)
				}
			}
		}
	}
}

func equal(a, b crypto.Signer) bool {
	k, ok := a.(interface{ Equal(crypto.PrivateKey) bool })
	return ok && k.Equal(b)
}

func TestAJWKHoldsWhatItSaysAndNoMore(t *testing.T) {
	for alg, want := range map[string][]string{
		"ES256":   {"kty", "crv", "x", "y", "d", "kid", "alg"},
		"Ed25519": {"kty", "crv", "x", "d", "kid", "alg"},
		"RS256":   {"kty", "n", "e", "d", "p", "q", "dp", "dq", "qi", "kid", "alg"},
	} {
		k, err := Generate(alg, 0)
		if err != nil {
			t.Fatal(err)
		}
		b, err := MarshalJWK(k, false)
		if err != nil {
			t.Fatal(err)
		}
		o, err := jwt.ParseObject(b)
		if err != nil || !slices.Equal(o.Names(), want) {
			t.Errorf("%s has the members %v, want %v (%v)", alg, o.Names(), want, err)
		}
		if oracle := sameAsJose(t, b, k.KID); !oracle.Valid() {
			t.Errorf("%s: go-jose says it is not valid", alg)
		}
		b, err = MarshalJWK(k, true)
		if err != nil {
			t.Fatal(err)
		}
		if o, err = jwt.ParseObject(b); err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{"d", "p", "q", "dp", "dq", "qi"} {
			if _, ok := o.Get(secret); ok {
				t.Errorf("%s: the public JWK has %s", alg, secret)
			}
		}
	}
}

func TestAPublicKeyIsNotWrittenAsAPrivateOne(t *testing.T) {
	k := read(t, `{`+rfc9449+`}`)
	for _, marshal := range []func(material.Key, bool) ([]byte, error){MarshalJWK, MarshalPEM, MarshalDER} {
		if b, err := marshal(k, false); err == nil {
			t.Errorf("written as %s", b)
		}
	}
	if _, err := Thumbprint(ed25519.PublicKey{1}); err == nil {
		t.Error("a public key of one byte has a thumbprint")
	}
}
