// Package server is an authorization server and a resource server for tests: it
// issues access tokens that are bound by DPoP (RFC 9449) or to a client
// certificate (RFC 8705), and its resource truly checks the binding. It stands on
// two ports: one as browsers like it, and one that asks for a client certificate.
package server

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/oauthpop/oauthpop/internal/bounds"
	"github.com/oauthpop/oauthpop/internal/dpop"
	"github.com/oauthpop/oauthpop/internal/server/guard"
)

// Config is what a server is made of. Issuer, MTLS, Key and Now are required.
type Config struct {
	// Issuer is the base URL of the main port and the issuer identifier; MTLS is the
	// base URL of the certificate port. Neither has a path.
	Issuer, MTLS string
	// Key signs access tokens.
	Key crypto.Signer
	// ClientCAs are those whose certificates tls_client_auth accepts; nil accepts none.
	ClientCAs *x509.CertPool
	Clients   []Client
	Nonces    NoncePolicy
	// TokenLifetime is how long an access token is valid; 0 is five minutes.
	TokenLifetime time.Duration
	Now           func() time.Time
	// Log is told of each request after its answer; nil is silence.
	Log func(Event)
}

// Event is one request and how it was answered.
type Event struct {
	Time         time.Time
	Method, URL  string // without query, which may hold what nobody should read
	Status       int
	ClientID     string
	Bound        string // what the token is bound by, where one was issued or used
	Error        string
	Description  string
	Certificates int // how many the client presented
}

// Server is both servers.
type Server struct {
	cfg        Config
	clients    map[string]*registration
	key        signingKey
	assertions *spent
	main, mtls *site
}

const defaultTokenLifetime = 5 * time.Minute

// New checks the configuration and makes a server.
func New(cfg Config) (*Server, error) {
	if cfg.TokenLifetime == 0 {
		cfg.TokenLifetime = defaultTokenLifetime
	}
	if cfg.Nonces == "" {
		cfg.Nonces = NoncesOptional
	}
	key, err := newSigningKey(cfg.Key)
	if err != nil {
		return nil, err
	}
	s := &Server{cfg: cfg, key: key, clients: map[string]*registration{}, assertions: newSpent()}
	for _, c := range cfg.Clients {
		r, err := register(c)
		if err != nil {
			return nil, err
		}
		if s.clients[c.ID] != nil {
			return nil, &ClientError{Member: "client_id", Reason: fmt.Sprintf("%q is taken already", c.ID)}
		}
		s.clients[c.ID] = r
	}
	if s.main, err = newSite(s, cfg.Issuer, false); err != nil {
		return nil, err
	}
	if s.mtls, err = newSite(s, cfg.MTLS, true); err != nil {
		return nil, err
	}
	if s.main.base == s.mtls.base {
		// Each port remembers its own proofs: under one name a proof would be good twice.
		return nil, fmt.Errorf("both ports have the base URL %q", s.main.base)
	}
	return s, nil
}

// Handler answers on the main port, which asks for no client certificate.
func (s *Server) Handler() http.Handler { return s.main }

// MTLSHandler answers on the certificate port.
func (s *Server) MTLSHandler() http.Handler { return s.mtls }

// Resource is the URL of the protected resource on the main port.
func (s *Server) Resource() string { return s.main.url(resourcePath) }

// MTLSResource is the URL of the protected resource on the certificate port.
func (s *Server) MTLSResource() string { return s.mtls.url(resourcePath) }

// site is one port: the same endpoints under another base URL, with nonces and a
// memory for proofs of its own.
type site struct {
	*Server
	base string
	// certificates says that this port asks for a client certificate.
	certificates bool
	routes       []route
	guard        *guard.Guard
	// nonces are those of this origin: clients keep them by origin.
	//
	// "Nonces will be only accepted by the server that issued them."
	// https://www.rfc-editor.org/rfc/rfc9449#section-9
	nonces *dpop.Nonces
	// tokenReplays are the proofs that came to the token endpoint.
	tokenReplays *dpop.Replay
}

// replayWindow is how long a proof is remembered: as long as it would be accepted.
// A proof may be dated ahead of our clock, so the skew adds to the age.
const replayWindow = bounds.ProofAge + bounds.ProofSkew

func newSite(s *Server, base string, certificates bool) (*site, error) {
	u, err := url.Parse(base)
	if err != nil || u.Scheme != "https" || u.Host == "" || strings.Trim(u.Path, "/") != "" {
		return nil, fmt.Errorf("base URL %q is not of the form https://host:port", base)
	}
	secret := make([]byte, 32)
	if _, err := rand.Read(secret); err != nil {
		return nil, fmt.Errorf("make a nonce secret: %w", err)
	}
	p := &site{
		Server: s, base: strings.TrimSuffix(base, "/"), certificates: certificates,
		nonces:       dpop.NewNonces(secret, noncePeriod),
		tokenReplays: dpop.NewReplay(replayWindow),
	}
	p.guard = &guard.Guard{
		Checks: guard.Checks(), Proof: dpop.Checks(), Algs: dpop.DefaultAlgs(),
		Tokens: s.verifyAccessToken,
		Nonce:  p.nonceRule(),
		MaxAge: bounds.ProofAge, MaxSkew: bounds.ProofSkew,
		Replays: dpop.NewReplay(replayWindow),
	}
	p.routes = p.table()
	return p, nil
}

func (p *site) url(path string) string { return p.base + path }
