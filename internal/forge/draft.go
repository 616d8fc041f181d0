package forge

import (
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/oauthpop/oauthpop/internal/jwt"
)

// draft is a proof that has not been signed yet.
type draft struct {
	request    Request
	key        crypto.Signer
	alg        string // that it is signed with, whatever its header says
	thrownAway bool

	header, claims object
	// sign makes the signature; nil: the right one.
	sign func(input string) ([]byte, error)
	// signed changes the right signature.
	signed func(signature []byte) ([]byte, error)
	// line changes the header field.
	line func(proof string) (string, error)
}

// object is a JSON object whose members stand in an order, and may stand twice.
type object []Member

func (o object) index(name string) int {
	return slices.IndexFunc(o, func(m Member) bool { return m.Name == name })
}

// set replaces a member where it stands, or adds it.
func (o *object) set(name, value string) {
	if i := o.index(name); i >= 0 {
		(*o)[i].Value = value
		return
	}
	*o = append(*o, Member{name, value})
}

func (o *object) cut(name string) {
	*o = slices.DeleteFunc(*o, func(m Member) bool { return m.Name == name })
}

// text returns a member that is a string.
func (o object) text(name string) (string, error) {
	i := o.index(name)
	if i < 0 {
		return "", errors.New("the proof has no " + name)
	}
	var s string
	if err := json.Unmarshal([]byte(o[i].Value), &s); err != nil {
		return "", errors.New(name + " is not a string")
	}
	return s, nil
}

func (o object) encode() string {
	var b strings.Builder
	b.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(quote(m.Name))
		b.WriteByte(':')
		b.WriteString(m.Value)
	}
	b.WriteByte('}')
	return b.String()
}

func quote(s string) string {
	b, _ := json.Marshal(s) // a string always can
	return string(b)
}

func base64url(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails: it ends the program instead
	return b
}

// fill writes a right proof, with what the request replaces.
func (d *draft) fill() error {
	jwk, err := jwt.CanonicalJWK(d.key.Public())
	if err != nil {
		return err
	}
	r := &d.request
	d.header = object{{"typ", `"dpop+jwt"`}, {"alg", quote(d.alg)}, {"jwk", string(jwk)}}
	jti := r.JTI
	if jti == "" {
		jti = base64url(random(16))
	}
	d.claims = object{{"jti", quote(jti)}, {"htm", quote(r.Method)}, {"htu", quote(r.HTU)}, {"iat", strconv.FormatInt(r.Time.Unix(), 10)}}
	if r.Token != "" {
		sum := sha256.Sum256([]byte(r.Token))
		d.claims.set("ath", quote(base64url(sum[:])))
	}
	if r.Nonce != "" {
		d.claims.set("nonce", quote(r.Nonce))
	}
	for _, m := range r.Header {
		d.header.set(m.Name, m.Value)
	}
	for _, m := range r.Claims {
		d.claims.set(m.Name, m.Value)
	}
	return nil
}

func (d *draft) seal() (*Proof, error) {
	jkt, err := thumbprint(d.key)
	if err != nil {
		return nil, err
	}
	input := base64url([]byte(d.header.encode())) + "." + base64url([]byte(d.claims.encode()))
	sign := d.sign
	if sign == nil {
		sign = func(input string) ([]byte, error) { return jwt.Sign(d.key, d.alg, input) }
	}
	signature, err := sign(input)
	if err != nil {
		return nil, err
	}
	if d.signed != nil {
		if signature, err = d.signed(signature); err != nil {
			return nil, err
		}
	}
	p := &Proof{Value: input + "." + base64url(signature), JKT: jkt, ThrownAway: d.thrownAway}
	if d.line != nil {
		p.Value, err = d.line(p.Value)
	}
	return p, err
}
