package view

import (
	"net/http"

	"github.com/oauthpop/oauthpop/internal/ui"
	"github.com/oauthpop/oauthpop/internal/wire"
)

// Call is the answer of an API.
type Call struct {
	Status     int            `json:"status"`
	Headers    http.Header    `json:"headers"`
	Body       *string        `json:"body,omitempty"`
	BodyBase64 []byte         `json:"body_base64,omitempty"`
	Attempts   []wire.Attempt `json:"attempts"`
	Binding    wire.Binding   `json:"binding"`
	TLS        TLS            `json:"tls"`
}

// TLS says what became of the client certificate.
type TLS struct {
	ClientCertificate string `json:"client_certificate" jsonschema:"enum=sent,enum=asked-not-sent,enum=not-asked"`
	// AcceptableCAs are those that the server named, if it asked.
	AcceptableCAs []string `json:"acceptable_cas,omitempty"`
}

// TLSOf draws the facts of a connection together.
func TLSOf(f wire.TLSFacts) TLS {
	switch {
	case f.Sent:
		return TLS{"sent", f.AcceptableCAs}
	case f.Asked:
		return TLS{"asked-not-sent", f.AcceptableCAs}
	}
	return TLS{ClientCertificate: "not-asked"}
}

// Draw writes the body.
func (c *Call) Draw(p *ui.Printer) {
	if c.Body != nil {
		p.Raw(*c.Body)
	} else {
		p.Raw(string(c.BodyBase64))
	}
}
