package server

import (
	"crypto"
	"encoding/base64"
	"encoding/json"
	"fmt"

	"github.com/oauthpop/oauthpop/internal/bounds"
	"github.com/oauthpop/oauthpop/internal/jwt"
	"github.com/oauthpop/oauthpop/internal/wire"
)

// checkKeys reads the JWK set of a client whose method needs one.
func checkKeys(r *registration) error {
	needed := r.AuthMethod == wire.AuthPrivateKey || r.AuthMethod == wire.AuthTLSSelfSigned
	switch {
	case !needed:
		return nil
	case r.JWKS == nil && r.JWKSURI != "":
		return &ClientError{"jwks_uri", "this server fetches nothing: give the keys by value in jwks"}
	case r.JWKS == nil:
		return &ClientError{"jwks", "it is missing, and " + r.AuthMethod + " needs it"}
	}
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(r.JWKS, &set); err != nil || len(set.Keys) == 0 {
		return &ClientError{"jwks", "it is not a JWK set with a key in it"}
	}
	if len(set.Keys) > bounds.Entries {
		return &ClientError{"jwks", fmt.Sprintf("it has more than %d keys", bounds.Entries)}
	}
	for i, raw := range set.Keys {
		if err := r.addKey(raw); err != nil {
			return &ClientError{fmt.Sprintf("jwks.keys[%d]", i), err.Error()}
		}
	}
	if r.AuthMethod == wire.AuthTLSSelfSigned && len(r.certificates) == 0 {
		return &ClientError{"jwks", "no key has a certificate in x5c, and self_signed_tls_client_auth needs one"}
	}
	return nil
}

func (r *registration) addKey(raw json.RawMessage) error {
	o, err := jwt.ParseObject(raw)
	if err != nil {
		return err
	}
	if private := o.PrivateMembers(); private != nil {
		return fmt.Errorf("it has the private member %q: register public keys only", private[0])
	}
	public, err := jwt.ParseJWK(raw)
	if err != nil {
		return err
	}
	key := clientKey{public: public}
	key.kid, _ = o.String("kid")
	key.alg, _ = o.String("alg")
	r.keys = append(r.keys, key)
	return r.addCertificate(o, public)
}

// addCertificate reads x5c.
//
// "The key in the first certificate MUST match the public key represented by other
// members of the JWK."
// https://www.rfc-editor.org/rfc/rfc7517#section-4.7
func (r *registration) addCertificate(o *jwt.Object, public crypto.PublicKey) error {
	raw, ok := o.Get("x5c")
	if !ok {
		return nil
	}
	var chain []string
	if err := json.Unmarshal(raw, &chain); err != nil || len(chain) == 0 {
		return fmt.Errorf("x5c is not a list of certificates")
	}
	// Standard base64, unlike everything else in a JWK.
	der, err := base64.StdEncoding.DecodeString(chain[0])
	if err != nil {
		return fmt.Errorf("x5c is not in base64: %w", err)
	}
	certified, err := publicOf(der)
	if err != nil {
		return fmt.Errorf("x5c: %w", err)
	}
	if same, ok := certified.(interface{ Equal(crypto.PublicKey) bool }); !ok || !same.Equal(public) {
		return fmt.Errorf("x5c certifies another key than the JWK is")
	}
	r.certificates = append(r.certificates, der)
	return nil
}

// keysFor returns the keys that may have signed an assertion with that header: the
// one that kid names, or without kid each that fits the algorithm.
func (r *registration) keysFor(header *jwt.Object) ([]crypto.PublicKey, error) {
	alg, _ := header.String("alg")
	if r.AuthAlg != "" && alg != r.AuthAlg {
		return nil, fmt.Errorf("alg %q is not the registered %q", alg, r.AuthAlg)
	}
	kid, hasKID := header.String("kid")
	var fitting []crypto.PublicKey
	for _, k := range r.keys {
		named := !hasKID || k.kid == "" || k.kid == kid
		if named && (k.alg == "" || k.alg == alg) && jwt.AlgorithmFits(alg, k.public) == nil {
			fitting = append(fitting, k.public)
		}
	}
	if fitting == nil {
		return nil, fmt.Errorf("no registered key fits alg %q and kid %q", alg, kid)
	}
	return fitting, nil
}
