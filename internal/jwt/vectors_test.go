package jwt

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/base64"
	"math/big"
	"strings"
	"testing"
)

// signed is a JWS of an RFC with the public key and, where it is published, the
// private one.
type signed struct {
	name, alg, jwk string
	input, sig     string
	private        func() crypto.Signer
	deterministic  bool
	thumbprint     string
}

func rfcVectors() []signed {
	return []signed{
		{ // https://www.rfc-editor.org/rfc/rfc7515#appendix-A.2
			name: "RFC 7515 A.2", alg: "RS256", deterministic: true, private: rsaVector,
			jwk:   `{"kty":"RSA","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ","e":"AQAB"}`,
			input: "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ",
			sig:   "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw",
		},
		{ // https://www.rfc-editor.org/rfc/rfc7515#appendix-A.3
			name: "RFC 7515 A.3", alg: "ES256", private: ecVector(elliptic.P256(), "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"),
			jwk:        `{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}`,
			input:      "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ",
			sig:        "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
			thumbprint: "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U",
		},
		{ // https://www.rfc-editor.org/rfc/rfc7515#appendix-A.4
			name: "RFC 7515 A.4", alg: "ES512", private: ecVector(elliptic.P521(), "AY5pb7A0UFiB3RELSD64fTLOSV_jazdF7fLYyuTw8lOfRhWg6Y6rUrPAxerEzgdRhajnu0ferB0d53vM9mE15j2C"),
			jwk:   `{"kty":"EC","crv":"P-521","x":"AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5EOnYG_NjFZ6OvLFV1jSfS9tsz4qUxcWceqwQGk","y":"ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXMoxVg_l2Th-x3S1WDhjDly79ajL4Kkd0AZMaZmh9ubmf63e3kyMj2"}`,
			input: "eyJhbGciOiJFUzUxMiJ9.UGF5bG9hZA",
			sig:   "AdwMgeerwtHoh-l192l60hp9wAHZFVJbLfD_UxMi70cwnZOYaRI1bKPWROc-mZZqwqT2SI-KGDKB34XO0aw_7XdtAG8GaSwFKdCAPZgoXD2YBJZCPEX3xKpRwcdOO8KpEHwJjyqOgzDO7iKvU8vcnwNrmxYbSW9ERBXukOXolLzeO_Jn",
		},
		{ // https://www.rfc-editor.org/rfc/rfc8037#appendix-A.4
			name: "RFC 8037 A.4", alg: "EdDSA", deterministic: true,
			private: func() crypto.Signer {
				return ed25519.NewKeyFromSeed(unbase64("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"))
			},
			jwk:        `{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`,
			input:      "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc",
			sig:        "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg",
			thumbprint: "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
		},
	}
}

func unbase64(s string) []byte {
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		panic(err)
	}
	return b
}

func ecVector(curve elliptic.Curve, d string) func() crypto.Signer {
	return func() crypto.Signer {
		k, err := ecdsa.ParseRawPrivateKey(curve, unbase64(d))
		if err != nil {
			panic(err)
		}
		return k
	}
}

func rsaVector() crypto.Signer {
	number := func(s string) *big.Int { return new(big.Int).SetBytes(unbase64(s)) }
	k := &rsa.PrivateKey{PublicKey: rsa.PublicKey{E: 65537}}
	k.N = number("ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ")
	k.D = number("Eq5xpGnNCivDflJsRQBXHx1hdR1k6Ulwe2JZD50LpXyWPEAeP88vLNO97IjlA7_GQ5sLKMgvfTeXZx9SE-7YwVol2NXOoAJe46sui395IW_GO-pWJ1O0BkTGoVEn2bKVRUCgu-GjBVaYLU6f3l9kJfFNS3E0QbVdxzubSu3Mkqzjkn439X0M_V51gfpRLI9JYanrC4D4qAdGcopV_0ZHHzQlBjudU2QvXt4ehNYTCBr6XCLQUShb1juUO1ZdiYoFaFQT5Tw8bGUl_x_jTj3ccPDVZFD9pIuhLhBOneufuBiB4cS98l2SR_RQyGWSeWjnczT0QU91p1DhOVRuOopznQ")
	k.Primes = []*big.Int{
		number("4BzEEOtIpmVdVEZNCqS7baC4crd0pqnRH_5IB3jw3bcxGn6QLvnEtfdUdiYrqBdss1l58BQ3KhooKeQTa9AB0Hw_Py5PJdTJNPY8cQn7ouZ2KKDcmnPGBY5t7yLc1QlQ5xHdwW1VhvKn-nXqhJTBgIPgtldC-KDV5z-y2XDwGUc"),
		number("uQPEfgmVtjL0Uyyx88GZFF1fOunH3-7cepKmtH4pxhtCoHqpWmT8YAmZxaewHgHAjLYsp1ZSe7zFYHj7C6ul7TjeLQeZD_YwD66t62wDmpe_HlB-TnBA-njbglfIsRLtXlnDzQkv5dTltRJ11BKBBypeeF6689rjcJIDEz9RWdc"),
	}
	k.Precompute()
	return k
}

func TestVerifyAcceptsTheSignaturesOfTheRFCs(t *testing.T) {
	for _, v := range rfcVectors() {
		pub, err := ParseJWK([]byte(v.jwk))
		if err != nil {
			t.Errorf("%s: %v", v.name, err)
			continue
		}
		if err := Verify(pub, v.alg, v.input, unbase64(v.sig)); err != nil {
			t.Errorf("%s: %v", v.name, err)
		}
		if err := Verify(pub, v.alg, v.input+"x", unbase64(v.sig)); err == nil {
			t.Errorf("%s: verifies over another text", v.name)
		}
		for i := range unbase64(v.sig) {
			sig := unbase64(v.sig)
			sig[i] ^= 0x80
			if Verify(pub, v.alg, v.input, sig) == nil {
				t.Errorf("%s: verifies with byte %d changed", v.name, i)
			}
			if v.alg == "RS256" && i > 3 {
				break
			}
		}
	}
}

func TestSignMakesTheSignaturesOfTheRFCs(t *testing.T) {
	for _, v := range rfcVectors() {
		sig, err := Sign(v.private(), v.alg, v.input)
		if err != nil {
			t.Errorf("%s: %v", v.name, err)
			continue
		}
		if got := base64.RawURLEncoding.EncodeToString(sig); v.deterministic && got != v.sig {
			t.Errorf("%s: signature %s, want %s", v.name, got, v.sig)
		}
		if err := Verify(v.private().Public(), v.alg, v.input, sig); err != nil {
			t.Errorf("%s: own signature: %v", v.name, err)
		}
	}
}

func TestThePublicJWKIsTheOneOfTheRFC(t *testing.T) {
	for _, v := range rfcVectors() {
		pub := v.private().Public()
		canonical, err := CanonicalJWK(pub)
		if err != nil {
			t.Fatal(err)
		}
		again, err := ParseJWK(canonical)
		if err != nil || !again.(interface{ Equal(crypto.PublicKey) bool }).Equal(pub) {
			t.Errorf("%s: %s reads as another key: %v", v.name, canonical, err)
		}
		o, err := ParseObject([]byte(v.jwk))
		if err != nil {
			t.Fatal(err)
		}
		members, err := PublicJWK(pub)
		if err != nil || len(members) != len(o.Names()) {
			t.Errorf("%s: members %v, %v", v.name, members, err)
		}
		for _, name := range o.Names() {
			if want, _ := o.String(name); members[name] != want {
				t.Errorf("%s: %s is %q, want %q", v.name, name, members[name], want)
			}
		}
		if got, _ := Thumbprint(pub); v.thumbprint != "" && got != v.thumbprint {
			t.Errorf("%s: thumbprint %s, want %s", v.name, got, v.thumbprint)
		}
	}
}

// The examples of RFC 7638 section 3.1 and RFC 7517 appendix A.1, with optional
// members that change nothing.
func TestThumbprintIgnoresOptionalMembers(t *testing.T) {
	for jwk, want := range map[string]string{
		`{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"2011-04-29"}`: "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs",
		`{"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM","use":"enc","kid":"1"}`: "cn-I_WNMClehiVp51i_0VpOENW1upEerA8sEam5hn-s",
		`{"kty":"EC","x":"l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs","y":"9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA","crv":"P-256"}`:                       "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I",
	} {
		pub, err := ParseJWK([]byte(jwk))
		if err != nil {
			t.Errorf("%.40s: %v", jwk, err)
			continue
		}
		if got, err := Thumbprint(pub); got != want || err != nil {
			t.Errorf("%.40s: thumbprint %s, want %s (%v)", jwk, got, want, err)
		}
	}
}

// The access token of RFC 9449 figure 8: its key is not published.
func TestSplitReadsTheAccessTokenOfTheRFC(t *testing.T) {
	const token = "eyJhbGciOiJFUzI1NiIsImtpZCI6IkJlQUxrYiJ9.eyJzdWIiOiJzb21lb25lQGV4YW1wbGUuY29tIiwiaXNzIjoiaHR0cHM6Ly9zZXJ2ZXIuZXhhbXBsZS5jb20iLCJuYmYiOjE1NjIyNjI2MTEsImV4cCI6MTU2MjI2NjIxNiwiY25mIjp7ImprdCI6IjBaY09DT1JaTll5LURXcHFxMzBqWnlKR0hUTjBkMkhnbEJWM3VpZ3VBNEkifX0.3Tyo8VTcn6u_PboUmAOYUY1kfAavomW_YwYMkmRNizLJoQzWy2fCo79Zi5yObpIzjWb5xW4OGld7ESZrh0fsrA"
	c, err := Split(token)
	if err != nil {
		t.Fatal(err)
	}
	cnf, _ := c.Payload.Get("cnf")
	o, err := ParseObject(cnf)
	if err != nil {
		t.Fatal(err)
	}
	if jkt, _ := o.String("jkt"); jkt != "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I" || !c.Canonical || len(c.Signature) != 64 {
		t.Errorf("jkt %q, canonical %v, signature of %d bytes", jkt, c.Canonical, len(c.Signature))
	}
	if !strings.HasPrefix(token, c.SigningInput+".") {
		t.Errorf("signing input %q", c.SigningInput)
	}
}
