package diagnose

import (
	"fmt"
	"net/http"
	"time"

	"github.com/oauthpop/oauthpop/internal/bounds"
	"github.com/oauthpop/oauthpop/internal/wire"
)

// clockSkew is measured from the answer's Date. Proofs, and client assertions too,
// carry times.
func clockSkew(r *reading) (string, bool) {
	issued, proof := r.issued()
	proof = proof && r.refusesProof()
	assertion := r.code == wire.ErrInvalidClient || r.code == wire.ErrInvalidGrant
	if !proof && !assertion || r.code == "" && !r.refused() {
		return "", false
	}
	skew, measured := Skew(r.Exchange)
	if !measured {
		skew, measured = r.leastSkew(issued, proof)
	}
	if !measured || skew.Abs() < bounds.ClockSkew {
		return "", false
	}
	direction := "behind"
	if skew < 0 {
		direction = "ahead of"
	}
	seconds := int64(skew.Abs().Round(time.Second) / time.Second)
	return fmt.Sprintf("the clock of this machine is %d s%s %s that of the server, by the Date of its answer", seconds, inWords(seconds), direction), true
}

// leastSkew is what is certain without the time at which the answer came: neither
// the request nor its proof is from the future, and hardly any answer takes longer
// than a minute.
func (r *reading) leastSkew(issued time.Time, proof bool) (time.Duration, bool) {
	date, ok := serverTime(r.Exchange)
	if !ok {
		return 0, false
	}
	sent := r.Request.Sent
	if !sent.IsZero() && date.Sub(sent) > bounds.StrictProofAge {
		return date.Sub(sent), true
	}
	if sent.IsZero() && proof {
		sent = issued
	}
	return date.Sub(sent), !sent.IsZero() && sent.After(date)
}

func inWords(seconds int64) string {
	switch {
	case seconds >= 2*24*3600:
		return fmt.Sprintf(" (%d days)", seconds/(24*3600))
	case seconds >= 2*3600:
		return fmt.Sprintf(" (%d hours)", seconds/3600)
	case seconds >= 120:
		return fmt.Sprintf(" (%d minutes)", seconds/60)
	}
	return ""
}

// Skew is how far the server's clock is ahead of this machine's: negative where it
// is behind. The answer was made between the request and its arrival: where both
// times are known, only what lies outside is a matter of clocks.
func Skew(ex *wire.Exchange) (time.Duration, bool) {
	date, ok := serverTime(ex)
	sent, received := ex.Request.Sent, ex.Response.Received
	if !ok || received.IsZero() {
		return 0, false
	}
	// A Date is cut to whole seconds: compared with others cut the same way.
	sent, received = sent.Truncate(time.Second), received.Truncate(time.Second)
	switch {
	case ex.Request.Sent.IsZero(), date.After(received):
		return date.Sub(received), true
	case date.Before(sent):
		return date.Sub(sent), true
	}
	return 0, true
}

// serverTime is the Date of the answer. One out of a cache has that of another time.
// https://www.rfc-editor.org/rfc/rfc9111#section-5.1
func serverTime(ex *wire.Exchange) (time.Time, bool) {
	date, err := http.ParseTime(ex.Response.Header.Get("Date"))
	return date, err == nil && ex.Response.Header.Get("Age") == ""
}
