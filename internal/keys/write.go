package keys

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"

	"github.com/oauthpop/oauthpop/internal/jwt"
	"github.com/oauthpop/oauthpop/internal/material"
)

// JWK is a key as it is written: its members in this order (RFC 7517 section 4, RFC
// 7518 section 6, RFC 8037 section 2).
type JWK struct {
	Kty string   `json:"kty,omitempty"`
	Crv string   `json:"crv,omitempty"`
	X   string   `json:"x,omitempty"`
	Y   string   `json:"y,omitempty"`
	N   string   `json:"n,omitempty"`
	E   string   `json:"e,omitempty"`
	D   string   `json:"d,omitempty"`
	P   string   `json:"p,omitempty"`
	Q   string   `json:"q,omitempty"`
	DP  string   `json:"dp,omitempty"`
	DQ  string   `json:"dq,omitempty"`
	QI  string   `json:"qi,omitempty"`
	KID string   `json:"kid,omitempty"`
	Use string   `json:"use,omitempty"`
	Alg string   `json:"alg,omitempty"`
	X5C [][]byte `json:"x5c,omitempty"` // base64, not base64url (RFC 7517 section 4.7)
}

// errNoPrivate says that the private half is wanted and not there, or not to be
// had.
var errNoPrivate = errors.New("the key has no private half that can be written")

// MarshalJWK writes a key as a compact JWK, the public half alone if public.
func MarshalJWK(k material.Key, public bool) ([]byte, error) {
	j, err := publicMembers(k)
	if err != nil {
		return nil, err
	}
	if !public {
		if err := j.addPrivate(k.Private); err != nil {
			return nil, err
		}
	}
	return json.Marshal(j)
}

func publicMembers(k material.Key) (*JWK, error) {
	m, err := jwt.PublicJWK(k.Public)
	if err != nil {
		return nil, err
	}
	return &JWK{Kty: m["kty"], Crv: m["crv"], X: m["x"], Y: m["y"], N: m["n"], E: m["e"], Alg: k.Alg, KID: k.KID, Use: k.Use}, nil
}

func (j *JWK) addPrivate(key crypto.Signer) error {
	encode := base64.RawURLEncoding.EncodeToString
	switch k := key.(type) {
	case *ecdsa.PrivateKey:
		// "The length of this octet string MUST be ceiling(log-base-2(n)/8) octets"
		// https://www.rfc-editor.org/rfc/rfc7518#section-6.2.2.1
		d, err := k.Bytes()
		if err != nil {
			return err
		}
		j.D = encode(d)
	case ed25519.PrivateKey:
		j.D = encode(k.Seed())
	case *rsa.PrivateKey:
		if len(k.Primes) != 2 {
			return fmt.Errorf("an RSA key of %d primes is not written", len(k.Primes))
		}
		k.Precompute()
		j.D, j.P, j.Q = encode(k.D.Bytes()), encode(k.Primes[0].Bytes()), encode(k.Primes[1].Bytes())
		j.DP, j.DQ, j.QI = encode(k.Precomputed.Dp.Bytes()), encode(k.Precomputed.Dq.Bytes()), encode(k.Precomputed.Qinv.Bytes())
	default:
		return errNoPrivate
	}
	return nil
}

// MarshalDER writes a key as PKCS#8, its public half alone as SPKI.
func MarshalDER(k material.Key, public bool) ([]byte, error) {
	if public {
		return x509.MarshalPKIXPublicKey(k.Public)
	}
	if k.Private == nil {
		return nil, errNoPrivate
	}
	return x509.MarshalPKCS8PrivateKey(k.Private)
}

// MarshalPEM writes a key as PEM, see MarshalDER.
func MarshalPEM(k material.Key, public bool) ([]byte, error) {
	der, err := MarshalDER(k, public)
	if err != nil {
		return nil, err
	}
	label := "PRIVATE KEY"
	if public {
		label = "PUBLIC KEY"
	}
	return pem.EncodeToMemory(&pem.Block{Type: label, Bytes: der}), nil
}
