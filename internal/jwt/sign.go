package jwt

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
)

// Signer makes raw JWS signatures with one key and one algorithm. It is safe for
// concurrent use if the key is.
type Signer struct {
	key  crypto.Signer
	alg  algorithm
	opts crypto.SignerOpts
	size int // bytes of r and of s; 0 where the signature is taken as it comes
}

// NewSigner checks that alg fits the key.
func NewSigner(key crypto.Signer, alg string) (*Signer, error) {
	if key == nil {
		return nil, errors.New("a private key is needed to sign")
	}
	if err := AlgorithmFits(alg, key.Public()); err != nil {
		return nil, err
	}
	a, err := lookup(alg)
	if err != nil {
		return nil, err
	}
	s := &Signer{key: key, alg: a, opts: a.hash}
	switch a.family {
	case familyECDSA:
		s.size = CoordinateSize(key.Public().(*ecdsa.PublicKey).Curve)
	case familyPSS:
		// "The size of the salt value is the same size as the hash function output."
		// https://www.rfc-editor.org/rfc/rfc7518#section-3.5
		s.opts = &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: a.hash}
	}
	return s, nil
}

// Append signs input and appends the raw signature to dst, which may hold input.
func (s *Signer) Append(dst, input []byte) ([]byte, error) {
	message := input
	if s.alg.hash != 0 {
		// The digest goes where the signature will stand: what a crypto.Signer is
		// given is on the heap anyway.
		message = appendDigest(dst, s.alg.hash, input)[len(dst):]
	}
	sig, err := s.key.Sign(rand.Reader, message, s.opts)
	if err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	if s.size == 0 {
		return append(dst, sig...), nil
	}
	return appendRaw(dst, sig, s.size)
}

func appendDigest(dst []byte, h crypto.Hash, input []byte) []byte {
	switch h {
	case crypto.SHA256:
		sum := sha256.Sum256(input)
		return append(dst, sum[:]...)
	case crypto.SHA384:
		sum := sha512.Sum384(input)
		return append(dst, sum[:]...)
	default:
		sum := sha512.Sum512(input)
		return append(dst, sum[:]...)
	}
}

// Sign returns the raw JWS signature of signingInput: r||s in fixed width for
// ECDSA, the signature itself otherwise.
func Sign(key crypto.Signer, alg, signingInput string) ([]byte, error) {
	s, err := NewSigner(key, alg)
	if err != nil {
		return nil, err
	}
	return s.Append(nil, []byte(signingInput))
}

// Encode makes a signed JWT. The algorithm is the header's alg.
func Encode(key crypto.Signer, header, claims any) (string, error) {
	return encodeJWT(header, claims, func(alg, input string) ([]byte, error) { return Sign(key, alg, input) })
}

func encodeJWT(header, claims any, sign func(alg, input string) ([]byte, error)) (string, error) {
	h, err := json.Marshal(header)
	if err != nil {
		return "", fmt.Errorf("encode the JWT header: %w", err)
	}
	c, err := json.Marshal(claims)
	if err != nil {
		return "", fmt.Errorf("encode the JWT claims: %w", err)
	}
	o, err := ParseObject(h)
	if err != nil {
		return "", &FormatError{Part: "header", Reason: err.Error()}
	}
	alg, _ := o.String("alg")
	input := base64.RawURLEncoding.EncodeToString(h) + "." + base64.RawURLEncoding.EncodeToString(c)
	sig, err := sign(alg, input)
	if err != nil {
		return "", err
	}
	return input + "." + base64.RawURLEncoding.EncodeToString(sig), nil
}
