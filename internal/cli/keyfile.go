package cli

import (
	"strings"

	"github.com/oauthpop/oauthpop/internal/keys"
	"github.com/oauthpop/oauthpop/internal/material"
)

// PrivateKey reads the private key that a flag names; nil if it names none.
// gen:ALG makes a new one.
func (e *Env) PrivateKey(flag, name string, passphrases []string) (*material.Key, error) {
	if name == "" {
		return nil, nil
	}
	if alg, ok := strings.CutPrefix(name, "gen:"); ok {
		key, err := keys.Generate(alg, 0)
		if err != nil {
			return nil, Usage("%s %s: %v", flag, name, err)
		}
		return &key, nil
	}
	key, err := e.KeyFile(flag, name, passphrases, material.PrivateKey)
	if err != nil {
		return nil, err
	}
	return &key, nil
}

// KeyFile reads the one key of a file, by material.PrivateKey or another of its
// kind, and warns of a private one that others may read.
func (e *Env) KeyFile(
	flag, name string, passphrases []string, read func(name string, data []byte, passphrases []string) (material.Key, error),
) (material.Key, error) {
	data, err := e.Material(flag, name)
	if err != nil {
		return material.Key{}, err
	}
	key, err := read(name, data, passphrases)
	if err != nil {
		return material.Key{}, err
	}
	if key.Private != nil {
		e.WarnReadable(name)
	}
	return key, nil
}
