// Package oauth is the client side of OAuth 2.0: metadata, client authentication,
// token requests. It sends through transport alone.
package oauth

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/oauthpop/oauthpop/internal/bounds"
	"github.com/oauthpop/oauthpop/internal/dpop"
	"github.com/oauthpop/oauthpop/internal/transport"
	"github.com/oauthpop/oauthpop/internal/wire"
)

// Client is a registered client with what it authenticates with.
type Client struct {
	ID string
	// Method is one of the Auth names of package wire.
	Method string
	Secret wire.Secret
	// Assertion is how client assertions are made: for private_key_jwt with its own
	// key, for client_secret_jwt with Secret.
	Assertion *AssertionKey
	// Issuer is what an assertion is addressed to; without one it is the endpoint.
	Issuer string
	Now    func() time.Time
	// DPoP makes the proof of each request; nil: none is sent. ProofNow is its clock;
	// nil is Now.
	DPoP     *dpop.Prover
	ProofNow func() time.Time
	// HTU is what proofs name for an endpoint; nil is dpop.HTU.
	HTU func(endpoint string) (string, error)
}

// Token sends a token request and reads the answer. An OAuth error is an *Error,
// an answer that is of no use an *AnswerError. The exchange comes with errors, too,
// where a request was sent.
func (c *Client) Token(ctx context.Context, t *transport.Transport, endpoint string, params url.Values) (*Answer, *wire.Exchange, error) {
	ex, err := t.Do(ctx, c.Request(ctx, endpoint, params), bounds.Answer)
	if err != nil {
		return nil, ex, useless(ex, err)
	}
	a, err := parseAnswer(ex)
	return a, ex, err
}

// Request returns what makes a request of the client to an endpoint.
func (c *Client) Request(ctx context.Context, endpoint string, params url.Values) transport.Build {
	return func(at transport.Attempt) (*http.Request, error) { return c.request(ctx, at, endpoint, params) }
}

// request makes one attempt: a new proof and a new assertion each time.
func (c *Client) request(ctx context.Context, at transport.Attempt, endpoint string, params url.Values) (*http.Request, error) {
	form := url.Values{}
	for name, values := range params {
		form[name] = values
	}
	header := http.Header{
		"Content-Type": {"application/x-www-form-urlencoded"},
		"Accept":       {"application/json"},
	}
	if err := c.authenticate(header, form, endpoint); err != nil {
		return nil, err
	}
	// The query of the endpoint stays: "which MUST be retained"
	// https://www.rfc-editor.org/rfc/rfc6749#section-3.2
	target, err := dpop.RequestURL(endpoint)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, target, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	req.Header = header
	return c.prove(req, at, endpoint)
}

// prove adds the proof.
//
// "the client MUST provide a valid DPoP proof JWT in a DPoP header when making an
// access token request to the authorization server's token endpoint. This is
// applicable for all access token requests regardless of grant type"
// https://www.rfc-editor.org/rfc/rfc9449#section-5
func (c *Client) prove(req *http.Request, at transport.Attempt, endpoint string) (*http.Request, error) {
	if c.DPoP == nil {
		return req, nil
	}
	htuOf := c.HTU
	if htuOf == nil {
		htuOf = dpop.HTU
	}
	htu, err := htuOf(endpoint)
	if err != nil {
		return nil, err
	}
	clock := c.ProofNow
	if clock == nil {
		clock = c.Now
	}
	now := clock()
	proof, err := c.DPoP.Proof(dpop.Claims{Method: req.Method, HTU: htu, Nonce: at.Nonce(endpoint), Time: now})
	if err != nil {
		return nil, err
	}
	req.Header.Set(wire.HeaderDPoP, proof)
	return transport.WithProof(req, htu, now), nil
}
