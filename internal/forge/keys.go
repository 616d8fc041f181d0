package forge

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/oauthpop/oauthpop/internal/jwt"
)

// keys are proofs whose jwk is none, is a bad one, or says too much.
func keys() []Case {
	// "jwk: Representing the public key chosen by the client [...] MUST NOT contain a
	// private key." https://www.rfc-editor.org/rfc/rfc9449#section-4.2
	const section = "RFC 9449 §4.2"
	noKey := func(id, title string, change func(*draft) error, fails ...string) Case {
		return Case{
			ID: id, Title: title, Section: section, Strength: Must, Unreadable: true, change: change,
			Fails: append([]string{"signature", "binding"}, fails...), Why: "without a key nothing can be verified, and no token is bound to it",
		}
	}
	jwk := func(id, value string, fails ...string) Case {
		return noKey(id, "jwk "+value, setHeader("jwk", value), fails...)
	}
	instead := func(id, name, value string) Case {
		return noKey(id, name+" instead of jwk", func(d *draft) error {
			d.header.cut("jwk")
			if d.header.index(name) < 0 { // the tester's own may lead to a listener
				d.header.set(name, quote(value))
			}
			return nil
		})
	}
	// What is wrong with the key itself also fails the check of its size and curve.
	bad := func(id, title, section, kind string, change func(*draft) error) Case {
		c := noKey(id, title, change, "strict")
		c.Section, c.kind = section, kind
		c.Why = "a key that cannot be used verifies nothing, is bound to no token, and is itself against its RFC"
		return c
	}
	private := func(id, title, kind string, members func(d *draft) (string, string, error)) Case {
		return Case{
			ID: id, Title: title, Section: "RFC 9449 §4.3 item 7", Strength: Must, Fails: []string{"no-private-key"}, kind: kind, show: true,
			change: func(d *draft) error { return d.showPrivate(members) },
		}
	}
	return []Case{
		noKey("jwk-missing", "no jwk", cutHeader("jwk")),
		jwk("jwk-empty-string", `""`), jwk("jwk-number", `1`), jwk("jwk-null", `null`), jwk("jwk-array", `[]`), jwk("jwk-string", `"foo"`),
		jwk("jwk-empty", `{}`, "strict"),
		instead("jwk-by-kid", "kid", "1"),
		instead("jwk-by-jku", "jku", "https://keys.invalid/jwks.json"),
		instead("jwk-by-x5u", "x5u", "https://keys.invalid/chain.pem"),
		bad("rsa-1024", "an RSA key of 1024 bits", "RFC 7518 §3.3", kindWeakRSA, func(d *draft) error {
			d.header.set("alg", `"RS256"`)
			d.sign = func(input string) ([]byte, error) { return signSHA256(d.key, input) }
			return nil
		}),
		bad("point-off-curve", "an EC key that is no point of its curve", "RFC 7518 §6.2.1", kindP256, coordinate(func(x []byte) []byte { x[len(x)-1] ^= 1; return x })),
		bad("coordinate-short", "an EC coordinate of 31 bytes", "RFC 7518 §6.2.1.2", kindP256, coordinate(func(x []byte) []byte { return x[1:] })),
		private("private-key-ec", "the private key in jwk (EC)", kindP256, privateEC),
		private("private-key-rsa", "the private exponent in jwk (RSA)", kindRSA, privateRSA),
		private("private-key-okp", "the private key in jwk (Ed25519)", kindEd25519, privateOKP),
	}
}

// coordinate changes x of an EC key, before signing.
func coordinate(change func(x []byte) []byte) func(*draft) error {
	return func(d *draft) error {
		pub, ok := d.key.Public().(*ecdsa.PublicKey)
		if !ok {
			return errors.New("it needs an EC key")
		}
		point, err := pub.Bytes()
		if err != nil {
			return err
		}
		half := (len(point) - 1) / 2
		x, y := point[1:1+half], point[1+half:]
		d.header.set("jwk", fmt.Sprintf(`{"crv":%q,"kty":"EC","x":%q,"y":%q}`, pub.Curve.Params().Name, base64url(change(x)), base64url(y)))
		return nil
	}
}

// showPrivate puts a private member into jwk. The key is one to be thrown away:
// [Case.Make] has seen to it.
func (d *draft) showPrivate(members func(*draft) (name, value string, err error)) error {
	if !d.thrownAway && !d.request.Disposable {
		return errors.New("the private key is not one to be thrown away")
	}
	name, value, err := members(d)
	if err != nil {
		return err
	}
	jwk, err := jwt.CanonicalJWK(d.key.Public())
	if err != nil {
		return err
	}
	var public map[string]string
	if err := json.Unmarshal(jwk, &public); err != nil {
		return err
	}
	public[name] = value
	b, err := json.Marshal(public)
	d.header.set("jwk", string(b))
	return err
}

func privateEC(d *draft) (name, value string, err error) {
	k, ok := d.key.(*ecdsa.PrivateKey)
	if !ok {
		return "", "", errors.New("the key cannot be exported")
	}
	b, err := k.Bytes()
	return "d", base64url(b), err
}

func privateRSA(d *draft) (name, value string, err error) {
	k, ok := d.key.(*rsa.PrivateKey)
	if !ok {
		return "", "", errors.New("the key cannot be exported")
	}
	return "d", base64url(k.D.Bytes()), nil
}

func privateOKP(d *draft) (name, value string, err error) {
	k, ok := d.key.(ed25519.PrivateKey)
	if !ok {
		return "", "", errors.New("the key cannot be exported")
	}
	return "d", base64url(k.Seed()), nil
}
