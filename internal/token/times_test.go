package token

import (
	"strings"
	"testing"
	"time"

	"github.com/oauthpop/oauthpop/internal/jwt"
)

func TestTimes(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	for _, c := range []struct {
		name, claims         string
		expired, notYetValid bool
		fault                string
	}{
		{"none", `{}`, false, false, ""},
		{"all right", `{"iat":1699999999,"nbf":1699999999,"exp":1700000001}`, false, false, ""},
		{"expired this second", `{"exp":1700000000}`, true, false, ""},
		{"expired a moment ago", `{"exp":1699999999.9}`, true, false, ""},
		{"a fraction left", `{"exp":1.7000000000005e9}`, false, false, ""},
		{"not before this second", `{"nbf":1700000000}`, false, false, ""},
		{"not yet valid", `{"nbf":1700000000.5}`, false, true, ""},
		{"epoch", `{"exp":0}`, true, false, ""},
		{"a string", `{"exp":"1700000001"}`, false, false, "exp is not a number"},
		{"milliseconds", `{"exp":1700000000000}`, false, false, "milliseconds"},
		{"beyond all numbers", `{"nbf":1e400}`, false, false, "nbf is not a number"},
		{"long ago", `{"iat":-1e300}`, false, false, "ago"},
	} {
		t.Run(c.name, func(t *testing.T) {
			claims, err := jwt.ParseObject([]byte(c.claims))
			if err != nil {
				t.Fatal(err)
			}
			got := TimesOf(claims, now)
			if got.Expired != c.expired || got.NotYetValid != c.notYetValid {
				t.Errorf("expired: %v, not yet valid: %v; want %v, %v", got.Expired, got.NotYetValid, c.expired, c.notYetValid)
			}
			if faults := strings.Join(got.Faults, "; "); !strings.Contains(faults, c.fault) || (c.fault == "") != (faults == "") {
				t.Errorf("faults %q, want %q", faults, c.fault)
			}
		})
	}
}
