package oauth

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/oauthpop/oauthpop/internal/bounds"
	"github.com/oauthpop/oauthpop/internal/transport"
	"github.com/oauthpop/oauthpop/internal/wire"
)

func TestPlacesOfMetadata(t *testing.T) {
	for issuer, want := range map[string][]string{
		"https://as.example": {
			"https://as.example/.well-known/openid-configuration",
			"https://as.example/.well-known/oauth-authorization-server",
		},
		"https://as.example/": {
			"https://as.example/.well-known/openid-configuration",
			"https://as.example/.well-known/oauth-authorization-server",
		},
		"https://as.example:8443/a/b%2Fc/": {
			"https://as.example:8443/a/b%2Fc/.well-known/openid-configuration",
			"https://as.example:8443/.well-known/oauth-authorization-server/a/b%2Fc",
			"https://as.example:8443/.well-known/openid-configuration/a/b%2Fc",
			"https://as.example:8443/a/b%2Fc/.well-known/oauth-authorization-server",
		},
	} {
		u, err := url.Parse(issuer)
		if err != nil {
			t.Fatal(err)
		}
		if got := places(u); !slices.Equal(got, want) {
			t.Errorf("places of %q\n got %q\nwant %q", issuer, got, want)
		}
	}
}

func TestIssuerIsCutFromTheURLOfItsMetadata(t *testing.T) {
	for given, want := range map[string]string{
		"https://as.example":                                            "https://as.example",
		"https://as.example/":                                           "https://as.example/",
		"https://as.example/a/":                                         "https://as.example/a/",
		"https://as.example/.well-known/openid-configuration":           "https://as.example",
		"https://as.example/a/.well-known/openid-configuration":         "https://as.example/a",
		"https://as.example/.well-known/oauth-authorization-server/a/b": "https://as.example/a/b",
		"https://as.example/a/.well-known/oauth-authorization-server":   "https://as.example/a",
		"http://localhost:8080":                                         "http://localhost:8080",
	} {
		got, u, err := cutIssuer(given)
		if err != nil || got != want || u.String() != want {
			t.Errorf("%q gives %q (%v), %v, want %q", given, got, u, err, want)
		}
	}
}

func TestWhatIsNoIssuerIsAnInputError(t *testing.T) {
	s := serve(t, func(http.ResponseWriter, *http.Request, string) {})
	for given, why := range map[string]string{
		"as.example":                 "https://",
		"ftp://as.example":           "https://",
		"https://":                   "host",
		"https://user:hush@as":       "user name",
		"https://as.example/?tenant": "query",
		"https://as.example/#x":      "fragment",
		"https://as.example?":        "query",
		"https://as example":         "not a URL",
	} {
		_, _, err := Discover(t.Context(), s.transport(t), given)
		wantError[*InputError](t, err, why)
	}
	_, _, err := Discover(t.Context(), s.transport(t), "http://as.example")
	wantError[*transport.PlainHTTPError](t, err)
	if len(s.requests) > 0 {
		t.Error("something was sent")
	}
}

const page = "<!doctype html><title>App</title>"

// Each tenant has its metadata in one place; everywhere else the host answers in
// its own way.
func TestNoAnswerInOnePlaceHidesTheNext(t *testing.T) {
	elsewhere := map[string]func(http.ResponseWriter){
		"page":      func(w http.ResponseWriter) { _, _ = io.WriteString(w, page) },
		"401":       func(w http.ResponseWriter) { w.WriteHeader(401); _, _ = io.WriteString(w, `{"error":"unauthorized"}`) },
		"403":       func(w http.ResponseWriter) { w.WriteHeader(403); _, _ = io.WriteString(w, page) },
		"404":       func(w http.ResponseWriter) { w.WriteHeader(404) },
		"500":       func(w http.ResponseWriter) { w.WriteHeader(500) },
		"redirect":  func(w http.ResponseWriter) { w.Header().Set("Location", "/login"); w.WriteHeader(302) },
		"json":      func(w http.ResponseWriter) { _, _ = io.WriteString(w, `{"error":"no such thing"}`) },
		"array":     func(w http.ResponseWriter) { _, _ = io.WriteString(w, `[]`) },
		"empty":     func(http.ResponseWriter) {},
		"204":       func(w http.ResponseWriter) { w.WriteHeader(204) },
		"twice":     func(w http.ResponseWriter) { _, _ = io.WriteString(w, `{"issuer":"https://a","issuer":"https://b"}`) },
		"too large": func(w http.ResponseWriter) { _, _ = w.Write(make([]byte, bounds.Metadata+1)) },
		"foreign":   func(w http.ResponseWriter) { _, _ = io.WriteString(w, `{"issuer":"https://other.example"}`) },
	}
	for name, other := range elsewhere {
		for _, place := range []string{
			"/t/.well-known/openid-configuration", "/.well-known/oauth-authorization-server/t",
			"/.well-known/openid-configuration/t", "/t/.well-known/oauth-authorization-server",
		} {
			t.Run(name+" "+place, func(t *testing.T) {
				s := serve(t, func(w http.ResponseWriter, r *http.Request, me string) {
					if r.URL.Path != place {
						other(w)
						return
					}
					fmt.Fprintf(w, `{"issuer":"%s/t","token_endpoint":"%s/t/token"}`, me, me)
				})
				m, notes, err := Discover(t.Context(), s.transport(t), s.URL+"/t")
				if err != nil || m.TokenEndpoint != s.URL+"/t/token" || len(notes) > 0 {
					t.Errorf("%+v, %q, %v", m, notes, err)
				}
			})
		}
		if name == "foreign" {
			continue
		}
		t.Run(name+" everywhere", func(t *testing.T) {
			s := serve(t, func(w http.ResponseWriter, _ *http.Request, _ string) { other(w) })
			_, _, err := Discover(t.Context(), s.transport(t), s.URL+"/t")
			if e := wantError[*DiscoveryError](t, err); len(e.Tried) != 4 {
				t.Errorf("tried %+v, want four places", e.Tried)
			}
		})
	}
}

func TestDiscoveryErrorSaysWhatCameBack(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request, _ string) {
		if strings.HasSuffix(r.URL.Path, openIDForm) {
			_, _ = io.WriteString(w, page)
			return
		}
		w.WriteHeader(http.StatusForbidden)
	})
	_, _, err := Discover(t.Context(), s.transport(t), s.URL)
	wantError[*DiscoveryError](t, err, openIDForm, "HTML page", oauthForm, "403 Forbidden")
}

func TestDiscoveryErrorSaysWhereARedirectLeads(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request, _ string) {
		w.Header().Set("Location", "https://login.example/?session=hush")
		w.WriteHeader(http.StatusFound)
	})
	_, _, err := Discover(t.Context(), s.transport(t), s.URL)
	e := wantError[*DiscoveryError](t, err, `302 Found a redirect to "https://login.example/"`)
	if strings.Contains(e.Error(), "hush") {
		t.Error(e)
	}
}

// https://www.rfc-editor.org/rfc/rfc8414#section-3.3
func TestIssuerOfMetadataIsCompared(t *testing.T) {
	for _, c := range []struct {
		given, answered string
		taken           bool
		noted           bool
	}{
		{"", "", true, false},
		{"", "/", true, true},
		{"/", "", true, true},
		{"/t", "/t/", true, true},
		{"/t/.well-known/openid-configuration", "/t/", true, true},
		{"/t", "/T", false, false},
		{"/t", "/t//", false, false},
		{"/t", "", false, false},
		{"", "/t", false, false},
	} {
		t.Run(c.given+" "+c.answered, func(t *testing.T) {
			s := serve(t, func(w http.ResponseWriter, _ *http.Request, me string) {
				_, _ = io.WriteString(w, `{"issuer":"`+me+c.answered+`"}`)
			})
			m, notes, err := Discover(t.Context(), s.transport(t), s.URL+c.given)
			if !c.taken {
				e := wantError[*IssuerError](t, err)
				if e.Found != s.URL+c.answered || e.Expected != s.URL+c.given {
					t.Errorf("%+v", e)
				}
				return
			}
			if err != nil || !strings.HasPrefix(m.URL, s.URL) || m.Issuer != s.URL+c.answered || (len(notes) == 1) != c.noted {
				t.Errorf("%+v, %q, %v", m, notes, err)
			}
		})
	}
}

func TestMetadataOfARefusalIsNotTaken(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request, me string) {
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(w, `{"issuer":"`+me+`"}`)
	})
	_, _, err := Discover(t.Context(), s.transport(t), s.URL)
	wantError[*DiscoveryError](t, err, "404 Not Found")
}

func TestNetworkErrorEndsDiscovery(t *testing.T) {
	s := serve(t, func(http.ResponseWriter, *http.Request, string) {})
	s.Close()
	_, _, err := Discover(t.Context(), s.transport(t), s.URL)
	wantError[*transport.NetworkError](t, err)
}

func TestMetadataIsReadMemberByMember(t *testing.T) {
	m, notes, why := parseMetadata([]byte("\xef\xbb\xbf" + `{"Issuer":"no","issuer":"https://as.example","token_endpoint":"https://as.example/token",
		"dpop_signing_alg_values_supported":"ES256","grant_types_supported":["client_credentials"],
		"tls_client_certificate_bound_access_tokens":true,"mtls_endpoint_aliases":{"token_endpoint":"https://mtls.as.example/token"}}`))
	if why != "" {
		t.Fatal(why)
	}
	if m.Issuer != "https://as.example" || m.TokenEndpoint != "https://as.example/token" || !m.CertificateBound ||
		!slices.Equal(m.GrantTypes, []string{"client_credentials"}) || m.MTLSEndpointAliases["token_endpoint"] != "https://mtls.as.example/token" {
		t.Errorf("%+v", m)
	}
	if m.DPoPSigningAlgs != nil || len(notes) != 1 || !strings.Contains(notes[0], "dpop_signing_alg_values_supported") {
		t.Errorf("algorithms %q, notes %q", m.DPoPSigningAlgs, notes)
	}
	if !json.Valid(m.Raw) {
		t.Errorf("raw %q", m.Raw)
	}
}

func TestMembersThatStandTwice(t *testing.T) {
	for member, taken := range map[string]bool{
		`"issuer":"https://b"`: false, `"token_endpoint":"https://b/t"`: false, `"jwks_uri":"https://b/j"`: false,
		`"mtls_endpoint_aliases":{"token_endpoint":"https://b/t","token_endpoint":"https://c/t"}`: false,
		`"grant_types_supported":["x"]`: true,
	} {
		m, notes, why := parseMetadata([]byte(`{"issuer":"https://a","token_endpoint":"https://a/t","jwks_uri":"https://a/j","grant_types_supported":[],` + member + `}`))
		if (m != nil) != taken || (len(notes) == 1) != taken || strings.Contains(why, "stands twice") == taken {
			t.Errorf("%s: %v, %q, %q", member, m != nil, notes, why)
		}
	}
}

func TestEndpointAndItsAlias(t *testing.T) {
	const raw = `{"issuer":"https://as.example","token_endpoint":"https://as.example/token","revocation_endpoint":"https://as.example/revoke",
		"jwks_uri":7,"introspection_endpoint":"/relative",
		"mtls_endpoint_aliases":{"token_endpoint":"https://mtls.as.example/token","introspection_endpoint":"https://mtls.as.example/introspect","x_endpoint":7}}`
	m, _, why := parseMetadata([]byte(raw))
	if why != "" {
		t.Fatal(why)
	}
	for _, c := range []struct {
		name        string
		certificate bool
		want        string
		alias       bool
		wrong       string
	}{
		{"token_endpoint", false, "https://as.example/token", false, ""},
		{"token_endpoint", true, "https://mtls.as.example/token", true, ""},
		{"revocation_endpoint", true, "https://as.example/revoke", false, ""}, // entry by entry
		{"introspection_endpoint", true, "https://mtls.as.example/introspect", true, ""},
		{"introspection_endpoint", false, "", false, "relative"},
		{"registration_endpoint", true, "", false, "there is none"},
		{"jwks_uri", false, "", false, "not a URL"},
		{"x_endpoint", true, "", true, "mtls_endpoint_aliases.x_endpoint"},
	} {
		got, alias, err := Endpoint(m, c.name, c.certificate)
		if got != c.want || alias != c.alias {
			t.Errorf("%s, certificate %v: %q, alias %v", c.name, c.certificate, got, alias)
		}
		if c.wrong != "" {
			wantError[*EndpointError](t, err, c.wrong)
		} else if err != nil {
			t.Error(err)
		}
	}
	if _, _, err := Endpoint(&wire.Metadata{}, "token_endpoint", false); err == nil {
		t.Error("metadata without a document has an endpoint")
	}
}

func FuzzMetadata(f *testing.F) {
	for _, seed := range []string{`{"issuer":"https://as.example"}`, `{"issuer":""}`, `[]`, page, `{"issuer":"a","mtls_endpoint_aliases":[]}`, "\xef\xbb\xbf{}"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		m, _, why := parseMetadata(body)
		if (m == nil) != (why != "") {
			t.Fatalf("%+v and %q", m, why)
		}
		if m == nil {
			return
		}
		again, _, _ := parseMetadata(m.Raw)
		if !reflect.DeepEqual(m, again) {
			t.Errorf("%+v is read again as %+v", m, again)
		}
		_, _, _ = Endpoint(m, "token_endpoint", true)
	})
}
