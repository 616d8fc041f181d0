package transport

import "net/http"

// Prepare builds a request as Do would send it now, with the nonce that its server
// gave last, and checks it. Nothing is sent.
func (t *Transport) Prepare(build Build) (*http.Request, error) {
	req, err := build(Attempt{Number: 1, nonces: t.nonces.snapshot()})
	if err != nil {
		return nil, err
	}
	return req, t.check(req)
}
