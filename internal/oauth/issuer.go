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
	u, err := urlOfHost("the issuer", given)
	if err != nil {
		return "", nil, err
	}
	if strings.ContainsAny(given, "?#") {
		return "", nil, &InputError{What: "the issuer", Value: given, Why: "has a query or a fragment, which an issuer cannot have", Hint: "cut it off"}
	}
	if at := strings.Index(given, wellKnown); at >= 0 {
		// ISSUER/.well-known/NAME, or HOST/.well-known/NAME/PATH.
		_, path, _ := strings.Cut(given[at+len(wellKnown):], "/")
		given = strings.TrimSuffix(given[:at]+"/"+path, "/")
		u, err = url.Parse(given)
		if err != nil {
			return "", nil, &InputError{What: "the issuer", Value: given, Why: "is not a URL"}
		}
	}
	return given, u, nil
}

// urlOfHost reads a URL that metadata is to be found for.
func urlOfHost(what, given string) (*url.URL, error) {
	u, err := url.Parse(given)
	switch {
	case err != nil && strings.Contains(given, "@"): // it may hold a password
		return nil, &InputError{What: what, Why: "is not a URL"}
	case err != nil:
		return nil, &InputError{What: what, Value: given, Why: "is not a URL"}
	case u.User != nil:
		return nil, &InputError{What: what, Value: u.Redacted(), Why: "holds a user name or password"}
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, &InputError{What: what, Value: given, Why: "does not begin with https://", Hint: "did you mean https://" + given + " ?"}
	case u.Host == "":
		return nil, &InputError{What: what, Value: given, Why: "is not the URL of a host"}
	}
	return u, nil
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
