package jwt

import (
	"bytes"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
)

// https://www.rfc-editor.org/rfc/rfc7515#appendix-A.1
func TestMACIsThatOfTheRFC(t *testing.T) {
	const (
		input = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
		want  = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
	)
	m, err := lookupMAC("HS256")
	if err != nil {
		t.Fatal(err)
	}
	secret := unbase64("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow")
	if got := m.sum(secret, input); !bytes.Equal(got, unbase64(want)) {
		t.Errorf("%x", got)
	}
}

func TestMACNeedsASecretAsLongAsItsHash(t *testing.T) {
	for i, alg := range MACs() {
		least := []int{32, 48, 64}[i]
		for n, ok := range map[int]bool{0: false, least - 1: false, least: true, least + 40: true} {
			secret := []byte(strings.Repeat("s", n))
			token, err := EncodeMAC(secret, map[string]string{"alg": alg}, map[string]int{"a": 1})
			if (err == nil) != ok {
				t.Errorf("%s with %d bytes: %v", alg, n, err)
			}
			if err != nil {
				continue
			}
			jws, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.SignatureAlgorithm(alg)})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := jws.Verify(secret); err != nil {
				t.Errorf("%s: %v", alg, err)
			}
		}
	}
}

// An asymmetric algorithm never goes with a secret, and none of these with a key.
func TestMACsAreApart(t *testing.T) {
	long := []byte(strings.Repeat("s", 100))
	for _, alg := range append(Algorithms(), "none", "hs256", "") {
		if _, err := EncodeMAC(long, map[string]string{"alg": alg}, nil); err == nil {
			t.Errorf("%q was made with a secret", alg)
		}
	}
	for _, alg := range MACs() {
		if _, err := lookup(alg); err == nil {
			t.Errorf("%s is taken for an asymmetric one", alg)
		}
	}
}
