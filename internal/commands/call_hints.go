package commands

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/oauthpop/oauthpop/internal/challenge"
	"github.com/oauthpop/oauthpop/internal/diagnose"
	"github.com/oauthpop/oauthpop/internal/ui"
	"github.com/oauthpop/oauthpop/internal/wire"
)

// whatToTry returns the likely causes of a refusal with what to do, or "". Where none
// can be seen in what was sent, it is what the challenge says, and what only the
// server knows.
func whatToTry(x *wire.Exchange, code string) string {
	if x == nil {
		return ""
	}
	var all []string
	certificate := false
	for _, cause := range diagnose.Causes(x, code) {
		all = append(all, cause.Text+" ("+cause.Section+"): "+cause.Fix)
		certificate = certificate || strings.HasPrefix(cause.ID, "certificate-")
	}
	if certificate && len(x.TLS.AcceptableCAs) > 0 {
		all = append(all, "the server names these CAs: "+strings.Join(x.TLS.AcceptableCAs, "; "))
	}
	if len(all) == 0 && code == wire.ErrInvalidDPoPProof && x.Request.HTU != "" {
		all = append(all, otherName(x))
	}
	return strings.Join(append(all, challenged(x)...), "; ")
}

// otherName: of the URLs only that of the client is known. Behind a proxy that
// rewrites URLs the server compares htu with another.
// https://www.rfc-editor.org/rfc/rfc9449#section-4.3
func otherName(x *wire.Exchange) string {
	return fmt.Sprintf("the proof was made for %q, which was called, and nothing can be seen that is wrong with it: "+
		"a server behind a proxy that rewrites URLs may know itself by another, which --htu-map FROM=TO makes proofs for", x.Request.HTU)
}

// challenged is what to do by the challenge itself.
func challenged(x *wire.Exchange) []string {
	var all []string
	scope, metadata := "", ""
	for _, c := range challenge.ParseChallenges(x.Response.Header.Values("WWW-Authenticate")) {
		if c.Params["error"] == wire.ErrInsufficientScope && scope == "" {
			scope = c.Params["scope"]
		}
		if metadata == "" {
			metadata = c.Params["resource_metadata"]
		}
	}
	if scope != "" {
		// "If included, the "scope" attribute [...] the scope necessary to access the
		// protected resource." https://www.rfc-editor.org/rfc/rfc6750#section-3.1
		all = append(all, "get a token with --scope "+string(ui.Word(scope)))
	}
	if x.Response.Status == http.StatusUnauthorized && metadata != "" {
		all = append(all, protectedBy(x, metadata)...)
	}
	return all
}

// protectedBy names the command that reads which issuers an API takes tokens of. It
// is not read without being asked to: anybody can name any URL in a challenge.
//
// "This specification introduces a new parameter in the WWW-Authenticate HTTP response
// header field to indicate the protected resource metadata URL"
// https://www.rfc-editor.org/rfc/rfc9728#section-5.1
func protectedBy(x *wire.Exchange, metadata string) []string {
	at, err := url.Parse(metadata)
	if err != nil || at.Scheme != "https" && at.Scheme != "http" || at.Host == "" || at.User != nil || len(metadata) > 500 {
		return nil
	}
	said := "to see whose tokens the API takes (RFC 9728 section 5.1): oauthpop discover --protected-resource " + string(ui.Word(metadata))
	if !strings.EqualFold(at.Host, hostOf(x.Request.URL)) {
		said += " (another host than the API's: what it says of the API is worth no more than the challenge)"
	}
	return []string{said}
}

func hostOf(rawURL string) string {
	u, err := url.Parse(rawURL)
	if err != nil {
		return ""
	}
	return u.Host
}
