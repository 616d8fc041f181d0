package profile

import (
	"slices"

	"github.com/oauthpop/oauthpop/internal/dpop"
	"github.com/oauthpop/oauthpop/internal/jwt"
	"github.com/oauthpop/oauthpop/internal/material"
	"github.com/oauthpop/oauthpop/internal/wire"
)

// alternatives are the algorithms that one kind of key serves beside its first
// choice, for a server that does not list that.
var alternatives = map[string][]string{
	"PS256":   {"RS256", "PS384", "PS512", "RS384", "RS512"},
	"EdDSA":   {"Ed25519"},
	"Ed25519": {"EdDSA"},
}

// SigningAlg returns the algorithm of proofs or assertions by a key. What the JWK
// says stands; else the first choice for the kind of key, unless the server's
// metadata lists only another that the key serves too. The list is advice: where it
// has none of them, the first choice is tried.
func SigningAlg(k material.Key, supported []string) (string, error) {
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

// macAlg returns the algorithm of assertions by a secret: the first that the list has
// and that the secret is long enough for. The list is advice here, too.
func macAlg(secret wire.Secret, supported []string) string {
	for _, alg := range jwt.MACs() {
		if slices.Contains(supported, alg) && jwt.MACFits(alg, []byte(secret.Reveal())) == nil {
			return alg
		}
	}
	return jwt.MACs()[0]
}

// Prover returns what makes proofs by a key, or nil without one.
func Prover(k *material.Key, supported []string) (*dpop.Prover, error) {
	if k == nil {
		return nil, nil
	}
	alg, err := SigningAlg(*k, supported)
	if err != nil {
		return nil, err
	}
	return dpop.NewProver(k.Private, alg)
}
