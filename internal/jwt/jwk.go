package jwt

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
)

// CanonicalJWK returns the bytes whose hash is the thumbprint of RFC 7638: "a JSON
// object [...] containing only the required members of a JWK representing the key
// and with no whitespace or line breaks [...] and with the required members
// ordered lexicographically". https://www.rfc-editor.org/rfc/rfc7638#section-3
func CanonicalJWK(pub crypto.PublicKey) ([]byte, error) {
	b := make([]byte, 0, 192)
	switch k := pub.(type) {
	case *ecdsa.PublicKey:
		// "The length of this octet string MUST be the full size of a coordinate for
		// the curve": Bytes never cuts leading zeros.
		// https://www.rfc-editor.org/rfc/rfc7518#section-6.2.1.2
		point, err := k.Bytes()
		if err != nil {
			return nil, fmt.Errorf("not a point that can be written as a JWK: %w", err)
		}
		n := (len(point) - 1) / 2
		b = append(b, `{"crv":"`...)
		b = append(b, k.Curve.Params().Name...)
		b = append(b, `","kty":"EC","x":"`...)
		b = base64.RawURLEncoding.AppendEncode(b, point[1:1+n])
		b = append(b, `","y":"`...)
		b = base64.RawURLEncoding.AppendEncode(b, point[1+n:])
	case ed25519.PublicKey:
		// https://www.rfc-editor.org/rfc/rfc8037#section-2
		if len(k) != ed25519.PublicKeySize {
			return nil, fmt.Errorf("an Ed25519 public key of %d bytes, not %d", len(k), ed25519.PublicKeySize)
		}
		b = append(b, `{"crv":"Ed25519","kty":"OKP","x":"`...)
		b = base64.RawURLEncoding.AppendEncode(b, k)
	case *rsa.PublicKey:
		// "The octet sequence MUST utilize the minimum number of octets needed to
		// represent the value." https://www.rfc-editor.org/rfc/rfc7518#section-2
		b = append(b, `{"e":"`...)
		b = base64.RawURLEncoding.AppendEncode(b, big.NewInt(int64(k.E)).Bytes())
		b = append(b, `","kty":"RSA","n":"`...)
		b = base64.RawURLEncoding.AppendEncode(b, k.N.Bytes())
	default:
		return nil, fmt.Errorf("%s has no JWK that is known here", Kind(pub))
	}
	return append(b, '"', '}'), nil
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// PublicJWK returns the required members of a public key's JWK and no others.
func PublicJWK(pub crypto.PublicKey) (map[string]string, error) {
	b, err := CanonicalJWK(pub)
	if err != nil {
		return nil, err
	}
	jwk := map[string]string{}
	err = json.Unmarshal(b, &jwk)
	return jwk, err
}

// Thumbprint is the JWK SHA-256 thumbprint of a public key: what a DPoP-bound
// token carries as jkt. https://www.rfc-editor.org/rfc/rfc9449#section-6.1
func Thumbprint(pub crypto.PublicKey) (string, error) {
	b, err := CanonicalJWK(pub)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(b)
	return encode(sum[:]), nil
}

// ParseJWK reads the public part of a JWK. Private and optional members are
// not looked at; the required ones must be as an encoder writes them.
func ParseJWK(raw []byte) (crypto.PublicKey, error) {
	o, err := ParseObject(raw)
	if err != nil {
		return nil, &FormatError{Part: "jwk", Reason: err.Error()}
	}
	return o.PublicKey()
}

// PublicKey reads an object as [ParseJWK] does.
func (o *Object) PublicKey() (crypto.PublicKey, error) {
	kty, ok := o.String("kty")
	if !ok {
		return nil, &FormatError{Part: "jwk", Reason: "kty is missing or not a string"}
	}
	switch kty {
	case "EC":
		return parseEC(o)
	case "OKP":
		return parseOKP(o)
	case "RSA":
		return parseRSA(o)
	default:
		return nil, &FormatError{Part: "jwk", Reason: fmt.Sprintf("kty %q is not that of a public key that is known here", kty)}
	}
}

// CurveNamed returns the curve of a crv, nil for one that is not known here.
func CurveNamed(crv string) elliptic.Curve {
	switch crv {
	case "P-256":
		return elliptic.P256()
	case "P-384":
		return elliptic.P384()
	case "P-521":
		return elliptic.P521()
	}
	return nil
}

func parseEC(o *Object) (crypto.PublicKey, error) {
	crv, _ := o.String("crv")
	curve := CurveNamed(crv)
	if curve == nil {
		return nil, unknownCurve(crv)
	}
	point := make([]byte, 1, 1+2*66)
	point[0] = 4 // uncompressed
	for _, name := range [...]string{"x", "y"} {
		b, err := octets(o, name)
		if err != nil {
			return nil, err
		}
		if want := CoordinateSize(curve); len(b) != want {
			return nil, &FormatError{Part: "jwk", Reason: fmt.Sprintf("%s has %d bytes, not %d", name, len(b), want)}
		}
		point = append(point, b...)
	}
	k, err := ecdsa.ParseUncompressedPublicKey(curve, point)
	if err != nil {
		return nil, &FormatError{Part: "jwk", Reason: "x and y are no point on " + curve.Params().Name}
	}
	return k, nil
}

func parseOKP(o *Object) (crypto.PublicKey, error) {
	if crv, _ := o.String("crv"); crv != "Ed25519" {
		return nil, unknownCurve(crv)
	}
	x, err := octets(o, "x")
	if err != nil {
		return nil, err
	}
	if len(x) != ed25519.PublicKeySize {
		return nil, &FormatError{Part: "jwk", Reason: fmt.Sprintf("x has %d bytes, not %d", len(x), ed25519.PublicKeySize)}
	}
	return ed25519.PublicKey(x), nil
}

func unknownCurve(crv string) error {
	return &FormatError{Part: "jwk", Reason: fmt.Sprintf("crv %q is not a signature curve that is known here", crv)}
}

func parseRSA(o *Object) (crypto.PublicKey, error) {
	n, err := unsigned(o, "n")
	if err != nil {
		return nil, err
	}
	e, err := unsigned(o, "e")
	if err != nil {
		return nil, err
	}
	// crypto/rsa takes odd exponents of up to 31 bits.
	if !e.IsInt64() || e.Int64() >= 1<<31 || e.Int64() < 3 || e.Bit(0) == 0 || n.Bit(0) == 0 {
		return nil, &FormatError{Part: "jwk", Reason: "n or e is not that of an RSA key"}
	}
	k := &rsa.PublicKey{N: n, E: int(e.Int64())}
	if reason := rsaSize(k); reason != "" {
		return nil, &FormatError{Part: "jwk", Reason: reason}
	}
	return k, nil
}

// unsigned reads a Base64urlUInt, which has no leading zero octet.
// https://www.rfc-editor.org/rfc/rfc7518#section-2
func unsigned(o *Object, name string) (*big.Int, error) {
	b, err := octets(o, name)
	if err != nil {
		return nil, err
	}
	if len(b) == 0 || b[0] == 0 {
		return nil, &FormatError{Part: "jwk", Reason: name + " is empty or begins with a zero byte"}
	}
	return new(big.Int).SetBytes(b), nil
}

func octets(o *Object, name string) ([]byte, error) {
	s, ok := o.String(name)
	if !ok {
		return nil, &FormatError{Part: "jwk", Reason: name + " is missing or not a string"}
	}
	b, canonical, ok := decodeBase64(s)
	if !ok || !canonical {
		return nil, &FormatError{Part: "jwk", Reason: name + " is not canonical base64url"}
	}
	return b, nil
}
