package commands

import (
	"context"
	"fmt"
	"net/http"

	"github.com/oauthpop/oauthpop/internal/bounds"
	"github.com/oauthpop/oauthpop/internal/cli"
	"github.com/oauthpop/oauthpop/internal/commands/view"
	"github.com/oauthpop/oauthpop/internal/oauth"
	"github.com/oauthpop/oauthpop/internal/token"
	"github.com/oauthpop/oauthpop/internal/transport"
)

// signature checks the token's signature where there are keys to check it with.
// Nothing is asked of the network for a token that has none.
func (o *inspectOptions) signature(ctx context.Context, r token.Reading) (view.Signature, error) {
	v := view.Signature{Verdict: view.SignatureNotChecked}
	if r.Header != nil {
		v.KID, v.Alg = token.HeaderOf(r.Header)
	}
	file, err := o.keyFile()
	switch {
	case err != nil:
		return v, err
	case r.Kind == token.DPoPProof:
		v.Detail = "a proof is checked by 'oauthpop dpop verify'"
		return v, nil
	case r.Compact == nil:
		v.Detail = "there is none that can be seen"
		return v, nil
	case r.Header == nil:
		v.Detail = "it is encrypted but not signed: whoever has the public key of its recipient can have made it"
		return v, nil
	case file != nil:
		return checked(r, *file, ""), nil
	case r.Kind == token.ClientAssertion:
		v.Detail = "it is the client's, not an issuer's; --jwks gives the keys that check it"
		return v, nil
	case o.issuer == "":
		v.Detail = "nobody vouches for what the token says; --issuer or --jwks gives the keys that check it"
		return v, nil
	}
	set, issuer, err := o.fetchKeys(ctx)
	if err != nil {
		return v, err
	}
	return checked(r, set, issuer), nil
}

// checked checks the signature, and that the token names the issuer whose keys
// were asked for, if there is one.
func checked(r token.Reading, set token.KeySet, issuer string) view.Signature {
	s := token.CheckSignature(r.Compact, set)
	v := view.Signature{Verdict: view.SignatureInvalid, KID: s.KID, Alg: s.Alg, Detail: s.Detail}
	if !s.Valid {
		return v
	}
	v.Verdict = view.SignatureValid
	if iss, _ := r.Compact.Payload.String("iss"); issuer != "" && iss != issuer {
		v.Detail = fmt.Sprintf("the token names the issuer %q, not %q", iss, issuer)
	}
	return v
}

// keyFile reads --jwks; nil without it.
func (o *inspectOptions) keyFile() (*token.KeySet, error) {
	if o.jwks == "" {
		return nil, nil
	}
	data, err := o.env.Material("--jwks", o.jwks)
	if err != nil {
		return nil, err
	}
	set, err := token.ParseKeySet(data)
	if err != nil {
		return nil, &cli.InputError{Message: fmt.Sprintf("--jwks %q", o.jwks), Err: err}
	}
	if len(set.Keys) == 0 {
		return nil, cli.Input("--jwks %q has no key that a signature can be checked with (%d of other kinds)", o.jwks, set.Unusable)
	}
	return &set, nil
}

// fetchKeys gets the keys that the issuer's metadata points to.
func (o *inspectOptions) fetchKeys(ctx context.Context) (token.KeySet, string, error) {
	config, err := o.connection.Config(o.env)
	if err != nil {
		return token.KeySet{}, "", err
	}
	t := transport.New(config)
	defer t.Close()
	metadata, notes, err := oauth.Discover(ctx, t, o.issuer)
	if err != nil {
		return token.KeySet{}, "", err
	}
	for _, note := range notes {
		o.env.Say("%s", note)
	}
	uri, _, err := oauth.Endpoint(metadata, "jwks_uri", false)
	if err != nil {
		return token.KeySet{}, "", err
	}
	ex, err := t.Do(ctx, func(transport.Attempt) (*http.Request, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, uri, nil)
		if err != nil {
			return nil, err
		}
		req.Header.Set("Accept", "application/jwk-set+json, application/json")
		return req, nil
	}, bounds.JWKS)
	if err != nil {
		return token.KeySet{}, "", err
	}
	if ex.Response.Status != http.StatusOK {
		return token.KeySet{}, "", &cli.StatusError{Message: fmt.Sprintf("the issuer's keys at %q: status %d", uri, ex.Response.Status), Exchange: ex}
	}
	set, err := token.ParseKeySet(ex.Response.Body)
	if err != nil {
		return set, "", &cli.StatusError{Message: fmt.Sprintf("the issuer's keys at %q: %v", uri, err), Exchange: ex}
	}
	return set, metadata.Issuer, nil
}
