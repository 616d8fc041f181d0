package profile

import (
	"slices"

	"github.com/oauthpop/oauthpop/internal/dpop"
	"github.com/oauthpop/oauthpop/internal/jwt"
	"github.com/oauthpop/oauthpop/internal/material"
)

// alternatives are the algorithms that one kind of key serves beside its first
// choice, for a server that does not list that.
var alternatives = map[string][]string{
	"PS256":   {"RS256"},
	"RS256":   {"PS256"},
	"EdDSA":   {"Ed25519"},
	"Ed25519": {"EdDSA"},
}

// ProofAlg returns the algorithm of proofs by a key. What the JWK says stands;
// else the first choice for the kind of key, unless the server's metadata lists
// only another that the key serves too. The list is advice: where it has none of
// them, the first choice is tried.
func ProofAlg(k material.Key, supported []string) (string, error) {
	alg, err := Alg(k)
	if err != nil || k.Alg != "" || len(supported) == 0 || slices.Contains(supported, alg) {
		return alg, err
	}
	for _, other := range alternatives[alg] {
		if slices.Contains(supported, other) {
			return other, nil
		}
	}
	return alg, nil
}

// Alg returns the algorithm of signatures by a key: what the JWK says, else the
// first choice for the kind of key.
func Alg(k material.Key) (string, error) {
	if k.Alg != "" {
		return k.Alg, nil
	}
	return jwt.DefaultAlg(k.Public)
}

// Prover returns what makes proofs by a key, or nil without one.
func Prover(k *material.Key, supported []string) (*dpop.Prover, error) {
	if k == nil {
		return nil, nil
	}
	alg, err := ProofAlg(*k, supported)
	if err != nil {
		return nil, err
	}
	return dpop.NewProver(k.Private, alg)
}
