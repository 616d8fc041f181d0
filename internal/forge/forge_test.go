package forge_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oauthpop/oauthpop/internal/bounds"
	"github.com/oauthpop/oauthpop/internal/dpop"
	"github.com/oauthpop/oauthpop/internal/forge"
	"github.com/oauthpop/oauthpop/internal/jwt"
)

const (
	testURL   = "https://server.example.com/oauth/token"
	testToken = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU"
	testNonce = "eyJ7S_zG.eyJH0-Z.HX4w-7v"
)

// testKeys are one of each kind that a case may need.
func testKeys(t testing.TB) map[string]crypto.Signer {
	t.Helper()
	must := func(k crypto.Signer, err error) crypto.Signer {
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	return map[string]crypto.Signer{
		"ES256": must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)), "ES384": must(ecdsa.GenerateKey(elliptic.P384(), rand.Reader)),
		"EdDSA": must(ed, err), "PS256": must(rsa.GenerateKey(rand.Reader, bounds.RSABits)), "RS256": must(rsa.GenerateKey(rand.Reader, 1024)),
	}
}

func testRequest(key crypto.Signer, alg string) forge.Request {
	return forge.Request{Key: key, Alg: alg, Disposable: true, Method: "POST", HTU: testURL, Token: testToken, Nonce: testNonce, Time: time.Unix(1_700_000_000, 0)}
}

// judged is the request that a proof is judged by, everything checked.
func judged(t testing.TB, c forge.Case, proof string, key crypto.Signer) dpop.Request {
	t.Helper()
	jkt, err := jwt.Thumbprint(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	algs := slices.DeleteFunc(dpop.DefaultAlgs(), func(alg string) bool { return alg == c.Unlisted })
	return dpop.Request{
		Proofs: []string{proof}, Method: "POST", URL: testURL, Token: testToken, HasToken: true, JKT: jkt, Now: time.Unix(1_700_000_000, 0),
		MaxAge: bounds.ProofAge, MaxSkew: bounds.ProofSkew, Algs: algs,
		Nonce: func(nonce string, present bool) error {
			if !present || nonce != testNonce {
				return &dpop.NonceError{Expected: testNonce}
			}
			return nil
		},
	}
}

func failed(r dpop.Report) []string {
	var ids []string
	for _, c := range r.Checks {
		if c.Status == dpop.StatusFailed {
			ids = append(ids, c.ID)
		}
	}
	return ids
}

// with makes a case by whichever of the keys it can use.
func with(t testing.TB, c forge.Case, all map[string]crypto.Signer) (*forge.Proof, crypto.Signer) {
	t.Helper()
	for _, alg := range []string{"ES256", "PS256", "EdDSA", "ES384", "RS256"} {
		p, err := c.Make(testRequest(all[alg], alg))
		if err != nil {
			t.Fatalf("%s by %s: %v", c.ID, alg, err)
		}
		if !p.ThrownAway {
			return p, all[alg]
		}
	}
	t.Fatalf("%s: no key fits", c.ID)
	return nil, nil
}

// Each defect is wrong in just that way: a verifier fails it by the checks that the
// list names and by no other, and accepts it if these are left out.
func TestEachDefectIsWrongInJustThatWay(t *testing.T) {
	all := testKeys(t)
	for _, c := range forge.Defects() {
		t.Run(c.ID, func(t *testing.T) {
			proof, key := with(t, c, all)
			r := judged(t, c, proof.Value, key)
			if got := failed(dpop.Judge(r, dpop.Checks())); !slices.Equal(got, c.Fails) {
				t.Errorf("fails %q, the list says %q\n%.400s", got, c.Fails, proof.Value)
			}
			if len(c.Fails) == 0 || len(c.Fails) > 1 && c.Why == "" {
				t.Errorf("fails %q without a reason for each", c.Fails)
			}
			for _, leave := range c.Fails {
				rest := without([]string{leave})
				if _, err := dpop.Verify(r, rest); len(c.Fails) > 1 && err == nil {
					t.Errorf("without %s alone it is accepted: one check was enough", leave)
				}
			}
			rest := without(c.Fails)
			if got := failed(dpop.Judge(r, rest)); got != nil {
				t.Errorf("left out %q, it still fails %q", c.Fails, got)
			}
			if _, err := dpop.Verify(r, rest); (err != nil) != c.Unreadable {
				t.Errorf("left out %q: %v; unreadable %t", c.Fails, err, c.Unreadable)
			}
		})
	}
}

func without(ids []string) []dpop.Check {
	return slices.DeleteFunc(dpop.Checks(), func(c dpop.Check) bool { return slices.Contains(ids, c.ID) })
}

func TestEachOddityIsAccepted(t *testing.T) {
	all := testKeys(t)
	plain := forge.Case{ID: "plain"}
	for _, c := range append(forge.Oddities(), plain) {
		proof, key := with(t, c, all)
		if _, err := dpop.Verify(judged(t, c, proof.Value, key), dpop.Checks()); err != nil || c.Fails != nil {
			t.Errorf("%s: %v", c.ID, err)
		}
	}
}

func TestNamesAreDistinctAndEachIsFound(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range append(forge.Defects(), forge.Oddities()...) {
		if seen[c.ID] || c.ID == "list" || c.Title == "" || c.Section == "" || c.Strength != forge.Must && c.Strength != forge.Should {
			t.Errorf("case %+v", c)
		}
		seen[c.ID] = true
		if found, ok := forge.Find(c.ID); !ok || found.Title != c.Title {
			t.Errorf("%s is not found", c.ID)
		}
	}
	if _, ok := forge.Find("right"); ok {
		t.Error("a case that is none is found")
	}
}

// Whatever the case, a key that is not to be thrown away never shows in it.
func TestAKeyThatIsKeptNeverShows(t *testing.T) {
	all := testKeys(t)
	secret := map[string]string{
		"ES256": private(t, all["ES256"]), "EdDSA": private(t, all["EdDSA"]), "PS256": private(t, all["PS256"]),
	}
	for _, c := range append(forge.Defects(), forge.Oddities()...) {
		for alg, d := range secret {
			r := testRequest(all[alg], alg)
			r.Disposable = false
			p, err := c.Make(r)
			if err != nil {
				t.Fatalf("%s by %s: %v", c.ID, alg, err)
			}
			jkt, err := jwt.Thumbprint(all[alg].Public())
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasPrefix(c.ID, "private-key-") && !p.ThrownAway || p.ThrownAway == (p.JKT == jkt) {
				t.Errorf("%s by %s: thrown away %t", c.ID, alg, p.ThrownAway)
			}
			for part := range strings.SplitSeq(p.Value, ".") {
				if b, err := base64Decode(part); err == nil && strings.Contains(string(b), d) {
					t.Errorf("%s by %s shows the private key", c.ID, alg)
				}
			}
		}
	}
}

func TestWhatCannotBeMadeIsSaid(t *testing.T) {
	key := testKeys(t)["ES256"]
	for id, change := range map[string]func(*forge.Request){
		"htu-path-case":     func(r *forge.Request) { r.HTU = "https://server.example.com/%2f1" },
		"htu-slash-encoded": func(r *forge.Request) { r.HTU = "https://server.example.com/token" },
		"htm-case":          func(r *forge.Request) { r.Method = "123" },
		"htu-other-host":    func(r *forge.Request) { r.Claims = []forge.Member{{Name: "htu", Value: "1"}} },
		"odd-htu-port":      func(r *forge.Request) { r.HTU = "https://server.example.com:8443/token" },
	} {
		r := testRequest(key, "ES256")
		change(&r)
		c, _ := forge.Find(id)
		_, err := c.Make(r)
		if e, ok := errors.AsType[*forge.Error](err); !ok || e.Case != id {
			t.Errorf("%s: %v", id, err)
		}
	}
}

func TestMembersReplaceThoseOfTheProof(t *testing.T) {
	r := testRequest(testKeys(t)["ES256"], "ES256")
	r.Header = []forge.Member{{Name: "typ", Value: `"JWT"`}, {Name: "kid", Value: `1`}}
	r.Claims = []forge.Member{{Name: "iat", Value: `"x"`}, {Name: "a\"b", Value: `{"c":[null]}`}}
	r.JTI = "one"
	p, err := forge.Plain(r)
	if err != nil {
		t.Fatal(err)
	}
	c, err := jwt.Split(p.Value)
	if err != nil {
		t.Fatal(err)
	}
	if h := string(c.RawHeader); !strings.HasPrefix(h, `{"typ":"JWT","alg":"ES256","jwk":{`) || !strings.HasSuffix(h, `},"kid":1}`) {
		t.Errorf("header %s", h)
	}
	want := `{"jti":"one","htm":"POST","htu":"` + testURL + `","iat":"x","ath":"` + dpop.ATH(testToken) + `","nonce":"` + testNonce + `","a\"b":{"c":[null]}}`
	if string(c.RawPayload) != want {
		t.Errorf("claims %s", c.RawPayload)
	}
}

// A tester who listens sees whether a server follows what stands in a proof.
func TestAListenerOfTheTesterStaysInTheProof(t *testing.T) {
	r := testRequest(testKeys(t)["ES256"], "ES256")
	r.Header = []forge.Member{{Name: "jku", Value: `"https://listener.example/"`}}
	c, _ := forge.Find("jwk-by-jku")
	p, err := c.Make(r)
	if err != nil {
		t.Fatal(err)
	}
	parts, err := jwt.Split(p.Value)
	if err != nil {
		t.Fatal(err)
	}
	if jku, _ := parts.Header.String("jku"); jku != "https://listener.example/" {
		t.Errorf("header %s", parts.RawHeader)
	}
}
