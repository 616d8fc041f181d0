package hostile

import (
	"crypto/tls"
	"io"
)

// patience makes a client give up soon, for the header and for the whole.
func patience() (forHeader, forAll []string) {
	return []string{"--timeout", "500ms"}, []string{"--max-time", "500ms"}
}

func connectionFaults() []Fault {
	quick, quickWhole := patience()
	return []Fault{
		{Name: "none", Does: "nothing wrong", Want: everywhere(right())},
		{Name: "none in HTTP/2", Does: "nothing wrong", Want: everywhere(right()), HTTP2: true},
		{
			Name: "down", Does: "nobody listens",
			Want: everywhere(nothing("connection refused")),
			down: true,
		},
		{
			Name: "resets", Does: "resets each connection before TLS",
			Want: everywhere(nothing("connection reset")),
			connection: func(_ *Server, c *conn) {
				_, _ = c.Read(make([]byte, 1))
				c.reset()
			},
		},
		{
			Name: "hangs up", Does: "ends each connection before TLS",
			Want: everywhere(nothing("EOF")),
			connection: func(_ *Server, c *conn) {
				_, _ = io.CopyN(io.Discard, c, 1)
				c.finish()
			},
		},
		{
			Name: "no handshake", Does: "takes connections and says nothing",
			Want: map[Place]Outcome{
				Metadata: nothing("--timeout").by(quick...), Token: nothing("--timeout").by(quick...),
				Keys: nothing("--max-time").by(quickWhole...), Resource: nothing("--max-time").by(quickWhole...),
			},
			Hangs: true,
			connection: func(s *Server, c *conn) {
				s.hang.Do(func() { close(s.hanging) })
				_, _ = io.Copy(io.Discard, c)
				_ = c.Close()
			},
		},
		{
			Name: "no TLS", Does: "speaks plain HTTP where TLS is expected",
			Want: everywhere(nothing("does not speak TLS")),
			connection: func(_ *Server, c *conn) {
				_, _ = c.Read(make([]byte, 1))
				_, _ = io.WriteString(c, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
				c.finish()
			},
		},
		{
			Name: "old TLS", Does: "speaks TLS 1.1 and nothing newer",
			Want: everywhere(nothing("protocol version")),
			tls: func(_ *Server, c *tls.Config) {
				c.MinVersion, c.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
			},
		},
	}
}

func certificateFaults() []Fault {
	with := func(leaf func(*Server) tls.Certificate) func(*Server, *tls.Config) {
		return func(s *Server, c *tls.Config) { c.Certificates = []tls.Certificate{leaf(s)} }
	}
	return []Fault{
		{
			Name: "expired certificate", Does: "has a certificate that ended in 2021",
			Want: everywhere(nothing("not valid now")),
			tls:  with(func(s *Server) tls.Certificate { return s.ca.leaf("localhost", 2021) }),
		},
		{
			Name: "foreign certificate", Does: "has a certificate of a CA that nobody trusts",
			Want: everywhere(nothing("--cacert")),
			tls:  with(func(*Server) tls.Certificate { return newAuthority("Foreign").leaf("localhost", 2099) }),
		},
		{
			Name: "certificate of another", Does: "has a certificate of another host",
			Want: everywhere(nothing("verify the certificate of")),
			tls:  with(func(s *Server) tls.Certificate { return s.ca.leaf("other.example", 2099) }),
		},
		{
			Name: "wants a certificate", Does: "demands a client certificate in the handshake",
			Want: everywhere(useless("asked for a client certificate and was sent none")),
			tls:  func(_ *Server, c *tls.Config) { c.ClientAuth = tls.RequireAnyClientCert },
		},
	}
}
