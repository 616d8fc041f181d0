package oauth

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/oauthpop/oauthpop/internal/wire"
)

// EndpointURLs are the URLs of one endpoint: without and with a client certificate.
type EndpointURLs struct{ Name, URL, Alias string }

// Endpoints are the endpoints that metadata names, those that browsers are sent to
// first, each with its alias if it has one.
func Endpoints(raw json.RawMessage) []EndpointURLs {
	d := readDocument(raw)
	aliases, _ := d.aliases()
	var all []EndpointURLs
	for _, name := range append(slices.Clone(browserEndpoints), d.endpoints()...) {
		if url, p := d.text(name); p == present {
			all = append(all, EndpointURLs{name, url, aliases[name]})
		}
	}
	return all
}

// readAliases goes endpoint by endpoint: the object may be partial, and what is not
// in it is asked at the plain URL, certificate or not.
func readAliases(d document) Support {
	aliases, p := d.aliases()
	switch {
	case p == mistyped:
		return mistypedMember("mtls_endpoint_aliases")
	case p == absent || len(aliases) == 0:
		return withoutAliases(d)
	}
	s := Support{Supported: SupportYes}
	issuer, _ := d.text("issuer")
	var browsers, unusable, alone, same, none []string
	for _, name := range slices.Sorted(maps.Keys(aliases)) {
		url, _ := d.text(name)
		switch {
		// "Metadata parameters within "mtls_endpoint_aliases" that do not define endpoints
		// to which an OAuth client makes a direct request have no meaning and SHOULD be
		// ignored." https://www.rfc-editor.org/rfc/rfc8705#section-5
		case slices.Contains(browserEndpoints, name):
			browsers = append(browsers, name)
			continue
		case unfit(aliases[name], issuer) != "":
			unusable = append(unusable, name)
			continue
		case url == "":
			alone = append(alone, name)
		case url == aliases[name]:
			same = append(same, name)
		}
		s.Values = append(s.Values, name)
	}
	for _, name := range d.endpoints() {
		if _, ok := aliases[name]; !ok {
			none = append(none, name)
		}
	}
	for _, r := range []struct {
		names []string
		words string
	}{
		{none, "no alias for %s: asked at its own URL, with a certificate, too"},
		{same, "the alias is the endpoint's own URL: %s"},
		{alone, "an alias without a URL of the endpoint itself: %s"},
		{unusable, "no URL that can be used: the alias of %s"},
		{browsers, "no client makes direct requests, an alias has no meaning: %s"},
	} {
		if len(r.names) > 0 {
			s = s.remark(fmt.Sprintf(r.words, join(r.names)))
		}
	}
	return s
}

// withoutAliases is no fault: a server may ask for certificates at its only URLs.
func withoutAliases(d document) Support {
	s := Support{Supported: SupportNo}
	methods, _ := d.list(authMethods)
	bound, _ := d.flag(mtlsBound)
	if bound || slices.Contains(methods, wire.AuthTLS) || slices.Contains(methods, wire.AuthTLSSelfSigned) {
		return s.remark("mutual TLS is offered: the endpoints themselves must ask for the certificate")
	}
	return s
}
