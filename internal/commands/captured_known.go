package commands

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/oauthpop/oauthpop/internal/bounds"
	"github.com/oauthpop/oauthpop/internal/capture"
	"github.com/oauthpop/oauthpop/internal/commands/view"
	"github.com/oauthpop/oauthpop/internal/diagnose"
	"github.com/oauthpop/oauthpop/internal/dpop"
	"github.com/oauthpop/oauthpop/internal/oauth"
	"github.com/oauthpop/oauthpop/internal/token"
	"github.com/oauthpop/oauthpop/internal/wire"
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
	for _, l := range c.local.Certificates {
		// The one that the token is bound to is at hand: where the handshake is seen,
		// it could have been sent.
		if x.TLS.Version != 0 && c.cnf.X5T.Present && l.X5T == c.cnf.X5T.Value {
			x.Request.Certificate = true
		}
		x.Known.Certificates = append(x.Known.Certificates, wire.KnownCertificate{File: l.File, X5T: l.X5T, KeyJKT: l.KeyJKT})
	}
	j.learn(x)
	for _, m := range j.servers {
		if x.Known.Algs == nil {
			x.Known.Algs = oauth.OffersAt(m, x.Request.URL)
		}
	}
	// A token that says nothing itself is bound to what was given, as the user says.
	if c.token.Kind != token.JWT {
		x.Known.Cnf.JKT = c.boundKey(j.local)
	}
}

// meet keeps what authorization servers say of themselves in the capture.
func (j *judge) meet(reading *capture.Reading) {
	for _, list := range [][]capture.Exchange{reading.Documents, reading.Exchanges} {
		for i := range list {
			x := &list[i]
			if m := oauth.ReadMetadata(x.Response.Body, x.Request.URL); m != nil && len(j.servers) < mostServers {
				j.servers = append(j.servers, m)
			}
		}
	}
}

// learn keeps the last nonce of each server, which a later proof may have.
func (j *judge) learn(x *wire.Exchange) {
	x.Known.Nonces = maps.Clone(j.nonces)
	origin := diagnose.Origin(x.Request.URL)
	if nonce := x.Response.Header.Get(wire.HeaderDPoPNonce); origin != "" && nonce != "" && len(nonce) <= bounds.Nonce {
		if j.nonces == nil {
			j.nonces = map[string]string{}
		}
		if len(j.nonces) < mostServers {
			j.nonces[origin] = nonce
		}
	}
}

// mostServers is how many servers' nonces and metadata are kept in mind.
const mostServers = 100

// shownURL is a URL as it may be shown: without a password, and with the tokens and
// secrets in its query shortened.
func shownURL(raw string) string {
	before, query, found := strings.Cut(raw, "?")
	if scheme, rest, ok := strings.Cut(before, "://"); ok {
		host, _, _ := strings.Cut(rest, "/")
		if at := strings.LastIndexByte(host, '@'); at >= 0 {
			before = scheme + "://…" + rest[at:]
		}
	}
	if !found {
		return before
	}
	pairs := strings.Split(query, "&")
	for i, p := range pairs {
		name, value, _ := strings.Cut(p, "=")
		if slices.Contains([]string{"access_token", "refresh_token", "id_token", "token", "code", "client_secret", "client_assertion", "password"}, name) {
			pairs[i] = name + "=" + wire.Secret(value).String()
		}
	}
	return before + "?" + strings.Join(pairs, "&")
}
