package hostile

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// issuerFaults are metadata and keys of an issuer that must not be used.
func issuerFaults() []Fault {
	metadata := func(name, does string, o Outcome, change func(s *Server, m map[string]any)) Fault {
		return Fault{
			Name: name, Does: does, Want: map[Place]Outcome{Metadata: o},
			answer: func(s *Server, w http.ResponseWriter, _ *http.Request) {
				m := s.metadata()
				change(s, m)
				_ = json.NewEncoder(w).Encode(m)
			},
		}
	}
	keys := func(name, does string, o Outcome, list func(s *Server) []any) Fault {
		return Fault{
			Name: name, Does: does, Want: map[Place]Outcome{Keys: o},
			answer: func(s *Server, w http.ResponseWriter, _ *http.Request) {
				_ = json.NewEncoder(w).Encode(map[string]any{"keys": list(s)})
			},
		}
	}
	invalid := func(cause string) Outcome { return Outcome{Code: 3, Type: "check", Cause: cause} }
	return []Fault{
		metadata("wrong issuer", "says that it is another issuer", useless("is of issuer"), func(_ *Server, m map[string]any) { m["issuer"] = "https://as.example" }),
		metadata("issuer a number", "says an issuer that is no string", useless("without an issuer"), func(_ *Server, m map[string]any) { m["issuer"] = 7 }),
		metadata("endpoint in the clear", "names a token endpoint of plain http", useless("plain http"), func(_ *Server, m map[string]any) { m["token_endpoint"] = "http://as.example/token" }),
		metadata("endpoint with a password", "names a token endpoint with a password", useless("user name or password"), func(_ *Server, m map[string]any) { m["token_endpoint"] = "https://a:b@as.example/token" }),
		metadata("endpoint a number", "names a token endpoint that is no string", useless("token_endpoint"), func(_ *Server, m map[string]any) { m["token_endpoint"] = 7 }),
		metadata("no endpoint", "names no token endpoint", useless("there is none"), func(_ *Server, m map[string]any) { delete(m, "token_endpoint") }),
		metadata("a hundred thousand algorithms", "lists a hundred thousand algorithms, the usual one last", right(), func(_ *Server, m map[string]any) {
			m["dpop_signing_alg_values_supported"] = append(slices.Repeat([]string{"none"}, 100_000), "ES256")
		}),
		metadata("an algorithm without end", "lists an algorithm whose name is half a megabyte", right(), func(_ *Server, m map[string]any) {
			m["dpop_signing_alg_values_supported"] = []string{strings.Repeat("x", 512<<10), "ES256"}
		}),
		metadata("algorithms that steer a terminal", "lists algorithms with escapes in their names", right(), func(_ *Server, m map[string]any) {
			m["dpop_signing_alg_values_supported"] = []string{"\x1b[2J", "\u202e", "ES256"}
			m["token_endpoint_auth_methods_supported"] = []string{"\x1b[2J\u202e"}
		}),
		{
			Name: "issuer twice", Does: "says two issuers", Want: map[Place]Outcome{Metadata: useless("stands twice")},
			answer: func(s *Server, w http.ResponseWriter, r *http.Request) {
				object(200, fmt.Sprintf(`{"issuer":"https://as.example","issuer":%q,"token_endpoint":%q}`, s.URL, s.URL+"/token"))(s, w, r)
			},
		},
		keys("ten thousand keys", "has ten thousand keys, the right one last", right(), func(s *Server) []any { return s.crowd(9_999) }),
		keys("ten thousand keys and one", "has more keys than are read", useless("more than the 10000"), func(s *Server) []any { return s.crowd(10_000) }),
		keys("keys of one name", "has a thousand keys that call themselves alike, all wrong", invalid("the signature is not the issuer's"), func(s *Server) []any { return s.crowd(1_000)[:1_000] }),
		keys("keys that are none", "has keys that are malformed, all", invalid("the signature is not the issuer's"), func(*Server) []any {
			return []any{nil, 7, "key", map[string]any{}, map[string]any{"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}, map[string]any{"kty": "RSA", "n": strings.Repeat("A", 100_000), "e": "AQAB"}}
		}),
		{
			Name: "keys twice", Does: "has two lists of keys", Want: map[Place]Outcome{Keys: useless("stands twice")},
			answer: func(s *Server, w http.ResponseWriter, r *http.Request) {
				key, _ := json.Marshal(s.publicKey()) // strings
				object(200, fmt.Sprintf(`{"keys":[],"keys":[%s]}`, key))(s, w, r)
			},
		},
	}
}

// crowd is so many keys of others that call themselves like the right one, and that
// one at the end.
func (s *Server) crowd(others int) []any {
	list := make([]any, 0, others+1)
	stranger := (&Server{key: newKey()}).publicKey()
	for range others {
		list = append(list, stranger)
	}
	return append(list, s.publicKey())
}
