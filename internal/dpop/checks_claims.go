package dpop

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/oauthpop/oauthpop/internal/bounds"
)

// "All required claims per Section 4.2 are contained in the JWT."
// https://www.rfc-editor.org/rfc/rfc9449#section-4.3
// (ath and nonce, which are required at times, have checks of their own.)
func checkClaims(p *proof, _ *Request) error {
	var wrong []string
	for _, name := range [...]string{"jti", "htm", "htu"} {
		if _, ok := p.claim(name); !ok {
			wrong = append(wrong, wrongClaim(p, name))
		}
	}
	if _, ok := p.number("iat"); !ok {
		wrong = append(wrong, wrongClaim(p, "iat"))
	}
	switch jti, ok := p.claim("jti"); {
	case ok && jti == "":
		wrong = append(wrong, "an empty jti")
	// "a server that is tracking jti values should reject DPoP proof JWTs with
	// unnecessarily large jti values or store only a hash thereof"
	// https://www.rfc-editor.org/rfc/rfc9449#section-11.1
	case len(jti) > bounds.JTI:
		wrong = append(wrong, fmt.Sprintf("a jti of %d bytes", len(jti)))
	}
	if wrong == nil {
		return nil
	}
	return &mismatch{
		expected: fmt.Sprintf("strings jti (1 to %d bytes), htm and htu, and a number iat", bounds.JTI),
		found:    strings.Join(wrong, "; "), hint: claimsHint(p),
	}
}

func claimsHint(p *proof) string {
	for _, name := range [...]string{"iss", "sub", "aud"} {
		if _, ok := p.jws.Payload.Get(name); ok {
			return "the claim " + name + " is that of a token or an assertion: is this a proof?"
		}
	}
	return "jti is new for each proof, htm and htu are of the request, iat is seconds since 1970"
}

func wrongClaim(p *proof, name string) string {
	if _, ok := p.jws.Payload.Get(name); !ok {
		return "no " + name
	}
	return name + " " + shown(p.jws.Payload, name)
}

// "The htm claim matches the HTTP method of the current request."
// https://www.rfc-editor.org/rfc/rfc9449#section-4.3
func checkHTM(p *proof, r *Request) error {
	if r.Method == "" {
		return &notChecked{}
	}
	htm, _ := p.claim("htm")
	// "The method token is case-sensitive"
	// https://www.rfc-editor.org/rfc/rfc9110#section-9.1
	if htm == r.Method {
		return nil
	}
	m := &mismatch{expected: strconv.Quote(r.Method), found: shown(p.jws.Payload, "htm")}
	if strings.EqualFold(htm, r.Method) {
		m.hint = "methods are case-sensitive; lenient servers ignore case"
	} else {
		m.hint = "a proof is for one method: make one for each request, also for the one after a redirect"
	}
	return m
}

// NonceError is what [Request.Nonce] returns for a nonce that is not the right one.
type NonceError struct{ Expected string }

// Error says what was expected.
func (e *NonceError) Error() string { return "the nonce is not " + e.Expected }

// "If the server provided a nonce value to the client, the nonce claim matches the
// server-provided nonce value." https://www.rfc-editor.org/rfc/rfc9449#section-4.3
func checkNonce(p *proof, r *Request) error {
	_, present := p.jws.Payload.Get("nonce")
	nonce, text := p.claim("nonce")
	if present && !text {
		return &mismatch{
			expected: "a nonce that is a string", found: shown(p.jws.Payload, "nonce"),
			hint: "the value of the DPoP-Nonce header goes into the claim as it is, or there is no claim",
		}
	}
	if r.Nonce == nil {
		return &notChecked{}
	}
	err := r.Nonce(nonce, present)
	if err == nil {
		return nil
	}
	m := &mismatch{expected: "a nonce that the server supplied", found: shown(p.jws.Payload, "nonce"), err: err}
	if n, ok := errors.AsType[*NonceError](err); ok {
		m.expected = n.Expected
	}
	if !present {
		// "A server MUST NOT accept any DPoP proofs without the nonce claim when a DPoP
		// nonce has been provided to the client."
		// https://www.rfc-editor.org/rfc/rfc9449#section-11.3
		m.hint = "take the value of the last DPoP-Nonce header of this very server"
	} else {
		m.hint = "nonces are per server and expire: take the newest DPoP-Nonce of this very server"
	}
	return m
}

// "The creation time of the JWT, as determined by either the iat claim or a server
// managed timestamp via the nonce claim, is within an acceptable window."
// https://www.rfc-editor.org/rfc/rfc9449#section-4.3
func checkFresh(p *proof, r *Request) error {
	if r.NoFreshness {
		return &notChecked{}
	}
	iat, ok := p.number("iat")
	age := seconds(r.Now) - iat
	if ok && age <= r.MaxAge.Seconds() && -age <= r.MaxSkew.Seconds() {
		return nil
	}
	m := &mismatch{expected: fmt.Sprintf("iat at most %v old and %v ahead", r.MaxAge, r.MaxSkew), found: ageText(age)}
	switch {
	case !ok:
		m.found, m.hint = shown(p.jws.Payload, "iat"), "iat is a number: seconds since 1970"
	case iat > 1e11:
		m.hint = "iat looks like milliseconds: it is in seconds"
	case age < 0:
		m.hint = "the clock of one side is wrong: lenient servers take a minute or more"
	default:
		m.hint = "a proof is made for one request: make a new one, or correct the clock"
	}
	return m
}

func seconds(t time.Time) float64 {
	return float64(t.Unix()) + float64(t.Nanosecond())/1e9
}

func ageText(age float64) string {
	word := "old"
	if age < 0 {
		age, word = -age, "ahead"
	}
	const limit = float64(1 << 62)
	if age*1e9 > limit {
		return "centuries " + word
	}
	const day = 24 * time.Hour
	d := time.Duration(age * 1e9)
	if d >= 2*day {
		return fmt.Sprintf("%d days %s", d/day, word)
	}
	return d.Round(time.Second).String() + " " + word
}

// "ensure that the value of the ath claim equals the hash of that access token"
// https://www.rfc-editor.org/rfc/rfc9449#section-4.3
func checkATH(p *proof, r *Request) error {
	_, present := p.jws.Payload.Get("ath")
	if !r.HasToken {
		if present {
			return &notChecked{found: "an ath, but no access token", hint: "at the token endpoint a proof has no ath; some servers refuse it there"}
		}
		return &notChecked{}
	}
	ath, _ := p.claim("ath")
	var buf [43]byte
	want := appendATH(buf[:0], r.Token)
	if r.Token != "" && subtle.ConstantTimeCompare([]byte(ath), want) == 1 {
		return nil
	}
	m := &mismatch{expected: strconv.Quote(string(want)), found: shown(p.jws.Payload, "ath")}
	if r.Token == "" {
		m.expected = "an access token that is not empty"
	}
	m.hint = athHint(ath, present, r.Token)
	return m
}

// "confirm that the public key to which the access token is bound matches the
// public key from the DPoP proof" https://www.rfc-editor.org/rfc/rfc9449#section-4.3
func checkBinding(p *proof, r *Request) error {
	if r.JKT == "" {
		return &notChecked{}
	}
	if p.keyErr == nil && subtle.ConstantTimeCompare([]byte(p.jkt), []byte(r.JKT)) == 1 {
		return nil
	}
	m := &mismatch{expected: "a key with the thumbprint " + strconv.Quote(r.JKT), found: strconv.Quote(p.jkt)}
	if p.keyErr != nil {
		m.found, m.hint = p.keyErr.Error(), "without a key in jwk there is nothing to compare: see the check signature"
	} else {
		m.hint = "the proof is signed by another key than the one the token is bound to"
	}
	return m
}
