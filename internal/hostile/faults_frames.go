package hostile

import (
	"bytes"
	"crypto/tls"
	"io"
	"net/http"
	"strings"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// frameFaults are those of the frames of HTTP/2, written by hand.
func frameFaults() []Fault {
	framed := func(name, does string, o Outcome, then func(s *Server, f *http2.Framer, stream uint32)) Fault {
		return Fault{
			Name: name, Does: does, Want: map[Place]Outcome{Token: o, Resource: o}, HTTP2: true,
			frames: func(s *Server, c *tls.Conn) { s.framed(c, then) },
		}
	}
	ok := headerBlock(field(":status", "200"))
	return []Fault{
		framed("goes away in HTTP/2", "says in HTTP/2 that it goes away", nothing("GOAWAY"), func(_ *Server, f *http2.Framer, _ uint32) {
			_ = f.WriteGoAway(0, http2.ErrCodeProtocol, nil)
		}),
		framed("endless header in HTTP/2", "sends header frames without end", nothing("PROTOCOL_ERROR"), func(_ *Server, f *http2.Framer, stream uint32) {
			_ = f.WriteHeaders(http2.HeadersFrameParam{StreamID: stream, BlockFragment: ok})
			block := headerBlock(field("x", strings.Repeat("x", 8<<10)))
			for n := 0; n < gigabyte; n += len(block) {
				if f.WriteContinuation(stream, false, block) != nil {
					return
				}
			}
		}),
		framed("broken header in HTTP/2", "sends a header that cannot be unpacked", useless("cannot be unpacked"), func(_ *Server, f *http2.Framer, stream uint32) {
			_ = f.WriteHeaders(http2.HeadersFrameParam{StreamID: stream, BlockFragment: []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, EndHeaders: true})
		}),
		framed("interim answers in HTTP/2", "sends answers with 103 without end", useless("the header of the answer"), func(_ *Server, f *http2.Framer, stream uint32) {
			hint := headerBlock(field(":status", "103"))
			for range 100_000 {
				if f.WriteHeaders(http2.HeadersFrameParam{StreamID: stream, BlockFragment: hint, EndHeaders: true}) != nil {
					return
				}
			}
		}),
		framed("body of another length in HTTP/2", "sends more than the length that it says", nothing("read the answer of"), func(_ *Server, f *http2.Framer, stream uint32) {
			_ = f.WriteHeaders(http2.HeadersFrameParam{StreamID: stream, BlockFragment: headerBlock(field(":status", "200"), field("content-length", "1")), EndHeaders: true})
			_ = f.WriteData(stream, true, []byte("{}"))
		}),
	}
}

// framed greets in HTTP/2, waits for a request, and does then what the fault does.
func (s *Server) framed(c *tls.Conn, then func(*Server, *http2.Framer, uint32)) {
	defer func() { _ = c.Close() }()
	go s.endWith(c)
	if _, err := io.CopyN(io.Discard, c, int64(len(http2.ClientPreface))); err != nil {
		return
	}
	f := http2.NewFramer(c, c)
	if f.WriteSettings() != nil {
		return
	}
	for {
		frame, err := f.ReadFrame()
		if err != nil {
			return
		}
		switch frame := frame.(type) {
		case *http2.SettingsFrame:
			if !frame.IsAck() && f.WriteSettingsAck() != nil {
				return
			}
		case *http2.HeadersFrame:
			s.mu.Lock()
			s.requests[s.at] = append(s.requests[s.at], &http.Request{Proto: "HTTP/2.0"})
			s.mu.Unlock()
			then(s, f, frame.StreamID)
		}
	}
}

func field(name, value string) hpack.HeaderField { return hpack.HeaderField{Name: name, Value: value} }

// headerBlock packs fields.
func headerBlock(fields ...hpack.HeaderField) []byte {
	var b bytes.Buffer
	e := hpack.NewEncoder(&b)
	for _, f := range fields {
		_ = e.WriteField(f) // into memory
	}
	return b.Bytes()
}
