package diagnose

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/oauthpop/oauthpop/internal/bounds"
	"github.com/oauthpop/oauthpop/internal/dpop"
	"github.com/oauthpop/oauthpop/internal/jwt"
	"github.com/oauthpop/oauthpop/internal/wire"
)

// refusesProof: Keycloak refuses proofs with invalid_request.
func refusesProof(code string) bool {
	return slices.Contains([]string{"", wire.ErrInvalidDPoPProof, wire.ErrInvalidRequest, wire.ErrInvalidToken}, code)
}

func refusesCertificate(code string) bool {
	return slices.Contains([]string{
		"", wire.ErrInvalidClient, wire.ErrInvalidRequest, wire.ErrInvalidToken, wire.ErrInvalidGrant, wire.ErrUnauthorizedClient,
	}, code)
}

// refused: other answers, 404 above all, have other causes.
func refused(ex *wire.Exchange) bool {
	return slices.Contains([]int{http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden}, ex.Response.Status)
}

// clockSkew is measured from the answer's Date. Proofs, and client assertions too,
// carry times.
func clockSkew(ex *wire.Exchange, code string) (string, bool) {
	proof := refusesProof(code) && !ex.Request.IAT.IsZero()
	assertion := code == wire.ErrInvalidClient || code == wire.ErrInvalidGrant
	if !proof && !assertion || code == "" && !refused(ex) {
		return "", false
	}
	skew, ok := Skew(ex)
	if !ok || skew.Abs() < bounds.ClockSkew {
		return "", false
	}
	direction := "behind"
	if skew < 0 {
		direction = "ahead of"
	}
	seconds := int64(skew.Abs().Round(time.Second) / time.Second)
	return fmt.Sprintf("the clock of this machine is %d s%s %s that of the server, by the Date of its answer", seconds, inWords(seconds), direction), true
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
// is behind. An answer out of a cache has the Date of another time.
// https://www.rfc-editor.org/rfc/rfc9111#section-5.1
func Skew(ex *wire.Exchange) (time.Duration, bool) {
	h := ex.Response.Header
	date, err := http.ParseTime(h.Get("Date"))
	if err != nil || h.Get("Age") != "" || ex.Response.Received.IsZero() {
		return 0, false
	}
	// A Date is cut to whole seconds: compared with another cut the same way.
	return date.Sub(ex.Response.Received.Truncate(time.Second)), true
}

func htuDiffers(ex *wire.Exchange, code string) (string, bool) {
	if ex.Request.HTU == "" || !refused(ex) || !refusesProof(code) {
		return "", false
	}
	called, err := dpop.HTU(ex.Request.URL)
	if err != nil {
		return "", false
	}
	// "ignoring any query and fragment parts", after normalization
	// https://www.rfc-editor.org/rfc/rfc9449#section-4.3
	sent, err := dpop.Normalize(ex.Request.HTU)
	if err != nil {
		sent = ex.Request.HTU
	}
	if right, err := dpop.Normalize(called); err != nil || right == sent {
		return "", false
	}
	return fmt.Sprintf("the proof was made for %q, and %q was called", ex.Request.HTU, called), true
}

// nonces returns the nonce of the answer and that of the proof.
func nonces(ex *wire.Exchange) (given, sent string) {
	if all := ex.Response.Header.Values(wire.HeaderDPoPNonce); len(all) == 1 && dpop.ValidNonce(all[0]) {
		given = all[0]
	}
	for name, values := range ex.Request.Header {
		if !strings.EqualFold(name, wire.HeaderDPoP) || len(values) != 1 {
			continue
		}
		if proof, err := jwt.Split(values[0]); err == nil {
			sent, _ = proof.Payload.String("nonce")
		}
	}
	return given, sent
}

func nonceMissing(ex *wire.Exchange, code string) (string, bool) {
	given, _ := nonces(ex)
	if code != wire.ErrUseDPoPNonce || given != "" {
		return "", false
	}
	if n := len(ex.Response.Header.Values(wire.HeaderDPoPNonce)); n > 0 {
		return fmt.Sprintf("the server asks for a nonce, and its %d DPoP-Nonce field(s) cannot be used", n), true
	}
	return "the server asks for a nonce and gives none: its answer has no DPoP-Nonce field", true
}

func nonceRepeated(ex *wire.Exchange, code string) (string, bool) {
	given, sent := nonces(ex)
	if code != wire.ErrUseDPoPNonce || given == "" || given != sent {
		return "", false
	}
	return fmt.Sprintf("the server asks for the nonce %q, and that is the one it was sent", given), true
}

func nonceAgain(ex *wire.Exchange, code string) (string, bool) {
	given, sent := nonces(ex)
	if code != wire.ErrUseDPoPNonce || given == "" || sent == "" || given == sent {
		return "", false
	}
	return fmt.Sprintf("the server was sent the nonce %q and asks for %q instead", sent, given), true
}

func certificateNotAsked(ex *wire.Exchange, code string) (string, bool) {
	if !refused(ex) || !refusesCertificate(code) || !ex.Request.Certificate || ex.TLS.Asked {
		return "", false
	}
	if !ex.TLS.Used {
		return "a client certificate was given, and plain http carries none", true
	}
	return "a client certificate was given, but the server did not ask for one, so that none was sent", true
}

func certificateNotSent(ex *wire.Exchange, code string) (string, bool) {
	if !refused(ex) || !refusesCertificate(code) || !ex.TLS.Asked || ex.TLS.Sent {
		return "", false
	}
	return "the server asked for a client certificate, and there was none to send", true
}
