package jwt

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
)

// FuzzSplit compares the strict parser with go-jose: what is taken here is taken
// there, with the same bytes; what is taken there and refused here is named.
func FuzzSplit(f *testing.F) {
	for _, v := range rfcVectors() {
		f.Add(v.input + "." + v.sig)
	}
	for _, s := range []string{
		"", "e30.e30.", "e30.e30.AA", "e30.e30.AB", "e30=.e30.AA", "W10.e30.AA", "eyJhbGciOiJFUzI1NiJ9.e30.AA",
		"eyJhbGciOiJFUzI1NiIsImFsZyI6Im5vbmUifQ.eyJhIjoxLCJhIjoyfQ.AA", "eyJhbGciOiJFUzI1NiJ9.eyJhIjp7ImIiOlsxLHsiYyI6MX1dfX0.AAAA",
	} {
		f.Add(s)
	}
	algs := []jose.SignatureAlgorithm{"ES256", "ES384", "ES512", "EdDSA", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512"}
	f.Fuzz(func(t *testing.T, s string) {
		c, err := Split(s)
		theirs, theirErr := jose.ParseSignedCompact(s, algs)
		if err != nil {
			if theirErr == nil && !laxOnly(s, theirs) {
				t.Errorf("%q: refused here (%v), taken by go-jose", s, err)
			}
			return
		}
		if c.SigningInput+s[strings.LastIndexByte(s, '.'):] != s {
			t.Errorf("%q: signing input %q", s, c.SigningInput)
		}
		if !json.Valid(c.RawHeader) || !json.Valid(c.RawPayload) {
			t.Errorf("%q: taken, but not JSON", s)
		}
		alg, ok := c.Header.String("alg")
		if theirErr != nil {
			return // it has rules for header parameters that are not the parser's here
		}
		if !ok || alg != theirs.Signatures[0].Protected.Algorithm {
			t.Errorf("%q: alg %q here, %q there", s, alg, theirs.Signatures[0].Protected.Algorithm)
		}
		if !bytes.Equal(theirs.UnsafePayloadWithoutVerification(), c.RawPayload) || !bytes.Equal(theirs.Signatures[0].Signature, c.Signature) {
			t.Errorf("%q: other bytes than go-jose's", s)
		}
	})
}

// laxOnly says whether go-jose takes s only because it looks less closely: a
// payload may be anything there, padding and line breaks are skipped, and text
// that is not UTF-8 or nested without bounds is none of its business.
func laxOnly(s string, theirs *jose.JSONWebSignature) bool {
	payload := theirs.UnsafePayloadWithoutVerification()
	_, payloadErr := ParseObject(payload)
	header, _, _ := strings.Cut(s, ".")
	raw, _, ok := decodeBase64(header)
	_, headerErr := ParseObject(raw)
	return payloadErr != nil || strings.ContainsAny(s, "=\r\n") || !ok || headerErr != nil && json.Valid(raw)
}

// FuzzParseObject compares with encoding/json.
func FuzzParseObject(f *testing.F) {
	for _, s := range []string{`{}`, `{"a":1,"a":2}`, `{"a":[1,2.5e-3,{"b":null}],"c":"\ud83d\ude00\n"}`, ` { "\u0061" : true } `, `{"a":"`, `[]`, `{"a":01}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		o, err := ParseObject(b)
		var want map[string]json.RawMessage
		theirErr := json.Unmarshal(b, &want)
		if err != nil {
			if theirErr == nil && want != nil && !strings.Contains(err.Error(), "UTF-8") && !strings.Contains(err.Error(), "deep") {
				t.Errorf("%q: refused here: %v", b, err)
			}
			return
		}
		if theirErr != nil {
			t.Fatalf("%q: taken here, but %v", b, theirErr)
		}
		if len(o.Names()) != len(want) {
			t.Errorf("%q: names %q, want %d", b, o.Names(), len(want))
		}
		for name, raw := range want {
			if got, ok := o.Get(name); !ok || !bytes.Equal(got, raw) {
				t.Errorf("%q: %q is %q, want %q", b, name, got, raw)
			}
		}
	})
}
