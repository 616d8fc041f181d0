package token

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/oauthpop/oauthpop/internal/jwt"
)

// Times are the times of a token; a zero time is not in it.
type Times struct {
	IssuedAt, NotBefore, ExpiresAt time.Time
	// Expired and NotYetValid are as of the time of the check, without leeway.
	Expired, NotYetValid bool
	// Faults are claims that are no times.
	Faults []string
}

// TimesOf reads iat, nbf and exp, and compares them with now.
func TimesOf(claims *jwt.Object, now time.Time) Times {
	var t Times
	for _, c := range []struct {
		name string
		into *time.Time
	}{{"iat", &t.IssuedAt}, {"nbf", &t.NotBefore}, {"exp", &t.ExpiresAt}} {
		raw, ok := claims.Get(c.name)
		if !ok {
			continue
		}
		at, fault := numericDate(raw)
		if fault != "" {
			t.Faults = append(t.Faults, c.name+" "+fault)
			continue
		}
		*c.into = at
	}
	// "the expiration time on or after which the JWT MUST NOT be accepted"
	// https://www.rfc-editor.org/rfc/rfc7519#section-4.1.4
	t.Expired = !t.ExpiresAt.IsZero() && !now.Before(t.ExpiresAt)
	t.NotYetValid = !t.NotBefore.IsZero() && now.Before(t.NotBefore)
	return t
}

// latest is the last second that RFC 3339 can write.
const latest = 253402300799

// numericDate: "A JSON numeric value representing the number of seconds [...]
// non-integer values can be represented".
// https://www.rfc-editor.org/rfc/rfc7519#section-2
func numericDate(raw json.RawMessage) (time.Time, string) {
	seconds, err := strconv.ParseFloat(string(raw), 64)
	switch {
	case err != nil:
		return time.Time{}, "is not a number"
	case seconds > latest:
		return time.Time{}, fmt.Sprintf("is %g seconds, thousands of years ahead: is it milliseconds?", seconds)
	case seconds < -latest:
		return time.Time{}, fmt.Sprintf("is %g seconds, thousands of years ago", seconds)
	}
	whole, fraction := math.Modf(seconds)
	return time.Unix(int64(whole), int64(fraction*1e9)).UTC(), ""
}
