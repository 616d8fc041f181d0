package keys

import (
	"crypto/x509"
	"encoding/json"
	"fmt"

	"github.com/oauthpop/oauthpop/internal/material"
)

// Entry is one key of a JWK set, with its certificate chain if it has one.
type Entry struct {
	Key   material.Key
	Chain []*x509.Certificate
}

// JWKS writes public keys as a JWK set to register: each with kid (its own, else
// its thumbprint), use and alg, and x5c where there are certificates. A key and
// its certificate are one entry.
func JWKS(entries []Entry) ([]byte, error) {
	set := struct {
		Keys []*JWK `json:"keys"`
	}{Keys: []*JWK{}}
	for _, e := range merged(entries) {
		j, err := e.jwk()
		if err != nil {
			return nil, err
		}
		// "different keys within the JWK Set SHOULD use distinct "kid" values"
		// https://www.rfc-editor.org/rfc/rfc7517#section-4.5
		for _, other := range set.Keys {
			if other.KID == j.KID && (other.X != j.X || other.N != j.N) {
				return nil, &OptionError{fmt.Sprintf("two keys of the set have the kid %q", j.KID)}
			}
		}
		set.Keys = append(set.Keys, j)
	}
	return json.Marshal(set)
}

// merged joins entries for one key of which only one has a certificate.
func merged(entries []Entry) []Entry {
	var out []Entry
next:
	for _, e := range entries {
		for i := range out {
			if !material.Same(out[i].Key.Public, e.Key.Public) || out[i].Chain != nil && e.Chain != nil {
				continue
			}
			if out[i].Chain == nil {
				out[i].Chain = e.Chain
			}
			if out[i].Key.KID == "" && out[i].Key.Alg == "" {
				out[i].Key = e.Key
			}
			continue next
		}
		out = append(out, e)
	}
	return out
}

func (e Entry) jwk() (*JWK, error) {
	j, err := publicMembers(e.Key)
	if err != nil {
		return nil, err
	}
	if j.Alg, err = Alg(e.Key); err != nil {
		return nil, err
	}
	if j.KID == "" {
		if j.KID, err = Thumbprint(e.Key.Public); err != nil {
			return nil, err
		}
	}
	j.Use = "sig"
	for _, c := range e.Chain {
		j.X5C = append(j.X5C, c.Raw)
	}
	return j, nil
}
