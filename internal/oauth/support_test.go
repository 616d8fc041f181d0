package oauth

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// of reads one feature of a document.
func of(t *testing.T, list []Feature, id, document string) Support {
	t.Helper()
	for _, s := range SupportOf(json.RawMessage(document), list) {
		if s.ID == id {
			return s
		}
	}
	t.Fatalf("there is no feature %q", id)
	return Support{}
}

func TestWhatMetadataSays(t *testing.T) {
	for _, c := range []struct {
		id, document string
		supported    string
		values       string
		remark       string // part of one; "-": there is none
	}{
		{"dpop", `{}`, SupportNotSaid, "", "-"},
		{"dpop", `{"dpop_signing_alg_values_supported":null}`, SupportNotSaid, "", "-"},
		{"dpop", `{"dpop_signing_alg_values_supported":"ES256"}`, SupportNotSaid, "", "wrong type"},
		{"dpop", `{"dpop_signing_alg_values_supported":["ES256",7]}`, SupportNotSaid, "", "wrong type"},
		{"dpop", `{"dpop_signing_alg_values_supported":[]}`, SupportNo, "", "is empty"},
		{"dpop", `{"dpop_signing_alg_values_supported":["RS256","ES256"]}`, SupportYes, "RS256 ES256", "-"},
		{"dpop", `{"dpop_signing_alg_values_supported":["EdDSA","Ed25519"]}`, SupportYes, "EdDSA Ed25519", "-"},
		{"dpop", `{"dpop_signing_alg_values_supported":["EdDSA"]}`, SupportYes, "EdDSA", "must say EdDSA"},
		{"dpop", `{"dpop_signing_alg_values_supported":["Ed25519"]}`, SupportYes, "Ed25519", "must say Ed25519, not EdDSA"},
		{"dpop", `{"dpop_signing_alg_values_supported":["ES256","none","HS256"]}`, SupportYes, "ES256 none HS256", "none, HS256"},
		{"dpop", `{"dpop_signing_alg_values_supported":["ES256K"]}`, SupportYes, "ES256K", "has none of these"},
		{"dpop-nonce", `{"dpop_signing_alg_values_supported":["ES256"]}`, SupportNotSaid, "", "no metadata says it"},
		{"mtls-tokens", `{}`, SupportNo, "", "by default"},
		{"mtls-tokens", `{"tls_client_certificate_bound_access_tokens":false}`, SupportNo, "", "-"},
		{"mtls-tokens", `{"tls_client_certificate_bound_access_tokens":true}`, SupportYes, "", "-"},
		{"mtls-tokens", `{"tls_client_certificate_bound_access_tokens":"true"}`, SupportNotSaid, "", "wrong type"},
		{"client-authentication", `{}`, SupportYes, "client_secret_basic", "by default"},
		{"client-authentication", `{"token_endpoint_auth_methods_supported":["none"]}`, SupportYes, "none", "-"},
		{"assertion-algs", `{}`, SupportNotSaid, "", "-"},
		{"assertion-algs", `{"token_endpoint_auth_methods_supported":["private_key_jwt","none"]}`, SupportNotSaid, "", "because private_key_jwt is listed"},
		{"assertion-algs", `{"token_endpoint_auth_signing_alg_values_supported":["ES256"]}`, SupportYes, "ES256", "-"},
		{"par", `{}`, SupportNotSaid, "", "-"},
		{"par", `{"pushed_authorization_request_endpoint":"https://as.example/par"}`, SupportYes, "", "not required of every"},
		{"par", `{"pushed_authorization_request_endpoint":"https://as.example/par","require_pushed_authorization_requests":true}`, SupportYes, "", "required of every authorization"},
		{"par", `{"pushed_authorization_request_endpoint":"https://as.example/par","require_pushed_authorization_requests":"yes"}`, SupportYes, "", "wrong type"},
		{"par", `{"pushed_authorization_request_endpoint":"/par"}`, SupportYes, "", "is not a URL"},
		{"par", `{"pushed_authorization_request_endpoint":{}}`, SupportNotSaid, "", "wrong type"},
		{"jar", `{}`, SupportNotSaid, "", "-"},
		{"jar", `{"request_parameter_supported":false}`, SupportNo, "", "-"},
		{"jar", `{"request_parameter_supported":true}`, SupportYes, "", "not required of every"},
		{"jar", `{"request_parameter_supported":false,"request_object_signing_alg_values_supported":["PS256"]}`, SupportYes, "PS256", "not required of every"},
		{"jar", `{"require_signed_request_object":true}`, SupportYes, "", "required of every authorization"},
		{"rar", `{}`, SupportNotSaid, "", "-"},
		{"rar", `{"authorization_details_types_supported":["payment"]}`, SupportYes, "payment", "-"},
		{"grants", `{}`, SupportYes, "authorization_code implicit", "by default"},
		{"grants", `{"grant_types_supported":["client_credentials"]}`, SupportYes, "client_credentials", "-"},
		{"response-types", `{}`, SupportNotSaid, "", "-"},
		{"response-modes", `{}`, SupportNotSaid, "", "-"},
		{"response-modes", `{"authorization_endpoint":"https://as.example/auth"}`, SupportYes, "query fragment", "by default"},
		{"pkce", `{}`, SupportNo, "", "by default"},
		{"pkce", `{"code_challenge_methods_supported":["S256"]}`, SupportYes, "S256", "-"},
		{"pkce", `{"code_challenge_methods_supported":true}`, SupportNotSaid, "", "wrong type"},
		{"iss-parameter", `{}`, SupportNo, "", "by default"},
		{"iss-parameter", `{"authorization_response_iss_parameter_supported":true}`, SupportYes, "", "-"},
		{"introspection", `{}`, SupportNotSaid, "", "-"},
		{"introspection", `{"introspection_endpoint":"https://as.example/i","introspection_endpoint_auth_methods_supported":["private_key_jwt"]}`, SupportYes, "private_key_jwt", "-"},
		{"introspection", `{"introspection_endpoint":"https://as.example/i"}`, SupportYes, "", "-"},
		{"revocation", `{"revocation_endpoint":"https://as.example/r"}`, SupportYes, "client_secret_basic", "by default"},
		{"device", `{"device_authorization_endpoint":"https://as.example/d"}`, SupportYes, "", "-"},
		{"ciba", `{"backchannel_authentication_endpoint":"https://as.example/c","backchannel_token_delivery_modes_supported":["poll","ping"]}`, SupportYes, "poll ping", "-"},
		{"registration", `{"registration_endpoint":"https://as.example/reg"}`, SupportYes, "", "-"},
		{"registration", `{"issuer":"https://as.example","registration_endpoint":"http://as.example/reg"}`, SupportYes, "", "plain http"},
		{"protected-resources", `{"protected_resources":["https://api.example"]}`, SupportYes, "https://api.example", "-"},
	} {
		says(t, of(t, Features(), c.id, c.document), c.document, c.supported, c.values, c.remark)
	}
}

func says(t *testing.T, s Support, document, supported, values, remark string) {
	t.Helper()
	if s.Supported != supported || strings.Join(s.Values, " ") != values {
		t.Errorf("%s of %s: %+v, want %s %q", s.ID, document, s, supported, values)
	}
	has := slices.ContainsFunc(s.Remarks, func(r string) bool {
		return strings.Contains(r, remark) && strings.HasPrefix(r, "not ") == strings.HasPrefix(remark, "not ")
	})
	if remark == "-" && len(s.Remarks) > 0 || remark != "-" && !has {
		t.Errorf("%s of %s: remarks %q, want %q", s.ID, document, s.Remarks, remark)
	}
}

func TestWhatMetadataOfAResourceSays(t *testing.T) {
	for _, c := range []struct{ id, document, supported, values, remark string }{
		{"authorization-servers", `{"authorization_servers":["https://as.example"]}`, SupportYes, "https://as.example", "-"},
		{"authorization-servers", `{}`, SupportNotSaid, "", "-"},
		{"bearer-methods", `{}`, SupportNotSaid, "", "-"},
		{"bearer-methods", `{"bearer_methods_supported":[]}`, SupportNo, "", "empty"},
		{"bearer-methods", `{"bearer_methods_supported":["header","query"]}`, SupportYes, "header query", "-"},
		{"dpop", `{"dpop_signing_alg_values_supported":["ES256"]}`, SupportYes, "ES256", "-"},
		{"dpop-required", `{}`, SupportNo, "", "by default"},
		{"dpop-required", `{"dpop_bound_access_tokens_required":true}`, SupportYes, "", "-"},
		{"mtls-tokens", `{"tls_client_certificate_bound_access_tokens":true}`, SupportYes, "", "-"},
		{"rar", `{"authorization_details_types_supported":["payment"]}`, SupportYes, "payment", "-"},
		{"scopes", `{"scopes_supported":["a","b"]}`, SupportYes, "a b", "-"},
		{"signed-answers", `{"resource_signing_alg_values_supported":["PS256"]}`, SupportYes, "PS256", "-"},
	} {
		says(t, of(t, ResourceFeatures(), c.id, c.document), c.document, c.supported, c.values, c.remark)
	}
}

func TestAliasesEndpointByEndpoint(t *testing.T) {
	const base = `{"issuer":"https://as.example","token_endpoint":"https://as.example/token","introspection_endpoint":"https://as.example/i",
		"revocation_endpoint":"https://as.example/r","authorization_endpoint":"https://as.example/auth"`
	for _, c := range []struct {
		more, supported, values string
		remarks                 []string
	}{
		{``, SupportNo, "", nil},
		{`,"tls_client_certificate_bound_access_tokens":true`, SupportNo, "", []string{"the endpoints themselves must ask"}},
		{`,"token_endpoint_auth_methods_supported":["tls_client_auth"]`, SupportNo, "", []string{"the endpoints themselves must ask"}},
		{`,"mtls_endpoint_aliases":[]`, SupportNotSaid, "", []string{"wrong type"}},
		{`,"mtls_endpoint_aliases":{}`, SupportNo, "", nil},
		{
			`,"mtls_endpoint_aliases":{"token_endpoint":"https://m.as.example/token"}`, SupportYes, "token_endpoint",
			[]string{"no alias for introspection_endpoint, revocation_endpoint"},
		},
		{
			`,"mtls_endpoint_aliases":{"token_endpoint":"https://m.as.example/token","introspection_endpoint":"https://as.example/i","revocation_endpoint":"http://m.as.example/r",
			"authorization_endpoint":"https://m.as.example/auth","userinfo_endpoint":"https://m.as.example/me"}`, SupportYes, "introspection_endpoint token_endpoint userinfo_endpoint",
			[]string{"own URL: introspection_endpoint", "itself: userinfo_endpoint", "the alias of revocation_endpoint", "no meaning: authorization_endpoint"},
		},
		{`,"mtls_endpoint_aliases":{"token_endpoint":7}`, SupportYes, "", []string{"no alias for introspection_endpoint", "the alias of token_endpoint"}},
	} {
		s := of(t, Features(), "mtls-aliases", base+c.more+"}")
		if s.Supported != c.supported || strings.Join(s.Values, " ") != c.values || len(s.Remarks) != len(c.remarks) {
			t.Errorf("%s: %+v", c.more, s)
			continue
		}
		for i, want := range c.remarks {
			if !strings.Contains(s.Remarks[i], want) {
				t.Errorf("%s: %q, want %q", c.more, s.Remarks[i], want)
			}
		}
	}
}

func TestEndpointsWithTheirAliases(t *testing.T) {
	got := Endpoints(json.RawMessage(`{"token_endpoint":"https://as.example/t","authorization_endpoint":"https://as.example/a","x_endpoint":7,
		"mtls_endpoint_aliases":{"token_endpoint":"https://m.as.example/t"}}`))
	want := []EndpointURLs{
		{"authorization_endpoint", "https://as.example/a", ""},
		{"token_endpoint", "https://as.example/t", "https://m.as.example/t"},
	}
	if !slices.Equal(got, want) {
		t.Errorf("%+v", got)
	}
}

func TestFeaturesHaveIDsOfTheirOwn(t *testing.T) {
	for _, list := range [][]Feature{Features(), ResourceFeatures()} {
		ids := map[string]bool{}
		for _, f := range list {
			ids[f.ID] = true
			if f.Section == "" || f.Title == "" || f.read == nil {
				t.Errorf("%+v", f)
			}
		}
		if len(ids) != len(list) {
			t.Errorf("%d ids of %d features: %v", len(ids), len(list), slices.Sorted(maps.Keys(ids)))
		}
	}
}

// crowded is metadata at its bound that holds nothing but endpoints.
func crowded() []byte {
	var b strings.Builder
	b.WriteString(`{"issuer":"https://as.example","mtls_endpoint_aliases":{"x":""}`)
	for i := 0; b.Len() < 1<<20-40; i++ {
		b.WriteString(`,"` + strings.Repeat("a", i%7) + strconv.Itoa(i) + `_endpoint":""`)
	}
	return []byte(b.String() + "}")
}

// A document with tens of thousands of members is read in no time that grows with
// their square: here that would be minutes, and the test would not end.
func TestManyMembersAreReadAllTheSame(t *testing.T) {
	raw := crowded()
	if m, _, why := parseMetadata(raw); m == nil {
		t.Fatal(why)
	}
	for range 5 {
		verdict, _ := CheckClauses(raw, fapi2().Server)
		s := of(t, Features(), "mtls-aliases", string(raw))
		if verdict != ClauseFailed || len(s.Remarks) != 2 || len(s.Remarks[0]) > 1000 || len(Endpoints(raw)) < 30_000 {
			t.Errorf("%s, %d remarks, %d endpoints", verdict, len(s.Remarks), len(Endpoints(raw)))
		}
	}
}

func FuzzSupport(f *testing.F) {
	for _, seed := range []string{`{}`, `{"mtls_endpoint_aliases":{"token_endpoint":7}}`, `{"dpop_signing_alg_values_supported":["ES256"]}`, `[]`, `{"issuer":"http://a","x_endpoint":"http://b"}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		for _, s := range append(SupportOf(raw, Features()), SupportOf(raw, ResourceFeatures())...) {
			if s.ID == "" || !slices.Contains([]string{SupportYes, SupportNo, SupportNotSaid}, s.Supported) {
				t.Errorf("%+v", s)
			}
		}
		for _, clauses := range [][]Clause{fapi2().Server, fapi2().Resource} {
			verdict, results := CheckClauses(raw, clauses)
			failed := slices.ContainsFunc(results, func(r ClauseResult) bool { return r.Status == ClauseFailed })
			if (verdict == ClauseFailed) != failed || len(results) != len(clauses) {
				t.Errorf("%s, %+v", verdict, results)
			}
		}
	})
}
