package view

import (
	"encoding/base64"
	"encoding/json"
	"strings"

	"github.com/oauthpop/oauthpop/internal/ui"
	"github.com/oauthpop/oauthpop/internal/wire"
)

// Proof is a DPoP proof with what it says. Header and claims are null where a
// proof that is wrong on purpose has none that can be read.
type Proof struct {
	Proof  string          `json:"proof"`
	Header json.RawMessage `json:"header"`
	Claims json.RawMessage `json:"claims"`
	JKT    string          `json:"jkt"`

	request ProofRequest
}

// ProofRequest is the request that a proof is for.
type ProofRequest struct {
	Method, URL string      // as they are sent
	Token       wire.Secret // that goes with it, if any
}

// NewProof returns the view of a proof that was made here.
func NewProof(proof, jkt string, r ProofRequest) *Proof {
	header, rest, _ := strings.Cut(proof, ".")
	claims, _, _ := strings.Cut(rest, ".")
	return &Proof{Proof: proof, Header: partOf(header), Claims: partOf(claims), JKT: jkt, request: r}
}

func partOf(s string) json.RawMessage {
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || !json.Valid(b) {
		return nil
	}
	return b
}

// Draw writes the proof alone.
func (v *Proof) Draw(p *ui.Printer) { p.Raw(v.Proof + "\n") }

// Format writes the header lines of the request, or a curl command that sends it.
func (v *Proof) Format(name string) string {
	if name == "curl" {
		return v.curl() + "\n"
	}
	lines := wire.HeaderDPoP + ": " + v.Proof + "\n"
	if v.request.Token != "" {
		lines += v.authorization() + "\n"
	}
	return lines
}

func (v *Proof) authorization() string {
	return "Authorization: " + wire.SchemeDPoP + " " + v.request.Token.Reveal()
}

// curl is a whole command for a POSIX shell.
func (v *Proof) curl() string {
	c := Curl{Method: v.request.Method, URL: v.request.URL, Header: []string{wire.HeaderDPoP + ": " + v.Proof}}
	if v.request.Token != "" {
		c.Header = append(c.Header, v.authorization())
	}
	return c.Command()
}
