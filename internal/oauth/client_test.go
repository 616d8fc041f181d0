package oauth

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/oauthpop/oauthpop/internal/dpop"
	"github.com/oauthpop/oauthpop/internal/jwt"
	"github.com/oauthpop/oauthpop/internal/wire"
)

func answering(status int, body string) func(http.ResponseWriter, *http.Request, string) {
	return func(w http.ResponseWriter, _ *http.Request, _ string) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

const good = `{"access_token":"at","token_type":"DPoP","expires_in":300,"scope":"a b","x":1}`

// What each way of authenticating sends, and that it sends nothing else.
func TestClientAuthentication(t *testing.T) {
	const id, secret = "https://app.example/c?1", "p+q%41r:s/t=ü &z, of more than 32 bytes"
	for method, want := range map[string][]string{
		wire.AuthNone:          {"client_id"},
		"":                     {"client_id"},
		wire.AuthBasic:         {"Authorization"},
		wire.AuthPost:          {"client_id", "client_secret"},
		wire.AuthSecretJWT:     {"client_assertion", "client_assertion_type"},
		wire.AuthPrivateKey:    {"client_assertion", "client_assertion_type"},
		wire.AuthTLS:           {"client_id"},
		wire.AuthTLSSelfSigned: {"client_id"},
	} {
		t.Run(method, func(t *testing.T) {
			s := serve(t, answering(200, good))
			c := Client{ID: id, Method: method, Secret: secret, Assertion: newKey(t, "ES256"), Now: time.Now}
			if method == wire.AuthSecretJWT {
				c.Assertion = nil
			}
			params := url.Values{"grant_type": {"client_credentials"}, "resource": {"https://a", "https://b"}}
			if _, _, err := c.Token(t.Context(), s.transport(t), s.URL+"/token?p=q%2F", params); err != nil {
				t.Fatal(err)
			}
			r := s.requests[0]
			sent := slices.Sorted(maps.Keys(r.form))
			if r.header.Get("Authorization") != "" {
				sent = append(sent, "Authorization")
			}
			sent = slices.DeleteFunc(sent, func(n string) bool { return n == "grant_type" || n == "resource" })
			if !slices.Equal(sent, want) {
				t.Errorf("sent %q, want %q", sent, want)
			}
			if got := r.form.Get("client_id"); slices.Contains(want, "client_id") && got != id {
				t.Errorf("client_id %q", got)
			}
			if got := r.form.Get("client_secret"); slices.Contains(want, "client_secret") && got != secret {
				t.Errorf("client_secret %q", got)
			}
			if method == wire.AuthBasic {
				checkBasic(t, r.header.Get("Authorization"), id, secret)
			}
			if r.query != "p=q%2F" || !slices.Equal(r.form["resource"], []string{"https://a", "https://b"}) || r.header.Get("DPoP") != "" {
				t.Errorf("query %q, form %v", r.query, r.form)
			}
			if len(params) != 2 {
				t.Errorf("the caller's parameters became %v", params)
			}
		})
	}
}

// checkBasic decodes as RFC 6749 section 2.3.1 says.
func checkBasic(t *testing.T, header, id, secret string) {
	t.Helper()
	raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(header, "Basic "))
	if err != nil {
		t.Fatal(err)
	}
	user, password, _ := strings.Cut(string(raw), ":")
	gotID, _ := url.QueryUnescape(user)
	gotSecret, _ := url.QueryUnescape(password)
	if gotID != id || gotSecret != secret || strings.ContainsAny(string(raw), " /?") {
		t.Errorf("%q is id %q and secret %q", raw, gotID, gotSecret)
	}
}

func TestUnknownAuthenticationIsAnInputError(t *testing.T) {
	s := serve(t, answering(200, good))
	for _, c := range []Client{{Method: "magic"}, {Method: wire.AuthSecretJWT}, {Method: wire.AuthPrivateKey}} {
		c.Now = time.Now
		_, ex, err := c.Token(t.Context(), s.transport(t), s.URL, nil)
		wantError[*InputError](t, err)
		if ex != nil || len(s.requests) > 0 {
			t.Error("something was sent")
		}
	}
}

func TestAssertionIsRight(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	for _, c := range []struct {
		name, alg, issuer, audience, kid string
		wantAud                          string
	}{
		{"to the issuer", "ES256", "https://as.example", "", "k1", "https://as.example"},
		{"to a given audience", "PS256", "https://as.example", "https://as.example/", "", "https://as.example/"},
		{"without an issuer to the endpoint", "Ed25519", "", "", "", "https://as.example/token?x"},
	} {
		t.Run(c.name, func(t *testing.T) {
			key := newKey(t, c.alg)
			key.KID, key.Audience = c.kid, c.audience
			client := Client{ID: "app", Method: wire.AuthPrivateKey, Assertion: key, Issuer: c.issuer, Now: func() time.Time { return now }}
			form, other := url.Values{}, url.Values{}
			if err := client.assert(form, "https://as.example/token?x"); err != nil {
				t.Fatal(err)
			}
			if form.Get("client_assertion_type") != "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" {
				t.Errorf("type %q", form.Get("client_assertion_type"))
			}
			jws, err := jose.ParseSignedCompact(form.Get("client_assertion"), []jose.SignatureAlgorithm{jose.ES256, jose.PS256, jose.EdDSA})
			if err != nil {
				t.Fatal(err)
			}
			payload, err := jws.Verify(key.Key.Public())
			if err != nil || jws.Signatures[0].Header.KeyID != c.kid {
				t.Fatalf("kid %q, %v", jws.Signatures[0].Header.KeyID, err)
			}
			compact, err := jwt.Split(form.Get("client_assertion"))
			if err != nil {
				t.Fatal(err)
			}
			if _, there := compact.Header.Get("kid"); there != (c.kid != "") {
				t.Errorf("the header is %s", compact.RawHeader)
			}
			var claims map[string]any
			if err := json.Unmarshal(payload, &claims); err != nil {
				t.Fatal(err)
			}
			jti, _ := claims["jti"].(string)
			want := map[string]any{"iss": "app", "sub": "app", "aud": c.wantAud, "iat": 1.7e9, "exp": 1.7e9 + 60, "jti": jti}
			if !maps.Equal(claims, want) || len(jti) < 20 {
				t.Errorf("claims %v, want %v", claims, want)
			}
			if err := client.assert(other, ""); err != nil || other.Get("client_assertion") == form.Get("client_assertion") {
				t.Error("two assertions are the same")
			}
		})
	}
}

// A retry for a nonce is built anew: proof and assertion, and neither comes twice.
// https://www.rfc-editor.org/rfc/rfc9449#section-8
// https://www.rfc-editor.org/rfc/rfc7523#section-3
func TestRetryHasANewProofAndANewAssertion(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request, me string) {
		proof, err := dpop.Verify(dpop.Request{Proofs: r.Header["Dpop"], Method: "POST", URL: me + "/token", Algs: dpop.DefaultAlgs(), Now: time.Now(), MaxAge: time.Minute, MaxSkew: time.Minute}, dpop.Checks())
		if err != nil {
			t.Error(err)
			return
		}
		if proof.HTU != me+"/token" {
			t.Errorf("htu %q", proof.HTU)
		}
		if proof.Nonce != "n1" {
			w.Header().Set("DPoP-Nonce", "n1")
			answering(400, `{"error":"use_dpop_nonce"}`)(w, r, me)
			return
		}
		answering(200, good)(w, r, me)
	})
	c := Client{ID: "app", Method: wire.AuthPrivateKey, Assertion: newKey(t, "ES256"), Now: time.Now, DPoP: prover(t)}
	_, ex, err := c.Token(t.Context(), s.transport(t), s.URL+"/token?p=late", nil)
	if err != nil {
		t.Fatal(err)
	}
	first, second := s.requests[0], s.requests[1]
	if first.form.Get("client_assertion") == second.form.Get("client_assertion") || jti(t, first) == jti(t, second) {
		t.Error("the retry is the first request again")
	}
	if first.query != "p=late" || ex.Request.HTU != s.URL+"/token" || ex.Request.IAT.IsZero() || len(ex.Attempts) != 2 {
		t.Errorf("query %q, exchange %+v", first.query, ex.Request)
	}
}

func jti(t *testing.T, s seen) string {
	t.Helper()
	p, err := jwt.Split(s.header.Get("DPoP"))
	if err != nil {
		t.Fatal(err)
	}
	id, _ := p.Payload.String("jti")
	return id
}

func prover(t *testing.T) *dpop.Prover {
	t.Helper()
	p, err := dpop.NewProver(newKey(t, "ES256").Key, "ES256")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestHTUCanBeReplaced(t *testing.T) {
	const public = "https://public.example/token"
	s := serve(t, answering(200, good))
	c := Client{ID: "app", Now: time.Now, DPoP: prover(t), HTU: func(string) (string, error) { return public, nil }}
	_, ex, err := c.Token(t.Context(), s.transport(t), s.URL+"/token", nil)
	if err != nil {
		t.Fatal(err)
	}
	p, err := jwt.Split(s.requests[0].header.Get("DPoP"))
	if err != nil {
		t.Fatal(err)
	}
	if htu, _ := p.Payload.String("htu"); htu != public || ex.Request.HTU != public {
		t.Errorf("htu %q, exchange %q", htu, ex.Request.HTU)
	}
	if _, there := p.Payload.Get("ath"); there {
		t.Error("a proof for the token endpoint has an ath")
	}
}
