package hostile

import (
	"bufio"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// raw answers with the bytes of the fault, in HTTP/1.1.
func (s *Server) raw(w http.ResponseWriter, r *http.Request) {
	c, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		panic(err)
	}
	defer func() { _ = c.Close() }()
	go s.endWith(c) // nobody else ends a connection that was taken over
	s.fault.bytes(s, c.(*tls.Conn), r)
}

// says answers with these bytes and ends the connection.
func says(text string) func(*Server, *tls.Conn, *http.Request) {
	return func(_ *Server, c *tls.Conn, _ *http.Request) { _, _ = io.WriteString(c, text) }
}

// endWith ends a connection with the test.
func (s *Server) endWith(c net.Conn) {
	<-s.over
	_ = c.Close()
}

// ends reports that the other side is gone, or the test is over.
func (s *Server) ends(c net.Conn) <-chan struct{} {
	gone := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, c)
		close(gone)
	}()
	return gone
}

// drip writes a text again and again, slowly, until nobody takes it any more.
func (s *Server) drip(c net.Conn, text string) {
	s.hang.Do(func() { close(s.hanging) })
	pace := time.NewTicker(2 * time.Millisecond)
	defer pace.Stop()
	gone := s.ends(c)
	for i := 0; ; i++ {
		select {
		case <-pace.C:
		case <-gone:
			return
		}
		if _, err := io.WriteString(c, text[i%len(text):][:1]); err != nil {
			return
		}
	}
}

// silence writes nothing until nobody listens any more.
func (s *Server) silence(c net.Conn) {
	s.hang.Do(func() { close(s.hanging) })
	<-s.ends(c)
}

// flood writes a text again and again, as fast as it is taken, up to a length.
func flood(c io.Writer, text string, length int) {
	w := bufio.NewWriterSize(c, 64<<10)
	block := strings.Repeat(text, 1+(64<<10)/len(text))
	for n := 0; n < length; n += len(block) {
		if _, err := io.WriteString(w, block); err != nil {
			return
		}
	}
	_ = w.Flush()
}

// resetUnder resets the connection under TLS.
func resetUnder(c *tls.Conn) {
	if under, ok := c.NetConn().(*conn); ok {
		under.reset()
	}
}
