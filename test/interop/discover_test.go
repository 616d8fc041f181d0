//go:build interop

package interop

import (
	"slices"
	"strings"
	"testing"
)

// discovered is the part of `discover -o json` that is looked at.
type discovered struct {
	Issuer, Resource string
	TokenEndpoint    string            `json:"token_endpoint"`
	Aliases          map[string]string `json:"mtls_endpoint_aliases"`
	Support          []struct {
		ID, Supported   string
		Values, Remarks []string
	}
	Check struct {
		Verdict string
		Clauses []struct{ ID, Status, Found string }
	}
	Error struct{ Code int }
}

// says is what the metadata says of a feature: yes, no or not-said, with its values.
func (d discovered) says(id string) string {
	for _, s := range d.Support {
		if s.ID == id {
			return strings.Join(append([]string{s.Supported}, s.Values...), " ")
		}
	}
	return "no such feature"
}

func discoverArgs(more ...string) []string {
	return append([]string{"discover", "--cacert", at.cacert, "-o", "json"}, more...)
}

// What is told of oidc-provider is what it was configured to do.
func TestDiscoverOfACertifiedServer(t *testing.T) {
	mtls := map[string]string{at.plain: at.plainMTLS, at.nonce: at.nonceMTLS}
	for _, as := range issuers() {
		for _, given := range []string{as.url, as.url + "/", as.url + "/.well-known/openid-configuration"} {
			d := decode[discovered](t, want(t, 0, discoverArgs(given)...))
			if d.Issuer != as.url || d.TokenEndpoint != as.url+"/token" || d.Aliases["token_endpoint"] != mtls[as.url]+"/token" {
				t.Errorf("%s: %+v", given, d)
			}
			for id, says := range map[string]string{
				"dpop": "yes ES256 ES384 ES512 RS256 PS256 Ed25519 EdDSA", "dpop-nonce": "not-said", "mtls-tokens": "yes", "par": "yes",
				"rar": "yes payment_initiation", "pkce": "yes S256", "iss-parameter": "yes", "introspection": "yes", "revocation": "yes client_secret_basic", "device": "yes",
				"ciba": "not-said", "registration": "not-said", "response-types": "yes code",
				"client-authentication": "yes none client_secret_basic client_secret_post client_secret_jwt private_key_jwt tls_client_auth self_signed_tls_client_auth",
				"mtls-aliases":          "yes device_authorization_endpoint introspection_endpoint pushed_authorization_request_endpoint revocation_endpoint token_endpoint userinfo_endpoint",
			} {
				if got := d.says(id); got != says {
					t.Errorf("%s: %s is %q, want %q", given, id, got, says)
				}
			}
		}
	}
}

// The server is configured for others, too, which the profile does not have.
func TestDiscoverChecksACertifiedServerByFAPI2(t *testing.T) {
	failed := []string{"algorithms", "client-authentication", "confidential", "par-required"}
	for _, as := range issuers() {
		d := decode[discovered](t, want(t, 3, discoverArgs(as.url, "--check", "fapi2")...))
		var got []string
		for _, c := range d.Check.Clauses {
			if c.Status != "passed" {
				got = append(got, c.ID)
			}
		}
		slices.Sort(got)
		if d.Check.Verdict != "failed" || d.Error.Code != 3 || d.Issuer != as.url || !slices.Equal(got, failed) {
			t.Errorf("%s: %+v\nnot passed: %q", as.name, d.Check, got)
		}
		text := want(t, 3, "discover", as.url, "--cacert", at.cacert, "--check", "fapi2")
		if !strings.Contains(text.stdout, "\npassed  iss-parameter ") || !strings.Contains(text.stderr, "par-required") {
			t.Error(text)
		}
	}
}

func TestDiscoverOfAProtectedResource(t *testing.T) {
	d := decode[discovered](t, want(t, 0, discoverArgs("--protected-resource", at.resource)...))
	servers := strings.Join([]string{"yes", at.plain, at.nonce}, " ")
	if d.Resource != at.resource+"/" || d.says("authorization-servers") != servers || d.says("dpop") != "yes ES256 RS256 PS256 EdDSA" || d.says("mtls-tokens") != "yes" {
		t.Errorf("%+v", d)
	}
	want(t, 3, discoverArgs("--protected-resource", at.resource, "--check", "fapi2")...) // it takes RS256
	want(t, 4, discoverArgs("--protected-resource", at.plain)...)                        // an issuer is none
	want(t, 4, discoverArgs(at.resource)...)
}
