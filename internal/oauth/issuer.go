package oauth

import (
	"net/url"
	"strings"
)

const (
	openIDForm = "openid-configuration"
	oauthForm  = "oauth-authorization-server"
	wellKnown  = "/.well-known/"
)

// cutIssuer returns the issuer of what a person gives as one: the URL of the
// metadata is taken, too.
//
// "a URL that uses the "https" scheme and has no query or fragment components"
// https://www.rfc-editor.org/rfc/rfc8414#section-2
func cutIssuer(given string) (string, *url.URL, error) {
	wrong := func(why, hint string) (string, *url.URL, error) {
		return "", nil, &InputError{What: "the issuer", Value: given, Why: why, Hint: hint}
	}
	u, err := url.Parse(given)
	switch {
	case err != nil:
		return wrong("is not a URL", "")
	case u.Scheme != "https" && u.Scheme != "http":
		return wrong("does not begin with https://", "did you mean https://"+given+" ?")
	case u.Host == "" || u.User != nil:
		return wrong("is not the URL of a host", "")
	case strings.ContainsAny(given, "?#"):
		return wrong("has a query or a fragment, which an issuer cannot have", "cut it off")
	}
	if at := strings.Index(given, wellKnown); at >= 0 {
		// ISSUER/.well-known/NAME, or HOST/.well-known/NAME/PATH.
		_, path, _ := strings.Cut(given[at+len(wellKnown):], "/")
		given = strings.TrimSuffix(given[:at]+"/"+path, "/")
		u, err = url.Parse(given)
		if err != nil {
			return wrong("is not a URL", "")
		}
	}
	return given, u, nil
}

// places are the URLs that the metadata of an issuer may be at, the likeliest
// first: OpenID Connect appends, RFC 8414 puts its part before the path, and
// servers mix the two.
//
// "Using path components enables supporting multiple issuers per host."
// https://www.rfc-editor.org/rfc/rfc8414#section-3.1
// https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfigurationRequest
func places(issuer *url.URL) []string {
	origin := issuer.Scheme + "://" + issuer.Host
	path := strings.TrimRight(issuer.EscapedPath(), "/")
	all := []string{origin + path + wellKnown + openIDForm, origin + wellKnown + oauthForm + path}
	if path != "" {
		all = append(all, origin+wellKnown+openIDForm+path, origin+path+wellKnown+oauthForm)
	}
	return all
}
