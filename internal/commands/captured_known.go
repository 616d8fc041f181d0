package commands

import (
	"net/http"
	"slices"

	"github.com/oauthpop/oauthpop/internal/commands/view"
	"github.com/oauthpop/oauthpop/internal/dpop"
	"github.com/oauthpop/oauthpop/internal/token"
)

// know adds to the exchange what its text does not say and its causes depend on.
func (j *judge) know(c *captured) {
	x := &c.x.Exchange
	_, err := http.ParseTime(x.Response.Header.Get("Date"))
	switch {
	case !c.x.Started.IsZero():
		x.Request.Sent = c.x.Started
	case err != nil:
		x.Request.Sent = j.at
	}
	x.Known.Repeated = slices.ContainsFunc(c.view.Checks, func(p view.ProofCheck) bool {
		return p.ID == "replay" && p.Status == dpop.StatusFailed
	})
	for _, f := range c.certs {
		if x.Known.X5T == "" {
			x.Known.X5T = f.X5T
		}
	}
	// A token that says nothing itself is bound to what was given, as the user says.
	if c.token.Kind != token.JWT {
		x.Known.Cnf.JKT = c.boundKey(j.local)
	}
}
