package transport

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync"
	"testing"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// refuser speaks HTTP/2 by hand: it refuses the first stream, which net/http takes
// for a reason to send the request again by itself.
type refuser struct {
	always bool // refuses every stream
	goAway bool // ends the connection instead
	mu     sync.Mutex
	proofs []string
}

func (r *refuser) serve(c *tls.Conn) {
	defer c.Close()
	if _, err := io.ReadFull(c, make([]byte, len(http2.ClientPreface))); err != nil {
		return
	}
	f := http2.NewFramer(c, c)
	f.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	_ = f.WriteSettings()
	for {
		frame, err := f.ReadFrame()
		if err != nil {
			return
		}
		switch frame := frame.(type) {
		case *http2.SettingsFrame:
			if !frame.IsAck() {
				_ = f.WriteSettingsAck()
			}
		case *http2.MetaHeadersFrame:
			if n := r.see(frame); r.goAway {
				_ = f.WriteGoAway(frame.StreamID, http2.ErrCodeInternal, nil)
				return
			} else if n == 1 || r.always {
				_ = f.WriteRSTStream(frame.StreamID, http2.ErrCodeRefusedStream)
				continue
			}
			var block strings.Builder
			_ = hpack.NewEncoder(&block).WriteField(hpack.HeaderField{Name: ":status", Value: "204"})
			_ = f.WriteHeaders(http2.HeadersFrameParam{StreamID: frame.StreamID, BlockFragment: []byte(block.String()), EndHeaders: true, EndStream: true})
		}
	}
}

func (r *refuser) see(frame *http2.MetaHeadersFrame) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, h := range frame.Fields {
		if h.Name == "dpop" {
			r.proofs = append(r.proofs, h.Value)
		}
	}
	return len(r.proofs)
}

func TestNoProofIsSentTwiceWhenAStreamIsRefused(t *testing.T) {
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		t.Run(method, func(t *testing.T) {
			s := serve(t, ok, withHTTP2)
			var r refuser
			address := listen(t, tlsConn(s, func(c *tls.Config) { c.NextProtos = []string{"h2"} }, r.serve))
			ex, err := newTransport(t, Config{}, s).Do(t.Context(), proving(t.Context(), method, "https://"+address), 10)
			if err != nil || ex.Response.Status != http.StatusNoContent {
				t.Fatalf("%v", err)
			}
			if len(r.proofs) != 2 || r.proofs[0] == r.proofs[1] {
				t.Errorf("proofs %q, want two, and each its own", r.proofs)
			}
			if len(ex.Attempts) != 2 || ex.Attempts[1].NonceRetry {
				t.Errorf("attempts %+v", ex.Attempts)
			}
		})
	}
}

// A server that speaks HTTP/2 has taken the certificate.
func TestRefusalInHTTP2IsNotOneOfTheCertificate(t *testing.T) {
	mine := newAuthority(t, "Mine")
	for name, r := range map[string]*refuser{"stream": {always: true}, "connection": {goAway: true}} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, ok, withHTTP2)
			address := listen(t, tlsConn(s, func(c *tls.Config) {
				c.NextProtos, c.ClientAuth = []string{"h2"}, tls.RequestClientCert
			}, r.serve))
			tr := newTransport(t, Config{Certificate: mine.client(t, "app")}, s)
			ex, err := tr.Do(t.Context(), proving(t.Context(), http.MethodPost, "https://"+address), 10)
			wantNetwork(t, err, OpAnswer)
			if !ex.TLS.Sent {
				t.Errorf("%+v", ex.TLS)
			}
		})
	}
}

// HTTP/1 may write before it looks whether the request is over.
func TestConnectionForASecondSendingIsClosed(t *testing.T) {
	here, there := net.Pipe()
	defer there.Close()
	var aborted error
	lost := &conn{}
	lost.written.Store(1)
	r := &round{used: lost, wroteHead: true, abort: func(err error) { aborted = err }}
	r.gotConn(httptrace.GotConnInfo{Conn: &conn{Conn: here}})
	if _, err := here.Write([]byte("x")); !errors.Is(err, io.ErrClosedPipe) || !errors.Is(aborted, errSentTwice) {
		t.Errorf("written: %v, aborted: %v", err, aborted)
	}
	if r.carrier() != lost {
		t.Error("the request is said to be on the second connection")
	}
}
