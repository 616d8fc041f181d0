package view

import "github.com/oauthpop/oauthpop/internal/ui"

// Ready is a test server that has begun to answer: what its users need to know.
// Paths are absolute.
type Ready struct {
	Issuer       string `json:"issuer"`
	Resource     string `json:"resource"`
	MTLSResource string `json:"mtls_resource"`
	CACert       string `json:"cacert"`
	CABundle     string `json:"ca_bundle"`
	ClientID     string `json:"client_id"`
	ClientSecret string `json:"client_secret"`
	ServeClients string `json:"serve_clients"`
	State        string `json:"state"`

	// SecretFile holds the secret, which is not shown to a person.
	SecretFile string `json:"-"`
}

// Draw writes where the server is, and a command to begin with.
func (r *Ready) Draw(p *ui.Printer) {
	p.Verdict(ui.Good, "ready", r.Issuer)
	p.Fields(
		ui.Field{Label: "resource", Value: r.Resource},
		ui.Field{Label: "resource with certificate", Value: r.MTLSResource},
		ui.Field{Label: "CA to trust", Value: r.CACert},
		ui.Field{Label: "clients", Value: r.ServeClients},
	)
	p.Line("%s oauthpop token --issuer %s --cacert '%s' --client-id %s --client-secret '@%s' --dpop --key gen:ES256",
		p.Word(ui.Faint, "try:"), r.Issuer, r.CACert, r.ClientID, r.SecretFile)
}
