package diagnose

import (
	"fmt"
	"strings"
	"time"

	"github.com/oauthpop/oauthpop/internal/dpop"
	"github.com/oauthpop/oauthpop/internal/token"
	"github.com/oauthpop/oauthpop/internal/wire"
)

// failed is a cause that is one check of [dpop.Checks]: the rule lives there.
func failed(check string) match {
	return func(r *reading) (string, bool) {
		result, ok := r.failure(check)
		return said(check, result), ok
	}
}

// failure returns a check of the proof that failed, if the refusal may be for it.
func (r *reading) failure(check string) (dpop.Result, bool) {
	result := r.checks[check]
	return result, result.Status == dpop.StatusFailed && r.refused() && r.refusesProof()
}

// said puts a result into words.
func said(what string, result dpop.Result) string {
	text := fmt.Sprintf("%s of the proof: expected %s, found %s", what, result.Expected, result.Found)
	if result.Hint != "" {
		text += " (" + result.Hint + ")"
	}
	return text
}

func twoProofs(r *reading) (string, bool) {
	if !r.refused() || !r.refusesProof() {
		return "", false
	}
	if n := len(r.proofs); n > 1 {
		return fmt.Sprintf("the request has %d DPoP header fields, and one is allowed", n), true
	}
	if r.joined() {
		return "the DPoP header field holds more than one proof, joined by commas: something put several fields together", true
	}
	return "", false
}

func (r *reading) joined() bool { return len(r.proofs) == 1 && strings.Contains(r.proofs[0], ",") }

func malformed(r *reading) (string, bool) {
	if r.joined() {
		return "", false
	}
	for _, check := range []string{"well-formed", "claims", "strict"} {
		if result, ok := r.failure(check); ok {
			return said(check, result), true
		}
	}
	return "", false
}

func proofReused(r *reading) (string, bool) {
	if !r.Known.Repeated || !r.refused() || !r.refusesProof() {
		return "", false
	}
	if r.proof != nil {
		if jti, ok := r.proof.Payload.String("jti"); ok {
			return fmt.Sprintf("a proof of the same key with the jti %.100q was sent before", jti), true
		}
	}
	return "the same proof was sent before", true
}

func proofNotFresh(r *reading) (string, bool) {
	result, ok := r.failure("fresh")
	text := "the proof when it was used: " + result.Found
	if result.Hint != "" {
		text += " (" + result.Hint + ")"
	}
	return text, ok
}

func athMissing(r *reading) (string, bool) {
	_, ok := r.failure("ath")
	return "the request has an access token, and its proof has no ath", ok && !r.hasATH()
}

func athDiffers(r *reading) (string, bool) {
	result, ok := r.failure("ath")
	return said("ath", result), ok && r.hasATH()
}

func (r *reading) hasATH() bool {
	if r.proof == nil {
		return false
	}
	_, ok := r.proof.Payload.Get("ath")
	return ok
}

// keyDiffers: what holds no key that can be read has another cause.
func keyDiffers(r *reading) (string, bool) {
	result, ok := r.failure("binding")
	if !ok || r.checks["signature"].Status == dpop.StatusFailed {
		return "", false
	}
	return fmt.Sprintf("the token is bound to %s, and the proof is signed by %s", result.Expected, result.Found), true
}

// tokenExpired: by the server's clock if its answer tells, by that of the client
// otherwise.
func tokenExpired(r *reading) (string, bool) {
	if !r.readable() || !r.refused() || r.code != "" && r.code != wire.ErrInvalidToken {
		return "", false
	}
	at, _ := serverTime(r.Exchange)
	for _, other := range []time.Time{r.Request.Sent, r.Response.Received} {
		if at.IsZero() {
			at = other
		}
	}
	times := token.TimesOf(r.form.Compact.Payload, at)
	if at.IsZero() || !times.Expired {
		return "", false
	}
	return fmt.Sprintf("the access token expired at %s, and the request is of %s",
		times.ExpiresAt.UTC().Format(time.RFC3339), at.UTC().Format(time.RFC3339)), true
}
