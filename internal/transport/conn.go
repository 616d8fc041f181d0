package transport

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"

	"github.com/oauthpop/oauthpop/internal/certs"
	"github.com/oauthpop/oauthpop/internal/wire"
)

// conn is a connection that knows what its TLS handshake was about. It outlives
// the request that it was made for, and so do its facts.
type conn struct {
	net.Conn
	written atomic.Int64

	mu         sync.Mutex
	handshakes int // begun
	facts      wire.TLSFacts
	answered   bool // an answer came over it: the handshake is over for good
}

func (c *conn) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	c.written.Add(int64(n))
	return n, err
}

func (c *conn) tls() wire.TLSFacts {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.facts
}

// secured notes what the finished handshake has agreed upon.
func (c *conn) secured(s tls.ConnectionState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.facts.Used, c.facts.Version = true, s.Version
}

func (c *conn) handshakeBegins() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.handshakes++
}

func (c *conn) gotAnswer() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.answered = true
}

// refused reports whether a failure of this connection is an answer to the client
// certificate, or to the want of one.
//
// In TLS 1.3 the client is done before the server has looked at the certificate:
// what comes then is an alert, or only a closed or reset connection, on reading or
// on writing. A server that was sent no certificate, or one that it does not accept,
// may go on without or abort.
// https://www.rfc-editor.org/rfc/rfc8446#section-4.4.2.4
func (c *conn) refused() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.facts.Asked && !c.answered
}

// unwrap finds the connection under TLS, and under the TLS of a proxy.
func unwrap(nc net.Conn) *conn {
	for {
		switch c := nc.(type) {
		case *conn:
			return c
		case *tls.Conn:
			nc = c.NetConn()
		default:
			return nil
		}
	}
}

// clientCertificate answers the server's request for a certificate. It gives the
// configured one whatever CAs the server names: many servers take certificates of
// CAs that they do not name, self-signed ones above all (RFC 8705 section 2.2), and
// the list of crypto/tls is then silently not sent.
func (t *Transport) clientCertificate(info *tls.CertificateRequestInfo) (*tls.Certificate, error) {
	r := roundOf(info.Context())
	if r == nil {
		return nil, errors.New("a handshake that belongs to no request")
	}
	c, ofProxy := r.handshaking()
	if ofProxy || c == nil {
		// A proxy is not the party that the certificate is for.
		return &tls.Certificate{}, nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.facts.Used, c.facts.Asked, c.facts.Version = true, true, info.Version
	c.facts.AcceptableCAs = names(info.AcceptableCAs)
	if t.config.Certificate == nil || r.bare {
		return &tls.Certificate{}, nil
	}
	c.facts.Sent = true
	return t.config.Certificate, nil
}

func names(raw [][]byte) []string {
	var all []string
	for _, der := range raw {
		name, err := certs.FormatDN(der)
		if err != nil {
			name = fmt.Sprintf("#%x", der)
		}
		all = append(all, name)
	}
	return all
}
