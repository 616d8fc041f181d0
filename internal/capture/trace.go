package capture

import (
	"crypto/tls"
	"regexp"
	"strconv"
	"strings"
)

// isTrace recognises what curl says with -v or --trace-ascii.
func isTrace(text string) (ascii, ok bool) {
	for line := range strings.Lines(text[:min(len(text), 1<<20)]) {
		line = undated(line)
		switch {
		case strings.HasPrefix(line, "== Info:"), strings.HasPrefix(line, "=> Send header"):
			return true, true
		case strings.HasPrefix(line, "> ") && strings.Contains(line, " HTTP/"):
			return false, true
		}
	}
	return false, false
}

// undated cuts off the time that --trace-time writes, and the numbers of
// --trace-ids.
func undated(line string) string {
	if len(line) > 16 && line[2] == ':' && line[5] == ':' && line[8] == '.' && line[15] == ' ' {
		line = line[16:]
	}
	if strings.HasPrefix(line, "[") {
		if end := strings.Index(line, "] "); end > 0 && end < 24 {
			line = line[end+2:]
		}
	}
	return line
}

// hints are what curl says about the connection.
type hints struct {
	connected, tls, asked, sent bool
	// shown: a whole handshake is in the text. Some builds of curl say nothing of it,
	// one that resumes a session is shorter, and people cut those lines out.
	shown   bool
	version uint16
}

func (h *hints) info(line string) {
	switch {
	case strings.Contains(line, "SSL connection using"), strings.Contains(line, "TLS handshake"), strings.Contains(line, "schannel:"):
		h.tls = true
	case strings.Contains(line, "Connected to "), strings.Contains(line, "Established connection to "):
		h.connected = true
	}
	switch {
	case strings.Contains(line, "SSL connection using TLSv1.3"):
		h.version = tls.VersionTLS13
	case strings.Contains(line, "SSL connection using TLSv1.2"):
		h.version = tls.VersionTLS12
	case strings.Contains(line, "(IN), TLS handshake, Request CERT"):
		h.asked, h.shown = true, true
	case strings.Contains(line, "(IN), TLS handshake, Certificate"): // the server's
		h.shown = true
	case strings.Contains(line, "(OUT), TLS handshake, CERT verify"): // only with a certificate
		h.sent = true
	}
}

// readTrace turns what curl says into raw HTTP, and reads that.
func readTrace(text string, ascii bool, o Options) (*Reading, error) {
	var h hints
	var raw string
	if ascii {
		raw = h.ascii(text)
	} else {
		raw = h.verbose(text)
	}
	if o.Scheme == "" && h.connected && !h.tls {
		o.Scheme = "http"
	}
	out, err := readHTTP(raw, o)
	if err != nil {
		return nil, err
	}
	out.Form = FormTrace
	for i := range out.Exchanges {
		x := &out.Exchanges[i]
		x.TLS.Used, x.TLS.Asked, x.TLS.Sent = h.tls, h.asked, h.sent
		if h.shown {
			x.TLS.Version = h.version
		}
		x.Request.Certificate = h.sent
	}
	return out, nil
}

// verbose reads the form of -v: > sent, < received, * said, { and } the data, and
// the body as it is.
func (h *hints) verbose(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		line = undated(line)
		switch {
		case strings.HasPrefix(line, "* "):
			h.info(line)
		case strings.HasPrefix(line, "> "), strings.HasPrefix(line, "< "):
			b.WriteString(line[2:])
		case line == ">\n", line == "<\n", line == ">\r\n", line == "<\r\n", line == ">", line == "<":
			b.WriteString("\n")
		case strings.HasPrefix(line, "{ ["), strings.HasPrefix(line, "} ["):
		default:
			// A body without a line end runs into what curl says next.
			if at := strings.Index(line, "* Connection #"); at > 0 {
				line = line[:at] + "\n"
			}
			b.WriteString(line)
		}
	}
	return b.String()
}

// block is what curl dumps of one message: lines of up to 64 bytes, each with its
// offset. A line that ends before its 64 bytes ended in CRLF.
type block struct {
	text            strings.Builder
	at, size        int
	kept, any, data bool
}

// ascii reads the form of --trace-ascii.
func (h *hints) ascii(text string) string {
	title := regexp.MustCompile(`^(?:=>|<=) (Send|Recv) (header|data|SSL data), ([0-9]{1,9}) bytes \(0x[0-9a-f]+\)`)
	dump := regexp.MustCompile(`^([0-9a-f]{4,8}): (.*)$`)
	var out strings.Builder
	var b block
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		plain := undated(line)
		if info, ok := strings.CutPrefix(plain, "== Info:"); ok {
			b.end(&out)
			h.info(info)
			continue
		}
		if m := title.FindStringSubmatch(plain); m != nil {
			b.end(&out)
			b.size, _ = strconv.Atoi(m[3])
			b.kept, b.any, b.data = m[2] != "SSL data", true, m[2] == "data"
			continue
		}
		if m := dump.FindStringSubmatch(line); m != nil && b.any {
			at, _ := strconv.ParseInt(m[1], 16, 64)
			b.line(int(at), m[2])
		}
	}
	b.end(&out)
	return out.String()
}

func (b *block) line(at int, text string) {
	if at > b.at {
		b.text.WriteString("\n") // a CRLF stood there
	}
	b.text.WriteString(text)
	b.at = at + len(text)
}

// end writes the block, with the line end that its size tells of.
func (b *block) end(out *strings.Builder) {
	if b.kept {
		text := b.text.String()
		if before := out.String(); !b.data && before != "" && !strings.HasSuffix(before, "\n") {
			out.WriteString("\n") // of a body that ended without
		}
		if b.data {
			text = strings.TrimSuffix(text, ".") // a line end is shown so
		}
		out.WriteString(text)
		if b.size > b.at {
			out.WriteString("\n")
		}
	}
	*b = block{}
}
