package commands

import (
	"crypto/tls"
	"fmt"
	"net/http"
	"strings"

	"github.com/oauthpop/oauthpop/internal/bounds"
	"github.com/oauthpop/oauthpop/internal/commands/view"
	"github.com/oauthpop/oauthpop/internal/dpop"
	"github.com/oauthpop/oauthpop/internal/transport"
	"github.com/oauthpop/oauthpop/internal/wire"
)

// dpopThief has a token and not the key that it is bound to.
type dpopThief struct {
	*demo
	transport  *transport.Transport
	token      wire.Secret
	url        string
	owner, own *dpop.Prover
}

// proofOf makes the DPoP header of an attempt.
type proofOf func(transport.Attempt) (string, error)

func (th *dpopThief) by(p *dpop.Prover) proofOf {
	return func(a transport.Attempt) (string, error) {
		htu, err := dpop.HTU(th.url)
		if err != nil {
			return "", err
		}
		return p.Proof(dpop.Claims{Method: http.MethodGet, HTU: htu, Token: th.token.Reveal(), Nonce: a.Nonce(th.url), Time: th.env.Now()})
	}
}

// story is a call by the owner, and then everything that the thief can try.
func (th *dpopThief) story() error {
	var seen string // the last proof of the owner, as the thief saw it go by
	owners := th.by(th.owner)
	steps := []struct {
		what, scheme string
		proof        proofOf
		thief        bool
	}{
		{"call the API with the key", wire.SchemeDPoP, func(a transport.Attempt) (p string, err error) {
			p, err = owners(a)
			seen = p
			return p, err
		}, false},
		{"thief: the token without a proof", wire.SchemeDPoP, nil, true},
		{"thief: the token as a Bearer token", wire.SchemeBearer, nil, true},
		{"thief: a proof by another key, right ath", wire.SchemeDPoP, th.by(th.own), true},
		{"thief: the owner's proof, once more", wire.SchemeDPoP, func(transport.Attempt) (string, error) { return seen, nil }, true},
	}
	for _, s := range steps {
		err := th.try(th.transport, s.what, s.thief, th.url, func(a transport.Attempt, h http.Header) error {
			h.Set("Authorization", s.scheme+" "+th.token.Reveal())
			if s.proof == nil {
				return nil
			}
			proof, err := s.proof(a)
			h.Set(wire.HeaderDPoP, proof)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// mtlsThief has a token and not the certificate that it is bound to.
type mtlsThief struct {
	*demo
	token wire.Secret
	url   string
}

func (th *mtlsThief) story(own, another, reissued *tls.Certificate) error {
	for _, s := range []struct {
		what  string
		cert  *tls.Certificate
		thief bool
	}{
		{"call the API with the certificate", own, false},
		{"thief: no certificate", nil, true},
		{"thief: another certificate of the same CA", another, true},
		{"thief: the same key in a new certificate", reissued, true},
	} {
		t := th.transport(s.cert) // a connection of its own
		err := th.try(t, s.what, s.thief, th.url, func(_ transport.Attempt, h http.Header) error {
			h.Set("Authorization", wire.SchemeBearer+" "+th.token.Reveal())
			return nil
		})
		t.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

// try sends one call and tells how it came out: the owner must get an answer, the
// thief must be refused.
func (d *demo) try(t *transport.Transport, what string, thief bool, url string, prepare func(transport.Attempt, http.Header) error) error {
	x, err := t.Do(d.ctx, func(a transport.Attempt) (*http.Request, error) {
		req, err := http.NewRequestWithContext(d.ctx, http.MethodGet, url, nil)
		if err != nil {
			return nil, err
		}
		return req, prepare(a, req.Header)
	}, bounds.Answer)
	if err != nil {
		return err
	}
	step := view.DemoStep{What: what, Thief: thief, Outcome: "accepted", Detail: fmt.Sprint(x.Response.Status)}
	if e := oauthError(x); x.Response.Status >= 400 {
		step.Outcome = "refused"
		if e != nil {
			step.Detail = strings.TrimSpace(fmt.Sprintf("%d %s %s", x.Response.Status, e.Error, e.Description))
		}
	}
	step.OK = (step.Outcome == "refused" && (x.Response.Status == 401 || x.Response.Status == 400)) == thief
	d.step(step)
	return nil
}
