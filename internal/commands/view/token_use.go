package view

import (
	"strings"

	"github.com/oauthpop/oauthpop/internal/ui"
)

// TokenUse is how a token is used: with which scheme it is sent, and what hands it on
// to the next command.
type TokenUse struct {
	Scheme string
	// Token is the variable that takes the token.
	Token string
	// Variables are those beside it.
	Variables []Variable
}

// Variable is one variable of the environment; without a value it is taken away.
type Variable struct{ Name, Value string }

// Format writes the Authorization line of a request, or lines for a POSIX shell that
// hand the token on with what it is bound to.
func (t *Token) Format(name string) string {
	if name == "header" {
		return "Authorization: " + t.Use.Scheme + " " + t.token.Reveal() + "\n"
	}
	var b strings.Builder
	export := func(name, value string) { b.WriteString("export " + name + "=" + string(ui.Word(value)) + "\n") }
	export(t.Use.Token, t.token.Reveal())
	for _, v := range t.Use.Variables {
		if v.Value == "" {
			b.WriteString("unset " + v.Name + "\n")
		} else {
			export(v.Name, v.Value)
		}
	}
	return b.String()
}
