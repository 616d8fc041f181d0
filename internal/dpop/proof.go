package dpop

import (
	"crypto"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/oauthpop/oauthpop/internal/jwt"
)

// proof is a DPoP header field as far as it can be read.
type proof struct {
	raw string
	jws *jwt.Compact // nil where it is malformed, and err says why
	err error
	key crypto.PublicKey // nil where jwk holds none, and keyErr says why
	jwk *jwt.Object      // nil where it is no object
	jkt string

	keyErr error
}

// readProof reads the first header field: the check "single-header" is for the others.
func readProof(r *Request) *proof {
	p := &proof{}
	if len(r.Proofs) > 0 {
		p.raw = r.Proofs[0]
	}
	if p.jws, p.err = jwt.Split(p.raw); p.err != nil {
		p.jws = nil
		return p
	}
	raw, ok := p.jws.Header.Text("jwk")
	if !ok {
		p.keyErr = &jwt.FormatError{Reason: "no jwk"}
		return p
	}
	k := r.Keys.read(raw)
	p.jwk, p.key, p.jkt, p.keyErr = k.jwk, k.key, k.jkt, k.err
	return p
}

// usable refuses what could be verified only by leaving out its check.
func (p *proof) usable() error {
	if p.jws == nil {
		return &CheckError{ID: "well-formed", Section: "RFC 9449 §4.3 item 2", Expected: "a JWT", Found: p.err.Error()}
	}
	if p.keyErr != nil {
		return &CheckError{ID: "signature", Section: "RFC 9449 §4.3 item 6", Expected: "a public key in jwk", Found: p.keyErr.Error()}
	}
	return nil
}

func (p *proof) verified() *Verified {
	v := &Verified{JKT: p.jkt}
	v.JTI, _ = p.claim("jti")
	v.HTU, _ = p.claim("htu")
	v.Nonce, _ = p.claim("nonce")
	if iat, ok := p.number("iat"); ok {
		v.IAT = date(iat)
	}
	return v
}

// claim returns a claim that is a string.
func (p *proof) claim(name string) (string, bool) { return p.jws.Payload.String(name) }

// number returns a claim that is a number.
func (p *proof) number(name string) (float64, bool) {
	raw, _ := p.jws.Payload.Text(name)
	// No other JSON value reads as a number: a string has its quotes.
	f, err := strconv.ParseFloat(raw, 64)
	return f, err == nil
}

// date converts a NumericDate, which may have a fraction and be anything at all.
func date(seconds float64) time.Time {
	const limit = 1 << 53
	whole, fraction := math.Modf(min(max(seconds, -limit), limit))
	return time.Unix(int64(whole), int64(fraction*1e9))
}

// shown is a header parameter or claim as it came, for a message.
func shown(o *jwt.Object, name string) string {
	raw, ok := o.Text(name)
	if !ok {
		return "no " + name
	}
	return shorten(raw)
}

// shorten makes foreign text fit for a message: no control characters, not long.
func shorten(s string) string {
	const limit = 200
	end := ""
	if len(s) > limit {
		end = "… (" + strconv.Itoa(len(s)) + " bytes)"
		s = s[:limit]
	}
	if strings.IndexFunc(s, unprintable) >= 0 {
		quoted := strconv.Quote(strings.ToValidUTF8(s, ""))
		s = strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`)
	}
	return s + end
}

func unprintable(r rune) bool { return !strconv.IsPrint(r) || r == utf8.RuneError }
