package commands

import (
	"github.com/oauthpop/oauthpop/internal/commands/view"
	"github.com/oauthpop/oauthpop/internal/ui"
)

// Result is the JSON of a command: its schema is generated from the view.
type Result struct {
	Name string // of the schema, and of the command line with dashes
	View ui.Drawer
}

// Results are the results of all commands that have one.
var Results = []Result{
	{"key-generate", &view.WrittenKey{}},
	{"key-show", &view.Key{}},
	{"key-thumbprint", &view.KeyThumbprint{}},
	{"key-convert", &view.WrittenKey{}},
	{"key-jwks", &view.KeySet{}},
	{"cert-ca", &view.IssuedCertificate{}},
	{"cert-issue", &view.IssuedCertificate{}},
	{"cert-show", &view.CertificateChain{}},
	{"cert-thumbprint", &view.CertificateThumbprint{}},
	{"dpop-proof", &view.Proof{}},
	{"dpop-proof-break-list", &view.ProofCases{}},
	{"dpop-verify", &view.ProofReport{}},
	{"token", &view.Token{}},
	{"token-revoke", &view.Revoked{}},
	{"inspect", &view.Inspect{}},
	{"explain", &view.Explain{}},
	{"discover", &view.Discover{}},
	{"call", &view.Call{}},
	{"serve", &view.Ready{}},
	{"demo", &view.Demo{}},
	{"version", &view.Version{}},
}
