package certcmd

import (
	"crypto"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io/fs"
	"path/filepath"
	"time"

	"github.com/oauthpop/oauthpop/internal/certs"
	"github.com/oauthpop/oauthpop/internal/cli"
	"github.com/oauthpop/oauthpop/internal/files"
	"github.com/oauthpop/oauthpop/internal/material"
)

// loadCA reads the CA of a directory. ca.pem may also hold what stands above it.
func loadCA(env *cli.Env, dir string, passphrases []string) (*certs.CA, error) {
	certPath, keyPath := filepath.Join(dir, caCertFile), filepath.Join(dir, caKeyFile)
	cert, err := env.Material("--ca", certPath)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &cli.InputError{Err: err, Hint: "make a CA with 'oauthpop cert ca --cn NAME --out " + dir + "'"}
	} else if err != nil {
		return nil, err
	}
	key, err := env.Material("--ca", keyPath)
	if err != nil {
		return nil, err
	}
	env.WarnReadable(keyPath)
	pair, err := material.Pair(certPath, cert, keyPath, key, passphrases)
	if err != nil {
		return nil, err
	}
	ca := &certs.CA{Certificate: pair.Leaf, Key: pair.PrivateKey.(crypto.Signer)}
	for _, der := range pair.Certificate[1:] {
		c, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, err
		}
		ca.Chain = append(ca.Chain, c)
	}
	return ca, nil
}

// record is one line of issued.jsonl.
type record struct {
	Serial    string    `json:"serial"` // hexadecimal
	SubjectDN string    `json:"subject_dn"`
	X5T       string    `json:"x5t#S256"`
	NotBefore time.Time `json:"not_before"`
	NotAfter  time.Time `json:"not_after"`
	IssuedAt  time.Time `json:"issued_at"`
}

// appendRecord adds a certificate to the record of its CA.
func appendRecord(path string, c *x509.Certificate, now time.Time) error {
	d := certs.Describe(c)
	line, err := json.Marshal(record{d.Serial, d.SubjectDN, d.Thumbprint, d.NotBefore, d.NotAfter, now.UTC().Truncate(time.Second)})
	if err != nil {
		return err
	}
	return files.AppendLine(path, line, keyPerm)
}
