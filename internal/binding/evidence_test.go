package binding

import (
	"encoding/base64"
	"testing"

	"github.com/oauthpop/oauthpop/internal/token"
)

func TestEvidenceOfWhatIsPasted(t *testing.T) {
	b64 := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
	jwt := func(claims string) string { return b64(`{"alg":"ES256"}`) + "." + b64(claims) + ".c2ln" }
	for _, c := range []struct {
		name, text string
		verdict    Verdict
		reason     Reason
		source     Source
	}{
		{"bound", jwt(`{"cnf":` + cnfKey + `}`), BoundAndMatches, "", SourceJWT},
		{"unbound", jwt(`{"sub":"a"}`), NotBound, NoCnf, SourceJWT},
		{"cnf somewhere else", jwt(`{"act":{"cnf":` + cnfKey + `}}`), NotBound, NoCnf, SourceJWT},
		{"cnf twice", jwt(`{"cnf":{"jkt":"x"},"cnf":` + cnfKey + `}`), CannotTell, MalformedCnf, SourceJWT},
		{"encrypted", b64(`{"alg":"dir","enc":"A256GCM"}`) + "..aaaa.bbbb.cccc", CannotTell, Encrypted, SourceNone},
		{"opaque", "at_7c1f0e", CannotTell, Opaque, SourceNone},
		{"opaque with its token_type", `{"access_token":"at_7c1f0e","token_type":"DPoP"}`, CannotTell, Opaque, SourceTokenType},
		{"a proof", b64(`{"alg":"ES256","typ":"dpop+jwt"}`) + "." + b64(`{"cnf":`+cnfKey+`}`) + ".c2ln", CannotTell, NotAToken, SourceNone},
		{"an ID token", b64(`{"alg":"ES256"}`) + "." + b64(`{"iss":"i","sub":"u","aud":"app","exp":2,"iat":1,"nonce":"n"}`) + ".c2ln", CannotTell, NotAToken, SourceNone},
		{"an ID token that names a key", b64(`{"alg":"ES256"}`) + "." + b64(`{"iss":"i","sub":"u","aud":"app","exp":2,"iat":1,"nonce":"n","cnf":`+cnfKey+`}`) + ".c2ln", BoundAndMatches, "", SourceJWT},
		{"a client assertion", b64(`{"alg":"ES256"}`) + "." + b64(`{"iss":"app","sub":"app","aud":"i","exp":2,"jti":"1"}`) + ".c2ln", CannotTell, NotAToken, SourceNone},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := token.Read(c.text)
			if err != nil {
				t.Fatal(err)
			}
			b := Judge(EvidenceOf(r), oneKey)
			if b.Verdict != string(c.verdict) || b.Reason != string(c.reason) || b.Source != string(c.source) {
				t.Errorf("%s, %q, source %s; want %s, %q, %s", b.Verdict, b.Reason, b.Source, c.verdict, c.reason, c.source)
			}
			if b.Verified {
				t.Error("nobody vouched for it, and it is called verified")
			}
		})
	}
}
