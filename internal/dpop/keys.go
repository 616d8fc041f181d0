package dpop

import (
	"crypto"
	"strings"
	"sync"

	"github.com/oauthpop/oauthpop/internal/bounds"
	"github.com/oauthpop/oauthpop/internal/jwt"
)

// Keys remembers the public keys of proofs, so that one that comes again is not
// decoded again: a client signs all its proofs with one key. What it remembers
// depends on the text of the jwk alone, never on whether a proof was right. It is
// safe for concurrent use, and bounded.
type Keys struct {
	mu    sync.RWMutex
	known map[string]*publicKey // by the text of the jwk
}

// NewKeys returns one that knows none.
func NewKeys() *Keys { return &Keys{known: map[string]*publicKey{}} }

// publicKey is the jwk of a proof as far as it can be read.
type publicKey struct {
	jwk *jwt.Object      // nil where it is no object
	key crypto.PublicKey // nil where jwk holds none, and err says why
	jkt string
	err error
}

func (k *Keys) read(raw string) *publicKey {
	if k == nil || len(raw) > bounds.KnownKey {
		return readKey(raw)
	}
	k.mu.RLock()
	known := k.known[raw]
	k.mu.RUnlock()
	if known != nil {
		return known
	}
	known = readKey(raw)
	if known.err != nil {
		return known // whoever sends what is wrong must not drive out what is right
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.known) >= bounds.KnownKeys {
		clear(k.known)
	}
	k.known[strings.Clone(raw)] = known
	return known
}

func readKey(raw string) *publicKey {
	p := &publicKey{}
	if p.jwk, p.err = jwt.ParseObject([]byte(raw)); p.err != nil {
		p.jwk, p.err = nil, &jwt.FormatError{Part: "jwk", Reason: p.err.Error()}
		return p
	}
	if p.key, p.err = p.jwk.PublicKey(); p.err != nil {
		return p
	}
	p.jkt, p.err = jwt.Thumbprint(p.key)
	return p
}
