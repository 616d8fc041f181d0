package material

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/oauthpop/oauthpop/internal/bounds"
	"github.com/oauthpop/oauthpop/internal/jwt"
)

// Choose returns the one key of a JWK set that has the kid, as a JWK. A key
// without a kid is chosen by its thumbprint.
//
// "The "kid" (key ID) parameter is used to match a specific key. This is used, for
// instance, to choose among a set of keys within a JWK Set during key rollover."
// https://www.rfc-editor.org/rfc/rfc7517#section-4.5
func Choose(name string, data []byte, kid string) ([]byte, error) {
	r := &reader{Contents: Contents{Name: name}, want: "a JWK set"}
	text := bytes.TrimSpace(bytes.TrimPrefix(data, []byte("\ufeff")))
	if len(text) == 0 || text[0] != '{' {
		return nil, r.fault("no JSON", "#"+kid+" chooses a key of a JWK set", nil)
	}
	o, err := jwt.ParseObject(text)
	if err != nil {
		return nil, r.fault("text that begins like JSON and is not", "", err)
	}
	if _, ok := o.Get("ciphertext"); ok {
		return nil, r.fault(foundJWE, hintJWE, nil)
	}
	if twice := o.Duplicates(); len(twice) > 0 {
		return nil, r.fault("a JWK set that can't be used", "", fmt.Errorf("%q stands twice (RFC 7517 section 4)", twice[0]))
	}
	keys := []json.RawMessage{text}
	if list, ok := o.Get("keys"); ok {
		if err := json.Unmarshal(list, &keys); err != nil {
			return nil, r.fault("a JWK set that can't be read", "", errors.New("keys is not an array"))
		}
	}
	if len(keys) > bounds.Entries {
		return nil, r.fault(fmt.Sprintf("a JWK set of more than %d keys", bounds.Entries), "", nil)
	}
	return r.choose(keys, kid)
}

func (r *reader) choose(keys []json.RawMessage, kid string) ([]byte, error) {
	var chosen []byte
	n := 0
	names := make([]string, len(keys))
	for i, raw := range keys {
		if names[i] = nameOfKey(raw); names[i] == kid {
			chosen = raw
			n++
		}
	}
	switch n {
	case 1:
		return chosen, nil
	case 0:
		e := r.fault(fmt.Sprintf("no key with the kid %.100q", kid), "", nil)
		e.Want, e.Hint = "", theKeysAre(names)
		return nil, e
	}
	e := r.fault(fmt.Sprintf("%d keys with the kid %.100q", n, kid), "put the one that is meant into a file of its own", nil)
	e.Want = "one"
	return nil, e
}

// nameOfKey is what a key of a set is chosen by; "" where it has no name.
func nameOfKey(raw json.RawMessage) string {
	o, err := jwt.ParseObject(raw)
	if err != nil {
		return ""
	}
	if kid, _ := o.String("kid"); kid != "" {
		return kid
	}
	pub, err := jwt.ParseJWK(raw)
	if err != nil {
		return ""
	}
	jkt, _ := jwt.Thumbprint(pub)
	return jkt
}

// theKeysAre is a hint with the first few names.
func theKeysAre(names []string) string {
	const most = 5
	var shown []string
	for _, n := range names {
		if n != "" && len(shown) < most {
			shown = append(shown, fmt.Sprintf("%.100q", n))
		}
	}
	if len(shown) == 0 {
		return ""
	}
	s := "it has " + strings.Join(shown, ", ")
	if len(names) > len(shown) {
		s += " and others"
	}
	return s
}
