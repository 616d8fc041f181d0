package oauth

import (
	"slices"
	"strings"

	"github.com/oauthpop/oauthpop/internal/wire"
)

// fapi2 is the FAPI 2.0 Security Profile, Final, of 22 February 2025. Each clause is
// on the server as its metadata describes it: one that serves others beside the
// clients of the profile, and lists what it has for them, fails here.
// https://openid.net/specs/fapi-security-profile-2_0-final.html
func fapi2() Profile {
	return Profile{
		ID: "fapi2", Title: "FAPI 2.0 Security Profile", Link: "https://openid.net/specs/fapi-security-profile-2_0-final.html",
		Server: []Clause{
			{"https", "5.2.1 item 1", "only TLS protected endpoints", judgeHTTPS},
			{"metadata", "5.3.2.1 item 1", "metadata with the endpoints is published", judgeMetadata},
			{"no-password", "5.3.2.1 item 2", "no resource owner password credentials grant", judgePassword},
			{"confidential", "5.3.2.1 item 3", "confidential clients only", judgeConfidential},
			{"sender-constrained", "5.3.2.1 items 4, 5", "access tokens are bound, by mutual TLS or DPoP", judgeConstrained},
			{"client-authentication", "5.3.2.1 item 6", "clients authenticate by mutual TLS or private_key_jwt only", judgeAuthentication},
			{"response-type", "5.3.2.2 item 1", "response_type is code, and nothing else", inFlows(judgeResponseType)},
			{"par", "5.3.2.2 item 2", "pushed authorization requests are supported", inFlows(judgePAR)},
			{"par-required", "5.3.2.2 item 3", "authorization requests that are not pushed are rejected", inFlows(judgePARRequired)},
			{"pkce", "5.3.2.2 item 5", "PKCE with S256", inFlows(judgePKCE)},
			{"iss-parameter", "5.3.2.2 item 7", "iss in the authorization response", inFlows(judgeISS)},
			{"algorithms", "5.4.1 item 1", "JWTs are signed with PS256, ES256 or EdDSA by Ed25519", judgeAlgorithms},
			{"no-none", "5.4.1 item 1", "no JWT is unsigned", judgeNone},
		},
		Resource: []Clause{
			{"https", "5.2.1 item 1", "only TLS protected endpoints", judgeResourceHTTPS},
			{"header", "5.3.4 item 1", "tokens are taken in the HTTP header", judgeHeader},
			{"no-query", "5.3.4 item 2", "tokens are not taken in the query", judgeQuery},
			{"sender-constrained", "5.3.4 item 5", "bound tokens are verified, by mutual TLS or DPoP", judgeConstrained},
			{"algorithms", "5.4.1 item 1", "JWTs are signed with PS256, ES256 or EdDSA by Ed25519", judgeAlgorithms},
			{"no-none", "5.4.1 item 1", "no JWT is unsigned", judgeNone},
		},
	}
}

// inFlows leaves out what is only "For flows that use the authorization endpoint".
// https://openid.net/specs/fapi-security-profile-2_0-final.html#section-5.3.2.2
func inFlows(judge func(document) finding) func(document) finding {
	return func(d document) finding {
		if _, p := d.text("authorization_endpoint"); p == absent {
			return finding{ClauseNotApplicable, "there is no authorization_endpoint"}
		}
		return judge(d)
	}
}

// "shall only offer TLS protected endpoints"
func judgeHTTPS(d document) finding {
	var plainHTTP []string
	add := func(name, url string) {
		if strings.HasPrefix(strings.ToLower(url), "http://") {
			plainHTTP = append(plainHTTP, name)
		}
	}
	for name := range d {
		if strings.HasSuffix(name, "_endpoint") || name == "issuer" || name == "jwks_uri" {
			url, _ := d.text(name)
			add(name, url)
		}
	}
	aliases, _ := d.aliases()
	for name, url := range aliases {
		add("mtls_endpoint_aliases."+name, url)
	}
	if len(plainHTTP) > 0 {
		slices.Sort(plainHTTP)
		return failed("plain http: " + join(plainHTTP))
	}
	return passed("")
}

// "shall distribute discovery metadata (such as the authorization endpoint) via the
// metadata document as specified in [OIDD] and [RFC8414]"
func judgeMetadata(d document) finding {
	if url, _ := d.text("token_endpoint"); url == "" {
		return failed("there is no token_endpoint")
	}
	return passed("")
}

// "shall reject requests using the resource owner password credentials grant"
func judgePassword(d document) finding {
	return without(d, grantTypes, "password")
}

// "shall only support confidential clients as defined in [RFC6749]"
func judgeConfidential(d document) finding {
	return without(d, authMethods, wire.AuthNone)
}

// without passes a list that lacks a value. Neither value is in the default of its
// list.
func without(d document, member, value string) finding {
	list, p := d.list(member)
	switch {
	case p == mistyped:
		return wrongType(member)
	case slices.Contains(list, value):
		return failed(member + " lists " + value)
	}
	return passed("")
}

// "shall only issue sender-constrained access tokens", by "MTLS as described in
// [RFC8705]" or "DPoP as described in [RFC9449]"
func judgeConstrained(d document) finding {
	algs, p := d.list(dpopAlgs)
	bound, p2 := d.flag(mtlsBound)
	const open = "; whether every token is can't be told"
	switch {
	case len(algs) > 0 && bound:
		return passed("by both" + open)
	case len(algs) > 0:
		return passed("by DPoP" + open)
	case bound:
		return passed("by mutual TLS" + open)
	case p == mistyped:
		return wrongType(dpopAlgs)
	case p2 == mistyped:
		return wrongType(mtlsBound)
	}
	return failed("neither " + dpopAlgs + " nor " + mtlsBound)
}

// "shall authenticate clients using one of the following methods: MTLS as specified
// in Section 2 of [RFC8705], or private_key_jwt". Public clients are the matter of
// another clause.
func judgeAuthentication(d document) finding {
	methods, p := d.list(authMethods)
	if p == mistyped {
		return wrongType(authMethods)
	}
	if p == absent {
		return failed(authMethods + " is not there, which means " + wire.AuthBasic)
	}
	good, other := split(methods, []string{wire.AuthPrivateKey, wire.AuthTLS, wire.AuthTLSSelfSigned})
	other = slices.DeleteFunc(other, func(m string) bool { return m == wire.AuthNone })
	switch {
	case len(good) == 0:
		return failed("none of them is listed")
	case len(other) > 0:
		return failed(authMethods + " lists " + join(other))
	}
	return passed(join(good))
}

// "shall require the value of response_type described in [RFC6749] to be code"
func judgeResponseType(d document) finding {
	types, p := d.list(responses)
	grants, _ := d.list(grantTypes)
	_, other := split(types, []string{"code"})
	switch {
	case p == mistyped:
		return wrongType(responses)
	case p == absent:
		return cannotTell(responses + " is not there")
	case len(other) > 0:
		return failed(responses + " lists " + join(other))
	case len(types) == 0:
		return failed(responses + " does not list code")
	case slices.Contains(grants, "implicit"):
		return failed(grantTypes + " lists implicit")
	}
	return passed("")
}

// "shall support client-authenticated pushed authorization requests according to
// [RFC9126]"
func judgePAR(d document) finding {
	if url, _ := d.text(parEndpoint); url == "" {
		return failed("there is no " + parEndpoint)
	}
	return passed("")
}

// "shall reject authorization requests sent without [RFC9126]"
func judgePARRequired(d document) finding { return isTrue(d, parRequired) }

// "shall return an iss parameter in the authorization response according to
// [RFC9207]"
func judgeISS(d document) finding { return isTrue(d, issReturned) }

// isTrue passes a boolean that is true. Silence is false by the RFC of either.
func isTrue(d document, member string) finding {
	set, p := d.flag(member)
	switch {
	case p == mistyped:
		return wrongType(member)
	case set:
		return passed("")
	case p == absent:
		return failed(member + " is not there, which means false")
	}
	return failed(member + " is false")
}

// "shall require PKCE [RFC7636] with S256 as the code challenge method"
func judgePKCE(d document) finding {
	methods, p := d.list(pkceMethods)
	_, other := split(methods, []string{"S256"})
	switch {
	case p == mistyped:
		return wrongType(pkceMethods)
	case p == absent:
		return failed(pkceMethods + " is not there, which means no PKCE")
	case !slices.Contains(methods, "S256"):
		return failed(pkceMethods + " does not list S256")
	case len(other) > 0:
		return failed(pkceMethods + " lists " + join(other))
	}
	return passed("whether it is required can't be told")
}

// split divides a list into the values that are wanted and the others.
func split(list, wanted []string) (good, other []string) {
	for _, v := range list {
		if slices.Contains(wanted, v) {
			good = append(good, v)
		} else {
			other = append(other, v)
		}
	}
	return good, other
}
