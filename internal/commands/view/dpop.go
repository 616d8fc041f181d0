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
	words := []string{"curl"}
	switch v.request.Method {
	case "GET":
	case "HEAD": // with -X, curl would wait for the body
		words = append(words, "--head")
	default:
		words = append(words, "-X", v.request.Method)
	}
	if strings.ContainsAny(v.request.URL, "[]{}") { // ranges and lists, for curl
		words = append(words, "--globoff")
	}
	if strings.Contains(v.request.URL, "/.") {
		words = append(words, "--path-as-is")
	}
	field := wire.HeaderDPoP + ": " + v.Proof
	if v.Proof == "" {
		field = wire.HeaderDPoP + ";" // curl's way to send a field without a value
	}
	words = append(words, "-H", field)
	if v.request.Token != "" {
		words = append(words, "-H", v.authorization())
	}
	words = append(words, v.request.URL)
	for i, w := range words {
		words[i] = shellWord(w)
	}
	return strings.Join(words, " ")
}

// shellWord quotes a word so that a POSIX shell takes it as it is: "Enclosing
// characters in single-quotes shall preserve the literal value of each character
// within the single-quotes. A single-quote cannot occur within single-quotes."
// https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_02_02
func shellWord(s string) string {
	plain := s != "" && strings.IndexFunc(s, func(r rune) bool {
		letter := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
		return !letter && !strings.ContainsRune("-_./:@%+,", r)
	}) < 0
	if plain {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
