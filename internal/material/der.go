package material

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"

	"github.com/oauthpop/oauthpop/internal/bounds"
)

const (
	wantedCurves = "keys on P-256, P-384, P-521 and Ed25519, and RSA keys, are read"
	explicitHint = "'openssl pkey -in FILE -ec_param_enc named_curve -out NEW' writes the name of the curve instead"
	pkcs12Hint   = "'openssl pkcs12 -in FILE -nodes' writes what it holds as PEM (-legacy opens old ones)"
	pkcs7Hint    = "'openssl pkcs7 -print_certs -in FILE' prints the certificates as PEM (-inform DER if it is binary)"
)

var (
	errCurves   = errors.New(wantedCurves)
	errExplicit = errors.New("the curve must be named")
)

// der reads one DER value. Certificates that cannot be read are an error; keys
// that cannot be used are remembered, see reader.unusable.
func (r *reader) der(der []byte, form string) error {
	k, parts := shape(der)
	if parts != nil {
		der = whole(der)
	}
	switch k {
	case kindCertificate:
		c, err := x509.ParseCertificate(der)
		if err != nil {
			return r.fault("a certificate that can't be read", "", err)
		}
		r.format("certificate, " + form)
		r.addCertificate(c)
	case kindPKCS8:
		r.pkcs8(der, parts, form)
	case kindEncrypted:
		r.encryptedPKCS8(der, form)
	case kindSEC1:
		r.sec1(der, parts, form)
	case kindPKCS1:
		r.pkcs1(der, form)
	case kindPKCS1Public:
		r.publicPKCS1(der, form)
	case kindSPKI:
		r.spki(der, parts, form)
	case kindDSA:
		r.cannotUse("a DSA private key", "", errCurves)
	case kindRequest:
		r.others = append(r.others, "a certificate request (CSR)")
	case kindRevocations:
		r.others = append(r.others, "a certificate revocation list")
	case kindPKCS7:
		return r.fault("a PKCS#7 bundle", pkcs7Hint, nil)
	case kindPKCS12:
		return r.pkcs12(der)
	default:
		return r.fault(form+" that is neither a key nor a certificate", "", nil)
	}
	return nil
}

// whole returns the first value, without the white space that may follow it.
func whole(der []byte) []byte {
	var v asn1.RawValue
	if _, err := asn1.Unmarshal(der, &v); err != nil {
		return der
	}
	return v.FullBytes
}

func (r *reader) pkcs8(der []byte, parts []asn1.RawValue, form string) {
	const what = "a PKCS#8 private key"
	if name, explicit := unusableAlgorithm(parts[1]); explicit {
		r.explicit(what)
		return
	} else if name != "" {
		r.cannotUse("a private key for "+name, "", errCurves)
		return
	}
	if err := rsaSize(parts[2].Bytes); err != nil {
		r.cannotUse("an RSA private key of the wrong size", "", err)
		return
	}
	k, err := x509.ParsePKCS8PrivateKey(der)
	r.private(k, err, what, "PKCS#8 "+form)
}

func (r *reader) sec1(der []byte, parts []asn1.RawValue, form string) {
	const what = "a SEC 1 private key"
	for _, p := range parts[2:] {
		if p.Class != asn1.ClassContextSpecific || p.Tag != 0 {
			continue
		}
		var parameters asn1.RawValue
		if _, err := asn1.Unmarshal(p.Bytes, &parameters); err != nil {
			break
		}
		if name, explicit := unusableCurve(parameters); explicit {
			r.explicit(what)
			return
		} else if name != "" {
			r.cannotUse("a private key for "+name, "", errCurves)
			return
		}
	}
	k, err := x509.ParseECPrivateKey(der)
	r.private(k, err, what, "SEC 1 "+form)
}

func (r *reader) explicit(what string) {
	r.cannotUse(what+" with explicit curve parameters", explicitHint, errExplicit)
}

func (r *reader) pkcs1(der []byte, form string) {
	if err := rsaSize(der); err != nil {
		r.cannotUse("an RSA private key of the wrong size", "", err)
		return
	}
	k, err := x509.ParsePKCS1PrivateKey(der)
	r.private(k, err, "a PKCS#1 private key", "PKCS#1 "+form)
}

// rsaSize checks the modulus of a PKCS#1 key before it is read: checking a key
// takes long when it is very large. What is no such key passes.
func rsaSize(der []byte) error {
	k, parts := shape(der)
	if k != kindPKCS1 {
		return nil
	}
	bits := new(big.Int).SetBytes(parts[1].Bytes).BitLen()
	switch {
	case bits < bounds.RSABits:
		return fmt.Errorf("%d bits are needed at least (RFC 7518 section 3.3), it has %d", bounds.RSABits, bits)
	case bits > bounds.RSAMaxBits:
		return fmt.Errorf("at most %d bits are taken, it has %d", bounds.RSAMaxBits, bits)
	case len(der) > 8*bounds.RSAMaxBits/8: // the nine numbers take less than five times n
		return errors.New("its numbers are larger than its modulus")
	}
	return nil
}

func (r *reader) publicPKCS1(der []byte, form string) {
	k, err := x509.ParsePKCS1PublicKey(der)
	r.public(k, err, "a PKCS#1 public key", "PKCS#1 public key, "+form)
}

func (r *reader) spki(der []byte, parts []asn1.RawValue, form string) {
	const what = "a public key"
	if name, explicit := unusableAlgorithm(parts[0]); explicit {
		r.explicit(what)
		return
	} else if name != "" {
		r.cannotUse("a public key for "+name, "", errCurves)
		return
	}
	k, err := x509.ParsePKIXPublicKey(der)
	r.public(k, err, what, "public key, "+form)
}

// private adds a private key that was parsed.
func (r *reader) private(k any, err error, what, format string) {
	signer, ok := k.(crypto.Signer)
	if err == nil && !ok {
		err = fmt.Errorf("it does not sign (%T)", k)
	}
	if err == nil {
		err = usable(signer.Public())
	}
	if rsaKey, ok := k.(*rsa.PrivateKey); ok && err == nil && len(rsaKey.Primes) != 2 {
		err = fmt.Errorf("it has %d primes, and 2 are read", len(rsaKey.Primes))
	}
	if err != nil {
		r.cannotUse(what+" that can't be used", "", err)
		return
	}
	r.format(format)
	r.addKey(Key{Private: signer, Public: signer.Public()})
}

func (r *reader) public(k any, err error, what, format string) {
	if err == nil {
		err = usable(k)
	}
	if err != nil {
		r.cannotUse(what+" that can't be used", "", err)
		return
	}
	r.format(format)
	r.addKey(Key{Public: k})
}

// usable says why a public key is of no use here, nil if it is.
func usable(pub crypto.PublicKey) error {
	switch k := pub.(type) {
	case *ecdsa.PublicKey:
		switch k.Curve {
		case elliptic.P256(), elliptic.P384(), elliptic.P521():
			return nil
		}
		return fmt.Errorf("it is on the curve %s: %s", k.Curve.Params().Name, wantedCurves)
	case ed25519.PublicKey:
		return nil
	case *rsa.PublicKey:
		switch bits := k.N.BitLen(); {
		case bits < bounds.RSABits:
			return fmt.Errorf("%d bits are needed at least (RFC 7518 section 3.3), it has %d", bounds.RSABits, bits)
		case bits > bounds.RSAMaxBits:
			return fmt.Errorf("at most %d bits are taken, it has %d", bounds.RSAMaxBits, bits)
		}
		return nil
	default:
		return errCurves
	}
}
