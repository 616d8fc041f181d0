package oauth

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
)

// conformant is metadata of a server that keeps to the profile, as far as metadata
// shows it.
func conformant() map[string]any {
	return map[string]any{
		"issuer": "https://as.example", "jwks_uri": "https://as.example/jwks",
		"authorization_endpoint": "https://as.example/auth", "token_endpoint": "https://as.example/token",
		"pushed_authorization_request_endpoint": "https://as.example/par", "require_pushed_authorization_requests": true,
		"grant_types_supported": []string{"authorization_code", "refresh_token", "client_credentials"}, "response_types_supported": []string{"code"},
		"code_challenge_methods_supported": []string{"S256"}, "authorization_response_iss_parameter_supported": true,
		"token_endpoint_auth_methods_supported":            []string{"private_key_jwt", "tls_client_auth", "self_signed_tls_client_auth"},
		"token_endpoint_auth_signing_alg_values_supported": []string{"PS256", "ES256", "EdDSA", "Ed25519"},
		"dpop_signing_alg_values_supported":                []string{"ES256"}, "tls_client_certificate_bound_access_tokens": true,
		"id_token_signing_alg_values_supported": []string{"RS256", "PS256"},
		"mtls_endpoint_aliases":                 map[string]string{"token_endpoint": "https://m.as.example/token"},
	}
}

func conformantResource() map[string]any {
	return map[string]any{
		"resource": "https://api.example", "bearer_methods_supported": []string{"header"}, "dpop_signing_alg_values_supported": []string{"ES256"},
	}
}

type change struct {
	clause, status string
	found          string // part of it
	set            map[string]any
	drop           string
}

// judge judges changed metadata, and says what became of each clause.
func judge(t *testing.T, metadata map[string]any, c change, clauses []Clause) (verdict string, results map[string]ClauseResult) {
	t.Helper()
	maps.Copy(metadata, c.set)
	delete(metadata, c.drop)
	raw, err := json.Marshal(metadata)
	if err != nil {
		t.Fatal(err)
	}
	verdict, list := CheckClauses(raw, clauses)
	results = map[string]ClauseResult{}
	for _, r := range list {
		results[r.ID] = r
	}
	return verdict, results
}

func TestConformantMetadataPassesEveryClause(t *testing.T) {
	for _, c := range []struct {
		metadata map[string]any
		clauses  []Clause
	}{{conformant(), fapi2().Server}, {conformantResource(), fapi2().Resource}} {
		verdict, results := judge(t, c.metadata, change{}, c.clauses)
		if verdict != ClausePassed || len(results) != len(c.clauses) {
			t.Errorf("%s, %d of %d clauses", verdict, len(results), len(c.clauses))
		}
		for _, r := range results {
			if r.Status != ClausePassed {
				t.Errorf("%+v", r)
			}
		}
	}
}

func list(values ...string) []string { return values }

func serverChanges() []change {
	return []change{
		{"https", ClauseFailed, "plain http: revocation_endpoint", map[string]any{"revocation_endpoint": "http://as.example/r"}, ""},
		{"https", ClauseFailed, "mtls_endpoint_aliases.token_endpoint", map[string]any{"mtls_endpoint_aliases": map[string]string{"token_endpoint": "HTTP://m"}}, ""},
		{"https", ClauseFailed, "issuer, jwks_uri", map[string]any{"issuer": "http://as", "jwks_uri": "http://as/j"}, ""},
		{"metadata", ClauseFailed, "no token_endpoint", nil, "token_endpoint"},
		{"no-password", ClauseFailed, "lists password", map[string]any{"grant_types_supported": list("authorization_code", "password")}, ""},
		{"no-password", ClausePassed, "", nil, "grant_types_supported"},
		{"no-password", ClauseCannotTell, "wrong type", map[string]any{"grant_types_supported": "password"}, ""},
		{"confidential", ClauseFailed, "lists none", map[string]any{"token_endpoint_auth_methods_supported": list("none", "private_key_jwt")}, ""},
		{"sender-constrained", ClausePassed, "by mutual TLS", nil, "dpop_signing_alg_values_supported"},
		{"sender-constrained", ClausePassed, "by DPoP", nil, "tls_client_certificate_bound_access_tokens"},
		{"sender-constrained", ClauseFailed, "neither", map[string]any{"tls_client_certificate_bound_access_tokens": false}, "dpop_signing_alg_values_supported"},
		{"sender-constrained", ClauseCannotTell, "wrong type", map[string]any{"tls_client_certificate_bound_access_tokens": "true"}, "dpop_signing_alg_values_supported"},
		{"client-authentication", ClauseFailed, "lists client_secret_post", map[string]any{"token_endpoint_auth_methods_supported": list("private_key_jwt", "client_secret_post")}, ""},
		{"client-authentication", ClauseFailed, "none of them", map[string]any{"token_endpoint_auth_methods_supported": list("client_secret_basic")}, ""},
		{"client-authentication", ClauseFailed, "client_secret_basic", nil, "token_endpoint_auth_methods_supported"},
		{"client-authentication", ClausePassed, "tls_client_auth", map[string]any{"token_endpoint_auth_methods_supported": list("tls_client_auth")}, ""},
		{"client-authentication", ClauseCannotTell, "wrong type", map[string]any{"token_endpoint_auth_methods_supported": 7}, ""},
		{"response-type", ClauseFailed, "lists code id_token", map[string]any{"response_types_supported": list("code", "code id_token")}, ""},
		{"response-type", ClauseFailed, "does not list code", map[string]any{"response_types_supported": []string{}}, ""},
		{"response-type", ClauseFailed, "lists implicit", map[string]any{"grant_types_supported": list("authorization_code", "implicit")}, ""},
		{"response-type", ClausePassed, "", nil, "grant_types_supported"}, // though its default has implicit
		{"response-type", ClauseCannotTell, "not there", nil, "response_types_supported"},
		{"par", ClauseFailed, "there is no pushed", nil, "pushed_authorization_request_endpoint"},
		{"par-required", ClauseFailed, "means false", nil, "require_pushed_authorization_requests"},
		{"par-required", ClauseFailed, "is false", map[string]any{"require_pushed_authorization_requests": false}, ""},
		{"par-required", ClauseCannotTell, "wrong type", map[string]any{"require_pushed_authorization_requests": "true"}, ""},
		{"pkce", ClauseFailed, "no PKCE", nil, "code_challenge_methods_supported"},
		{"pkce", ClauseFailed, "does not list S256", map[string]any{"code_challenge_methods_supported": list("plain")}, ""},
		{"pkce", ClauseFailed, "lists plain", map[string]any{"code_challenge_methods_supported": list("S256", "plain")}, ""},
		{"iss-parameter", ClauseFailed, "means false", nil, "authorization_response_iss_parameter_supported"},
		{"algorithms", ClauseFailed, "dpop_signing_alg_values_supported lists RS256", map[string]any{"dpop_signing_alg_values_supported": list("ES256", "RS256")}, ""},
		{"algorithms", ClauseFailed, "lists HS256", map[string]any{"token_endpoint_auth_signing_alg_values_supported": list("PS256", "HS256")}, ""},
		{"algorithms", ClauseFailed, "id_token_signing_alg_values_supported lists none of them", map[string]any{"id_token_signing_alg_values_supported": list("RS256")}, ""},
		{"algorithms", ClauseFailed, "lists ES384", map[string]any{"id_token_signing_alg_values_supported": list("RS256", "ES256", "ES384")}, ""},
		{"algorithms", ClauseCannotTell, "wrong type", map[string]any{"request_object_signing_alg_values_supported": "PS256"}, ""},
		{"no-none", ClauseFailed, "id_token_signing_alg_values_supported", map[string]any{"id_token_signing_alg_values_supported": list("PS256", "none")}, ""},
	}
}

func resourceChanges() []change {
	return []change{
		{"https", ClauseFailed, "resource", map[string]any{"resource": "http://api.example"}, ""},
		{"header", ClauseFailed, "does not list header", map[string]any{"bearer_methods_supported": list("body")}, ""},
		{"no-query", ClauseFailed, "lists query", map[string]any{"bearer_methods_supported": list("header", "query")}, ""},
		{"sender-constrained", ClauseFailed, "neither", nil, "dpop_signing_alg_values_supported"},
		{"algorithms", ClauseFailed, "lists RS256", map[string]any{"dpop_signing_alg_values_supported": list("ES256", "RS256")}, ""},
		{"no-none", ClauseFailed, "dpop", map[string]any{"dpop_signing_alg_values_supported": list("ES256", "none")}, ""},
	}
}

// Each change is seen by its own clause, and by no other: the others pass.
func TestEachClauseSeesItsOwn(t *testing.T) {
	for _, side := range []struct {
		metadata func() map[string]any
		changes  []change
		clauses  []Clause
	}{{conformant, serverChanges(), fapi2().Server}, {conformantResource, resourceChanges(), fapi2().Resource}} {
		failing := map[string]bool{}
		for _, c := range side.changes {
			verdict, results := judge(t, side.metadata(), c, side.clauses)
			if r := results[c.clause]; r.Status != c.status || !strings.Contains(r.Found, c.found) {
				t.Errorf("%+v gives %+v", c, r)
			}
			failing[c.clause] = failing[c.clause] || c.status == ClauseFailed
			delete(results, c.clause)
			for _, r := range results {
				if r.Status == ClauseFailed {
					t.Errorf("%+v: and %s, too: %s", c, r.ID, r.Found)
				}
			}
			if (verdict == ClauseFailed) != (c.status == ClauseFailed) {
				t.Errorf("%+v: verdict %s", c, verdict)
			}
		}
		for _, clause := range side.clauses {
			if !failing[clause.ID] {
				t.Errorf("no metadata fails %s", clause.ID)
			}
		}
	}
}

// Without an authorization endpoint its flows have no clause to keep.
func TestFlowsThatAreNotThereAreNotJudged(t *testing.T) {
	verdict, results := judge(t, conformant(), change{drop: "authorization_endpoint"}, fapi2().Server)
	var open []string
	for _, r := range results {
		if r.Status == ClauseNotApplicable {
			open = append(open, r.ID)
		}
	}
	slices.Sort(open)
	if verdict != ClausePassed || !slices.Equal(open, []string{"iss-parameter", "par", "par-required", "pkce", "response-type"}) {
		t.Errorf("%s, %q", verdict, open)
	}
}

func TestVerdictIsTheWorst(t *testing.T) {
	for want, document := range map[string]string{
		ClauseCannotTell: `{"resource":"https://a","dpop_signing_alg_values_supported":["ES256"]}`,
		ClauseFailed:     `{"resource":"http://a","dpop_signing_alg_values_supported":["ES256"]}`,
		ClausePassed:     `{"resource":"https://a","dpop_signing_alg_values_supported":["ES256"],"bearer_methods_supported":["header"]}`,
	} {
		if verdict, results := CheckClauses(json.RawMessage(document), fapi2().Resource); verdict != want {
			t.Errorf("%s: %s, want %s: %+v", document, verdict, want, results)
		}
	}
}

func TestProfilesAreKnownByName(t *testing.T) {
	if p, ok := ProfileOf("fapi2"); !ok || p.ID != "fapi2" || !slices.Equal(ProfileNames(), []string{"fapi2"}) {
		t.Errorf("%q, %v, %q", p.ID, ok, ProfileNames())
	}
	if _, ok := ProfileOf("fapi1"); ok {
		t.Error("fapi1 is known")
	}
}
