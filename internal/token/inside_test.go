package token

import (
	"errors"
	"strings"
	"testing"

	"github.com/oauthpop/oauthpop/internal/bounds"
)

func TestWhatIsInsideIsRecognised(t *testing.T) {
	assertion := b64(`{"alg":"ES256"}`) + "." + b64(`{"iss":"a","sub":"a","aud":"i","exp":2,"jti":"1"}`) + ".c2ln"
	for _, c := range []struct {
		name, text string
		kind       Kind
		signed     bool
	}{
		{"a JWT", accessToken, JWT, true},
		{"a JWT and a newline", accessToken + "\n", JWT, true},
		{"a proof", proof, DPoPProof, true},
		{"a client assertion", assertion, ClientAssertion, true},
		{"claims", ` {"sub":"a"}`, JWT, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := Inside([]byte(c.text))
			if err != nil || r.Kind != c.kind || r.Compact == nil || (r.Header != nil) != c.signed {
				t.Errorf("%s, %v, header %v; want %s", r.Kind, err, r.Header, c.kind)
			}
		})
	}
	for name, c := range map[string]struct{ text, want string }{
		"nothing":             {"\n", "nothing is inside"},
		"an opaque token":     {"opaque", "neither"},
		"encrypted once more": {dir, "encrypted once more"},
		"half a JWT":          {accessToken[:40], "begins like a JWT"},
		"half of claims":      {`{"sub":`, "begins like JSON"},
		"bytes":               {"\xff\x00", "no text"},
		"too long":            {strings.Repeat(" ", bounds.Token+1), "more than"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Inside([]byte(c.text))
			var e *Error
			if !errors.As(err, &e) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}

// FuzzInside: what is read has claims, and is a kind that a JWE may hold.
func FuzzInside(f *testing.F) {
	for _, s := range []string{accessToken, proof, dir, opaqueToken, `{"sub":"a"}`, "{", "", "\xff"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, plain []byte) {
		r, err := Inside(plain)
		if err != nil {
			return
		}
		if r.Compact == nil || r.Compact.Payload == nil || r.Kind == JWE || r.Kind == Opaque {
			t.Errorf("%q is read as %s, without claims", plain, r.Kind)
		}
	})
}
