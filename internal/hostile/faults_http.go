package hostile

import (
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"strings"
)

const (
	gigabyte = 1 << 30
	head     = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
)

// slowFaults keep the client waiting.
func slowFaults() []Fault {
	quick, quickWhole := patience()
	header := map[Place]Outcome{
		Metadata: nothing("--timeout").by(quick...), Token: nothing("--timeout").by(quick...),
		Keys: nothing("--max-time").by(quickWhole...), Resource: nothing("--timeout").by(quick...),
	}
	// A stream has no end that it must have come to: only --max-time bounds it.
	body := map[Place]Outcome{
		Metadata: nothing("--timeout").by(quick...), Token: nothing("--timeout").by(quick...),
		Keys: nothing("--timeout").by(quick...), Resource: nothing("--max-time").by(quickWhole...),
	}
	return []Fault{
		{
			Name: "silent", Does: "takes the request and never answers", Want: header, Hangs: true,
			answer: func(s *Server, _ http.ResponseWriter, r *http.Request) { s.wait(r) },
		},
		{
			Name: "silent in HTTP/2", Does: "takes the request and never answers", Want: header, Hangs: true, HTTP2: true,
			answer: func(s *Server, _ http.ResponseWriter, r *http.Request) { s.wait(r) },
		},
		{
			Name: "dripping header", Does: "sends a header a byte at a time, without end", Want: header, Hangs: true,
			bytes: func(s *Server, c *tls.Conn, _ *http.Request) { s.drip(c, head+"X: "+strings.Repeat("x", 1<<20)) },
		},
		{
			Name: "half a body", Does: "sends half of the body and no more", Want: body, Hangs: true,
			bytes: func(s *Server, c *tls.Conn, _ *http.Request) {
				_, _ = io.WriteString(c, head+"Content-Length: 1000\r\n\r\n"+`{"issuer":"`)
				s.silence(c)
			},
		},
		{
			Name: "half a body in HTTP/2", Does: "sends half of the body and no more", Want: body, Hangs: true, HTTP2: true,
			answer: func(s *Server, w http.ResponseWriter, r *http.Request) {
				_, _ = io.WriteString(w, `{"issuer":"`)
				w.(http.Flusher).Flush()
				s.wait(r)
			},
		},
		{
			Name: "dripping body", Does: "sends the body a byte at a time, without end", Want: body, Hangs: true,
			bytes: func(s *Server, c *tls.Conn, _ *http.Request) {
				_, _ = io.WriteString(c, head+"\r\n")
				s.drip(c, " ")
			},
		},
	}
}

// framingFaults are answers that break off, or that are no HTTP.
func framingFaults() []Fault {
	broken := func(name, does, cause, text string) Fault {
		return Fault{Name: name, Does: does, Want: everywhere(nothing(cause)), bytes: says(text)}
	}
	return []Fault{
		broken("no answer", "takes the request and ends the connection", "EOF", ""),
		{
			Name: "reset", Does: "takes the request and resets the connection", Want: everywhere(nothing("connection reset")),
			bytes: func(_ *Server, c *tls.Conn, _ *http.Request) { resetUnder(c) },
		},
		{
			Name: "reset in the body", Does: "sends half of the body and resets the connection", Want: everywhere(nothing("connection reset")),
			bytes: func(_ *Server, c *tls.Conn, _ *http.Request) {
				_, _ = io.WriteString(c, head+"Content-Length: 1000\r\n\r\n{")
				resetUnder(c)
			},
		},
		{
			Name: "aborted in HTTP/2", Does: "resets the stream in place of an answer", Want: everywhere(nothing("stream error")), HTTP2: true,
			answer: func(*Server, http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		},
		broken("short body", "says a Content-Length that is larger than the body", "unexpected EOF", head+"Content-Length: 1000\r\n\r\n{}"),
		broken("two lengths", "says two different Content-Lengths", "read the answer of", head+"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}"),
		broken("negative length", "says a negative Content-Length", "read the answer of", head+"Content-Length: -1\r\n\r\n{}"),
		broken("bad chunks", "sends chunks whose length is no number", "chunk", head+"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n"),
		broken("endless chunk length", "sends a chunk length without end", "read the answer of", head+"Transfer-Encoding: chunked\r\n\r\n"+strings.Repeat("1", 1<<20)),
		broken("chunks break off", "ends the connection in a chunk", "unexpected EOF", head+"Transfer-Encoding: chunked\r\n\r\nff\r\n{"),
		broken("not HTTP", "answers in another protocol", "malformed", "SSH-2.0-OpenSSH_9.9\r\n"),
		broken("header that steers a terminal", "sends escapes in a field", "malformed", head+"X: \x1b[2J\r\n\r\n{}"),
		broken("another protocol", "switches to a protocol that nobody asked for, and waits", "switched to another protocol", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n"),
		broken("unknown transfer coding", "sends a body in a transfer coding that is not known", "read the answer of", head+"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
		broken("no status", "answers with a status that is no number", "malformed", "HTTP/1.1 OK fine\r\n\r\n"),
		{
			Name: "longer than it says", Does: "says a Content-Length that is smaller than the body", ignorable: true,
			Want: map[Place]Outcome{
				Metadata: useless("not JSON"), Token: useless("not JSON"), Keys: useless("not a JWK set"), Resource: right(),
			},
			bytes: says(head + "Content-Length: 1\r\n\r\n" + `{"access_token":"x"}`),
		},
	}
}

// headerFaults go beyond the bound of a header.
func headerFaults() []Fault {
	long := everywhere(useless("the header of the answer"))
	long[Metadata] = useless("too large")
	return []Fault{
		{
			Name: "interim answers", Does: "sends answers with 103 without end", Want: long,
			bytes: says(strings.Repeat("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n", 100_000)),
		},
		{
			Name: "huge header", Does: "sends one field of a megabyte", Want: long,
			bytes: says(head + "X: " + strings.Repeat("x", 1<<20) + "\r\n\r\n{}"),
		},
		{
			Name: "huge header in HTTP/2", Does: "sends one field of a megabyte", Want: long, HTTP2: true,
			answer: func(s *Server, w http.ResponseWriter, r *http.Request) {
				w.Header().Set("X", strings.Repeat("x", 1<<20))
				s.right(w, r)
			},
		},
		{
			Name: "endless header", Does: "sends fields without end", Want: long,
			bytes: func(_ *Server, c *tls.Conn, _ *http.Request) {
				_, _ = io.WriteString(c, head)
				flood(c, "X: x\r\n", gigabyte)
			},
		},
		{
			Name: "endless status line", Does: "sends a line that does not end", Want: long,
			bytes: func(_ *Server, c *tls.Conn, _ *http.Request) { flood(c, "HTTP/1.1 200 ", gigabyte) },
		},
		{
			Name: "endless trailer", Does: "sends fields without end after the body", Want: everywhere(nothing("read the answer of")),
			bytes: func(_ *Server, c *tls.Conn, _ *http.Request) {
				_, _ = io.WriteString(c, head+"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n")
				flood(c, "X: x\r\n", gigabyte)
			},
		},
	}
}

// bodyFaults go beyond the bound of a body.
func bodyFaults() []Fault {
	large := map[Place]Outcome{
		Metadata: useless("too large"), Token: useless("more than 1048576 bytes"), Keys: useless("longer than"), Resource: useless("longer than"),
	}
	endless := func(_ *Server, w http.ResponseWriter, _ *http.Request) { flood(w, "0", gigabyte) }
	return []Fault{
		{Name: "a gigabyte", Does: "sends a body of a gigabyte, in chunks", Want: large, answer: endless},
		{
			Name: "a gigabyte announced", Does: "sends a body of a gigabyte, and says so", Want: large,
			bytes: func(_ *Server, c *tls.Conn, _ *http.Request) {
				_, _ = io.WriteString(c, fmt.Sprintf("%sContent-Length: %d\r\n\r\n", head, gigabyte))
				flood(c, "0", gigabyte)
			},
		},
		{
			Name: "gzip bomb", Does: "sends a megabyte that is a gigabyte when it is unpacked",
			Want: map[Place]Outcome{
				Metadata: useless("too large"), Token: useless("more than 1048576 bytes"), Keys: useless("longer than"),
				Resource: right(), // handed on as it came
			},
			answer: func(s *Server, w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Encoding", "gzip")
				_, _ = w.Write(bomb(gigabyte))
			},
		},
		{
			Name: "packed", Does: "packs its answers, though nobody asked for that", Want: everywhere(right()),
			answer: func(s *Server, w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Encoding", "gzip")
				s.right(packer(w), r)
			},
		},
		{
			Name: "unknown coding", Does: "packs its answers in a coding that is not known", ignorable: true,
			Want: map[Place]Outcome{
				Metadata: useless(`coding "br"`), Token: useless(`coding "br"`), Keys: useless("not a JWK set"), Resource: right(),
			},
			answer: func(_ *Server, w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Encoding", "br")
				_, _ = io.WriteString(w, "\x0b\x02\x80hello\x03")
			},
		},
	}
}
