package token

import (
	"bytes"
	"crypto"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/oauthpop/oauthpop/internal/bounds"
	"github.com/oauthpop/oauthpop/internal/jwt"
)

// KeySet are the keys that an issuer signs with.
type KeySet struct {
	Keys []Key
	// Unusable is how many keys of the set were passed over: they are of a kind
	// that no signature here is made with, or malformed.
	Unusable int
}

// Key is one key of a set.
type Key struct {
	KID, Alg, Use string
	Public        crypto.PublicKey
}

// ParseKeySet reads a JWK set, or a single JWK.
//
// "Implementations SHOULD ignore JWKs within a JWK Set that use "kty" (key type)
// values that are not understood by them, that are missing required members, or
// for which values are out of the supported ranges."
// https://www.rfc-editor.org/rfc/rfc7517#section-5
func ParseKeySet(b []byte) (KeySet, error) {
	b = bytes.TrimPrefix(b, []byte("\ufeff"))
	o, err := jwt.ParseObject(b)
	if err != nil {
		return KeySet{}, &Error{"not a JWK set: " + err.Error(), ""}
	}
	if slices.Contains(o.Duplicates(), "keys") {
		// Two parsers could trust two different lists.
		return KeySet{}, &Error{`not a JWK set: "keys" stands twice`, ""}
	}
	list := []json.RawMessage{b}
	if raw, ok := o.Get("keys"); ok {
		if err := json.Unmarshal(raw, &list); err != nil {
			return KeySet{}, &Error{`not a JWK set: "keys" is not an array`, ""}
		}
	} else if _, ok := o.Get("kty"); !ok {
		return KeySet{}, &Error{`not a JWK set: it has no "keys"`, ""}
	}
	if len(list) > bounds.Entries {
		return KeySet{}, &Error{fmt.Sprintf("the JWK set has %d keys, more than the %d that are read", len(list), bounds.Entries), ""}
	}
	var set KeySet
	for _, raw := range list {
		k, ok := parseKey(raw)
		if !ok {
			set.Unusable++
			continue
		}
		set.Keys = append(set.Keys, k)
	}
	return set, nil
}

func parseKey(raw json.RawMessage) (Key, bool) {
	o, err := jwt.ParseObject(raw)
	if err != nil {
		return Key{}, false
	}
	pub, err := jwt.ParseJWK(raw)
	if err != nil {
		return Key{}, false
	}
	k := Key{Public: pub}
	k.KID, _ = o.String("kid")
	k.Alg, _ = o.String("alg")
	k.Use, _ = o.String("use")
	return k, true
}
