package jwt

import (
	"encoding/base64"
	"strings"
	"testing"
)

func TestSplitRefusesWhatIsNoCompactJWT(t *testing.T) {
	for s, want := range map[string]string{
		"":                     "empty",
		"abc":                  "1 part",
		"e30.e30":              "2 parts",
		"e30.e30.AA.AA":        "4 parts",
		"e30.AA.AA.AA.AA":      "encrypted",
		".e30.AA":              "header",
		"e30..AA":              "payload",
		"e30=.e30.AA":          "header",
		"e30.e30.AA==":         "signature",
		"e30.e30.A":            "signature",
		"e30.e30.A\nA":         "signature",
		"e30.e30.AA\r\n":       "signature",
		"e30.e3\n0.AA":         "payload",
		" e30.e30.AA":          "header",
		"e30.e30.A+":           "signature",
		"e30.e30.A/":           "signature",
		"W10.e30.AA":           "header",
		"bnVsbA.e30.AA":        "header",
		"e30.W10.AA":           "payload",
		"e30.ImEi.AA":          "payload",
		"e30.e30.AA,e30.e30.A": "parts",
	} {
		c, err := Split(s)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, %v; want a word about %q", s, c, err, want)
		}
	}
}

func TestSplitTakesAnEmptySignatureForVerifyToRefuse(t *testing.T) {
	c, err := Split("e30.e30.")
	if err != nil || len(c.Signature) != 0 {
		t.Fatal(c, err)
	}
}

func TestUnusedBitsAreReported(t *testing.T) {
	for s, want := range map[string]bool{
		"e30.e30.":     true,
		"e30.e30.AA":   true,
		"e30.e30.AB":   false,
		"e30.e30.AAA":  true,
		"e30.e30.AAB":  false,
		"e30.e30.AAAB": true,
		"e30.e31.AA":   false, // {} with a bit set
		"e31.e30.AA":   false,
	} {
		c, err := Split(s)
		if err != nil {
			t.Errorf("%s: %v", s, err)
			continue
		}
		if c.Canonical != want {
			t.Errorf("%s: canonical %v, want %v", s, c.Canonical, want)
		}
	}
}

func TestCanonicalAgreesWithTheStrictDecoderOfTheStandardLibrary(t *testing.T) {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	strict := base64.RawURLEncoding.Strict()
	for _, head := range []string{"", "A", "AA", "AAA", "AAAA", "AAAAA", "AAAAAA"} {
		for _, c := range alphabet {
			s := head + string(c)
			_, canonical, ok := decodeBase64(s)
			if _, err := strict.DecodeString(s); (err == nil) != (ok && canonical) {
				t.Errorf("%q: ok %v, canonical %v, strict %v", s, ok, canonical, err)
			}
		}
	}
}
