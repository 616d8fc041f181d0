// Package dpop makes and judges DPoP proofs (RFC 9449). Clocks, allow-lists and
// the list of checks are arguments.
package dpop

import (
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/oauthpop/oauthpop/internal/jwt"
)

// Type is the typ of a proof. https://www.rfc-editor.org/rfc/rfc9449#section-4.2
const Type = "dpop+jwt"

// Prover makes proofs with one key. It is safe for concurrent use.
type Prover struct {
	signer   *jwt.Signer
	alg, jkt string
	header   string // encoded, with the point that follows
	scratch  sync.Pool
}

// Claims are those of one proof.
type Claims struct {
	Method string
	HTU    string // as it will be written: see [HTU]
	Token  string // the access token that goes with the proof; "": no ath
	Nonce  string
	Time   time.Time
	JTI    string // "": 128 random bits
}

// NewProver prepares proofs by key with alg, which must fit it.
func NewProver(key crypto.Signer, alg string) (*Prover, error) {
	signer, err := jwt.NewSigner(key, alg)
	if err != nil {
		return nil, err
	}
	// jwk "represents the public key chosen by the client [...] It MUST NOT contain a
	// private key." Only the required members are written.
	// https://www.rfc-editor.org/rfc/rfc9449#section-4.2
	jwk, err := jwt.CanonicalJWK(key.Public())
	if err != nil {
		return nil, err
	}
	jkt, err := jwt.Thumbprint(key.Public())
	if err != nil {
		return nil, err
	}
	header := fmt.Sprintf(`{"typ":%q,"alg":%q,"jwk":%s}`, Type, alg, jwk)
	p := &Prover{signer: signer, alg: alg, jkt: jkt, header: base64.RawURLEncoding.EncodeToString([]byte(header)) + "."}
	p.scratch.New = func() any { return new(scratch) }
	return p, nil
}

// JKT is the thumbprint of the key, to which a token gets bound.
func (p *Prover) JKT() string { return p.jkt }

// Alg is the algorithm of the proofs.
func (p *Prover) Alg() string { return p.alg }

// scratch are the buffers of one proof, kept for the next.
type scratch struct{ claims, out []byte }

// Proof signs a fresh proof.
func (p *Prover) Proof(c Claims) (string, error) {
	if c.Method == "" || c.HTU == "" || c.Time.IsZero() {
		return "", errors.New("a proof needs a method, an htu and a time")
	}
	s := p.scratch.Get().(*scratch)
	defer p.scratch.Put(s)
	s.claims = c.appendJSON(s.claims[:0])
	s.out = append(s.out[:0], p.header...)
	s.out = base64.RawURLEncoding.AppendEncode(s.out, s.claims)
	input := len(s.out)
	signed, err := p.signer.Append(s.out, s.out)
	if err != nil {
		return "", err
	}
	// The claims have been encoded, their buffer takes the signature.
	s.claims = append(s.claims[:0], signed[input:]...)
	s.out = append(signed[:input], '.')
	s.out = base64.RawURLEncoding.AppendEncode(s.out, s.claims)
	return string(s.out), nil
}

func (c Claims) appendJSON(b []byte) []byte {
	b = append(b, `{"jti":`...)
	if c.JTI == "" {
		b = appendJTI(b)
	} else {
		b = appendString(b, c.JTI)
	}
	b = append(b, `,"htm":`...)
	b = appendString(b, c.Method)
	b = append(b, `,"htu":`...)
	b = appendString(b, c.HTU)
	b = append(b, `,"iat":`...)
	b = strconv.AppendInt(b, c.Time.Unix(), 10)
	if c.Token != "" {
		b = append(b, `,"ath":"`...)
		b = appendATH(b, c.Token)
		b = append(b, '"')
	}
	if c.Nonce != "" {
		b = append(b, `,"nonce":`...)
		b = appendString(b, c.Nonce)
	}
	return append(b, '}')
}

// appendJTI: "Such uniqueness can be accomplished by encoding (base64url or any
// other suitable encoding) at least 96 bits of pseudorandom data". These are 128.
// https://www.rfc-editor.org/rfc/rfc9449#section-4.2
func appendJTI(b []byte) []byte {
	var id [16]byte
	_, _ = rand.Read(id[:]) // never fails: it ends the program instead
	b = append(b, '"')
	b = base64.RawURLEncoding.AppendEncode(b, id[:])
	return append(b, '"')
}

func appendString(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c > 0x7e || c == '"' || c == '\\' {
			quoted, _ := json.Marshal(s) // a string always can
			return append(b, quoted...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}

// ATH is the hash of an access token: "The value MUST be the result of a base64url
// encoding [...] the SHA-256 hash of the ASCII encoding of the associated access
// token's value."
// https://www.rfc-editor.org/rfc/rfc9449#section-4.2
func ATH(token string) string { return string(appendATH(nil, token)) }

func appendATH(b []byte, token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return base64.RawURLEncoding.AppendEncode(b, sum[:])
}
