package guard_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"testing"
	"time"

	"github.com/oauthpop/oauthpop/internal/bounds"
	"github.com/oauthpop/oauthpop/internal/certs"
	"github.com/oauthpop/oauthpop/internal/dpop"
	"github.com/oauthpop/oauthpop/internal/server/guard"
	"github.com/oauthpop/oauthpop/internal/wire"
)

// fixture is a resource at one URL, the holder of its tokens, and a thief.
type fixture struct {
	t          *testing.T
	now        time.Time
	url        string
	own, other *dpop.Prover
	cert       *x509.Certificate
	// sibling is another certificate of the same CA, reissued the same key and
	// subject in a new certificate.
	sibling, reissued *x509.Certificate
	tokens            map[string]guard.Claims
	nonce             string // that the resource gave
	replayed          string // see fixed
}

const (
	dpopToken  = "dpop.token"  // bound to own
	dpopToken2 = "dpop.token2" // bound to own as well
	mtlsToken  = "mtls.token"  // bound to cert
	bothToken  = "both.token"  // bound to own and cert
	plainToken = "plain.token"
	oddToken   = "odd.token" // bound by a method that nobody knows
)

func newFixture(t *testing.T) *fixture {
	t.Helper()
	f := &fixture{t: t, now: time.Unix(1_800_000_000, 0), url: "https://localhost:9443/api/items", nonce: "nonce-of-this-resource"}
	f.own, f.other = prover(t), prover(t)
	name, err := certs.ParseDN("CN=CA")
	must(t, err)
	ca, err := certs.NewCA(name, newKey(t), f.now.Add(-time.Hour), f.now.Add(time.Hour))
	must(t, err)
	key := newKey(t)
	issue := func(dn string, k *ecdsa.PrivateKey) *x509.Certificate {
		subject, err := certs.ParseDN(dn)
		must(t, err)
		c, err := ca.Issue(certs.Request{Subject: subject, Usage: certs.UsageClient, NotBefore: f.now.Add(-time.Minute), NotAfter: f.now.Add(time.Minute), PublicKey: k.Public()})
		must(t, err)
		return c
	}
	f.cert, f.reissued, f.sibling = issue("CN=holder", key), issue("CN=holder", key), issue("CN=thief", newKey(t))
	jkt, x5t := f.own.JKT(), certs.Thumbprint(f.cert)
	f.tokens = map[string]guard.Claims{
		dpopToken:  {Subject: "s", Confirmation: wire.Thumbprints{JKT: jkt}},
		dpopToken2: {Subject: "s", Confirmation: wire.Thumbprints{JKT: jkt}},
		mtlsToken:  {Subject: "s", Confirmation: wire.Thumbprints{X5T: x5t}},
		bothToken:  {Subject: "s", Confirmation: wire.Thumbprints{JKT: jkt, X5T: x5t}},
		plainToken: {Subject: "s"},
		oddToken:   {Subject: "s", Unconfirmable: true},
	}
	return f
}

// guard is a guard that has seen nothing, with rules.
func (f *fixture) guard(checks []guard.Check) *guard.Guard {
	return &guard.Guard{
		Checks: checks, Proof: dpop.Checks(), Algs: dpop.DefaultAlgs(),
		Tokens: func(token string, _ time.Time) (guard.Claims, error) {
			c, ok := f.tokens[token]
			if !ok {
				return guard.Claims{}, errors.New("the token is unknown")
			}
			return c, nil
		},
		MaxAge: bounds.ProofAge, MaxSkew: bounds.ProofSkew,
		Replays: dpop.NewReplay(bounds.ProofAge + bounds.ProofSkew),
	}
}

func (f *fixture) needNonce(g *guard.Guard) {
	g.Nonce = func(nonce string, present bool, _ time.Time) error {
		if !present || nonce != f.nonce {
			return &dpop.NonceError{Expected: "the nonce of this resource"}
		}
		return nil
	}
}

// request is one request with a token, and lines for the DPoP header.
func (f *fixture) request(authorization string, proofs ...string) guard.Request {
	return guard.Request{Method: "GET", URL: f.url, Authorization: []string{authorization}, Proofs: proofs, Now: f.now}
}

func (f *fixture) proof(p *dpop.Prover, token string) string {
	return f.proofOf(p, dpop.Claims{Method: "GET", HTU: f.url, Token: token, Time: f.now})
}

func (f *fixture) proofOf(p *dpop.Prover, c dpop.Claims) string {
	f.t.Helper()
	s, err := p.Proof(c)
	must(f.t, err)
	return s
}

func prover(t *testing.T) *dpop.Prover {
	t.Helper()
	p, err := dpop.NewProver(newKey(t), "ES256")
	must(t, err)
	return p
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	return k
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
