package token

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"regexp"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/oauthpop/oauthpop/internal/bounds"
)

// The access token of RFC 9449 figure 8, the proof of figure 2, and the opaque
// refresh token of figure 7.
const (
	accessToken = "eyJhbGciOiJFUzI1NiIsImtpZCI6IkJlQUxrYiJ9.eyJzdWIiOiJzb21lb25lQGV4YW1wbGUuY29tIiwiaXNzIjoiaHR0cHM6Ly9zZXJ2ZXIuZXhhbXBsZS5jb20iLCJuYmYiOjE1NjIyNjI2MTEsImV4cCI6MTU2MjI2NjIxNiwiY25mIjp7ImprdCI6IjBaY09DT1JaTll5LURXcHFxMzBqWnlKR0hUTjBkMkhnbEJWM3VpZ3VBNEkifX0.3Tyo8VTcn6u_PboUmAOYUY1kfAavomW_YwYMkmRNizLJoQzWy2fCo79Zi5yObpIzjWb5xW4OGld7ESZrh0fsrA"
	proof       = "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg"
	opaqueToken = "Q..Zkm29lexi8VnWg2zPW1x-tgGad0Ibc3s3EwM_Ni4-g"
)

func b64(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

// dir is an encrypted token of Auth0: its second part is empty.
var dir = b64(`{"alg":"dir","enc":"A256GCM","iss":"https://tenant.example/"}`) + ".." + b64("iv-iv-iv-iv-") + "." + b64("ciphertext") + "." + b64("tag-tag-tag-tag-")

func wrap(s, eol string, width int) string {
	return regexp.MustCompile(`.{1,`+string(rune('0'+width/10))+string(rune('0'+width%10))+`}`).ReplaceAllString(s, "$0"+eol)
}

func utf16Bytes(s string, bigEndian bool) string {
	var b strings.Builder
	for _, u := range utf16.Encode([]rune(s)) {
		hi, lo := byte(u>>8), byte(u)
		if bigEndian {
			hi, lo = lo, hi
		}
		b.WriteByte(lo)
		b.WriteByte(hi)
	}
	return b.String()
}

func TestWhatPeoplePasteIsRead(t *testing.T) {
	answer, err := json.MarshalIndent(map[string]any{"access_token": accessToken, "token_type": "DPoP", "expires_in": 60}, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, text string
		kind       Kind
		token      string
		tokenType  string
	}{
		{"alone", accessToken, JWT, accessToken, ""},
		{"newline", accessToken + "\n", JWT, accessToken, ""},
		{"CRLF", accessToken + "\r\n", JWT, accessToken, ""},
		{"white space around", "\n  " + accessToken + " \t\n\n", JWT, accessToken, ""},
		{"byte order mark", "\ufeff" + accessToken + "\r\n", JWT, accessToken, ""},
		{"scheme", "DPoP " + accessToken, JWT, accessToken, ""},
		{"scheme in capitals, two spaces", "DPOP  " + accessToken + "\n", JWT, accessToken, ""},
		{"Bearer", "Bearer " + accessToken, JWT, accessToken, ""},
		{"whole header", "Authorization: DPoP " + accessToken + "\r\n", JWT, accessToken, ""},
		{"header in small letters", "authorization:bearer " + accessToken, JWT, accessToken, ""},
		{"header without a scheme", "Authorization: " + accessToken, JWT, accessToken, ""},
		{"header, quoted", `"Authorization: DPoP ` + accessToken + `"`, JWT, accessToken, ""},
		{"double quotes", `"` + accessToken + `"`, JWT, accessToken, ""},
		{"single quotes in double ones", `"'` + accessToken + `'"`, JWT, accessToken, ""},
		{"backticks", "`" + accessToken + "`", JWT, accessToken, ""},
		{"quotes of a word processor", "“" + accessToken + "”", JWT, accessToken, ""},
		{"quotes behind the scheme", `Bearer "` + accessToken + `"`, JWT, accessToken, ""},
		{"wrapped", wrap(accessToken, "\r\n", 76), JWT, accessToken, ""},
		{"wrapped and indented", "  " + wrap(accessToken, "\n    ", 64), JWT, accessToken, ""},
		{"wrapped behind the header", "Authorization: DPoP\n" + wrap(accessToken, "\n", 60), JWT, accessToken, ""},
		{"UTF-16, little endian with mark", "\xff\xfe" + utf16Bytes(accessToken+"\r\n", false), JWT, accessToken, ""},
		{"UTF-16, big endian with mark", "\xfe\xff" + utf16Bytes(accessToken, true), JWT, accessToken, ""},
		{"UTF-16 without mark", utf16Bytes(accessToken, false), JWT, accessToken, ""},
		{"UTF-16, big endian without mark", utf16Bytes(accessToken, true), JWT, accessToken, ""},
		{"token response", string(answer), JWT, accessToken, "DPoP"},
		{"token response with mark and newline", "\ufeff" + string(answer) + "\r\n", JWT, accessToken, "DPoP"},
		{"token response without token_type", `{"access_token":"at_7c1f0e"}`, Opaque, "at_7c1f0e", ""},
		{"token response with an encrypted token", `{"token_type":"Bearer","access_token":"` + dir + `"}`, JWE, dir, "Bearer"},

		{"unsecured, without a signature", b64(`{"alg":"none"}`) + "." + b64(`{}`) + ".", JWT, b64(`{"alg":"none"}`) + "." + b64(`{}`) + ".", ""},
		{"header without alg", b64(`{"typ":"JWT"}`) + "." + b64(`{}`) + ".c2ln", JWT, b64(`{"typ":"JWT"}`) + "." + b64(`{}`) + ".c2ln", ""},
		{"opaque with dots", opaqueToken + "\n", Opaque, opaqueToken, ""},
		{"opaque behind the scheme", "DPoP Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU", Opaque, "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU", ""},
		{"opaque with padding", "abc+/==", Opaque, "abc+/==", ""},
		{"opaque that begins like a scheme", "bearer-7f", Opaque, "bearer-7f", ""},
		{"opaque that is JSON in base64", b64(`{"id":1}`), Opaque, b64(`{"id":1}`), ""},
		{"opaque with three parts", "abc.def.ghi", Opaque, "abc.def.ghi", ""},
		{"encrypted, without an encrypted key", dir, JWE, dir, ""},
		{"encrypted and wrapped", wrap(dir, "\n", 40), JWE, dir, ""},
		{"proof", proof, DPoPProof, proof, ""},
		{"proof in its header", "DPoP: " + proof, DPoPProof, proof, ""},
		{"proof behind a scheme", "Authorization: DPoP " + proof, DPoPProof, proof, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := Read(c.text)
			if err != nil {
				t.Fatal(err)
			}
			if r.Kind != c.kind || r.Token != c.token || r.TokenType != c.tokenType {
				t.Errorf("%s %q, token_type %q; want %s %q, %q", r.Kind, r.Token, r.TokenType, c.kind, c.token, c.tokenType)
			}
			if (r.Header == nil) != (c.kind == Opaque) || (r.Compact == nil) != (c.kind == Opaque || c.kind == JWE) {
				t.Error("header and claims are not those of the kind")
			}
		})
	}
}

func TestWhatIsNoTokenIsNamed(t *testing.T) {
	header, payload, signature := strings.Split(accessToken, ".")[0], strings.Split(accessToken, ".")[1], strings.Split(accessToken, ".")[2]
	for _, c := range []struct{ name, text, want string }{
		{"nothing", "", "empty"},
		{"white space", " \r\n", "empty"},
		{"quotes", `""`, "empty"},
		{"a mark alone", "\ufeff", "empty"},
		{"a scheme alone", "DPoP ", "behind the name of the scheme"},
		{"a header alone", "Authorization: Bearer\r\n", "behind the name of the scheme"},
		{"prose", "not a token at all", "spaces"},
		{"prose of one line and a newline", "not a token at all\n", "spaces"},
		{"two lines", "abc\ndef", "several lines"},
		{"a foreign letter", "tökén", `'ö' at character 2`},
		{"a control character", "abc\x00", `'\x00' at character 4`},
		{"padding alone", "==", "nothing but"},
		{"padding within", "ab=cd", `'=' at character 3`},
		{"not text", "\xc3\x28\xa0", "not text"},
		{"a PEM file", "-----BEGIN PUBLIC KEY-----\nMFk\n-----END PUBLIC KEY-----\n", "PEM file"},
		{"a JWK", `{"kty":"EC","crv":"P-256"}`, "JWK"},
		{"claims", `{"sub":"a","cnf":{"jkt":"x"}}`, "claims"},
		{"a refusal", `{"error":"invalid_grant"}`, "refusal"},
		{"other JSON", `{"a":1}`, "JSON without access_token"},
		{"an access_token that is no string", `{"access_token":1}`, "JSON without access_token"},
		{"access_token twice", `{"access_token":"a","access_token":"b"}`, "access_token twice"},
		{"an array", `["` + accessToken + `"]`, "not a JSON object"},
		{"broken JSON", `{"access_token":"a"`, "begins like JSON"},
		{"a header alone", header, "1 part, not 3"},
		{"a signature cut off", header + "." + payload, "2 parts, not 3"},
		{"a payload cut off", header + "." + payload[:40] + "." + signature, "payload"},
		{"a header cut off", header[:21] + "." + payload + "." + signature, "header"},
		{"a signature that is not base64url", header + "." + payload + ".a+b", "signature"},
		{"padding in a JWT", header + "=." + payload + "." + signature, "header"},
		{"two tokens, one a line", accessToken + "\n" + accessToken, `no "enc"`},
		{"two tokens with a space", accessToken + " " + accessToken, "five parts"},
		{"six parts", accessToken + "." + accessToken, "6 parts, not 3"},
		{"an encrypted token with a broken header", header[:21] + "....", "header"},
		{"an encrypted token with a broken part", dir + "!", "a part is not base64url"},
		{"an access token as a proof", "DPoP: " + accessToken, "not a proof"},
		{"too long", strings.Repeat("a", bounds.Token+1), "more than"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := Read(c.text)
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("read as %s, error %v", r.Kind, err)
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("%q does not say %q", err, c.want)
			}
		})
	}
}

// What was pasted may be a secret: messages do not repeat it.
func TestErrorsDoNotQuoteTheToken(t *testing.T) {
	secret := strings.Repeat("S3cr3t", 20)
	for _, text := range []string{secret + "ö", secret + " " + secret, secret + "\n" + secret, "eyJhbGciOiJ9." + secret + ".x", `{"token":"` + secret + `"}`} {
		_, err := Read(text)
		var e *Error
		if !errors.As(err, &e) {
			t.Fatalf("error %v", err)
		}
		if strings.Contains(e.Error()+e.HintText(), "S3cr3t") {
			t.Errorf("%q, %q", e, e.HintText())
		}
	}
}

// FuzzRead: whatever was pasted, what is returned is a token in the form that a
// request would carry, and reading it again gives the same.
func FuzzRead(f *testing.F) {
	for _, s := range []string{accessToken, proof, opaqueToken, dir, "DPoP " + accessToken, `{"access_token":"a","token_type":"x"}`, "\xff\xfea\x00", "“a”", wrap(accessToken, "\n ", 60)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := Read(text)
		if err != nil {
			return
		}
		if strings.ContainsAny(r.Token, " \t\r\n\"'") || r.Token == "" {
			t.Errorf("%q was read from %q", r.Token, text)
		}
		if r.Kind == IDToken || r.Kind == ClientAssertion {
			r.Kind = JWT
		}
		again, err := Recognise(r.Token)
		if err != nil || again.Kind != r.Kind || again.Token != r.Token {
			t.Errorf("%q is read again as %s %q, %v", r.Token, again.Kind, again.Token, err)
		}
	})
}
