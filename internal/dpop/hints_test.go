package dpop

import (
	"strings"
	"testing"
)

// hintOf judges a vector and returns the hint of its first failure.
func hintOf(t *testing.T, v vector) string {
	t.Helper()
	for _, c := range Judge(v.build(t), Checks()).Checks {
		if c.Status == StatusFailed {
			return c.Hint
		}
	}
	t.Fatalf("%s: nothing fails", v.name)
	return ""
}

func TestHintsNameTheUsualCauses(t *testing.T) {
	vectors := map[string]vector{}
	for _, v := range allVectors(t) {
		vectors[v.name] = v
	}
	for name, want := range map[string]string{
		"two proofs in one line":                      "comma",
		"padded":                                      "padding",
		"line break in the signature":                 "line break",
		`typ "DPoP+JWT"`:                              "ignore case",
		`typ "JWT"`:                                   "another kind of JWT",
		`alg "none"`:                                  "asymmetric",
		"alg not in the list":                         "dpop_signing_alg_values_supported",
		"jku instead of jwk":                          "jku does not replace jwk",
		"signature in DER":                            "fixed width",
		"private EC key in jwk":                       "make a new one",
		"htm in lower case":                           "case-sensitive",
		"iat 1700000000000":                           "milliseconds",
		"iat 1699996400":                              "new one",
		"iat 1700003600":                              "clock",
		"iat a string":                                "",
		"nonce missing":                               "DPoP-Nonce",
		"nonce of another server":                     "per server",
		"ath missing":                                 "needs its hash",
		"ath of the empty string":                     "empty string",
		"ath padded":                                  "without padding",
		"ath in hexadecimal":                          "hexadecimal",
		"ath of another token":                        "another token",
		"ath of the token with a line break":          "line break",
		"another key than the token's":                "another key",
		"htu https://evil.example/token":              "public name",
		"htu http://server.example.com/token":         "https",
		"htu https://server.example.com:8443/token":   "port",
		"htu https://server.example.com/token/":       "final slash",
		"htu https://server.example.com/Token":        "case-sensitive",
		"htu with a slash that is %2F in the request": "percent",
		"htu with userinfo":                           "user name",
		"crit":                                        "careful",
	} {
		v, ok := vectors[name]
		if !ok {
			t.Errorf("no vector %q", name)
			continue
		}
		if got := hintOf(t, v); !strings.Contains(got, want) {
			t.Errorf("%s: hint %q says nothing of %q", name, got, want)
		}
	}
}

func TestEveryFailureHasALikelyCause(t *testing.T) {
	for _, v := range allVectors(t) {
		for _, c := range Judge(v.build(t), Checks()).Checks {
			if c.Status == StatusFailed && c.Hint == "" {
				t.Errorf("%s: the check %s says nothing of the cause of %q", v.name, c.ID, c.Found)
			}
		}
	}
}

func TestMessagesHoldNoControlCharacters(t *testing.T) {
	evil := `"a\u001b[2J` + "\u009b\u202e" + `"`
	for _, v := range []vector{
		{payload: edit{`"` + vectorURL + `"`, evil}},
		{payload: edit{`"POST"`, evil}},
		{header: edit{`"dpop+jwt"`, evil}},
		{payload: edit{`"nonce":"` + vectorNonce + `"`, `"nonce":` + evil}},
		{header: edit{`"typ"`, evil + `:1,` + evil + `:1,"typ"`}},
		{header: edit{`"EC"`, evil}},
	} {
		for _, c := range Judge(v.build(t), Checks()).Checks {
			for _, s := range []string{c.Expected, c.Found, c.Hint} {
				if strings.ContainsAny(s, "\x1b\u009b\u202e\n") {
					t.Errorf("%s: %q", c.ID, s)
				}
			}
		}
	}
}
