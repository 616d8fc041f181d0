package material

import (
	"crypto"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/oauthpop/oauthpop/internal/bounds"
	"github.com/oauthpop/oauthpop/internal/jwt"
)

const formatSet = "JWK set"

// json reads a JWK or a JWK set (RFC 7517).
func (r *reader) json(text []byte) error {
	o, err := jwt.ParseObject(text)
	if err != nil {
		return r.fault("text that begins like JSON and is not", "", err)
	}
	// "The member names within a JWK MUST be unique"
	// https://www.rfc-editor.org/rfc/rfc7517#section-4
	if twice := o.Duplicates(); len(twice) > 0 {
		return r.fault("a JWK that can't be used", "", fmt.Errorf("%q stands twice (RFC 7517 section 4)", twice[0]))
	}
	if _, ok := o.Get("ciphertext"); ok {
		r.cannotUse(foundJWE, hintJWE, nil)
		return nil
	}
	if list, ok := o.Get("keys"); ok {
		return r.set(list)
	}
	if _, ok := o.Get("kty"); !ok {
		return r.fault("a JSON object that is no JWK", "a JWK has the member kty", nil)
	}
	r.jwk(text, "a JWK")
	return nil
}

func (r *reader) set(list json.RawMessage) error {
	var keys []json.RawMessage
	if err := json.Unmarshal(list, &keys); err != nil {
		return r.fault("a JWK set that can't be read", "", errors.New("keys is not an array"))
	}
	switch n := len(keys); {
	case n == 0:
		return r.fault("a JWK set without a key", "", nil)
	case n > bounds.Entries:
		return r.fault(fmt.Sprintf("a JWK set of more than %d keys", bounds.Entries), "", nil)
	}
	for i, raw := range keys {
		what := "a JWK set with a key"
		if len(keys) > 1 {
			what = fmt.Sprintf("a JWK set whose key %d is one", i+1)
		}
		r.jwk(raw, what)
	}
	return nil
}

// jwk reads one key. what names it: "a JWK".
func (r *reader) jwk(raw json.RawMessage, what string) {
	o, err := jwt.ParseObject(raw)
	if err != nil {
		r.cannotUse(what+" that can't be used", "", err)
		return
	}
	if kty, _ := o.String("kty"); kty == "oct" {
		r.cannotUse("a symmetric key (kty oct)", "", errors.New("an asymmetric one is needed (RFC 9449 section 4.2)"))
		return
	}
	k, err := r.keyOf(raw, o)
	if err != nil {
		var short *lengthError
		hint := ""
		if errors.As(err, &short) {
			hint = "leading zero bytes were cut off where the file was written: convert the key anew from its original"
		}
		r.cannotUse(what+" that can't be used", hint, err)
		return
	}
	if strings.HasPrefix(what, "a JWK set") {
		r.format(formatSet)
	} else {
		r.format("JWK")
	}
	r.addKey(k)
}

func (r *reader) keyOf(raw json.RawMessage, o *jwt.Object) (Key, error) {
	if err := encoded(o); err != nil {
		return Key{}, err
	}
	if err := fullLength(o); err != nil {
		return Key{}, err
	}
	pub, err := jwt.ParseJWK(raw)
	if err != nil {
		return Key{}, err
	}
	k := Key{Public: pub}
	for _, m := range []struct {
		name  string
		field *string
	}{{"alg", &k.Alg}, {"kid", &k.KID}, {"use", &k.Use}} {
		var isText bool
		if *m.field, isText = o.String(m.name); !isText {
			if _, ok := o.Get(m.name); ok {
				return Key{}, fmt.Errorf("%s is not a string", m.name)
			}
		}
	}
	if k.Alg != "" && (r.want != wantDecrypt || !slices.Contains(jwt.DecryptionAlgs(), k.Alg)) {
		if err := jwt.AlgorithmFits(k.Alg, pub); err != nil {
			return Key{}, err
		}
	}
	if err := certified(o, pub); err != nil {
		return Key{}, err
	}
	k.Private, err = privateOf(o, pub)
	return k, err
}

// lengthError is a coordinate that is shorter or longer than its curve says.
type lengthError struct {
	name, crv string
	got, want int
	section   string
}

func (e *lengthError) Error() string {
	return fmt.Sprintf("%s has %d bytes, and on %s it has %d (RFC 7518 section %s)", e.name, e.got, e.crv, e.want, e.section)
}

// fullLength refuses coordinates without their leading zeros, which other tools
// would hash to another thumbprint.
func fullLength(o *jwt.Object) error {
	crv, _ := o.String("crv")
	curve := jwt.CurveNamed(crv)
	if kty, _ := o.String("kty"); kty != "EC" || curve == nil {
		return nil
	}
	// "The length of this octet string MUST be the full size of a coordinate for
	// the curve specified in the "crv" parameter."
	// https://www.rfc-editor.org/rfc/rfc7518#section-6.2.1.2
	for _, m := range []struct{ name, section string }{{"x", "6.2.1.2"}, {"y", "6.2.1.3"}, {"d", "6.2.2.1"}} {
		if _, ok := o.Get(m.name); !ok && m.name == "d" {
			continue
		}
		b, err := octets(o, m.name)
		if err != nil {
			return err
		}
		if len(b) != jwt.CoordinateSize(curve) {
			return &lengthError{m.name, crv, len(b), jwt.CoordinateSize(curve), m.section}
		}
	}
	return nil
}

// octets reads a member that is canonical base64url (RFC 7515 section 2).
func octets(o *jwt.Object, name string) ([]byte, error) {
	s, ok := o.String(name)
	if !ok {
		return nil, fmt.Errorf("%s is missing or not a string", name)
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || strings.ContainsAny(s, "\r\n") {
		return nil, fmt.Errorf("%s is %s", name, wrongBase64(s))
	}
	return b, nil
}

// wrongBase64 names what stands where base64url belongs: "Base64 encoding using
// the URL- and filename-safe character set [...] with all trailing '=' characters
// omitted". https://www.rfc-editor.org/rfc/rfc7515#section-2
func wrongBase64(s string) string {
	const want = ", not the base64url of RFC 7515 section 2"
	for _, known := range []struct {
		name string
		*base64.Encoding
	}{
		{"base64url with padding", base64.URLEncoding},
		{"standard base64 with padding", base64.StdEncoding},
		{"standard base64", base64.RawStdEncoding},
	} {
		if _, err := known.Strict().DecodeString(s); err == nil && !strings.ContainsAny(s, "\r\n") {
			return known.name + want
		}
	}
	return "not canonical base64url"
}

// encoded checks the members that are base64url in a key of any kind, so that
// what is wrong with one is named in the same words.
func encoded(o *jwt.Object) error {
	for _, name := range []string{"x", "y", "n", "e", "d", "p", "q", "dp", "dq", "qi"} {
		if _, ok := o.String(name); !ok {
			continue
		}
		if _, err := octets(o, name); err != nil {
			return err
		}
	}
	return nil
}

// certified checks that the first certificate of x5c is that of the key: "The key
// in the first certificate MUST match the public key represented by other
// members of the JWK." https://www.rfc-editor.org/rfc/rfc7517#section-4.7
func certified(o *jwt.Object, pub crypto.PublicKey) error {
	raw, ok := o.Get("x5c")
	if !ok {
		return nil
	}
	var chain [][]byte // base64, not base64url, as encoding/json does it
	if err := json.Unmarshal(raw, &chain); err != nil || len(chain) == 0 {
		return errors.New("x5c is not a list of certificates in base64")
	}
	c, err := x509.ParseCertificate(chain[0])
	if err != nil {
		return fmt.Errorf("x5c: %w", err)
	}
	if !Same(c.PublicKey, pub) {
		return errors.New("the first certificate of x5c is for another key (RFC 7517 section 4.7)")
	}
	return nil
}
