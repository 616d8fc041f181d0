package material

import (
	"bytes"
	"encoding/pem"
)

// pem reads every block of a PEM file. The label of a block is not believed: many
// tools write PKCS#1 or SEC 1 keys under "PRIVATE KEY", and the other way round.
func (r *reader) pem(text []byte) error {
	blocks := 0
	for rest := text; ; blocks++ {
		var b *pem.Block
		if b, rest = pem.Decode(rest); b == nil {
			break
		}
		if err := r.block(b); err != nil {
			return err
		}
	}
	begun, pgp := 0, false
	for line := range bytes.Lines(text) {
		if label, ok := bytes.CutPrefix(line, []byte("-----BEGIN ")); ok && bytes.HasSuffix(line, []byte("-----\n")) {
			begun++
			pgp = pgp || bytes.HasPrefix(label, []byte("PGP "))
		}
	}
	switch {
	case pgp:
		return r.fault("an OpenPGP block", "", nil)
	case begun > blocks || blocks == 0:
		return r.fault("a damaged PEM block", "compare it with the original: every line from BEGIN to END counts", nil)
	}
	return nil
}

func (r *reader) block(b *pem.Block) error {
	switch b.Type {
	// A parameters block goes before the key where openssl ecparam made it. The key
	// names its curve itself.
	case "EC PARAMETERS", "DSA PARAMETERS", "DH PARAMETERS", "X9.42 DH PARAMETERS":
		r.others = append(r.others, "parameters without a key")
		return nil
	case "OPENSSH PRIVATE KEY":
		r.cannotUse("an OpenSSH private key", sshHint, nil)
		return nil
	case "SSH2 PUBLIC KEY":
		r.cannotUse("an SSH2 public key", sshPublicHint, nil)
		return nil
	case "TRUSTED CERTIFICATE":
		return r.fault("an OpenSSL trusted certificate", "'openssl x509 -in FILE' prints the certificate alone", nil)
	}
	if _, ok := b.Headers["DEK-Info"]; ok {
		r.legacy(b)
		return nil
	}
	return r.der(b.Bytes, "PEM")
}
