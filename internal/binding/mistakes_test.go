package binding

import (
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"strings"
	"testing"

	"github.com/oauthpop/oauthpop/internal/wire"
)

// The certificate of RFC 8705 appendix A, and what sloppy implementations make of it.
const (
	certificate = `-----BEGIN CERTIFICATE-----
MIIBBjCBrAIBAjAKBggqhkjOPQQDAjAPMQ0wCwYDVQQDDARtdGxzMB4XDTE4MTAx
ODEyMzcwOVoXDTIyMDUwMjEyMzcwOVowDzENMAsGA1UEAwwEbXRsczBZMBMGByqG
SM49AgEGCCqGSM49AwEHA0IABNcnyxwqV6hY8QnhxxzFQ03C7HKW9OylMbnQZjjJ
/Au08/coZwxS7LfA4vOLS9WuneIXhbGGWvsDSb0tH6IxLm8wCgYIKoZIzj0EAwID
SQAwRgIhAP0RC1E+vwJD/D1AGHGzuri+hlV/PpQEKTWUVeORWz83AiEA5x2eXZOV
bUlJSGQgjwD5vaUaKlLR50Q2DmFfQj1L+SY=
-----END CERTIFICATE-----`
	ofPEM  = "nNDSgJ6q45Iw2Hc-S2tedp4pIakuDqxFpeBilovbTTg"
	sha1Of = "T8Qp8fPmVYqb9iHyzQUaAbxBedY"
	jktOf  = "Fvi_j8Immo6AlgIwpZKqaXnNP_9b09pLKkQHObRebQY"
	// The example of RFC 8705 section 3.1, which no encoder could have written.
	nonCanonical = "bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2"
)

func rfc8705(t testing.TB) Local {
	t.Helper()
	block, _ := pem.Decode([]byte(certificate))
	leaf, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(leaf.Raw)
	if got := base64.RawURLEncoding.EncodeToString(sum[:]); got != certA {
		t.Fatalf("x5t#S256 %s, want %s", got, certA)
	}
	return Local{Certificates: []LocalCertificate{{File: "app.pem", X5T: certA, KeyJKT: jktOf, Leaf: leaf}}}
}

// https://www.rfc-editor.org/rfc/rfc9449#section-6.1
// https://www.rfc-editor.org/rfc/rfc8705#section-3.1
func TestMalformedThumbprintsAreNamedAndNeverMatch(t *testing.T) {
	local := rfc8705(t)
	leaf := local.Certificates[0].Leaf
	digest, err := base64.RawURLEncoding.DecodeString(certA)
	if err != nil {
		t.Fatal(err)
	}
	sha1Bytes, err := base64.RawURLEncoding.DecodeString(sha1Of)
	if err != nil {
		t.Fatal(err)
	}
	text := hex.EncodeToString(digest)
	colons := func(s string) string {
		var parts []string
		for i := 0; i < len(s); i += 2 {
			parts = append(parts, s[i:i+2])
		}
		return strings.Join(parts, ":")
	}
	spki := sha256.Sum256(leaf.RawSubjectPublicKeyInfo)
	long := sha512.Sum512(leaf.Raw)
	b64 := base64.RawURLEncoding.EncodeToString

	for _, c := range []struct {
		name, value string
		want        []string // all of them in the sentence
		malformed   bool
	}{
		{"hex", text, []string{"hex, not base64url", `SHA-256 of the certificate "app.pem"`}, true},
		{"upper-case hex with colons", strings.ToUpper(colons(text)), []string{"hex with colons", `"app.pem"`}, true},
		{"hex with spaces", strings.ReplaceAll(colons(text), ":", " "), []string{"hex with spaces", `"app.pem"`}, true},
		{"base64url of hex", b64([]byte(text)), []string{"base64url of the hex", `"app.pem"`}, true},
		{"base64url of hex, as a literal", "MDM4MGVkMmY2MjY2NTBjODQwYjJmMjYzZTZkMmIyOWZhZTEyYWIzOWFlNWRiMzJiMjVhZDI3ZWZhZDcyZTZmZA", []string{"base64url of the hex", `"app.pem"`}, true},
		{"base64url of hex with colons", b64([]byte(colons(text))), []string{"base64url of the hex with colons", `"app.pem"`}, true},
		{"base64 of hex", base64.StdEncoding.EncodeToString([]byte(text)), []string{"of the hex", `"app.pem"`}, true},
		{"base64url twice", b64([]byte(certA)), []string{"base64url of the base64url", `"app.pem"`}, true},
		{"padded", certA + "=", []string{"padded base64url", `"app.pem"`}, true},
		{"standard base64", base64.StdEncoding.EncodeToString(spki[:]), []string{"padded standard base64", "public key"}, true},
		{"standard base64 without padding", "+/+/" + certA[4:], []string{"standard base64, not base64url"}, true},
		{"SHA-1", sha1Of, []string{"SHA-1", `"app.pem"`}, true},
		{"SHA-1 in hex", hex.EncodeToString(sha1Bytes), []string{"SHA-1", "in hex", `"app.pem"`}, true},
		{"SHA-1 in hex with colons", colons(hex.EncodeToString(sha1Bytes)), []string{"SHA-1", "in hex with colons", `"app.pem"`}, true},
		{"SHA-1 padded", sha1Of + "=", []string{"SHA-1", "padded", `"app.pem"`}, true},
		{"SHA-512", b64(long[:]), []string{"SHA-512"}, true},
		{"cut short", certA[:42], []string{"31 bytes, not the 32"}, true},
		{"one byte", "AQ", []string{"1 bytes, not the 32"}, true},
		{"non-canonical", nonCanonical, []string{"non-canonical"}, true},
		{"non-canonical, of the right bytes", certA[:42] + "1", []string{"non-canonical", `"app.pem"`}, true},
		{"with a newline", certA + "\n", []string{"white space", `"app.pem"`}, true},
		{"hex with a newline", text + "\r\n", []string{"hex", "white space", `"app.pem"`}, true},
		{"a line break within", certA[:20] + "\n" + certA[20:], []string{"not base64url"}, true},
		{"a thumbprint URI", uri + certA, []string{"URI", `"app.pem"`}, true},
		{"empty", "", []string{"empty"}, true},
		{"blank", " ", []string{"empty"}, true},
		{"prose", "no thumbprint!", []string{"not base64url"}, true},

		{"the key's thumbprint", jktOf, []string{`the key of "app.pem"`, "not of the certificate"}, false},
		{"the SHA-256 of the PEM text", ofPEM, []string{"PEM text", `"app.pem"`}, false},
		{"the SHA-256 of the PEM text with its last newline", b64(sum(certificate + "\n")), []string{"PEM text", `"app.pem"`}, false},
		{"the SHA-256 of the PEM text with CRLF", b64(sum(strings.ReplaceAll(certificate, "\n", "\r\n") + "\r\n")), []string{"PEM text", `"app.pem"`}, false},
		{"the SHA-256 of the public key", b64(spki[:]), []string{"public key", `"app.pem"`}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			value, err := json.Marshal(c.value)
			if err != nil {
				t.Fatal(err)
			}
			b := Judge(claim(`{"x5t#S256":`+string(value)+`}`), local)
			verdict, reason := BoundToAnotherKey, CertificateDiffers
			if c.malformed {
				verdict, reason = CannotTell, MalformedCnf
			}
			if b.Verdict != string(verdict) || b.Reason != string(reason) {
				t.Errorf("%s, %s; want %s, %s", b.Verdict, b.Reason, verdict, reason)
			}
			for _, want := range c.want {
				if !strings.Contains(b.Detail, want) {
					t.Errorf("detail %q does not name %q", b.Detail, want)
				}
			}
			if b.Candidates[0].Matches {
				t.Error("the candidate is said to match")
			}
		})
	}
}

func sum(s string) []byte {
	b := sha256.Sum256([]byte(s))
	return b[:]
}

func TestARightThumbprintIsNoMistake(t *testing.T) {
	local := rfc8705(t)
	local.Keys = keysOf(jktOf)
	if kind := MalformedKind(wire.CnfX5T, certA, local); kind != "" {
		t.Errorf("x5t#S256: %q", kind)
	}
	if kind := MalformedKind(wire.CnfJKT, jktOf, local); kind != "" {
		t.Errorf("jkt: %q", kind)
	}
	if kind := MalformedKind(wire.CnfJKT, keyB, local); kind != "" {
		t.Errorf("a foreign thumbprint: %q", kind)
	}
}

func TestAThumbprintInTheOtherMemberIsNamed(t *testing.T) {
	local := rfc8705(t)
	local.Keys = keysOf(keyA)
	for _, c := range []struct{ name, cnf, want string }{
		{"the certificate's as jkt", `{"jkt":"` + certA + `"}`, `the SHA-256 of the certificate "app.pem", not the thumbprint of a key`},
		{"the key of the certificate as jkt", `{"jkt":"` + jktOf + `"}`, `the thumbprint of the key of "app.pem"`},
		{"a key's as x5t#S256", `{"x5t#S256":"` + keyA + `"}`, `the thumbprint of the key "a.jwk" (RFC 7638), not of a certificate`},
	} {
		if b := Judge(claim(c.cnf), local); !strings.Contains(b.Detail, c.want) {
			t.Errorf("%s: detail %q", c.name, b.Detail)
		}
	}
}

func TestMembersThatLookLikeAKnownOneAreNamed(t *testing.T) {
	for name, meant := range map[string]string{"x5t#s256": "x5t#S256", "x5t_s256": "x5t#S256", "JKT": "jkt"} {
		b := Judge(claim(`{"`+name+`":"`+keyA+`"}`), oneKey)
		if want := `"` + name + `" may be meant as "` + meant + `"`; !strings.Contains(b.Detail, want) {
			t.Errorf("detail %q does not say %s", b.Detail, want)
		}
	}
}

func TestLongValuesAreShortenedInTheSentence(t *testing.T) {
	long := strings.Repeat("ä", 5000)
	for _, cnf := range []string{`{"jkt":"` + long + `"}`, `{"` + long + `":1}`} {
		if b := Judge(claim(cnf), oneKey); len(b.Detail) > 500 {
			t.Errorf("the detail has %d bytes", len(b.Detail))
		}
	}
}
