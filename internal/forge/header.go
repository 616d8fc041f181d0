package forge

import (
	"crypto"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"

	"github.com/oauthpop/oauthpop/internal/jwt"
)

// setHeader replaces one header parameter by a JSON text.
func setHeader(name, value string) func(*draft) error {
	return func(d *draft) error {
		d.header.set(name, value)
		return nil
	}
}

func cutHeader(name string) func(*draft) error {
	return func(d *draft) error {
		d.header.cut(name)
		return nil
	}
}

// types are proofs that do not say that they are proofs.
func types() []Case {
	// "The typ JOSE Header Parameter has the value dpop+jwt."
	// https://www.rfc-editor.org/rfc/rfc9449#section-4.3
	typ := func(id, title, value string) Case {
		c := Case{ID: id, Title: title, Section: "RFC 9449 §4.3 item 4", Strength: Must, Fails: []string{"typ"}, change: setHeader("typ", value)}
		if value == "" {
			c.change = cutHeader("typ")
		}
		return c
	}
	// "a signed JWT of another type": what stands in for a proof has neither its
	// claims nor its key. https://www.rfc-editor.org/rfc/rfc9449#section-11.5
	swapped := func(id, title, claims string) Case {
		return Case{
			ID: id, Title: title, Section: "RFC 9449 §11.5", Strength: Must, Unreadable: true,
			Fails: []string{"claims", "typ", "signature", "htm", "htu", "nonce", "ath", "binding"},
			Why:   "a JWT for another use has neither the claims of a proof nor its key",
			change: func(d *draft) error {
				d.header = object{{"typ", `"JWT"`}, {"alg", quote(d.alg)}, {"kid", `"1"`}}
				now := d.claims[d.claims.index("iat")]
				d.claims = append(swappedClaims(claims), now, Member{"exp", quoteTime(d, 60)}, Member{"jti", quote(base64url(random(16)))})
				return nil
			},
		}
	}
	return []Case{
		typ("typ-missing", "no typ", ""),
		typ("typ-jwt", "typ of any JWT", `"JWT"`),
		typ("typ-access-token", "typ of an access token", `"at+jwt"`),
		typ("typ-request-object", "typ of a request object", `"oauth-authz-req+jwt"`),
		typ("typ-reversed", "typ with its words exchanged", `"jwt+dpop"`),
		typ("typ-longer", "typ with something behind it", `"dpop+jwt+wrongyousee"`),
		typ("typ-true", "typ that is no string", `true`),
		swapped("client-assertion", "a client assertion instead of a proof", "assertion"),
		swapped("id-token", "an ID token instead of a proof", "id"),
	}
}

func swappedClaims(kind string) object {
	if kind == "id" {
		return object{{"iss", `"https://as.example.com"`}, {"sub", `"user"`}, {"aud", `"client"`}, {"nonce", `"n-0S6_WzA2Mj"`}}
	}
	return object{{"iss", `"client"`}, {"sub", `"client"`}, {"aud", `"https://as.example.com"`}}
}

// algorithms are proofs whose alg is not that of an asymmetric signature, or not
// that of theirs.
func algorithms() []Case {
	// "The alg JOSE Header Parameter indicates a registered asymmetric digital
	// signature algorithm, is not none" https://www.rfc-editor.org/rfc/rfc9449#section-4.3
	const section = "RFC 9449 §4.3 item 5"
	both := []string{"alg", "signature"}
	alg := func(id, title, value string) Case {
		return Case{ID: id, Title: title, Section: section, Strength: Must, Fails: both, Why: "without a known algorithm no signature can be verified", change: setHeader("alg", value)}
	}
	none := func(id, value string) Case {
		c := alg(id, "alg "+value+", and no signature", quote(value))
		c.Why = "there is no signature that could be verified"
		c.change = func(d *draft) error {
			d.header.set("alg", quote(value))
			d.sign = func(string) ([]byte, error) { return nil, nil }
			return nil
		}
		return c
	}
	mac := func(id, title string, secret func(crypto.PublicKey) ([]byte, error)) Case {
		return Case{ID: id, Title: title, Section: section, Strength: Must, Fails: both, Why: "a MAC is no signature by the key in jwk", change: func(d *draft) error { return d.mac(secret) }}
	}
	missing := alg("alg-missing", "no alg", "")
	missing.change = cutHeader("alg")
	return []Case{
		missing,
		alg("alg-number", "alg that is a number", `1`),
		alg("alg-true", "alg that is no string", `true`),
		alg("alg-unknown", "alg that is not registered", `"unsupported"`),
		none("alg-none", "none"), none("alg-none-capital", "None"), none("alg-none-mixed", "nOnE"),
		mac("hmac-public-der", "HS256 with the public key (SPKI, DER) as secret", publicDER),
		mac("hmac-public-pem", "HS256 with the public key (SPKI, PEM) as secret", publicPEM),
		mac("hmac-public-jwk", "HS256 with the public JWK as secret", jwt.CanonicalJWK),
		{
			ID: "hmac-oct", Title: "HS256 with a symmetric key in jwk", Section: section, Strength: Must, change: symmetric, Unreadable: true,
			Fails: []string{"alg", "signature", "no-private-key", "binding", "strict"},
			Why:   "a symmetric key is no public key, and whoever reads it can sign",
		},
		{
			ID: "alg-rs256", Title: "RS256, for a server that does not list it", Section: "RFC 9449 §5.1", Strength: Must,
			Fails: []string{"alg"}, Unlisted: "RS256", kind: kindRSA,
			change: func(d *draft) error { d.alg = "RS256"; d.header.set("alg", `"RS256"`); return nil },
		},
		alg("alg-es256k", "ES256K over a signature on another curve", `"ES256K"`),
		misfit("es256-p384", "ES256 with a key on P-384", kindP384, "ES256", "RFC 7518 §3.4"),
		misfit("eddsa-rsa", "EdDSA with an RSA key", kindRSA, "EdDSA", "RFC 8037 §3.1"),
		{
			ID: "ps256-over-rs256", Title: "PS256 in the header of an RS256 signature", Section: "RFC 7518 §3.5", Strength: Must, Fails: []string{"signature"}, kind: kindRSA,
			change: func(d *draft) error { d.alg = "RS256"; d.header.set("alg", `"PS256"`); return nil },
		},
	}
}

// misfit is an algorithm beside a key of another kind; the signature is one that a
// library which only looks at the key takes.
func misfit(id, title, kind, alg, section string) Case {
	return Case{
		ID: id, Title: title, Section: section, Strength: Must, kind: kind, Fails: []string{"signature", "strict"},
		Why: "the signature is not one of this algorithm, and the key is not one for it",
		change: func(d *draft) error {
			d.header.set("alg", quote(alg))
			d.sign = func(input string) ([]byte, error) { return signSHA256(d.key, input) }
			return nil
		},
	}
}

func publicDER(pub crypto.PublicKey) ([]byte, error) { return x509.MarshalPKIXPublicKey(pub) }

func publicPEM(pub crypto.PublicKey) ([]byte, error) {
	b, err := publicDER(pub)
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: b}), err
}

// mac takes for a secret what everybody knows.
func (d *draft) mac(secretOf func(crypto.PublicKey) ([]byte, error)) error {
	secret, err := secretOf(d.key.Public())
	if err != nil {
		return err
	}
	d.header.set("alg", `"HS256"`)
	d.sign = func(input string) ([]byte, error) { return hmac256(secret, input), nil }
	return nil
}

func hmac256(secret []byte, input string) []byte {
	h := hmac.New(sha256.New, secret)
	h.Write([]byte(input))
	return h.Sum(nil)
}

// symmetric shows a secret that is made for it.
func symmetric(d *draft) error {
	secret := random(32)
	d.header.set("alg", `"HS256"`)
	d.header.set("jwk", `{"k":"`+base64url(secret)+`","kty":"oct"}`)
	d.sign = func(input string) ([]byte, error) { return hmac256(secret, input), nil }
	return nil
}
