package dpop

import (
	"bytes"
	"crypto"
	"encoding/base64"
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/oauthpop/oauthpop/internal/jwt"
)

// provers are one for each kind of key and algorithm.
func provers(t testing.TB) map[string]*Prover {
	t.Helper()
	all := map[string]*Prover{}
	for alg, key := range map[string]string{
		"ES256": "P-256", "ES384": "P-384", "ES512": "P-521", "EdDSA": "Ed25519", "Ed25519": "Ed25519",
		"RS256": "RSA", "RS384": "RSA", "RS512": "RSA", "PS256": "RSA", "PS384": "RSA", "PS512": "RSA",
	} {
		p, err := NewProver(testKeys()[key], alg)
		if err != nil {
			t.Fatalf("%s: %v", alg, err)
		}
		all[alg] = p
	}
	return all
}

func TestEachProofIsValidForItsRequest(t *testing.T) {
	now := time.Unix(vectorTime, 999)
	for alg, p := range provers(t) {
		proof, err := p.Proof(Claims{Method: "POST", HTU: vectorURL, Token: vectorToken, Nonce: vectorNonce, Time: now})
		if err != nil {
			t.Fatalf("%s: %v", alg, err)
		}
		r := vectorRequest([]string{proof}, p.JKT())
		if _, err := Verify(r, Checks()); err != nil {
			t.Errorf("%s: %v", alg, err)
		}
		if err := refVerify(r); err != nil {
			t.Errorf("%s: the reference says %v", alg, err)
		}
		if p.Alg() != alg {
			t.Errorf("alg %q, want %q", p.Alg(), alg)
		}
	}
}

func TestAForeignVerifierTakesOurSignatures(t *testing.T) {
	for alg, p := range provers(t) {
		if alg == "Ed25519" { // go-jose knows the older name only
			continue
		}
		proof, err := p.Proof(Claims{Method: "GET", HTU: vectorURL, Time: time.Unix(vectorTime, 0)})
		if err != nil {
			t.Fatal(err)
		}
		jws, err := jose.ParseSignedCompact(proof, []jose.SignatureAlgorithm{jose.SignatureAlgorithm(alg)})
		if err != nil {
			t.Errorf("%s: %v", alg, err)
			continue
		}
		key := jws.Signatures[0].Protected.JSONWebKey
		if _, err := jws.Verify(key); err != nil {
			t.Errorf("%s: %v", alg, err)
		}
		sum, err := key.Thumbprint(crypto.SHA256)
		if got := base64.RawURLEncoding.EncodeToString(sum); err != nil || got != p.JKT() {
			t.Errorf("%s: jkt %s, go-jose says %s (%v)", alg, p.JKT(), got, err)
		}
	}
}

func TestAProofSaysWhatItMustAndNoMore(t *testing.T) {
	now := time.Unix(1562262616, 999_999_999)
	for alg, p := range provers(t) {
		proof, err := p.Proof(Claims{Method: "DELETE", HTU: "https://h.example/a", Time: now, JTI: "-BwC3ESc6acc2lTc"})
		if err != nil {
			t.Fatal(err)
		}
		c, err := jwt.Split(proof)
		if err != nil || !c.Canonical {
			t.Fatal(c, err)
		}
		if got := strings.Join(c.Header.Names(), " "); got != "typ alg jwk" {
			t.Errorf("%s: header %s", alg, got)
		}
		if got, want := string(c.RawPayload), `{"jti":"-BwC3ESc6acc2lTc","htm":"DELETE","htu":"https://h.example/a","iat":1562262616}`; got != want {
			t.Errorf("%s: claims %s", alg, got)
		}
		raw, _ := c.Header.Get("jwk")
		want, _ := jwt.CanonicalJWK(p.signerPublic())
		if !bytes.Equal(raw, want) {
			t.Errorf("%s: jwk %s", alg, raw)
		}
	}
}

// signerPublic returns the public key whose proofs p makes.
func (p *Prover) signerPublic() crypto.PublicKey {
	for _, key := range testKeys() {
		if jkt, err := jwt.Thumbprint(key.Public()); err == nil && jkt == p.jkt {
			return key.Public()
		}
	}
	return nil
}

func TestAthAndNonceAreThereOnlyIfGiven(t *testing.T) {
	p := provers(t)["ES256"]
	for want, c := range map[string]Claims{
		"jti htm htu iat":           {},
		"jti htm htu iat ath":       {Token: "t"},
		"jti htm htu iat nonce":     {Nonce: "n"},
		"jti htm htu iat ath nonce": {Token: "t", Nonce: "n"},
	} {
		c.Method, c.HTU, c.Time = "GET", vectorURL, time.Unix(vectorTime, 0)
		proof, err := p.Proof(c)
		if err != nil {
			t.Fatal(err)
		}
		jws, err := jwt.Split(proof)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(jws.Payload.Names(), " "); got != want {
			t.Errorf("claims %s, want %s", got, want)
		}
	}
}

func TestClaimsSurviveEveryCharacter(t *testing.T) {
	p := provers(t)["EdDSA"]
	for _, s := range []string{`a"b`, `a\b`, "a\x00b\x1f\x7f", "ä☃\U0001f600", `</script>&`, "a\u2028b", strings.Repeat("x", 5000)} {
		proof, err := p.Proof(Claims{Method: s, HTU: s, Nonce: s, JTI: s, Time: time.Unix(vectorTime, 0)})
		if err != nil {
			t.Fatal(err)
		}
		jws, err := jwt.Split(proof)
		if err != nil {
			t.Fatalf("%q: %v", s, err)
		}
		var claims map[string]any
		if err := json.Unmarshal(jws.RawPayload, &claims); err != nil {
			t.Fatalf("%q: %v", s, err)
		}
		for _, name := range []string{"jti", "htm", "htu", "nonce"} {
			if claims[name] != s {
				t.Errorf("%s is %q, want %q", name, claims[name], s)
			}
		}
	}
}

func TestNoTwoProofsShareAJTI(t *testing.T) {
	p := provers(t)["ES256"]
	var mu sync.Mutex
	var wg sync.WaitGroup
	seen := map[string]bool{}
	for range 4 {
		wg.Go(func() {
			for range 50 {
				proof, err := p.Proof(Claims{Method: "GET", HTU: vectorURL, Time: time.Unix(vectorTime, 0)})
				if err != nil {
					t.Error(err)
					return
				}
				v, err := Verify(Request{Proofs: []string{proof}, NoFreshness: true, Algs: DefaultAlgs(), JKT: p.JKT()}, Checks())
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				if seen[v.JTI] || len(v.JTI) != 22 {
					t.Errorf("jti %q", v.JTI)
				}
				seen[v.JTI] = true
				mu.Unlock()
			}
		})
	}
	wg.Wait()
}

func TestAProofThatCannotBeRightIsNotMade(t *testing.T) {
	p := provers(t)["ES256"]
	now := time.Unix(vectorTime, 0)
	for _, c := range []Claims{{}, {HTU: vectorURL, Time: now}, {Method: "GET", Time: now}, {Method: "GET", HTU: vectorURL}} {
		if proof, err := p.Proof(c); err == nil {
			t.Errorf("%+v: %s", c, proof)
		}
	}
	for alg, key := range map[string]string{"ES384": "P-256", "RS256": "RSA-1024", "none": "P-256", "HS256": "RSA", "": "P-256"} {
		if _, err := NewProver(testKeys()[key], alg); err == nil {
			t.Errorf("%q with %s makes proofs", alg, key)
		}
	}
	if _, err := NewProver(nil, "ES256"); err == nil {
		t.Error("makes proofs without a key")
	}
}
