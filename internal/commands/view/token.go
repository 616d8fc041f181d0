package view

import (
	"encoding/json"
	"strings"

	"github.com/oauthpop/oauthpop/internal/ui"
	"github.com/oauthpop/oauthpop/internal/wire"
)

// Token is the answer of a token endpoint as it came, with the binding added. Its
// token is left out where the answer is not what was asked for.
type Token struct {
	Answer   json.RawMessage `json:"-"`
	Binding  wire.Binding    `json:"binding"`
	Withheld bool            `json:"-"`
	Use      TokenUse        `json:"-"`
	token    wire.Secret
}

// NewToken returns the view of an answer. Withheld leaves every token out.
func NewToken(answer json.RawMessage, token wire.Secret, b wire.Binding, withheld bool) *Token {
	return &Token{Answer: answer, Binding: b, Withheld: withheld, token: token}
}

// TokenShape is what can be said of the JSON of a Token, for its schema.
type TokenShape struct {
	AccessToken string       `json:"access_token,omitempty"`
	TokenType   string       `json:"token_type,omitempty"`
	ExpiresIn   any          `json:"expires_in,omitempty"`
	Scope       string       `json:"scope,omitempty"`
	Binding     wire.Binding `json:"binding"`
}

// withheldMembers are what is left out of an answer that is not bound as asked.
var withheldMembers = []string{"access_token", "refresh_token", "id_token"}

// MarshalJSON keeps the members as the server sent them, in their order, and adds
// binding as the last.
func (t *Token) MarshalJSON() ([]byte, error) {
	leftOut := func(name string) bool { return name == "binding" || t.Withheld && contains(withheldMembers, name) }
	return withMembers(t.Answer, leftOut, struct {
		Binding wire.Binding `json:"binding"`
	}{t.Binding})
}

// Draw writes the access token alone; nothing where it is withheld.
func (t *Token) Draw(p *ui.Printer) {
	if !t.Withheld {
		p.Raw(t.token.Reveal() + "\n")
	}
}

func contains(list []string, s string) bool {
	for _, l := range list {
		if strings.EqualFold(l, s) {
			return true
		}
	}
	return false
}
