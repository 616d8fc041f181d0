package transport

import (
	"context"
	"crypto/tls"
	"net/http/httptrace"
	"sync"
)

// round is what is known of one request while it is on its way. net/http calls its
// hooks from several goroutines.
type round struct {
	abort  func(error)
	onConn func(c *conn, reused bool)
	bare   bool // the client certificate is not for this server

	mu         sync.Mutex
	proxyTLS   bool  // the proxy is reached over TLS: the first handshake is its own
	dialed     *conn // made for this request, whether it used it or not
	used       *conn // carries this request
	before     int64 // bytes written to used before this request
	wroteHead  bool
	answerByte bool
}

type roundKey struct{}

func roundOf(ctx context.Context) *round {
	r, _ := ctx.Value(roundKey{}).(*round)
	return r
}

// in returns ctx with the round and its hooks. The values of this context, not its
// end, are also those of the dial and of the handshake.
func (r *round) in(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(context.WithValue(ctx, roundKey{}, r), &httptrace.ClientTrace{
		TLSHandshakeStart:    r.handshakeBegins,
		GotConn:              r.gotConn,
		WroteHeaders:         func() { r.set(&r.wroteHead) },
		GotFirstResponseByte: func() { r.set(&r.answerByte) },
	})
}

func (r *round) set(flag *bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	*flag = true
}

func (r *round) throughProxy(overTLS bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.proxyTLS = overTLS
}

func (r *round) dialedConn(c *conn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.dialed = c
}

func (r *round) handshakeBegins() {
	if c, _ := r.handshaking(); c != nil {
		c.handshakeBegins()
	}
}

// handshaking returns the connection that a handshake of this round is about, and
// whether it is the proxy's.
func (r *round) handshaking() (c *conn, ofProxy bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.dialed == nil {
		return nil, false
	}
	r.dialed.mu.Lock()
	defer r.dialed.mu.Unlock()
	return r.dialed, r.proxyTLS && r.dialed.handshakes < 2
}

// gotConn is called each time that net/http is about to send the request.
//
// It sends a request again by itself where it takes it for idempotent and the
// connection was lost. The proof would then go out twice, although each request
// needs one of its own: "a unique DPoP proof"
// https://www.rfc-editor.org/rfc/rfc9449#section-4
// So the second time is prevented, and [Transport.Do] builds the request anew.
func (r *round) gotConn(info httptrace.GotConnInfo) {
	c := unwrap(info.Conn)
	if c == nil {
		return
	}
	overHTTP2 := false
	if tc, ok := info.Conn.(*tls.Conn); ok {
		state := tc.ConnectionState()
		c.secured(state)
		overHTTP2 = state.NegotiatedProtocol == "h2"
	}
	if r.wasSent() {
		r.abort(errSentTwice)
		if !overHTTP2 {
			// HTTP/2 looks at the context before it writes. HTTP/1 writes first.
			_ = info.Conn.Close()
		}
		return
	}
	r.mu.Lock()
	r.used, r.before, r.wroteHead = c, c.written.Load(), false
	r.mu.Unlock()
	if r.onConn != nil {
		r.onConn(c, info.Reused)
	}
}

// wasSent reports whether something of the request has left this machine.
func (r *round) wasSent() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.used != nil && r.wroteHead && r.used.written.Load() > r.before
}

// carrier returns the connection that carried the request, or that failed before it did.
func (r *round) carrier() *conn {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.used != nil {
		return r.used
	}
	return r.dialed
}

// answering reports whether anything of an answer has come.
func (r *round) answering() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.answerByte
}
