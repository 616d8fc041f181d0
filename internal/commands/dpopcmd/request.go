package dpopcmd

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/oauthpop/oauthpop/internal/binding"
	"github.com/oauthpop/oauthpop/internal/bounds"
	"github.com/oauthpop/oauthpop/internal/cli"
	"github.com/oauthpop/oauthpop/internal/dpop"
	"github.com/oauthpop/oauthpop/internal/jwt"
	"github.com/oauthpop/oauthpop/internal/material"
	"github.com/oauthpop/oauthpop/internal/wire"
)

// check refuses flags that contradict each other, and fills in what --strict says.
func (o *verifyOptions) check(cmd *cobra.Command) error {
	if err := given(cmd, "method", "url", "htu", "token", "nonce", "jkt", "key", "at"); err != nil {
		return err
	}
	if o.jkt != "" && o.key != "" {
		return cli.Usage("--jkt and --key can't be used together: both say whose proof it must be")
	}
	if o.maxAge < 0 || o.maxSkew < 0 {
		return cli.Usage("--max-age and --max-skew can't be negative")
	}
	for _, alg := range o.algs {
		if !slices.Contains(jwt.Algorithms(), alg) {
			err := cli.Usage("--alg %q is no asymmetric signature algorithm that proofs are accepted with", alg)
			err.Hint = "it is one of " + strings.Join(jwt.Algorithms(), ", ")
			return err
		}
	}
	if !o.strict {
		return nil
	}
	if slices.Contains(o.algs, "RS256") {
		return cli.Usage("--strict and --alg RS256 contradict each other: --strict accepts no RS256")
	}
	if !cmd.Flags().Changed("max-age") {
		o.maxAge = bounds.StrictProofAge
	}
	if !cmd.Flags().Changed("max-skew") {
		o.maxSkew = bounds.StrictProofSkew
	}
	return nil
}

// allowed are the algorithms to accept.
func (o *verifyOptions) allowed() []string {
	if len(o.algs) > 0 {
		return o.algs
	}
	algs := dpop.DefaultAlgs()
	if o.strict {
		algs = slices.DeleteFunc(algs, func(alg string) bool { return alg == "RS256" })
	}
	return algs
}

// request is what the proof is judged against. The proof itself is never a fault
// of the input.
func (o *verifyOptions) request() (dpop.Request, error) {
	r, err := o.defaults()
	if err != nil {
		return r, err
	}
	proof, err := o.env.Value("the proof", o.proof)
	r.Proofs = []string{proof}
	return r, err
}

// defaults is what the flags say of the request.
func (o *verifyOptions) defaults() (dpop.Request, error) {
	r := dpop.Request{Method: o.target.method, MaxAge: o.maxAge, MaxSkew: o.maxSkew, Algs: o.allowed()}
	if err := checkMethod(o.env, r.Method); err != nil {
		return r, err
	}
	var err error
	if r.URL, err = o.requestURL(); err != nil {
		return r, err
	}
	if r.Now, r.NoFreshness, err = cli.Arrival(o.at, o.env.Now()); err != nil {
		return r, err
	}
	if r.JKT, err = o.thumbprint(); err != nil {
		return r, err
	}
	if o.token != "" {
		if r.Token, err = accessToken(o.env, o.token); err != nil {
			return r, err
		}
		r.HasToken = true
	}
	if o.nonce != "" {
		nonce, err := o.env.Value("--nonce", o.nonce)
		if err != nil {
			return r, err
		}
		r.Nonce = exactly(nonce)
	}
	return r, nil
}

// exactly accepts one nonce.
func exactly(want string) func(string, bool) error {
	return func(nonce string, present bool) error {
		if !present || nonce != want {
			return &dpop.NonceError{Expected: strconv.Quote(want)}
		}
		return nil
	}
}

// requestURL is the URL that the server knows: --htu, or --url.
func (o *verifyOptions) requestURL() (string, error) {
	url := ""
	for _, flag := range []struct{ name, value string }{{"url", o.target.url}, {"htu", o.target.htu}} {
		if flag.value == "" {
			continue
		}
		var err error
		if url, err = htuOf(flag.name, flag.value); err != nil {
			return "", err
		}
	}
	return url, nil
}

// thumbprint is that of the key whose proof it must be, "" if none was given.
func (o *verifyOptions) thumbprint() (string, error) {
	if o.jkt != "" {
		if kind := binding.MalformedKind(wire.CnfJKT, o.jkt, binding.Local{}); kind != "" {
			err := cli.Usage("--jkt %q is no thumbprint: %s", o.jkt, kind)
			err.Hint = "'oauthpop key thumbprint FILE' prints it"
			return "", err
		}
		return o.jkt, nil
	}
	if o.key == "" {
		return "", nil
	}
	passphrases, err := o.passphrases.Read(o.env)
	if err != nil {
		return "", err
	}
	key, err := o.env.KeyFile("--key", o.key, passphrases, material.PublicKey)
	if err != nil {
		return "", err
	}
	jkt, err := jwt.Thumbprint(key.Public)
	if err != nil {
		return "", &cli.InputError{Message: fmt.Sprintf("%q", o.key), Err: err}
	}
	return jkt, nil
}
