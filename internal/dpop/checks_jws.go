package dpop

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/oauthpop/oauthpop/internal/bounds"
	"github.com/oauthpop/oauthpop/internal/jwt"
)

// "There is not more than one DPoP HTTP request header field."
// https://www.rfc-editor.org/rfc/rfc9449#section-4.3
func checkSingleHeader(_ *proof, r *Request) error {
	switch n := len(r.Proofs); n {
	case 1:
		return nil
	case 0:
		return &mismatch{expected: "one DPoP header field", found: "none", hint: "each request needs a proof in its DPoP header field"}
	default:
		return &mismatch{
			expected: "one DPoP header field", found: fmt.Sprint(n),
			hint: "the other checks judge the first; lenient servers take the first or the last",
		}
	}
}

// "The DPoP HTTP request header field value is a single and well-formed JWT."
// https://www.rfc-editor.org/rfc/rfc9449#section-4.3
func checkWellFormed(p *proof, _ *Request) error {
	if p.err != nil {
		return &mismatch{expected: "a JWT: three parts in base64url", found: p.err.Error(), hint: malformedHint(p.raw)}
	}
	if len(p.raw) > bounds.Proof {
		return &mismatch{
			expected: fmt.Sprintf("at most %d bytes", bounds.Proof), found: fmt.Sprintf("%d bytes", len(p.raw)),
			hint: "servers commonly take 8 KiB for all headers together",
		}
	}
	return nil
}

func malformedHint(raw string) string {
	lower := strings.ToLower(raw)
	switch {
	case strings.Contains(raw, ","):
		return "two header lines joined with a comma: send one"
	case strings.HasPrefix(lower, "dpop"):
		return "the proof alone is judged, without the name of the header"
	case strings.ContainsAny(raw, "\r\n\t "):
		return "white space or a line break inside, perhaps from copying"
	case strings.Contains(raw, "="):
		return "base64url in a JWT has no padding"
	case strings.ContainsAny(raw, "+/"):
		return "standard base64 instead of base64url"
	case raw == "":
		return "an empty DPoP header field: a variable that was not set?"
	default:
		return "a proof is header, payload and signature with a dot between: was it cut off, or is it something else?"
	}
}

// "The typ JOSE Header Parameter has the value dpop+jwt."
// https://www.rfc-editor.org/rfc/rfc9449#section-4.3
func checkTyp(p *proof, _ *Request) error {
	typ, _ := p.jws.Header.String("typ")
	if typ == Type {
		return nil
	}
	m := &mismatch{expected: `"` + Type + `"`, found: shown(p.jws.Header, "typ")}
	if strings.EqualFold(strings.TrimPrefix(strings.ToLower(typ), "application/"), Type) {
		m.hint = "some servers ignore case and the prefix application/"
	} else {
		m.hint = "another kind of JWT must not pass for a proof"
	}
	return m
}

// "The alg JOSE Header Parameter indicates a registered asymmetric digital
// signature algorithm, is not none, is supported by the application, and is
// acceptable per local policy." https://www.rfc-editor.org/rfc/rfc9449#section-4.3
func checkAlg(p *proof, r *Request) error {
	alg, ok := p.jws.Header.String("alg")
	if ok && slices.Contains(r.Algs, alg) && slices.Contains(jwt.Algorithms(), alg) {
		return nil
	}
	m := &mismatch{expected: "one of " + strings.Join(r.Algs, " "), found: shown(p.jws.Header, "alg")}
	switch {
	case strings.EqualFold(alg, "none"), strings.HasPrefix(alg, "HS"):
		m.hint = "a proof is signed with an asymmetric algorithm, whatever a server lists"
	case alg == "Ed25519":
		m.hint = "the older name EdDSA may be accepted (RFC 9864)"
	case slices.Contains(jwt.Algorithms(), alg):
		m.hint = "a server lists what it accepts as dpop_signing_alg_values_supported"
	default:
		m.hint = "the name of a registered signature algorithm, in its case: ES256 is the one that every server knows"
	}
	return m
}

// "The JWT signature verifies with the public key contained in the jwk JOSE Header
// Parameter." https://www.rfc-editor.org/rfc/rfc9449#section-4.3
func checkSignature(p *proof, _ *Request) error {
	if p.keyErr != nil {
		return &mismatch{expected: "a public key in jwk", found: p.keyErr.Error(), hint: jwkHint(p)}
	}
	alg, _ := p.jws.Header.String("alg")
	err := jwt.Verify(p.key, alg, p.jws.SigningInput, p.jws.Signature)
	if err == nil {
		return nil
	}
	m := &mismatch{expected: "a signature by the key in jwk", found: err.Error()}
	if _, ok := errors.AsType[*jwt.AlgorithmError](err); ok {
		m.hint = "alg must fit the kind of key: ES256 goes with P-256, EdDSA with Ed25519, PS256 and RS256 with RSA of 2048 bits or more"
	} else {
		m.hint = "signed by another key than the one in jwk, changed after signing, or r and s not in fixed width"
	}
	return m
}

func jwkHint(p *proof) string {
	if _, ok := p.jws.Header.Get("jwk"); ok {
		return "jwk is the public key as a JSON object: kty, and crv x y, crv x or n e, each in base64url of full length"
	}
	for _, name := range [...]string{"jku", "x5u", "kid", "x5c"} {
		if _, ok := p.jws.Header.Get(name); ok {
			return "the key must stand in the header itself: " + name + " does not replace jwk"
		}
	}
	return "a proof carries its public key as jwk in its header"
}

// "The jwk JOSE Header Parameter does not contain a private key."
// https://www.rfc-editor.org/rfc/rfc9449#section-4.3
func checkNoPrivateKey(p *proof, _ *Request) error {
	if p.jwk == nil {
		return &notChecked{}
	}
	found := p.jwk.PrivateMembers()
	if found == nil {
		return nil
	}
	return &mismatch{
		expected: "public members only in jwk", found: "private ones: " + strings.Join(found, " "),
		hint: "whoever saw this proof can sign with the key: make a new one; lenient servers do not look",
	}
}
