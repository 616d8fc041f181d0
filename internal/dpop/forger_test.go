package dpop

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"math/big"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/oauthpop/oauthpop/internal/jwt"
)

// testKeys are the keys of the RFCs, and others made once a run.
var testKeys = sync.OnceValue(func() map[string]crypto.Signer {
	must := func(k crypto.Signer, err error) crypto.Signer {
		if err != nil {
			panic(err)
		}
		return k
	}
	return map[string]crypto.Signer{
		// https://www.rfc-editor.org/rfc/rfc7515#appendix-A.3
		"P-256": ecKey(elliptic.P256(), "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"),
		// https://www.rfc-editor.org/rfc/rfc7517#appendix-A.2
		"other P-256": ecKey(elliptic.P256(), "870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE"),
		"P-384":       must(ecdsa.GenerateKey(elliptic.P384(), rand.Reader)),
		"P-521":       must(ecdsa.GenerateKey(elliptic.P521(), rand.Reader)),
		// https://www.rfc-editor.org/rfc/rfc8037#appendix-A.1
		"Ed25519":  ed25519.NewKeyFromSeed(unbase64("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A")),
		"RSA":      rsaKey(),
		"RSA-1024": must(rsa.GenerateKey(rand.Reader, 1024)),
	}
})

func unbase64(s string) []byte {
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		panic(err)
	}
	return b
}

// rsaKey is the key of https://www.rfc-editor.org/rfc/rfc7515#appendix-A.2
func rsaKey() *rsa.PrivateKey {
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

func ecKey(curve elliptic.Curve, d string) *ecdsa.PrivateKey {
	k, err := ecdsa.ParseRawPrivateKey(curve, unbase64(d))
	if err != nil {
		panic(err)
	}
	return k
}

// The request that all vectors are judged against.
const (
	vectorToken = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU"
	vectorURL   = "https://server.example.com/token"
	vectorNonce = "eyJ7S_zG.eyJH0-Z.HX4w-7v"
	vectorTime  = 1700000000
)

func thumbprint(key string) string {
	jkt, err := jwt.Thumbprint(testKeys()[key].Public())
	if err != nil {
		panic(err)
	}
	return jkt
}

func vectorRequest(proofs []string, jkt string) Request {
	return Request{
		Proofs: proofs, Method: "POST", URL: vectorURL, Token: vectorToken, HasToken: true,
		JKT: jkt, Now: time.Unix(vectorTime, 0), MaxAge: 5 * time.Minute, MaxSkew: time.Minute,
		Algs: DefaultAlgs(),
		Nonce: func(nonce string, present bool) error {
			if !present || nonce != vectorNonce {
				return &NonceError{Expected: vectorNonce}
			}
			return nil
		},
	}
}

// edit replaces what stands in a header or payload; an empty New cuts it out.
type edit struct{ old, new string }

// vector is one proof that is wrong, or odd, in one way.
type vector struct {
	name            string
	key             string // "" is "P-256"
	alg             string // "" is "ES256"
	header, payload edit
	lines           func(proof string) []string // after signing
	request         func(*Request)
	fails           string // the checks that fail, all others pass or are not checked
}

func (v vector) build(t testing.TB) Request {
	t.Helper()
	key, alg := v.key, v.alg
	if key == "" {
		key = "P-256"
	}
	if alg == "" {
		alg = "ES256"
	}
	header := v.header.apply(t, plainHeader(t, key, alg))
	payload := v.payload.apply(t, plainPayload())
	proof := signAs(t, key, alg, header, payload)
	lines := []string{proof}
	if v.lines != nil {
		lines = v.lines(proof)
	}
	r := vectorRequest(lines, thumbprintOrNone(key))
	if v.request != nil {
		v.request(&r)
	}
	return r
}

func thumbprintOrNone(key string) string {
	if _, ok := testKeys()[key]; ok {
		return thumbprint(key)
	}
	return thumbprint("P-256")
}

func (e edit) apply(t testing.TB, s string) string {
	t.Helper()
	if e.old == "" {
		return s
	}
	if !strings.Contains(s, e.old) {
		t.Fatalf("%q does not stand in %s", e.old, s)
	}
	return strings.Replace(s, e.old, e.new, 1)
}

func plainHeader(t testing.TB, key, alg string) string {
	t.Helper()
	jwk, err := jwt.CanonicalJWK(testKeys()[key].Public())
	if err != nil {
		t.Fatal(err)
	}
	return `{"typ":"dpop+jwt","alg":"` + alg + `","jwk":` + string(jwk) + `}`
}

func plainPayload() string {
	return `{"jti":"-BwC3ESc6acc2lTc","htm":"POST","htu":"` + vectorURL + `","iat":1700000000,` +
		`"ath":"` + ATH(vectorToken) + `","nonce":"` + vectorNonce + `"}`
}

// signAs signs without looking at what it signs: an RSA key of any size will do.
func signAs(t testing.TB, key, alg, header, payload string) string {
	t.Helper()
	input := base64.RawURLEncoding.EncodeToString([]byte(header)) + "." + base64.RawURLEncoding.EncodeToString([]byte(payload))
	signer := testKeys()[key]
	var sig []byte
	var err error
	if k, ok := signer.(*rsa.PrivateKey); ok && k.N.BitLen() < 2048 {
		h := crypto.SHA256.New()
		h.Write([]byte(input))
		sig, err = rsa.SignPKCS1v15(nil, k, crypto.SHA256, h.Sum(nil))
	} else {
		sig, err = jwt.Sign(signer, alg, input)
	}
	if err != nil {
		t.Fatal(err)
	}
	return input + "." + base64.RawURLEncoding.EncodeToString(sig)
}

// withSignature replaces the signature of a proof.
func withSignature(change func(sig []byte) []byte) func(string) []string {
	return func(proof string) []string {
		i := strings.LastIndexByte(proof, '.')
		return []string{proof[:i+1] + base64.RawURLEncoding.EncodeToString(change(unbase64(proof[i+1:])))}
	}
}

// der is the form of an ECDSA signature that every library but JOSE's uses.
func der(sig []byte) []byte {
	integer := func(b []byte) []byte {
		b = new(big.Int).SetBytes(b).Bytes()
		if b[0] >= 0x80 {
			b = append([]byte{0}, b...)
		}
		return append([]byte{2, byte(len(b))}, b...)
	}
	body := append(integer(sig[:32]), integer(sig[32:])...)
	return append([]byte{0x30, byte(len(body))}, body...)
}
