package material

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/base64"
	"strings"
)

// reader reads one file.
type reader struct {
	Contents
	want        string
	passphrases []string
	// unusable are keys that the file holds and that cannot be used: encrypted
	// ones, foreign formats. They matter only where a key is wanted.
	unusable []*Error
	// others are things that are neither key nor certificate, such as requests.
	others []string
}

// fault says what was found. With a cause there is no need to say what was wanted.
func (r *reader) fault(found, hint string, err error) *Error {
	e := &Error{File: r.Name, Found: found, Want: r.want, Hint: hint, Err: err}
	if err != nil {
		e.Want = ""
	}
	return e
}

// keyFault returns the first key that cannot be used.
func (r *reader) keyFault() error {
	if len(r.unusable) > 0 {
		return r.unusable[0]
	}
	return nil
}

func (r *reader) format(name string) {
	switch {
	case r.Format == "":
		r.Format = name
	case !strings.Contains(r.Format, name):
		r.Format += ", " + name
	}
}

// addKey adds a key. A public key beside its private one is the same key.
func (r *reader) addKey(k Key) {
	for i := range r.Keys {
		if Same(r.Keys[i].Public, k.Public) {
			if r.Keys[i].Private == nil {
				r.Keys[i] = k
			}
			return
		}
	}
	r.Keys = append(r.Keys, k)
}

// Same says whether two public keys are the same key.
func Same(a, b crypto.PublicKey) bool {
	k, ok := a.(interface{ Equal(crypto.PublicKey) bool })
	return ok && k.Equal(b)
}

func (r *reader) addCertificate(c *x509.Certificate) {
	for _, known := range r.Certificates {
		if known.Equal(c) {
			return
		}
	}
	r.Certificates = append(r.Certificates, c)
}

// read recognises what data is and reads it all. It fails if there is nothing
// that anybody could want.
func read(name string, data []byte, passphrases []string, want string) (*reader, error) {
	r := &reader{Contents: Contents{Name: name}, want: want, passphrases: passphrases}
	if err := r.recognise(data); err != nil {
		return nil, err
	}
	switch {
	case len(r.Keys)+len(r.Certificates)+len(r.unusable) > 0:
		return r, nil
	case len(r.others) > 0:
		return nil, r.fault(r.others[0], "", nil)
	default:
		return nil, r.fault("nothing that is known here", "", nil)
	}
}

func (r *reader) recognise(data []byte) error {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	text := bytes.TrimSpace(data)
	switch {
	case len(text) == 0:
		return r.fault("nothing", "", nil)
	case isUTF16(data):
		return r.fault("UTF-16 text", "save it as UTF-8 or plain ASCII", nil)
	case bytes.Contains(text, []byte("-----BEGIN ")):
		return r.pem(unwrap(text))
	case text[0] == '{':
		return r.json(text)
	case isSequence(data):
		return r.der(data, "DER")
	}
	if found, hint := foreignText(text); found != "" {
		return r.fault(found, hint, nil)
	}
	return r.fault("something that is neither PEM nor DER nor a JSON object", "", nil)
}

// isSequence knows DER, and BER with an indefinite length. A short length is also
// that of a text which begins with the digit 0, so that must add up.
func isSequence(b []byte) bool {
	if len(b) < 2 || b[0] != tagSequence {
		return false
	}
	_, ok := elements(b)
	return ok || b[1] >= 0x80
}

// isUTF16 knows UTF-16 by its mark, or by a text whose every second byte is zero,
// as Windows tools leave it.
func isUTF16(b []byte) bool {
	if bytes.HasPrefix(b, []byte{0xff, 0xfe}) || bytes.HasPrefix(b, []byte{0xfe, 0xff}) {
		return true
	}
	return len(b) >= 4 && (b[0] == 0 && b[1] != 0 && b[2] == 0 && b[3] != 0 || b[0] != 0 && b[1] == 0 && b[2] != 0 && b[3] == 0)
}

// unwrap undoes what the way of a PEM block through an environment variable or a
// YAML file does to it: line breaks written as \n, lines indented.
func unwrap(text []byte) []byte {
	if !bytes.Contains(text, []byte("\n")) {
		text = bytes.ReplaceAll(text, []byte(`\n`), []byte("\n"))
	}
	lines := bytes.Split(text, []byte("\n"))
	for i, line := range lines {
		lines[i] = bytes.Trim(line, " \t\r")
	}
	return append(bytes.Join(lines, []byte("\n")), '\n')
}

// foreignText knows formats that are neither PEM nor DER nor JSON.
func foreignText(text []byte) (found, hint string) {
	for _, f := range []struct{ prefix, found, hint string }{
		{"PuTTY-User-Key-File-", "a PuTTY private key", "PuTTYgen exports it as OpenSSH key, 'ssh-keygen -p -m PKCS8 -f FILE' makes that a PKCS#8 key"},
		{"---- BEGIN SSH2", "an SSH2 public key", sshPublicHint},
		{"ssh-", "an OpenSSH public key", sshPublicHint},
		{"ecdsa-sha2-", "an OpenSSH public key", sshPublicHint},
		{"sk-", "an OpenSSH public key of a security key", ""},
		{"openssh-key-v1\x00", "an OpenSSH private key", sshHint},
		{"\xfe\xed\xfe\xed", "a Java key store", "'keytool -importkeystore -srckeystore FILE -destkeystore NEW.p12 -deststoretype pkcs12' makes it PKCS#12, and openssl pkcs12 makes that PEM"},
		{"AGE-SECRET-KEY-", "an age key", ""},
	} {
		if bytes.HasPrefix(text, []byte(f.prefix)) {
			return f.found, f.hint
		}
	}
	if bareBase64(text) {
		return "base64 without the BEGIN and END lines of PEM", "put them around it, or decode it: 'base64 -d FILE' gives DER"
	}
	if bytes.ContainsAny(text, " \t\r\n") {
		return "", ""
	}
	switch bytes.Count(text, []byte(".")) {
	case 4:
		if bytes.HasPrefix(text, []byte("ey")) {
			return foundJWE, hintJWE
		}
	case 2:
		if bytes.HasPrefix(text, []byte("ey")) {
			return "a signed JWT", ""
		}
	}
	return "", ""
}

// bareBase64 knows DER in base64, as some consoles and environment variables hold
// it, whichever alphabet and however wrapped.
func bareBase64(text []byte) bool {
	one := bytes.TrimRight(bytes.Join(bytes.Fields(text), nil), "=")
	for _, e := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		b := make([]byte, e.DecodedLen(len(one)))
		if n, err := e.Decode(b, one); err == nil && isSequence(b[:n]) {
			return true
		}
	}
	return false
}

const (
	sshHint       = "'ssh-keygen -p -m PKCS8 -f FILE' turns a copy of it into a PKCS#8 key"
	sshPublicHint = "'ssh-keygen -e -m PKCS8 -f FILE' prints it as PEM"
	foundJWE      = "an encrypted JWK (JWE)"
	hintJWE       = "decrypt it where it was made: this version does not open it"
)

// cannotUse remembers a key that is of no use here.
func (r *reader) cannotUse(found, hint string, err error) {
	e := r.fault(found, hint, err)
	if err == nil {
		e.Want = wantForm
	}
	r.unusable = append(r.unusable, e)
}
