package material

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"errors"
	"fmt"
	"math/big"

	"github.com/oauthpop/oauthpop/internal/jwt"
)

// privateOf reads the private members; nil if there are none.
func privateOf(o *jwt.Object, pub crypto.PublicKey) (crypto.Signer, error) {
	if _, ok := o.Get("d"); !ok {
		for _, name := range []string{"p", "q", "dp", "dq", "qi", "oth"} {
			if _, ok := o.Get(name); ok {
				return nil, fmt.Errorf("it has the private member %s but no d", name)
			}
		}
		return nil, nil
	}
	d, err := octets(o, "d")
	if err != nil {
		return nil, err
	}
	switch pub := pub.(type) {
	case *ecdsa.PublicKey:
		k, err := ecdsa.ParseRawPrivateKey(pub.Curve, d)
		if err != nil {
			return nil, errors.New("d is not a private key of the curve")
		}
		if !k.PublicKey.Equal(pub) {
			return nil, errors.New("d does not fit x and y: it is the private half of another key")
		}
		return k, nil
	case ed25519.PublicKey:
		if len(d) != ed25519.SeedSize {
			return nil, fmt.Errorf("d has %d bytes, not %d", len(d), ed25519.SeedSize)
		}
		k := ed25519.NewKeyFromSeed(d)
		if !bytes.Equal(k[ed25519.SeedSize:], pub) {
			return nil, errors.New("d does not fit x: it is the private half of another key")
		}
		return k, nil
	case *rsa.PublicKey:
		return privateRSA(o, pub, d)
	}
	return nil, fmt.Errorf("there is no private key for %T", pub)
}

// privateRSA reads the private members of an RSA key. All of them must be those
// of one key.
func privateRSA(o *jwt.Object, pub *rsa.PublicKey, d []byte) (crypto.Signer, error) {
	if _, ok := o.Get("oth"); ok {
		return nil, errors.New("it has more than two primes (oth)")
	}
	k := &rsa.PrivateKey{PublicKey: *pub, D: new(big.Int).SetBytes(d)}
	for _, name := range []string{"p", "q"} {
		b, err := octets(o, name)
		if err != nil {
			return nil, fmt.Errorf("%w: a private key without its primes is not read", err)
		}
		k.Primes = append(k.Primes, new(big.Int).SetBytes(b))
	}
	// Checking takes long where the numbers are out of all proportion.
	if k.D.BitLen() > pub.N.BitLen() || k.Primes[0].BitLen()+k.Primes[1].BitLen() > pub.N.BitLen()+1 {
		return nil, errors.New("d, p and q do not fit n")
	}
	if new(big.Int).Mul(k.Primes[0], k.Primes[1]).Cmp(pub.N) != 0 {
		return nil, errors.New("p and q do not fit n: they are of another key")
	}
	k.Precompute()
	if err := k.Validate(); err != nil {
		return nil, err
	}
	for _, m := range []struct {
		name string
		want *big.Int
	}{{"dp", k.Precomputed.Dp}, {"dq", k.Precomputed.Dq}, {"qi", k.Precomputed.Qinv}} {
		if _, ok := o.Get(m.name); !ok {
			continue
		}
		b, err := octets(o, m.name)
		if err != nil {
			return nil, err
		}
		if m.want == nil || new(big.Int).SetBytes(b).Cmp(m.want) != 0 {
			return nil, fmt.Errorf("%s does not fit d, p and q", m.name)
		}
	}
	return k, nil
}
