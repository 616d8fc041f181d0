package dpop

import (
	"crypto/sha256"
	"sync"
	"time"

	"github.com/oauthpop/oauthpop/internal/bounds"
)

// Replay remembers proofs for as long as they could be sent again. It is safe for
// concurrent use.
type Replay struct {
	window time.Duration
	limit  int

	mu      sync.Mutex
	buckets []bucket // oldest first; the last one takes what comes
}

// replayKey is a truncated hash: to "store only a hash thereof" bounds the memory.
// https://www.rfc-editor.org/rfc/rfc9449#section-11.1
type replayKey [16]byte

// bucket holds what came up to a time, and is forgotten as a whole.
type bucket struct {
	until time.Time
	seen  map[replayKey]struct{}
}

// slots is the number of buckets a window is cut into: an entry is kept for at
// most a quarter longer than it must be.
const slots = 4

// NewReplay remembers proofs for window. It must be the greatest age plus the
// greatest skew that is accepted: a proof from the future can be sent again for longer.
func NewReplay(window time.Duration) *Replay {
	return &Replay{window: window, limit: bounds.ReplayEntries}
}

// Seen says whether a proof of the same key with the same jti has been seen within
// the window, and remembers this one. A jti counts per key: otherwise one client
// could use up the jti of another.
func (r *Replay) Seen(v *Verified, now time.Time) bool {
	// A thumbprint holds no point, so that no two pairs are joined to one.
	sum := sha256.Sum256([]byte(v.JKT + "." + v.JTI))
	key := replayKey(sum[:16])

	r.mu.Lock()
	defer r.mu.Unlock()
	r.forget(now)
	for _, b := range r.buckets {
		if _, ok := b.seen[key]; ok {
			return true
		}
	}
	r.current(now).seen[key] = struct{}{}
	return false
}

// forget drops whole buckets: the expired ones, and the oldest when all together
// are full. Under a flood a replay of an old proof is possible; refusing every
// request instead would lock out all clients.
func (r *Replay) forget(now time.Time) {
	for len(r.buckets) > 0 && now.After(r.buckets[0].until.Add(r.window)) {
		r.dropOldest()
	}
	for r.len() >= r.limit {
		r.dropOldest()
	}
}

func (r *Replay) dropOldest() {
	r.buckets[0] = bucket{} // the array behind the slice must not keep it
	r.buckets = r.buckets[1:]
}

func (r *Replay) len() int {
	n := 0
	for _, b := range r.buckets {
		n += len(b.seen)
	}
	return n
}

func (r *Replay) current(now time.Time) *bucket {
	n := len(r.buckets)
	if n > 0 && !now.After(r.buckets[n-1].until) && len(r.buckets[n-1].seen) < r.limit/slots {
		return &r.buckets[n-1]
	}
	r.buckets = append(r.buckets, bucket{until: now.Add(r.window / slots), seen: make(map[replayKey]struct{})})
	return &r.buckets[n]
}
