package jwt

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"errors"
	"fmt"
)

// ErrSignature is a signature that does not verify.
var ErrSignature = errors.New("the signature does not verify")

// Verify checks the raw JWS signature of signingInput. An algorithm that does
// not fit the key is refused before anything is computed.
func Verify(pub crypto.PublicKey, alg, signingInput string, sig []byte) error {
	if err := AlgorithmFits(alg, pub); err != nil {
		return err
	}
	a, err := lookup(alg)
	if err != nil {
		return err
	}
	input := []byte(signingInput)
	if a.family == familyEdDSA {
		if len(sig) != ed25519.SignatureSize {
			return wrongLength(sig, ed25519.SignatureSize)
		}
		return verdict(ed25519.Verify(pub.(ed25519.PublicKey), input, sig))
	}
	var buf [64]byte
	digest := appendDigest(buf[:0], a.hash, input)
	switch a.family {
	case familyECDSA:
		return verifyECDSA(pub.(*ecdsa.PublicKey), digest, sig)
	case familyPSS:
		opts := &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: a.hash}
		return verdict(rsa.VerifyPSS(pub.(*rsa.PublicKey), a.hash, digest, sig, opts) == nil)
	default:
		return verdict(rsa.VerifyPKCS1v15(pub.(*rsa.PublicKey), a.hash, digest, sig) == nil)
	}
}

func verifyECDSA(pub *ecdsa.PublicKey, digest, sig []byte) error {
	size := CoordinateSize(pub.Curve)
	// "The JWS Signature value MUST be a 64-octet sequence. If it is not a 64-octet
	// sequence, the validation has failed." (96 and 132 for the other curves)
	// https://www.rfc-editor.org/rfc/rfc7518#section-3.4
	if len(sig) != 2*size {
		return wrongLength(sig, 2*size)
	}
	r, s := trimZeros(sig[:size]), trimZeros(sig[size:])
	if len(r) == 0 || len(s) == 0 {
		return fmt.Errorf("%w: r or s is zero", ErrSignature)
	}
	var buf [maxDER]byte
	return verdict(ecdsa.VerifyASN1(pub, digest, appendDER(buf[:0], r, s)))
}

func wrongLength(sig []byte, want int) error {
	if len(sig) == 0 {
		return fmt.Errorf("%w: it is empty", ErrSignature)
	}
	if len(sig) > 1 && sig[0] == 0x30 && int(sig[1]) == len(sig)-2 {
		return fmt.Errorf("%w: %d bytes of DER, not r and s in %d bytes", ErrSignature, len(sig), want)
	}
	return fmt.Errorf("%w: %d bytes, not %d", ErrSignature, len(sig), want)
}

func verdict(ok bool) error {
	if ok {
		return nil
	}
	return ErrSignature
}
