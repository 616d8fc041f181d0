// Package material is the only reader of key and certificate files: bytes in,
// what they hold out. Forms are recognised by content, never by name: JWK and JWK
// sets; PKCS#8, SEC 1, PKCS#1 and public keys as PEM or DER; PKCS#12; certificates. What
// cannot be used is named for what it is.
package material

import (
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"

	"github.com/oauthpop/oauthpop/internal/jwt"
)

// Key is one asymmetric key that signs, or its public half.
type Key struct {
	Private crypto.Signer    // nil for a public key
	Public  crypto.PublicKey // *ecdsa.PublicKey, ed25519.PublicKey or *rsa.PublicKey
	// Alg, KID and Use are the JWK's own members, "" elsewhere.
	Alg, KID, Use string
}

// Contents is what a file holds.
type Contents struct {
	Name string
	// Format is what the file was recognised as, for messages.
	Format       string
	Keys         []Key
	Certificates []*x509.Certificate // in the order of the file
}

// Error says what a file was found to hold instead of what was wanted.
type Error struct {
	File  string // as the user named it; "-" is standard input
	Found string // what it holds, with its article
	Want  string // what was looked for, with its article; may be empty
	Hint  string // what to try; may be empty
	Err   error  // the cause, if there is one
}

func (e *Error) Error() string {
	file := fmt.Sprintf("%q", e.File)
	if e.File == "-" {
		file = "standard input"
	}
	s := file + " holds " + e.Found
	if e.Want != "" {
		s += ", not " + e.Want
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

func (e *Error) Unwrap() error { return e.Err }

// HintText is the second line of the message.
func (e *Error) HintText() string { return e.Hint }

// ErrLocked is the cause where a file is encrypted and no passphrase opens it.
var ErrLocked = errors.New("it is encrypted")

const (
	wantAny     = "a key or a certificate"
	wantPrivate = "a private key"
	wantPublic  = "a key"
	wantDecrypt = "a private key to decrypt with"
	wantChain   = "a certificate"
	wantForm    = "a key as JWK, PKCS#8, SEC 1 or PKCS#1"
)

// Parse reads whatever a file holds.
func Parse(name string, data []byte, passphrases []string) (*Contents, error) {
	r, err := read(name, data, passphrases, wantAny)
	if err != nil {
		return nil, err
	}
	if err := r.keyFault(); err != nil {
		return nil, err
	}
	return &r.Contents, nil
}

// PrivateKey reads a file that holds exactly one private key. Certificates beside
// it do no harm.
func PrivateKey(name string, data []byte, passphrases []string) (Key, error) {
	return privateKey(name, data, passphrases, wantPrivate)
}

// DecryptionKey reads a file that holds exactly one private key, which may say of
// itself that it decrypts: its alg may be one that encrypts to a public key.
func DecryptionKey(name string, data []byte, passphrases []string) (Key, error) {
	return privateKey(name, data, passphrases, wantDecrypt)
}

func privateKey(name string, data []byte, passphrases []string, want string) (Key, error) {
	r, err := read(name, data, passphrases, want)
	if err != nil {
		return Key{}, err
	}
	k, err := r.oneKey()
	if err != nil {
		return Key{}, err
	}
	if k.Private == nil {
		return Key{}, r.fault("a public key", "", nil)
	}
	return k, nil
}

// PublicKey reads a file that holds exactly one key, public or private. A
// certificate is not taken for its key: the two have different thumbprints.
func PublicKey(name string, data []byte, passphrases []string) (Key, error) {
	r, err := read(name, data, passphrases, wantPublic)
	if err != nil {
		return Key{}, err
	}
	return r.oneKey()
}

// oneKey returns the only key.
func (r *reader) oneKey() (Key, error) {
	if err := r.keyFault(); err != nil {
		return Key{}, err
	}
	switch {
	case len(r.Keys) == 1:
		return r.Keys[0], nil
	case len(r.Keys) > 1:
		return Key{}, r.several()
	case r.want == wantPublic:
		return Key{}, r.fault("a certificate", "'oauthpop cert thumbprint' gives a certificate's own thumbprint, 'oauthpop key thumbprint --of-certificate' that of its key", nil)
	default:
		return Key{}, r.fault("a certificate", "", nil)
	}
}

// several says how to choose one of the keys of a file.
func (r *reader) several() error {
	e := &Error{File: r.Name, Found: fmt.Sprintf("%d keys", len(r.Keys)), Want: "one", Hint: "put the one that is meant into a file of its own"}
	if r.Format != formatSet {
		return e
	}
	kid := r.Keys[0].KID
	if kid == "" {
		kid, _ = jwt.Thumbprint(r.Keys[0].Public)
	}
	e.Hint = fmt.Sprintf("%s#KID chooses the one with that kid: the first is %q", r.Name, r.Name+"#"+kid)
	return e
}
