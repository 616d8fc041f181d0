package commands

import (
	"context"
	"fmt"

	"github.com/oauthpop/oauthpop/internal/commands/view"
	"github.com/oauthpop/oauthpop/internal/token"
)

// signature checks the token's signature where there are keys to check it with.
// Nothing is asked of the network for a token that has none.
func (o *inspectOptions) signature(ctx context.Context, r token.Reading) (view.Signature, error) {
	v := view.Signature{Verdict: view.SignatureNotChecked}
	if r.Header != nil {
		v.KID, v.Alg = token.HeaderOf(r.Header)
	}
	file, err := o.issuer.keyFile(o.env)
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
	case o.issuer.url == "":
		v.Detail = "nobody vouches for what the token says; --issuer or --jwks gives the keys that check it"
		return v, nil
	}
	set, issuer, err := o.issuer.fetch(ctx, o.env)
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
