package server_test

import (
	"crypto/ecdsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/oauthpop/oauthpop/internal/jwt"
	"github.com/oauthpop/oauthpop/internal/server"
)

func TestRegistrationsNameTheMemberThatIsWrong(t *testing.T) {
	w := newWorld(t)
	other, err := jwt.PublicJWK(newKey(t).Public())
	must(t, err)
	foreign := map[string]any{"x5c": []string{base64.StdEncoding.EncodeToString(w.self.Certificate[0])}}
	for k, v := range other {
		foreign[k] = v
	}
	foreignJWK, err := json.Marshal(foreign)
	must(t, err)
	for _, c := range []struct{ name, client, member string }{
		{"no id", `{"client_secret":"s"}`, "client_id"},
		{"id is a number", `{"client_id":1}`, "client_id"},
		{"id with a newline", `{"client_id":"a\nb","client_secret":"s"}`, "client_id"},
		{"no secret", `{"client_id":"c"}`, "client_secret"},
		{"no secret for post", `{"client_id":"c","token_endpoint_auth_method":"client_secret_post"}`, "client_secret"},
		{"unknown method", `{"client_id":"c","token_endpoint_auth_method":"client_secret_jwt"}`, "token_endpoint_auth_method"},
		{"grant_types is text", `{"client_id":"c","client_secret":"s","grant_types":"client_credentials"}`, "grant_types"},
		{"a symmetric algorithm", `{"client_id":"c","client_secret":"s","token_endpoint_auth_signing_alg":"HS256"}`, "token_endpoint_auth_signing_alg"},
		{"no keys", `{"client_id":"c","token_endpoint_auth_method":"private_key_jwt"}`, "jwks"},
		{"keys elsewhere", `{"client_id":"c","token_endpoint_auth_method":"private_key_jwt","jwks_uri":"https://c.example/jwks"}`, "jwks_uri"},
		{"no key in the set", `{"client_id":"c","token_endpoint_auth_method":"private_key_jwt","jwks":{"keys":[]}}`, "jwks"},
		{"a private key", `{"client_id":"c","token_endpoint_auth_method":"private_key_jwt","jwks":{"keys":[{"kty":"EC","d":"AA"}]}}`, "jwks.keys[0]"},
		{"a symmetric key", `{"client_id":"c","token_endpoint_auth_method":"private_key_jwt","jwks":{"keys":[{"kty":"oct","k":"AA"}]}}`, "jwks.keys[0]"},
		{"no certificate", `{"client_id":"c","token_endpoint_auth_method":"self_signed_tls_client_auth","jwks":` + string(w.jwks(newKey(t).Public(), nil)) + `}`, "jwks"},
		{"a certificate of another key", `{"client_id":"c","token_endpoint_auth_method":"self_signed_tls_client_auth","jwks":{"keys":[` + string(foreignJWK) + `]}}`, "jwks.keys[0]"},
		{"no subject", `{"client_id":"c","token_endpoint_auth_method":"tls_client_auth"}`, "tls_client_auth_subject_dn"},
		{"two subjects", `{"client_id":"c","token_endpoint_auth_method":"tls_client_auth","tls_client_auth_subject_dn":"CN=c","tls_client_auth_san_dns":"c"}`, "tls_client_auth_san_dns"},
		{"a subject that is no DN", `{"client_id":"c","token_endpoint_auth_method":"tls_client_auth","tls_client_auth_subject_dn":"c"}`, "tls_client_auth_subject_dn"},
		{"an address that is none", `{"client_id":"c","token_endpoint_auth_method":"tls_client_auth","tls_client_auth_san_ip":"localhost"}`, "tls_client_auth_san_ip"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := server.ParseClient([]byte(c.client))
			var wrong *server.ClientError
			if !errors.As(err, &wrong) || wrong.Member != c.member {
				t.Errorf("got %v, want the member %s", err, c.member)
			}
		})
	}
	for _, text := range []string{"", "x", "[]", `{"client_id":"c","client_secret":"s"} {}`} {
		if _, err := server.ParseClient([]byte(text)); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}

func TestRegistrationLeavesOutUnknownMembers(t *testing.T) {
	c, err := server.ParseClient([]byte(`{"client_id":"c","client_secret":"s","logo_uri":"https://c.example/logo","token_endpoint_auth_method":"client_secret_basic"}`))
	if err != nil || c.ID != "c" || c.Secret.Reveal() != "s" {
		t.Errorf("got %+v, %v", c, err)
	}
}

func TestNewRefusesWhatCannotWork(t *testing.T) {
	w := newWorld(t)
	good := server.Config{Issuer: w.main, MTLS: w.mtls, Key: newKey(t), Clients: w.clients()}
	for name, c := range map[string]struct {
		change func(*server.Config)
		want   string
	}{
		"no key":       {func(c *server.Config) { c.Key = nil }, "signing key"},
		"http":         {func(c *server.Config) { c.Issuer = "http://localhost" }, "https"},
		"a path":       {func(c *server.Config) { c.MTLS = "https://localhost/x" }, "https"},
		"an id twice":  {func(c *server.Config) { c.Clients = append(c.Clients, c.Clients[0]) }, "taken"},
		"a bad client": {func(c *server.Config) { c.Clients = []server.Client{{}} }, "client_id"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := good
			c.change(&cfg)
			if _, err := server.New(cfg); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
	if _, err := server.New(good); err != nil {
		t.Error(err)
	}
}

// RFC 4514: names that are the same in another spelling, and names that are not.
func TestSubjectIsComparedAttributeByAttribute(t *testing.T) {
	for _, c := range []struct {
		name, registered, presented string
		want                        int
	}{
		{"the same", "CN=a,O=b", "CN=a,O=b", 200},
		{"spelt by OID", "2.5.4.3=a,O=b", "CN=a,O=b", 200},
		{"escaped otherwise", `CN=a\2Cb`, `CN=a\,b`, 200},
		{"attributes of one RDN in another order", "OU=x+CN=a,O=b", "CN=a+OU=x,O=b", 200},
		{"a comma that is no separator", `CN=a\,O=b`, "CN=a,O=b", 401},
		{"another order", "O=b,CN=a", "CN=a,O=b", 401},
		{"one RDN instead of two", "CN=a+O=b", "CN=a,O=b", 401},
		{"a part", "CN=a", "CN=a,O=b", 401},
		{"a part of an RDN", "CN=a", "CN=a+OU=x", 401},
		{"more of an RDN", "CN=a+OU=x", "CN=a", 401},
		{"more", "CN=a,O=b,C=NO", "CN=a,O=b", 401},
		{"another case", "CN=A,O=b", "CN=a,O=b", 401},
		{"a wildcard", "CN=*", "CN=a", 401},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, func(cfg *server.Config) {
				cfg.Clients = []server.Client{{ID: "c", AuthMethod: "tls_client_auth", TLSSubjectDN: c.registered}}
			})
			cert := w.leaf(c.presented, noSANs)
			a := w.token(call{url: w.mtls, cert: &cert, form: map[string][]string{"client_id": {"c"}}})
			if a.status != c.want {
				t.Errorf("got %d %v, want %d", a.status, a.body, c.want)
			}
		})
	}
}

// Which key an assertion is verified with, where a client has several.
func TestKeyOfAnAssertion(t *testing.T) {
	one, two := newKey(t), newKey(t)
	set := func() json.RawMessage {
		var keys []any
		for kid, k := range map[string]*ecdsa.PrivateKey{"one": one, "two": two} {
			jwk, err := jwt.PublicJWK(k.Public())
			must(t, err)
			jwk["kid"] = kid
			keys = append(keys, jwk)
		}
		b, err := json.Marshal(map[string]any{"keys": keys})
		must(t, err)
		return b
	}
	for _, c := range []struct {
		name, kid, registeredAlg string
		key                      *ecdsa.PrivateKey
		want                     int
	}{
		{"named", "two", "", two, 200},
		{"the other one", "one", "", one, 200},
		{"named, and it is another", "one", "", two, 401},
		{"unknown", "three", "", two, 401},
		{"not named: the first", "", "", one, 200},
		{"not named: the second", "", "", two, 200},
		{"the registered algorithm", "two", "ES256", two, 200},
		{"another than the registered algorithm", "two", "PS256", two, 401},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, func(cfg *server.Config) {
				cfg.Clients = []server.Client{{ID: "pkjwt", AuthMethod: "private_key_jwt", AuthAlg: c.registeredAlg, JWKS: set()}}
			})
			w.assertKey = c.key
			change := map[string]any{}
			if c.kid != "" {
				change["header.kid"] = c.kid
			}
			if a := w.token(call{form: assertionForm(w.assertion(change))}); a.status != c.want {
				t.Errorf("got %d %v, want %d", a.status, a.body, c.want)
			}
		})
	}
}
