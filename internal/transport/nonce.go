package transport

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"sync"

	"github.com/oauthpop/oauthpop/internal/bounds"
	"github.com/oauthpop/oauthpop/internal/challenge"
	"github.com/oauthpop/oauthpop/internal/dpop"
	"github.com/oauthpop/oauthpop/internal/wire"
)

// nonces holds the nonce of each server. A nonce of one server is never shown to
// another: authorization server and resource server each give their own.
// https://www.rfc-editor.org/rfc/rfc9449#section-9
type nonces struct {
	mu       sync.Mutex
	byOrigin map[string]string
}

func (n *nonces) snapshot() map[string]string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return maps.Clone(n.byOrigin)
}

// learn keeps the nonce of an answer of any status, and says why it keeps none
// that is there.
//
// A new nonce may come with any answer, also with 200, and is used from then on.
// https://www.rfc-editor.org/rfc/rfc9449#section-8.2
func (n *nonces) learn(origin string, header http.Header) (why string) {
	nonce, why := nonceOf(header)
	if nonce == "" {
		return why
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.byOrigin == nil {
		n.byOrigin = map[string]string{}
	}
	n.byOrigin[origin] = nonce
	return ""
}

// nonceOf returns the nonce of an answer, or why it cannot be used.
//
// There must not be more than one DPoP-Nonce header.
// https://www.rfc-editor.org/rfc/rfc9449#section-8
func nonceOf(header http.Header) (nonce, why string) {
	all := header.Values(wire.HeaderDPoPNonce)
	switch {
	case len(all) == 0:
		return "", ""
	case len(all) > 1:
		return "", fmt.Sprintf("the answer has %d DPoP-Nonce fields, where one is allowed: none is used", len(all))
	case len(all[0]) > bounds.Nonce:
		return "", fmt.Sprintf("the nonce is longer than %d bytes: it is not used", bounds.Nonce)
	case !dpop.ValidNonce(all[0]):
		return "", fmt.Sprintf("the nonce %q has characters that a nonce cannot have: it is not used", all[0])
	}
	return all[0], ""
}

// wantsNonce reports whether an answer is a refusal for the want of a nonce that
// it brings along. The same nonce again ends it, so does none, and so does another
// one after the retry.
func (t *Transport) wantsNonce(ex *wire.Exchange, a *answer, at Attempt, retried bool) bool {
	status := ex.Response.Status
	if status != http.StatusBadRequest && status != http.StatusUnauthorized || !hasProof(ex.Request.Header) {
		return false
	}
	if !asksForNonce(ex.Response.Header, a) {
		return false
	}
	given, _ := nonceOf(ex.Response.Header)
	switch {
	case given == "":
		t.note(TraceWarning, at.Number, "the server asks for a nonce and gives none that can be used")
	case given == at.Nonce(ex.Request.URL):
		t.note(TraceWarning, at.Number, "the server asks for the nonce that it was sent")
	case retried:
		t.note(TraceWarning, at.Number, "the server was sent its nonce and asks for another: that is not tried again")
	default:
		t.note(TraceRetry, at.Number, "the server asks for a nonce: the request is sent again with it, and with a new proof")
		return true
	}
	return false
}

// asksForNonce: an authorization server says it in the body, a resource server in
// a challenge.
// https://www.rfc-editor.org/rfc/rfc9449#section-8
// https://www.rfc-editor.org/rfc/rfc9449#section-9
func asksForNonce(header http.Header, a *answer) bool {
	for _, c := range challenge.ParseChallenges(header.Values("WWW-Authenticate")) {
		if c.Is(wire.SchemeDPoP) && c.Params["error"] == wire.ErrUseDPoPNonce {
			return true
		}
	}
	var members map[string]json.RawMessage // a struct would take "Error", too
	if json.Unmarshal(a.Peek(), &members) != nil {
		return false
	}
	var code string
	return json.Unmarshal(members["error"], &code) == nil && code == wire.ErrUseDPoPNonce
}

func hasProof(header http.Header) bool {
	for name := range header {
		if strings.EqualFold(name, wire.HeaderDPoP) {
			return true
		}
	}
	return false
}
