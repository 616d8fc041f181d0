package dpop

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/oauthpop/oauthpop/internal/bounds"
)

// The reference verifier: written from the text of RFC 9449 section 4.3, on the
// standard library alone, the plain way. It knows the bounds and nothing else of
// this module. Every vector and every fuzz input goes through both.

var part = regexp.MustCompile(`^[A-Za-z0-9_-]*$`)

func refDecode(s string) (raw []byte, canonical bool, err error) {
	if !part.MatchString(s) {
		return nil, false, errors.New("not base64url")
	}
	raw, err = base64.RawURLEncoding.DecodeString(s)
	return raw, base64.RawURLEncoding.EncodeToString(raw) == s, err
}

// refObject decodes an object and says whether a member stands in it twice.
func refObject(raw []byte) (o map[string]json.RawMessage, twice bool, err error) {
	if !utf8.Valid(raw) || !json.Valid(raw) {
		return nil, false, errors.New("not JSON")
	}
	if err := json.Unmarshal(raw, &o); err != nil || o == nil {
		return nil, false, errors.New("not an object")
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	type level struct {
		object bool
		names  map[string]bool
		isName bool
	}
	var levels []level
	for {
		token, err := d.Token()
		if err != nil {
			return o, twice, nil
		}
		top := len(levels) - 1
		switch delim, ok := token.(json.Delim); {
		case ok && (delim == '{' || delim == '['):
			if top >= 0 {
				levels[top].isName = true
			}
			levels = append(levels, level{delim == '{', map[string]bool{}, true})
			if len(levels) > bounds.JSONDepth {
				return nil, false, errors.New("too deep")
			}
		case ok:
			levels = levels[:top]
		case top >= 0 && levels[top].object && levels[top].isName:
			name := token.(string)
			twice = twice || levels[top].names[name]
			levels[top].names[name] = true
			levels[top].isName = false
		case top >= 0:
			levels[top].isName = true
		}
	}
}

func refString(o map[string]json.RawMessage, name string) (string, bool) {
	var s *string
	if json.Unmarshal(o[name], &s) != nil || s == nil {
		return "", false
	}
	return *s, true
}

func refNumber(o map[string]json.RawMessage, name string) (float64, bool) {
	var f *float64
	if json.Unmarshal(o[name], &f) != nil || f == nil {
		return 0, false
	}
	return *f, true
}

// refVerify returns nil for a valid proof.
func refVerify(r Request) error {
	// 1. There is not more than one DPoP HTTP request header field.
	if len(r.Proofs) != 1 {
		return errors.New("header fields")
	}
	// 2. The value is a single and well-formed JWT.
	proof := r.Proofs[0]
	parts := strings.Split(proof, ".")
	if len(proof) > bounds.Proof || len(parts) != 3 {
		return errors.New("form")
	}
	var raw [3][]byte
	for i, p := range parts {
		b, canonical, err := refDecode(p)
		if err != nil || !canonical {
			return fmt.Errorf("part %d: %w", i, err)
		}
		raw[i] = b
	}
	header, twiceH, err := refObject(raw[0])
	if err != nil {
		return err
	}
	claims, twiceC, err := refObject(raw[1])
	if err != nil {
		return err
	}
	if twiceH || twiceC {
		return errors.New("a name twice")
	}
	if err := refHeader(r, header, parts[0]+"."+parts[1], raw[2]); err != nil {
		return err
	}
	return refClaims(r, claims)
}

func refHeader(r Request, header map[string]json.RawMessage, input string, sig []byte) error {
	// 4. typ
	if typ, _ := refString(header, "typ"); typ != "dpop+jwt" {
		return errors.New("typ")
	}
	// 5. alg
	alg, _ := refString(header, "alg")
	if !slices.Contains(r.Algs, alg) {
		return errors.New("alg")
	}
	// 7. jwk holds no private key
	jwk, _, err := refObject(header["jwk"])
	if err != nil {
		return err
	}
	for _, private := range []string{"d", "p", "q", "dp", "dq", "qi", "oth", "k"} {
		if _, ok := jwk[private]; ok {
			return errors.New("private key")
		}
	}
	// 6. The signature verifies with the key in jwk.
	pub, canonical, err := refKey(jwk)
	if err != nil {
		return err
	}
	if err := refSignature(alg, pub, input, sig); err != nil {
		return err
	}
	// RFC 7517 sections 4.2 and 4.4: use, alg
	for name, want := range map[string]string{"use": "sig", "alg": alg} {
		if found, ok := refString(jwk, name); (ok || jwk[name] != nil) && found != want {
			return errors.New("intended for something else")
		}
	}
	// RFC 7517 section 4.3: key_ops
	if raw, ok := jwk["key_ops"]; ok {
		var all []string
		seen := map[string]bool{}
		if err := json.Unmarshal(raw, &all); err != nil {
			return err
		}
		for _, op := range all {
			if seen[op] {
				return errors.New("an operation twice")
			}
			seen[op] = true
		}
		if !seen["verify"] {
			return errors.New("a key that verifies nothing")
		}
	}
	// RFC 7515 section 4.1.11, RFC 7797: crit, b64
	if _, ok := header["crit"]; ok {
		return errors.New("crit")
	}
	if b64, ok := header["b64"]; ok && string(b64) != "true" {
		return errors.New("b64")
	}
	// 12. The key is the one that the token is bound to.
	sum := sha256.Sum256([]byte(canonical))
	if r.JKT != "" && base64.RawURLEncoding.EncodeToString(sum[:]) != r.JKT {
		return errors.New("binding")
	}
	return nil
}

// refKey returns the key and the text whose hash is its thumbprint (RFC 7638).
func refKey(jwk map[string]json.RawMessage) (crypto.PublicKey, string, error) {
	text := map[string]string{}
	octets := map[string][]byte{}
	for _, name := range []string{"kty", "crv", "x", "y", "n", "e"} {
		s, _ := refString(jwk, name)
		raw, canonical, err := refDecode(s)
		text[name] = s
		if err == nil && canonical {
			octets[name] = raw
		}
	}
	quoted := func(names ...string) string {
		var members []string
		for _, name := range names {
			members = append(members, fmt.Sprintf(`"%s":"%s"`, name, text[name]))
		}
		return "{" + strings.Join(members, ",") + "}"
	}
	x, y := new(big.Int).SetBytes(octets["x"]), new(big.Int).SetBytes(octets["y"])
	switch text["kty"] + " " + text["crv"] {
	case "EC P-256", "EC P-384", "EC P-521":
		curve := map[string]elliptic.Curve{"P-256": elliptic.P256(), "P-384": elliptic.P384(), "P-521": elliptic.P521()}[text["crv"]]
		size := map[string]int{"P-256": 32, "P-384": 48, "P-521": 66}[text["crv"]]
		k := &ecdsa.PublicKey{Curve: curve, X: x, Y: y}
		if len(octets["x"]) != size || len(octets["y"]) != size {
			return nil, "", errors.New("length of a coordinate")
		}
		if _, err := k.ECDH(); err != nil {
			return nil, "", errors.New("not on the curve")
		}
		return k, quoted("crv", "kty", "x", "y"), nil
	case "OKP Ed25519":
		if len(octets["x"]) != 32 {
			return nil, "", errors.New("length of x")
		}
		return ed25519.PublicKey(octets["x"]), quoted("crv", "kty", "x"), nil
	}
	if text["kty"] != "RSA" || len(octets["n"]) == 0 || len(octets["e"]) == 0 || octets["n"][0] == 0 || octets["e"][0] == 0 || len(octets["e"]) > 4 {
		return nil, "", errors.New("not a key")
	}
	n, e := new(big.Int).SetBytes(octets["n"]), new(big.Int).SetBytes(octets["e"])
	if n.BitLen() < 2048 || n.BitLen() > 16384 || n.Bit(0) == 0 || e.Bit(0) == 0 || e.Int64() < 3 || e.Int64() > 1<<31-1 {
		return nil, "", errors.New("not an RSA key of a good size")
	}
	return &rsa.PublicKey{N: n, E: int(e.Int64())}, quoted("e", "kty", "n"), nil
}

// refSignature: RFC 7518 section 3, RFC 8037 section 3.1.
func refSignature(alg string, pub crypto.PublicKey, input string, sig []byte) error {
	hashes := map[string]crypto.Hash{"256": crypto.SHA256, "384": crypto.SHA384, "512": crypto.SHA512}
	curves := map[string]string{"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}
	var digest []byte
	h, hashed := hashes[alg[2:]]
	if hashed {
		w := h.New()
		w.Write([]byte(input))
		digest = w.Sum(nil)
	}
	ok := false
	switch k := pub.(type) {
	case *ecdsa.PublicKey:
		half := len(sig) / 2
		size := (k.Curve.Params().BitSize + 7) / 8
		ok = curves[alg] == k.Curve.Params().Name && len(sig) == 2*size &&
			ecdsa.Verify(k, digest, new(big.Int).SetBytes(sig[:half]), new(big.Int).SetBytes(sig[half:]))
	case ed25519.PublicKey:
		ok = (alg == "EdDSA" || alg == "Ed25519") && len(sig) == 64 && ed25519.Verify(k, []byte(input), sig)
	case *rsa.PublicKey:
		switch alg[:2] {
		case "RS":
			ok = rsa.VerifyPKCS1v15(k, h, digest, sig) == nil
		case "PS":
			ok = rsa.VerifyPSS(k, h, digest, sig, &rsa.PSSOptions{SaltLength: h.Size()}) == nil
		}
	}
	if !ok {
		return errors.New("signature")
	}
	return nil
}
