package transport

import (
	"context"
	"net/http"
	"time"
)

type proof struct {
	htu string
	iat time.Time
}

type proofKey struct{}

// WithProof notes in a request what the proof that it carries says, so that the
// exchange can tell.
func WithProof(req *http.Request, htu string, iat time.Time) *http.Request {
	return req.WithContext(context.WithValue(req.Context(), proofKey{}, proof{htu: htu, iat: iat}))
}
