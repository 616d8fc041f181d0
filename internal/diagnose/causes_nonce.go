package diagnose

import (
	"fmt"
	"net/url"
	"slices"

	"github.com/oauthpop/oauthpop/internal/bounds"
	"github.com/oauthpop/oauthpop/internal/dpop"
	"github.com/oauthpop/oauthpop/internal/wire"
)

// nonces returns the nonce of the answer and that of the proof.
func (r *reading) nonces() (given, sent string) {
	if all := values(r.Response.Header, wire.HeaderDPoPNonce); len(all) == 1 && len(all[0]) <= bounds.Nonce && dpop.ValidNonce(all[0]) {
		given = all[0]
	}
	if r.proof != nil && len(r.proofs) == 1 {
		sent, _ = r.proof.Payload.String("nonce")
	}
	return given, sent
}

// asked: the answer asks for a nonce.
func (r *reading) asked() bool { return r.code == wire.ErrUseDPoPNonce }

func nonceMissing(r *reading) (string, bool) {
	given, _ := r.nonces()
	if !r.asked() || given != "" {
		return "", false
	}
	switch n := len(values(r.Response.Header, wire.HeaderDPoPNonce)); n {
	case 0:
	case 1:
		return "the server asks for a nonce, and its DPoP-Nonce cannot be used: it is empty or too long, or has characters that a nonce cannot have", true
	default:
		return fmt.Sprintf("the server asks for a nonce, and its answer has %d DPoP-Nonce fields, where one is allowed", n), true
	}
	return "the server asks for a nonce and gives none: its answer has no DPoP-Nonce field", true
}

func nonceRepeated(r *reading) (string, bool) {
	given, sent := r.nonces()
	if !r.asked() || given == "" || given != sent {
		return "", false
	}
	return fmt.Sprintf("the server asks for the nonce %.200q, and that is the one it was sent", given), true
}

func nonceNotSent(r *reading) (string, bool) {
	given, sent := r.nonces()
	if !r.asked() || given == "" || sent != "" {
		return "", false
	}
	switch {
	case len(r.proofs) == 0 && r.Request.HTU == "":
		return fmt.Sprintf("the server asks for the nonce %.200q, and the request has no proof", given), true
	case r.proof == nil:
		return "", false
	}
	return fmt.Sprintf("the server asks for the nonce %.200q, and the proof had none", given), true
}

// nonceOfAnotherServer: an authorization server and a resource server give nonces of
// their own, and neither knows the other's.
// https://www.rfc-editor.org/rfc/rfc9449#section-9
func nonceOfAnotherServer(r *reading) (string, bool) {
	_, sent := r.nonces()
	if sent == "" || !r.refused() || !r.asked() && !r.refusesProof() {
		return "", false
	}
	own := Origin(r.Request.URL)
	if r.Known.Nonces[own] == sent {
		return "", false
	}
	for _, from := range origins(r.Known.Nonces) {
		if from != own && r.Known.Nonces[from] == sent {
			return fmt.Sprintf("the proof for %s has the nonce %.200q, which %s gave", own, sent, from), true
		}
	}
	return "", false
}

func origins(nonces map[string]string) []string {
	all := make([]string, 0, len(nonces))
	for from := range nonces {
		all = append(all, from)
	}
	slices.Sort(all)
	return all
}

// Origin is the server of a URL, written in one way: a host in small letters, and no
// port that goes without saying.
func Origin(raw string) string {
	if normal, err := dpop.Normalize(raw); err == nil {
		raw = normal
	}
	u, err := url.Parse(raw)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

func nonceAgain(r *reading) (string, bool) {
	given, sent := r.nonces()
	if !r.asked() || given == "" || sent == "" || given == sent {
		return "", false
	}
	if _, other := nonceOfAnotherServer(r); other {
		return "", false
	}
	return fmt.Sprintf("the server was sent the nonce %.200q and asks for %.200q instead", sent, given), true
}
