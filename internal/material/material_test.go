package material

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/oauthpop/oauthpop/internal/jwt"
)

// The thumbprints (RFC 7638) of the keys in testdata, computed by Node.
const (
	thumbP256    = "nj033SFmiXFrSUEBKcLR6rmyaS6RDpB6tZ3EIyhVgsM"
	thumbRSA     = "271ofbeAw3fZHMN5jyVj4pLUydwm8iUHisqv-hPpNbk"
	thumbEd25519 = "TAGgdyTi1RrLGzyzV-ojuo2VcF_mDyFsSNs5Va9QlU0"
	thumbP384    = "1oNh7EuhvA4NUUS_FiCdIMjZQlpZ38jnoLie7FhXrU4"
	thumbP521    = "Wu5el4KP00AbnixRnmM5Liu8jhK9dMysojW9cjy3bsc"
)

func load(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func thumb(t testing.TB, k Key) string {
	t.Helper()
	b, err := jwt.CanonicalJWK(k.Public)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(b)
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func TestEveryFormOfAPrivateKeyIsRead(t *testing.T) {
	for file, want := range map[string]string{
		"pkcs8.pem":               thumbP256,
		"pkcs8.der":               thumbP256,
		"sec1.pem":                thumbP256,
		"sec1.der":                thumbP256,
		"ec-parameters-first.pem": thumbP256,
		"ec.jwk":                  thumbP256,
		"legacy-aes.pem":          thumbP256,
		"legacy-des3.pem":         thumbP256,
		"pkcs8-aes256.pem":        thumbP256,
		"pkcs8-aes128.der":        thumbP256,
		"pkcs8-des3.pem":          thumbP256,
		"pkcs8-scrypt.pem":        thumbP256,
		"pkcs1.pem":               thumbRSA,
		"pkcs1.der":               thumbRSA,
		"rsa-pkcs8.pem":           thumbRSA,
		"rsa-legacy.pem":          thumbRSA,
		"rsa.jwk":                 thumbRSA,
		"ed25519.pem":             thumbEd25519,
		"ed25519.der":             thumbEd25519,
		"ed25519.jwk":             thumbEd25519,
		"p384.pem":                thumbP384,
		"p521.pem":                thumbP521,
		"p521.jwk":                thumbP521,
	} {
		t.Run(file, func(t *testing.T) {
			k, err := PrivateKey(file, load(t, file), []string{"wrong", "pw"})
			if err != nil {
				t.Fatal(err)
			}
			if got := thumb(t, k); got != want {
				t.Errorf("thumbprint %s, want %s", got, want)
			}
			if k.Private == nil || !Same(k.Private.Public(), k.Public) {
				t.Error("the private half is not that of the public one")
			}
			public, err := PublicKey(file, load(t, file), []string{"pw"})
			if err != nil || !Same(public.Public, k.Public) {
				t.Errorf("PublicKey of the same file: %v", err)
			}
		})
	}
}

func TestEveryFormOfAPublicKeyIsRead(t *testing.T) {
	for file, want := range map[string]string{
		"spki.pem":           thumbP256,
		"spki.der":           thumbP256,
		"pkcs1-public.pem":   thumbRSA,
		"pkcs1-public.der":   thumbRSA,
		"ed25519-public.pem": thumbEd25519,
	} {
		t.Run(file, func(t *testing.T) {
			k, err := PublicKey(file, load(t, file), nil)
			if err != nil {
				t.Fatal(err)
			}
			if got := thumb(t, k); got != want || k.Private != nil {
				t.Errorf("thumbprint %s (private: %v), want %s", got, k.Private != nil, want)
			}
			_, err = PrivateKey(file, load(t, file), nil)
			wantError(t, err, file, "a public key", "not a private key")
		})
	}
}

func TestTheSurroundingsOfAKeyDoNoHarm(t *testing.T) {
	pem, jwk := string(load(t, "pkcs8.pem")), string(load(t, "ec.jwk"))
	for name, text := range map[string]string{
		"byte order mark":       "\ufeff" + pem,
		"CRLF":                  strings.ReplaceAll(pem, "\n", "\r\n"),
		"text around":           "Bag Attributes\n    friendlyName: mine\nKey Attributes: <No Attributes>\n" + pem + "and so on\n",
		"no final newline":      strings.TrimSpace(pem),
		"indented, as in YAML":  "  key: |\n    " + strings.ReplaceAll(pem, "\n", "\n    "),
		"written breaks":        strings.ReplaceAll(pem, "\n", `\n`),
		"trailing blanks":       strings.ReplaceAll(pem, "\n", "  \n"),
		"the public half too":   pem + string(load(t, "spki.pem")),
		"itself in another":     pem + string(load(t, "sec1.pem")),
		"a certificate, first":  string(load(t, "cert.pem")) + pem,
		"a request":             string(load(t, "request.pem")) + pem,
		"the wrong label":       strings.ReplaceAll(pem, "PRIVATE KEY", "EC PRIVATE KEY"),
		"JWK, byte order mark":  "\ufeff" + jwk,
		"JWK, CRLF":             strings.ReplaceAll(jwk, ",", ",\r\n "),
		"JWK, unknown members":  strings.Replace(jwk, "{", `{"ext":true,"key_ops":["sign"],"nested":{"a":[1]},`, 1),
		"JWK set of one":        `{"keys":[` + jwk + `]}`,
		"DER, newline after it": string(load(t, "pkcs8.der")) + "\n",
	} {
		t.Run(name, func(t *testing.T) {
			k, err := PrivateKey("key", []byte(text), nil)
			if err != nil {
				t.Fatal(err)
			}
			if got := thumb(t, k); got != thumbP256 {
				t.Errorf("thumbprint %s, want %s", got, thumbP256)
			}
		})
	}
}

// wantError checks that the message names the file and says each of the words.
func wantError(t *testing.T, err error, file string, words ...string) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("%v is no *Error", err)
	}
	if e.File != file {
		t.Errorf("the error is about %q, not %q", e.File, file)
	}
	all := e.Error() + "\n" + e.HintText()
	for _, w := range append(words, file) {
		if !strings.Contains(all, w) {
			t.Errorf("%q is not in the message:\n%s", w, all)
		}
	}
	if strings.HasSuffix(e.Error(), ".") {
		t.Errorf("the message ends with a full stop: %s", e)
	}
}

func TestWhatCannotBeUsedIsNamed(t *testing.T) {
	for file, words := range map[string][]string{
		"openssh.pem":          {"an OpenSSH private key", "ssh-keygen"},
		"explicit-sec1.pem":    {"explicit curve parameters", "named_curve"},
		"explicit-pkcs8.pem":   {"explicit curve parameters", "named_curve"},
		"explicit-public.pem":  {"explicit curve parameters", "named_curve"},
		"secp256k1.pem":        {"secp256k1", "P-256"},
		"secp256k1-sec1.pem":   {"secp256k1", "P-256"},
		"secp256k1-public.pem": {"secp256k1", "public key"},
		"p224.pem":             {"P-224"},
		"x25519.pem":           {"X25519"},
		"x25519-public.pem":    {"X25519", "public key"},
		"ed448.pem":            {"Ed448"},
		"dsa.pem":              {"DSA"},
		"dsa-traditional.pem":  {"DSA"},
		"rsa-pss.pem":          {"RSASSA-PSS"},
		"rsa1024.pem":          {"1024", "2048", "RFC 7518"},
		"rsa1024-public.pem":   {"1024", "2048"},
		"rsa-three-primes.pem": {"3 primes"},
		"request.pem":          {"a certificate request"},
		"request-new.pem":      {"a certificate request"},
		"request.der":          {"a certificate request"},
		"trusted.pem":          {"trusted certificate", "openssl x509"},
		"bundle.p7b":           {"PKCS#7", "openssl pkcs7"},
		"bundle-der.p7b":       {"PKCS#7", "openssl pkcs7"},
		"p12-nomac.p12":        {"PKCS#12", "no MAC", "openssl pkcs12 -in FILE -nodes"},
		"p12-costly.p12":       {"PKCS#12", "20000001 rounds"},
		"p12-certificates.p12": {"PKCS#12", "private key missing", "openssl pkcs12 -in FILE -nodes"},
		"pkcs8-sha512.pem":     {"encrypted", "HMAC", "openssl pkcs8"},
		"pkcs8-pbes1.pem":      {"encrypted", "PBES2", "openssl pkcs8"},
	} {
		t.Run(file, func(t *testing.T) {
			_, err := PrivateKey(file, load(t, file), []string{"pw"})
			wantError(t, err, file, words...)
			_, err = PublicKey(file, load(t, file), []string{"pw"})
			wantError(t, err, file, words...)
			_, err = Parse(file, load(t, file), []string{"pw"})
			wantError(t, err, file, words...)
		})
	}
}

func utf16Of(s string, mark bool) []byte {
	var b []byte
	if mark {
		b = []byte{0xff, 0xfe}
	}
	for _, u := range utf16.Encode([]rune(s)) {
		b = append(b, byte(u), byte(u>>8))
	}
	return b
}

func TestWhatIsNoKeyIsNamed(t *testing.T) {
	pem := string(load(t, "pkcs8.pem"))
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"nothing":             {nil, "nothing"},
		"blanks":              {[]byte(" \r\n\t"), "nothing"},
		"a mark alone":        {[]byte("\ufeff\n"), "nothing"},
		"UTF-16":              {utf16Of(pem, true), "UTF-16"},
		"UTF-16, no mark":     {utf16Of(pem, false), "UTF-16"},
		"prose":               {[]byte("this is not a key\n"), "neither PEM nor DER nor a JSON object"},
		"zeros and ones":      {[]byte("0101 0101"), "neither PEM"},
		"JSON array":          {[]byte(`[1,2]`), "neither PEM"},
		"binary":              {[]byte{0, 1, 2, 3, 0xff}, "neither PEM"},
		"DER of another kind": {[]byte{0x30, 3, 1, 1, 0xff}, "DER that is neither a key nor a certificate"},
		"truncated DER":       {load(t, "pkcs1.der")[:100], "DER that is neither"},
		"DER with a tail":     {append(load(t, "pkcs8.der"), 0x30, 0), "neither"},
		"PuTTY":               {[]byte("PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n"), "PuTTY"},
		"OpenSSH public key":  {[]byte("ssh-ed25519 AAAAC3Nz me@host\n"), "an OpenSSH public key"},
		"OpenSSH ECDSA":       {[]byte("ecdsa-sha2-nistp256 AAAA me@host\n"), "an OpenSSH public key"},
		"SSH2":                {[]byte("---- BEGIN SSH2 PUBLIC KEY ----\nAAAA\n---- END SSH2 PUBLIC KEY ----\n"), "SSH2"},
		"OpenPGP":             {[]byte("-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nlQOYBF\n=abcd\n-----END PGP PRIVATE KEY BLOCK-----\n"), "OpenPGP"},
		"Java key store":      {[]byte("\xfe\xed\xfe\xed\x00\x00\x00\x02"), "Java key store"},
		"JWE":                 {[]byte("eyJhbGciOiJQQkVTMiJ9.a.b.c.d\n"), "an encrypted JWK"},
		"JWE in JSON":         {[]byte(`{"protected":"e30","ciphertext":"AAAA","iv":"AA","tag":"AA"}`), "an encrypted JWK"},
		"JWT":                 {[]byte("eyJhbGciOiJFUzI1NiJ9.e30.AAAA"), "a signed JWT"},
		"broken PEM":          {[]byte(strings.Replace(pem, "-----END", "----END", 1)), "a damaged PEM block"},
		"PEM with bad base64": {[]byte(strings.Replace(pem, "M", "*", 3)), "a damaged PEM block"},
		"one block broken":    {[]byte(pem + strings.Replace(pem, "M", "*", 3)), "a damaged PEM block"},
		"parameters alone":    {[]byte("-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"), "parameters without a key"},
		"key cut inside":      {[]byte("-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49AgEG\n-----END PRIVATE KEY-----\n"), "PEM that is neither a key nor a certificate"},
		"broken certificate":  {[]byte("-----BEGIN CERTIFICATE-----\nMAkwAzAAAwMAAwMA\n-----END CERTIFICATE-----\n"), "neither"},
	} {
		t.Run(name, func(t *testing.T) {
			for call, err := range map[string]error{
				"PrivateKey": second(PrivateKey("the file", c.data, nil)),
				"PublicKey":  second(PublicKey("the file", c.data, nil)),
				"Parse":      second(Parse("the file", c.data, nil)),
				"Chain":      second(Chain("the file", c.data, nil)),
				"Pair":       second(Pair("the file", c.data, "", nil, nil)),
			} {
				if err == nil {
					t.Fatalf("%s takes it", call)
				}
				wantError(t, err, "the file", c.want)
			}
		})
	}
}

func second[T any](_ T, err error) error { return err }

func TestStandardInputIsNamed(t *testing.T) {
	_, err := PrivateKey("-", nil, nil)
	if err == nil || !strings.HasPrefix(err.Error(), "standard input holds nothing") {
		t.Errorf("the message is %v", err)
	}
}

func TestSeveralKeysAreRefusedButParsed(t *testing.T) {
	for name, data := range map[string]string{
		"PEM":     string(load(t, "pkcs8.pem")) + string(load(t, "ed25519.pem")),
		"JWK set": `{"keys":[` + string(load(t, "ec.jwk")) + `,` + string(load(t, "ed25519.jwk")) + `]}`,
	} {
		_, err := PrivateKey("two", []byte(data), nil)
		wantError(t, err, "two", "2 keys")
		_, err = PublicKey("two", []byte(data), nil)
		wantError(t, err, "two", "2 keys")
		c, err := Parse("two", []byte(data), nil)
		if err != nil || len(c.Keys) != 2 || thumb(t, c.Keys[0]) != thumbP256 || thumb(t, c.Keys[1]) != thumbEd25519 {
			t.Errorf("%s: Parse = %v, %v", name, c, err)
		}
	}
}

func TestACertificateIsNotTakenForItsKey(t *testing.T) {
	for _, file := range []string{"cert.pem", "cert.der"} {
		_, err := PublicKey(file, load(t, file), nil)
		wantError(t, err, file, "a certificate", "cert thumbprint", "--of-certificate")
		_, err = PrivateKey(file, load(t, file), nil)
		wantError(t, err, file, "a certificate, not a private key")
	}
}

func TestFormatSaysWhatItWas(t *testing.T) {
	for file, want := range map[string]string{
		"pkcs8.pem": "PKCS#8 PEM", "sec1.der": "SEC 1 DER", "pkcs1.pem": "PKCS#1 PEM", "ec.jwk": "JWK",
		"cert.pem": "certificate, PEM", "spki.der": "public key, DER", "legacy-aes.pem": "SEC 1 PEM, encrypted",
		"pkcs8-aes256.pem": "PKCS#8 PEM, encrypted",
	} {
		c, err := Parse(file, load(t, file), []string{"pw"})
		if err != nil || c.Format != want || c.Name != file {
			t.Errorf("%s: format %q, %v; want %q", file, c.Format, err, want)
		}
	}
}
