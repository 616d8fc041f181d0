package server

import (
	"crypto"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/oauthpop/oauthpop/internal/jwt"
)

// openJWT takes a JWT apart and verifies its signature by one of the keys, by the
// rules that hold for every JWT that comes in here.
func openJWT(raw string, types, algs []string, keys func(header *jwt.Object) ([]crypto.PublicKey, error)) (*jwt.Compact, error) {
	c, err := jwt.Split(raw)
	if err != nil {
		return nil, err
	}
	if err := checkForm(c); err != nil {
		return nil, err
	}
	if err := checkType(c.Header, types); err != nil {
		return nil, err
	}
	alg, _ := c.Header.String("alg")
	if !slices.Contains(algs, alg) {
		return nil, fmt.Errorf("alg %q is not accepted", alg)
	}
	candidates, err := keys(c.Header)
	if err != nil {
		return nil, err
	}
	for _, public := range candidates {
		if err = jwt.Verify(public, alg, c.SigningInput, c.Signature); err == nil {
			return c, nil
		}
	}
	return nil, fmt.Errorf("signature: %w", err)
}

// checkForm refuses what two parsers may read differently, and extensions that
// nobody here understands.
// https://www.rfc-editor.org/rfc/rfc7519#section-4
// https://www.rfc-editor.org/rfc/rfc7515#section-4.1.11
func checkForm(c *jwt.Compact) error {
	if !c.Canonical {
		return errors.New("not canonical base64url")
	}
	if twice := append(c.Header.Duplicates(), c.Payload.Duplicates()...); len(twice) > 0 {
		return fmt.Errorf("the member %q is there twice", twice[0])
	}
	if _, ok := c.Header.Get("crit"); ok {
		return errors.New("crit is not understood")
	}
	return nil
}

// checkType compares typ, which keeps a JWT of one kind from being used as one of
// another. The list may have "", for none.
//
// "To keep messages compact in common situations, it is RECOMMENDED that producers
// omit an application/ prefix of a media type value", and media types are compared
// without regard to case.
// https://www.rfc-editor.org/rfc/rfc7515#section-4.1.9
func checkType(header *jwt.Object, types []string) error {
	raw, present := header.Get("typ")
	if !present {
		if slices.Contains(types, "") {
			return nil
		}
		return errors.New("typ is missing")
	}
	typ, ok := header.String("typ")
	kind := strings.TrimPrefix(strings.ToLower(typ), "application/")
	if !ok || kind == "" || !slices.Contains(types, kind) {
		return fmt.Errorf("typ %s is not accepted", raw)
	}
	return nil
}

// date reads a NumericDate, which may have a fraction.
// https://www.rfc-editor.org/rfc/rfc7519#section-2
func date(claims *jwt.Object, name string) (at time.Time, present bool, err error) {
	raw, ok := claims.Get(name)
	if !ok {
		return time.Time{}, false, nil
	}
	var seconds float64
	if err := json.Unmarshal(raw, &seconds); err != nil || math.Abs(seconds) > 1<<40 {
		return time.Time{}, true, fmt.Errorf("%s is not a date", name)
	}
	whole, fraction := math.Modf(seconds)
	return time.Unix(int64(whole), int64(fraction*1e9)), true, nil
}

// checkTimes wants exp in the future, and nbf and iat, where they are, not.
// https://www.rfc-editor.org/rfc/rfc7519#section-4.1.4
func checkTimes(claims *jwt.Object, now time.Time, skew time.Duration) (expires time.Time, err error) {
	expires, present, err := date(claims, "exp")
	switch {
	case err != nil:
		return expires, err
	case !present:
		return expires, errors.New("exp is missing")
	case !now.Before(expires):
		return expires, fmt.Errorf("it expired %s ago", now.Sub(expires).Round(time.Second))
	}
	for _, name := range []string{"nbf", "iat"} {
		at, present, err := date(claims, name)
		switch {
		case err != nil:
			return expires, err
		case present && now.Add(skew).Before(at):
			return expires, fmt.Errorf("%s is %s in the future", name, at.Sub(now).Round(time.Second))
		}
	}
	return expires, nil
}

// audiences reads aud: a string or a list of them.
// https://www.rfc-editor.org/rfc/rfc7519#section-4.1.3
func audiences(claims *jwt.Object) ([]string, error) {
	raw, ok := claims.Get("aud")
	if !ok {
		return nil, errors.New("aud is missing")
	}
	if one, ok := claims.String("aud"); ok {
		return []string{one}, nil
	}
	var list []string
	if err := json.Unmarshal(raw, &list); err != nil || len(list) == 0 {
		return nil, errors.New("aud is not a string or a list of strings")
	}
	return list, nil
}
