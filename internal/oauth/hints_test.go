package oauth

import (
	"testing"

	"github.com/oauthpop/oauthpop/internal/wire"
)

func TestEachErrorCodeHasAHintOfItsOwn(t *testing.T) {
	seen := map[string]string{}
	for _, e := range []*Error{
		{Code: wire.ErrInvalidClient},
		{Code: wire.ErrUnauthorizedClient},
		{Code: wire.ErrInvalidGrant},
		{Code: wire.ErrInvalidScope},
		{Code: wire.ErrInvalidTarget},
		{Code: wire.ErrInvalidDetails},
		{Code: wire.ErrUnsupportedTokenType},
		{Code: wire.ErrInvalidRequest},
		{Code: wire.ErrInvalidDPoPProof},
		{Code: "server_error", Status: 500},
		{Code: "our_own", Status: 400},
	} {
		hint := e.HintText()
		if other, twice := seen[hint]; hint == "" || twice {
			t.Errorf("%s has the hint %q, as %s", e.Code, hint, other)
		}
		seen[hint] = e.Code
	}
	for _, e := range []*Error{{Code: "x", RetryAfter: "5"}, {Code: "x", Status: 429}, {Code: "x", Status: 503}} {
		if seen[e.HintText()] != "server_error" {
			t.Errorf("%+v: %q", e, e.HintText())
		}
	}
}

// What an issuer need not have is no fault of its metadata.
func TestAMissingEndpointHasAHintOfItsKind(t *testing.T) {
	needed := (&EndpointError{Name: TokenEndpoint}).HintText()
	for _, name := range []string{"revocation_endpoint", "introspection_endpoint", "mtls_endpoint_aliases.revocation_endpoint"} {
		if got := (&EndpointError{Name: name}).HintText(); got == needed {
			t.Errorf("%s: %q", name, got)
		}
	}
}
