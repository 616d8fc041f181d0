package oauth

import (
	"slices"
	"strings"
)

// fapi2Algs: "use PS256, ES256, or EdDSA (using the Ed25519 variant) algorithms";
// once there is a name for that variant, "it is also allowed", and RFC 9864 has one.
// https://openid.net/specs/fapi-security-profile-2_0-final.html#section-5.4.1
var fapi2Algs = []string{"PS256", "ES256", "EdDSA", "Ed25519"}

// idTokenAlgs is the one list that must name RS256, too: "The algorithm RS256 MUST
// be included." There one algorithm of the profile is enough.
// https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderMetadata
const idTokenAlgs = "id_token_signing_alg_values_supported"

// algLists are the members that list signature algorithms of JWTs.
func algLists(d document) []string {
	return d.names(func(name string) bool { return strings.HasSuffix(name, "_signing_alg_values_supported") })
}

func judgeAlgorithms(d document) finding {
	var wrong []string
	names := algLists(d)
	for _, name := range names {
		algs, p := d.list(name)
		if p == mistyped {
			return wrongType(name)
		}
		good, other := split(algs, fapi2Algs)
		other = slices.DeleteFunc(other, func(alg string) bool {
			return alg == "none" || name == idTokenAlgs && alg == "RS256"
		})
		switch {
		case len(other) > 0:
			wrong = append(wrong, plain(name)+" lists "+join(other))
		case len(good) == 0 && len(algs) > 0:
			wrong = append(wrong, plain(name)+" lists none of them")
		}
	}
	switch {
	case len(wrong) > 0:
		return failed(joinWith(wrong, "; "))
	case len(names) == 0:
		return cannotTell("no list of algorithms is there")
	}
	return passed("")
}

// "not use or accept the none algorithm"
func judgeNone(d document) finding {
	var with []string
	names := algLists(d)
	for _, name := range names {
		if algs, _ := d.list(name); slices.Contains(algs, "none") {
			with = append(with, name)
		}
	}
	switch {
	case len(with) > 0:
		return failed("none is listed by " + join(with))
	case len(names) == 0:
		return cannotTell("no list of algorithms is there")
	}
	return passed("")
}

// "shall only offer TLS protected endpoints"
func judgeResourceHTTPS(d document) finding {
	if url, _ := d.text("resource"); strings.HasPrefix(strings.ToLower(url), "http://") {
		return failed("plain http: resource")
	}
	return passed("")
}

const bearerMethods = "bearer_methods_supported"

// "shall accept access tokens in the HTTP header". "If this entry is omitted, no
// default bearer methods supported are implied, nor does its absence indicate that
// they are not supported." https://www.rfc-editor.org/rfc/rfc9728#section-2
func judgeHeader(d document) finding {
	methods, p := d.list(bearerMethods)
	switch {
	case p == mistyped:
		return wrongType(bearerMethods)
	case p == absent:
		return cannotTell(bearerMethods + " is not there")
	case !slices.Contains(methods, "header"):
		return failed(bearerMethods + " does not list header")
	}
	return passed("")
}

// "shall not accept access tokens in the query parameters stated in Section 2.3 of
// OAuth 2.0 Bearer Token Usage [RFC6750]"
func judgeQuery(d document) finding {
	if _, p := d.list(bearerMethods); p == absent {
		return cannotTell(bearerMethods + " is not there")
	}
	return without(d, bearerMethods, "query")
}
