package cli

import (
	"math"
	"net/http"
	"strconv"
	"time"
)

// Arrival reads --at: when a request arrived. Without it that is otherwise; iat
// leaves freshness out.
func Arrival(at string, otherwise time.Time) (when time.Time, noFreshness bool, err error) {
	switch at {
	case "":
		return otherwise, false, nil
	case "iat":
		return otherwise, true, nil
	}
	if t, err := time.Parse(time.RFC3339, at); err == nil {
		return t, false, nil
	}
	if t, err := http.ParseTime(at); err == nil { // as in the header Date
		return t, false, nil
	}
	// With a fraction as in the logs of some gateways. After the year 5000 it is no
	// time but another unit; neither bound lets an infinity or NaN through.
	if n, err := strconv.ParseFloat(at, 64); err == nil && n >= 0 && n < 1e11 {
		whole, fraction := math.Modf(n)
		return time.Unix(int64(whole), int64(fraction*1e9)), false, nil
	}
	fault := Usage("--at %q is not a time", at)
	fault.Hint = "RFC 3339 (2026-01-31T12:00:00Z), an HTTP date, seconds since 1970, or iat"
	return time.Time{}, false, fault
}
