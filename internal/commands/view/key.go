package view

import (
	"crypto/rsa"
	"encoding/json"
	"fmt"

	"github.com/oauthpop/oauthpop/internal/jwt"
	"github.com/oauthpop/oauthpop/internal/keys"
	"github.com/oauthpop/oauthpop/internal/material"
	"github.com/oauthpop/oauthpop/internal/ui"
)

// Key is what can be told of a key without showing it.
type Key struct {
	File    string `json:"file"` // path, or empty
	Kty     string `json:"kty"`
	Crv     string `json:"crv,omitempty"`
	Bits    int    `json:"bits,omitempty"` // of an RSA key
	Alg     string `json:"alg"`
	JKT     string `json:"jkt"`
	Private bool   `json:"private"`
	KID     string `json:"kid,omitempty"`
	Use     string `json:"use,omitempty"`
}

// NewKey returns the view of a key from a file; the name - is none.
func NewKey(file string, k material.Key) (Key, error) {
	if file == "-" {
		file = ""
	}
	members, err := jwt.PublicJWK(k.Public)
	if err != nil {
		return Key{}, err
	}
	v := Key{File: file, Kty: members["kty"], Crv: members["crv"], Private: k.Private != nil, KID: k.KID, Use: k.Use}
	if pub, ok := k.Public.(*rsa.PublicKey); ok {
		v.Bits = pub.N.BitLen()
	}
	if v.Alg, err = keys.Alg(k); err != nil {
		return Key{}, err
	}
	v.JKT, err = keys.Thumbprint(k.Public)
	return v, err
}

// Draw writes what a person looks for.
func (k *Key) Draw(p *ui.Printer) {
	kind := k.Kty + " " + k.Crv
	if k.Bits > 0 {
		kind = fmt.Sprintf("%s %d bits", k.Kty, k.Bits)
	}
	half := ", public"
	if k.Private {
		half = ", private"
	}
	p.Fields(
		ui.Field{Label: "key", Value: k.File},
		ui.Field{Label: "kind", Value: kind + half},
		ui.Field{Label: "alg", Value: k.Alg},
		ui.Field{Label: "jkt", Value: k.JKT},
		ui.Field{Label: "kid", Value: k.KID},
		ui.Field{Label: "use", Value: k.Use},
	)
}

// KeyThumbprint is a key of which a person wants the thumbprint, or its URI.
type KeyThumbprint struct {
	Key
	URI string `json:"uri,omitempty"` // RFC 9278
}

// Draw writes the thumbprint alone.
func (k *KeyThumbprint) Draw(p *ui.Printer) {
	if k.URI != "" {
		p.Raw(k.URI + "\n")
		return
	}
	p.Raw(k.JKT + "\n")
}

// WrittenKey is a key that was made or converted: where the file is, or else the
// key itself, as a JWK's own members or as PEM or DER.
type WrittenKey struct {
	File string `json:"file,omitempty"`
	keys.JWK
	JKT     string `json:"jkt,omitempty"`
	Private *bool  `json:"private,omitempty"`
	PEM     string `json:"pem,omitempty"`
	DER     []byte `json:"der,omitempty"`

	text string
}

// NewKeyFile returns the view of a key that was written to a file.
func NewKeyFile(k Key) *WrittenKey {
	return &WrittenKey{JWK: keys.JWK{Kty: k.Kty, Alg: k.Alg}, File: k.File, JKT: k.JKT, Private: &k.Private}
}

// NewKeyText returns the view of a key that goes to standard output: a JWK, PEM
// or DER, named by format.
func NewKeyText(format string, b []byte) (*WrittenKey, error) {
	v := &WrittenKey{text: string(b)}
	switch format {
	case "jwk":
		return v, json.Unmarshal(b, &v.JWK)
	case "pem":
		v.PEM = v.text
	default:
		v.DER = b
	}
	return v, nil
}

// Draw writes the key, nothing where it is in a file.
func (k *WrittenKey) Draw(p *ui.Printer) { p.Raw(k.text) }

// KeySet is a JWK set (RFC 7517 section 5).
type KeySet struct {
	Keys []keys.JWK `json:"keys"`
}

// Draw writes the set.
func (s *KeySet) Draw(p *ui.Printer) {
	b, _ := json.MarshalIndent(s, "", "  ") // strings alone: it cannot fail
	p.Raw(string(b) + "\n")
}
