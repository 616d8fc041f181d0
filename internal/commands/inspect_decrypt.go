package commands

import (
	"fmt"
	"slices"
	"strings"

	"github.com/oauthpop/oauthpop/internal/jwt"
	"github.com/oauthpop/oauthpop/internal/material"
	"github.com/oauthpop/oauthpop/internal/token"
)

// decryptionKey is a key and the file that it is from.
type decryptionKey struct {
	file string
	material.Key
}

// decryptionKeys reads --decrypt-key.
func (o *inspectOptions) decryptionKeys() ([]decryptionKey, error) {
	if len(o.decryptKeys) == 0 {
		return nil, nil
	}
	passphrases, err := o.local.passphrases.Read(o.env)
	if err != nil {
		return nil, err
	}
	var all []decryptionKey
	for _, name := range o.decryptKeys {
		k, err := o.env.KeyFile("--decrypt-key", name, passphrases, material.DecryptionKey)
		if err != nil {
			return nil, err
		}
		all = append(all, decryptionKey{name, k})
	}
	return all, nil
}

// opened is a token after what could be decrypted was. For one that is not
// encrypted, or stays so, inside is the token itself.
type opened struct {
	outside, inside token.Reading
	// locked says why it stays encrypted; "" where nobody tried.
	locked string
}

func (d opened) decrypted() bool { return d.outside.Kind != d.inside.Kind }

// decryptable says whether there can be a private key that opens the token.
func decryptable(header []byte) bool {
	o, err := jwt.ParseObject(header)
	if err != nil {
		return false
	}
	_, alg := token.HeaderOf(o)
	return slices.Contains(jwt.DecryptionAlgs(), alg)
}

// open decrypts a token with the first key that fits.
func (o *inspectOptions) open(r token.Reading, keys []decryptionKey) opened {
	d := opened{outside: r, inside: r}
	if r.Kind != token.JWE {
		if len(keys) > 0 {
			o.env.Say("--decrypt-key was not needed: the token is not encrypted")
		}
		return d
	}
	var faults []string
	for _, k := range keys {
		plain, err := jwt.Decrypt(k.Private, r.Token)
		if err != nil {
			faults = append(faults, fmt.Sprintf("%q: %v", k.file, err))
			continue
		}
		inside, err := token.Inside(plain)
		if err != nil {
			d.locked = fmt.Sprintf("%q opens it, but %v", k.file, err)
			return d
		}
		inside.TokenType = r.TokenType
		d.inside = inside
		return d
	}
	d.locked = strings.Join(faults, "; ")
	return d
}
