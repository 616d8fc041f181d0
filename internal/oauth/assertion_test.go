package oauth

import (
	"encoding/json"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/oauthpop/oauthpop/internal/jwt"
	"github.com/oauthpop/oauthpop/internal/wire"
)

// The secret itself, as UTF-8, authenticates the assertion, and does not stand in it.
func TestAssertionByTheSecret(t *testing.T) {
	const secret = "sixty-four bytes, with an ü and a % and a line that goes on and on"
	for alg, want := range map[string]jose.SignatureAlgorithm{"": jose.HS256, "HS256": jose.HS256, "HS384": jose.HS384, "HS512": jose.HS512} {
		c := Client{ID: "app", Method: wire.AuthSecretJWT, Secret: secret, Issuer: "https://as.example", Now: time.Now, Assertion: &AssertionKey{Alg: alg}}
		form := url.Values{}
		if err := c.authenticate(nil, form, "https://as.example/token"); err != nil {
			t.Fatal(err)
		}
		jws, err := jose.ParseSignedCompact(form.Get("client_assertion"), []jose.SignatureAlgorithm{want})
		if err != nil {
			t.Fatal(alg, err)
		}
		payload, err := jws.Verify([]byte(secret))
		if err != nil {
			t.Fatal(alg, err)
		}
		var claims struct{ Iss, Sub, Aud string }
		if err := json.Unmarshal(payload, &claims); err != nil || claims.Iss != "app" || claims.Sub != "app" || claims.Aud != "https://as.example" {
			t.Errorf("claims %+v, %v", claims, err)
		}
		if _, there := form["client_secret"]; there || form.Get("client_assertion_type") != assertionType {
			t.Errorf("the form is %v", form)
		}
	}
}

func TestAssertionByAShortSecretIsNotMade(t *testing.T) {
	c := Client{ID: "app", Method: wire.AuthSecretJWT, Secret: "too short", Now: time.Now}
	err := c.authenticate(nil, url.Values{}, "")
	wantError[*jwt.AlgorithmError](t, err, "32 are needed")
}

func TestAlgorithmsOfAssertions(t *testing.T) {
	for _, tt := range []struct {
		raw, endpoint string
		want          []string
	}{
		{`{}`, TokenEndpoint, nil},
		{`{"token_endpoint_auth_signing_alg_values_supported":["RS256"]}`, TokenEndpoint, []string{"RS256"}},
		{`{"token_endpoint_auth_signing_alg_values_supported":"RS256"}`, TokenEndpoint, nil},
		{`{"token_endpoint_auth_signing_alg_values_supported":["RS256"]}`, IntrospectionEndpoint, []string{"RS256"}},
		{`{"token_endpoint_auth_signing_alg_values_supported":["RS256"],"revocation_endpoint_auth_signing_alg_values_supported":["PS256"]}`, RevocationEndpoint, []string{"PS256"}},
	} {
		if got := AuthAlgs(&wire.Metadata{Raw: json.RawMessage(tt.raw)}, tt.endpoint); !slices.Equal(got, tt.want) {
			t.Errorf("%s at the %s: %v", tt.raw, tt.endpoint, got)
		}
	}
}
