package view

import "github.com/oauthpop/oauthpop/internal/ui"

// Revoked is a token that the server was told about.
type Revoked struct {
	Endpoint string `json:"endpoint"`
	Revoked  bool   `json:"revoked"`
}

// Draw says no more than the server did.
func (v *Revoked) Draw(p *ui.Printer) {
	p.Line("the server holds the token for ended (it says so of one that it does not know, too)")
}
