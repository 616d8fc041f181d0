package token

import (
	"encoding/json"
	"testing"
)

func TestIDTokensAndAssertionsAreToldFromAccessTokens(t *testing.T) {
	const id = `"iss":"https://as.example","sub":"u","aud":"app","exp":2,"iat":1`
	const assertion = `"iss":"app","sub":"app","aud":"https://as.example","exp":2,"jti":"1"`
	for _, c := range []struct {
		name, typ, claims string
		want              Kind
	}{
		{"ID token with nonce", "JWT", id + `,"nonce":"n"`, IDToken},
		{"ID token with at_hash", "", id + `,"at_hash":"h"`, IDToken},
		{"ID token with c_hash", "", id + `,"c_hash":"h"`, IDToken},
		{"ID token with s_hash", "", id + `,"s_hash":"h"`, IDToken},
		{"ID token with azp", "", id + `,"azp":"app"`, IDToken},
		{"ID token for two", "", `"iss":"i","sub":"u","aud":["other","app"],"exp":2,"iat":1,"azp":"app"`, IDToken},
		{"ID token of Keycloak", "JWT", id + `,"typ":"ID"`, IDToken},
		{"ID token that confirms a key", "", id + `,"nonce":"n","cnf":{"jkt":"x"}`, IDToken},
		{"a self-issued ID token", "", `"iss":"u","sub":"u","aud":"app","exp":2,"iat":1,"jti":"1","nonce":"n"`, IDToken},

		{"client assertion", "", assertion, ClientAssertion},
		{"client assertion with iat and nbf", "jwt", assertion + `,"iat":1,"nbf":1`, ClientAssertion},
		{"client assertion by its typ", "client-authentication+jwt", `"iss":"app"`, ClientAssertion},
		{"client assertion by its full typ", "application/Client-Authentication+JWT", `"iss":"app"`, ClientAssertion},

		{"nothing but what each has", "", id, JWT},
		{"access token of RFC 9068", "at+jwt", id + `,"nonce":"n"`, JWT},
		{"another typ", "logout+jwt", id + `,"nonce":"n"`, JWT},
		{"access token of Keycloak", "JWT", id + `,"typ":"Bearer","azp":"app2","nonce":"n","scope":"openid"`, JWT},
		{"access token of Entra", "JWT", id + `,"azp":"app","scp":"read"`, JWT},
		{"access token with client_id", "", id + `,"client_id":"app","nonce":"n"`, JWT},
		{"azp that is not in aud", "", id + `,"azp":"other"`, JWT},
		{"azp, and an aud that is none", "", `"iss":"i","sub":"u","aud":5,"exp":2,"iat":1,"azp":"app"`, JWT},
		{"nonce without iat", "", `"iss":"i","sub":"u","aud":"a","exp":2,"nonce":"n"`, JWT},
		{"assertion without jti", "", `"iss":"app","sub":"app","aud":"i","exp":2`, JWT},
		{"another sub", "", `"iss":"app","sub":"other","aud":"i","exp":2,"jti":"1"`, JWT},
		{"neither iss nor sub", "", `"aud":"i","exp":2,"jti":"1"`, JWT},
		{"a bound token of a client that is its own issuer", "", assertion + `,"cnf":{"jkt":"x"}`, JWT},
		{"nothing", "", `"a":1`, JWT},
	} {
		t.Run(c.name, func(t *testing.T) {
			header := map[string]string{"alg": "ES256"}
			if c.typ != "" {
				header["typ"] = c.typ
			}
			raw, err := json.Marshal(header)
			if err != nil {
				t.Fatal(err)
			}
			text := b64(string(raw)) + "." + b64("{"+c.claims+"}") + ".c2ln"
			r, err := Read(text)
			if err != nil || r.Kind != c.want {
				t.Errorf("%s, %v; want %s", r.Kind, err, c.want)
			}
			// What a server calls an access token is meant as one.
			if r, err = Read(`{"access_token":"` + text + `"}`); err != nil || r.Kind != JWT {
				t.Errorf("as access_token: %s, %v", r.Kind, err)
			}
		})
	}
}
