package dpopcmd

import (
	"crypto"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/oauthpop/oauthpop/internal/cli"
	"github.com/oauthpop/oauthpop/internal/commands/view"
	"github.com/oauthpop/oauthpop/internal/dpop"
	"github.com/oauthpop/oauthpop/internal/forge"
	"github.com/oauthpop/oauthpop/internal/material"
	"github.com/oauthpop/oauthpop/internal/profile"
	"github.com/oauthpop/oauthpop/internal/wire"
)

// maker makes the proofs of one command, as many as are wanted.
type maker struct {
	make    func() (proof, jkt string, err error)
	request view.ProofRequest
}

// maker reads all that the flags name. A proof that is as RFC 9449 wants it comes
// from dpop; one with members of the user's own, or a broken one, from forge.
func (o *proofOptions) maker() (*maker, error) {
	claims, url, err := o.claims()
	if err != nil {
		return nil, err
	}
	now, err := issued(o.iat, o.env.Now)
	if err != nil {
		return nil, err
	}
	own := forge.Request{}
	if own.Claims, err = o.members("--claim", o.claim); err != nil {
		return nil, err
	}
	if own.Header, err = o.members("--jose", o.jose); err != nil {
		return nil, err
	}
	key, prover, err := o.prover()
	if err != nil {
		return nil, err
	}
	m := &maker{request: view.ProofRequest{Method: claims.Method, URL: url, Token: wire.Secret(claims.Token)}}
	if o.breaks == "" && own.Claims == nil && own.Header == nil {
		m.make = func() (string, string, error) {
			c := claims
			c.Time = now()
			proof, err := prover.Proof(c)
			return proof, prover.JKT(), err
		}
		return m, nil
	}
	own.Key, own.Alg = key, prover.Alg()
	own.Method, own.HTU, own.Token, own.Nonce, own.JTI = claims.Method, claims.HTU, claims.Token, claims.Nonce, claims.JTI
	return m, o.forged(m, own, now)
}

// forged makes the first proof at once, to say what is to be said about it.
func (o *proofOptions) forged(m *maker, r forge.Request, now func() time.Time) error {
	c, broken := forge.Find(o.breaks)
	m.make = func() (string, string, error) {
		r := r
		r.Time = now()
		p, err := c.Make(r)
		if err != nil {
			return "", "", err
		}
		return p.Value, p.JKT, nil
	}
	if !broken {
		return nil
	}
	r.Time = now()
	first, err := c.Make(r)
	if e, ok := errors.AsType[*forge.Error](err); ok {
		return cli.Usage("--break %s: %s", o.breaks, e.Reason)
	} else if err != nil {
		return err
	}
	word := "wrong on purpose"
	if len(c.Fails) == 0 {
		word = "odd on purpose"
	}
	o.env.Say("%s: %s (%s)", word, c.Title, c.Section)
	if c.Unlisted != "" {
		o.env.Say("it is wrong only for a server that does not list %s", c.Unlisted)
	}
	if first.ThrownAway {
		o.env.Say("it has a key that was made for it and thrown away: no token is bound to that")
	}
	return nil
}

// claims are those that the flags give, with the URL that is called.
func (o *proofOptions) claims() (c dpop.Claims, url string, err error) {
	c.Method = o.target.method
	if err = checkMethod(o.env, c.Method); err != nil {
		return c, "", err
	}
	if c.HTU, err = htuOf("url", o.target.url); err != nil {
		return c, "", err
	}
	url = sent(c.HTU, o.target.url)
	if o.target.htu != "" {
		if c.HTU, err = htuOf("htu", o.target.htu); err != nil {
			return c, "", err
		}
	}
	if o.token != "" {
		if c.Token, err = accessToken(o.env, o.token); err != nil {
			return c, "", err
		}
	}
	if o.nonce != "" {
		if c.Nonce, err = o.env.Value("--nonce", o.nonce); err != nil {
			return c, "", err
		}
		if !dpop.ValidNonce(c.Nonce) {
			return c, "", cli.Input("the nonce %q is none: it is printable ASCII without space, quotes and backslash (RFC 9449 section 8.1)", c.Nonce)
		}
	}
	if o.jti != "" {
		if c.JTI, err = o.env.Value("--jti", o.jti); err == nil && c.JTI == "" {
			err = cli.Input("the jti is empty")
		}
	}
	return c, url, err
}

// issued reads --iat: what the time is whenever a proof is made.
func issued(iat string, now func() time.Time) (func() time.Time, error) {
	if iat == "" {
		return now, nil
	}
	if strings.HasPrefix(iat, "-") || strings.HasPrefix(iat, "+") {
		if offset, err := time.ParseDuration(iat); err == nil {
			return func() time.Time { return now().Add(offset) }, nil
		}
	} else if t, ok := instant(iat); ok && !t.IsZero() {
		return func() time.Time { return t }, nil
	}
	fault := cli.Usage("--iat %q is not a time", iat)
	fault.Hint = "seconds since 1970, RFC 3339 (2026-01-31T12:00:00Z), an HTTP date, or an offset with its sign (-10m, +90s)"
	return nil, fault
}

func instant(s string) (time.Time, bool) {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return time.Unix(n, 0), true
	}
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t, true
	}
	t, err := http.ParseTime(s) // as in the header Date
	return t, err == nil
}

// members reads n=text and n:=json.
func (o *proofOptions) members(flag string, list []string) ([]forge.Member, error) {
	var out []forge.Member
	seen := map[string]bool{}
	for _, s := range list {
		name, value, ok := strings.Cut(s, "=")
		name, isJSON := strings.CutSuffix(name, ":")
		if !ok || name == "" {
			err := cli.Usage("%s %q is no member", flag, s)
			err.Hint = "n=text, or n:=json"
			return nil, err
		}
		if seen[name] {
			return nil, cli.Usage("%s %s is given twice", flag, name)
		}
		seen[name] = true
		value, err := o.env.Value(flag, value)
		if err != nil {
			return nil, err
		}
		if !isJSON {
			quoted, err := json.Marshal(value)
			if err != nil {
				return nil, err
			}
			value = string(quoted)
		} else if value = strings.TrimSpace(value); !json.Valid([]byte(value)) {
			err := cli.Usage("%s %s: what stands behind := is not JSON", flag, name)
			err.Hint = fmt.Sprintf("a text is %s=text, or %s:='\"text\"' in a shell", name, name)
			return nil, err
		}
		out = append(out, forge.Member{Name: name, Value: value})
	}
	return out, nil
}

func (o *proofOptions) prover() (crypto.Signer, *dpop.Prover, error) {
	passphrases, err := o.passphrases.Read(o.env)
	if err != nil {
		return nil, nil, err
	}
	key, err := o.env.KeyFile("--key", o.key, passphrases, material.PrivateKey)
	if err != nil {
		return nil, nil, err
	}
	prover, err := profile.Prover(&key, nil)
	if err != nil {
		return nil, nil, &cli.InputError{Message: fmt.Sprintf("%q cannot sign a proof", o.key), Err: err}
	}
	return key.Private, prover, nil
}
