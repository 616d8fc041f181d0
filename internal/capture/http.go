package capture

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/oauthpop/oauthpop/internal/bounds"
	"github.com/oauthpop/oauthpop/internal/wire"
)

// patterns are the lines that are recognised. They are made for a reading, so that
// the other commands do not pay for them when they start.
type patterns struct {
	request, bare, status, pseudoAlone, pseudoField *regexp.Regexp
}

func newPatterns() patterns {
	return patterns{
		request:     regexp.MustCompile(`^([!#$%&'*+.^_|~0-9A-Za-z-]{1,32}) +(\S+) +HTTP/[0-9](?:\.[0-9])?$`),
		bare:        regexp.MustCompile(`^([A-Z]{3,16}) +(https?://\S+|/\S*)$`), // as from a form or a log
		status:      regexp.MustCompile(`^HTTP/([0-9](?:\.[0-9])?) +([1-5][0-9][0-9])(?: .*)?$`),
		pseudoAlone: regexp.MustCompile(`^:(method|authority|path|scheme|status):?$`),
		pseudoField: regexp.MustCompile(`^:(method|authority|path|scheme|status)(?::[ \t]*|[ \t]+)(\S.*)$`),
	}
}

// part is where a reader of raw HTTP stands.
type part int

const (
	outside part = iota
	requestHead
	requestBody
	answerHead
	answerBody
)

// rawReader reads raw HTTP line by line.
type rawReader struct {
	patterns

	options Options
	out     *Reading
	at      part
	head    []field // of the part that is being read
	target  string
	// pseudo are the pseudo-header fields of HTTP/2 by name.
	pseudo map[string]string
	body   strings.Builder
	x      *Exchange
	// logged: the first line has no version, as programs log what they fetch.
	logged bool
	// paired: names and values stand on lines of their own, as developer tools copy
	// them; name is one that waits for its value.
	paired bool
	name   string
}

// field is one of a header; more is what stands on lines of its own below.
type field struct {
	name, value string
	more        []string
}

// readHTTP reads raw HTTP: requests, each with its answer or without.
func readHTTP(text string, o Options) (*Reading, error) {
	r := &rawReader{patterns: newPatterns(), options: o, out: &Reading{Form: FormHTTP}}
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r")
		r.line(line)
		if len(r.out.Exchanges) >= bounds.Exchanges {
			r.out.Cut = true
			return r.out, nil
		}
	}
	r.end()
	if len(r.out.Exchanges) == 0 {
		return nil, &Error{Reason: "this is not an HTTP request: no line is like 'GET /path HTTP/1.1'", Hint: whatIsRead}
	}
	return r.out, nil
}

func (r *rawReader) line(line string) {
	if r.begins(line) {
		return
	}
	switch r.at {
	case requestHead, answerHead:
		r.headLine(line)
	case requestBody, answerBody:
		r.body.WriteString(line + "\n")
	case outside:
	}
}

// begins recognises the first line of a request or an answer wherever it stands:
// logs often lack the empty line before it.
func (r *rawReader) begins(line string) bool {
	trimmed := strings.TrimRight(line, " \t")
	if !maybeFirst(trimmed) && r.at != outside {
		return r.beginsLogged(trimmed) // of most lines nothing
	}
	if m := r.status.FindStringSubmatch(trimmed); m != nil && r.at != outside {
		r.beginAnswer()
		r.x.Response.Proto = "HTTP/" + m[1]
		r.x.Response.Status, _ = strconv.Atoi(m[2])
		return true
	}
	if r.at == outside {
		trimmed = strings.TrimLeft(trimmed, " \t")
	}
	m := r.request.FindStringSubmatch(trimmed)
	bare := m == nil && r.at == outside
	if bare {
		m = r.bare.FindStringSubmatch(trimmed)
	}
	if m != nil {
		r.beginRequest()
		r.x.Request.Method, r.target, r.logged = m[1], m[2], bare
		return true
	}
	return r.beginsPseudo(trimmed)
}

// beginsLogged recognises the next request of a log whose requests have no version.
// Only a URL behind an empty line counts: a body may hold anything.
func (r *rawReader) beginsLogged(line string) bool {
	if !r.logged || r.at != requestBody && r.at != answerBody || !strings.Contains(line, "://") || !r.afterEmptyLine() {
		return false
	}
	m := r.bare.FindStringSubmatch(line)
	if m == nil || m[2][0] == '/' {
		return false
	}
	r.beginRequest()
	r.x.Request.Method, r.target, r.logged = m[1], m[2], true
	return true
}

// afterEmptyLine says whether the line before this one of a body was empty, or the
// header's last.
func (r *rawReader) afterEmptyLine() bool {
	body := r.body.String()
	return body == "" || body == "\n" || strings.HasSuffix(body, "\n\n")
}

// maybeFirst says whether a line is worth a closer look.
func maybeFirst(line string) bool {
	return strings.Contains(line, "HTTP/") || strings.HasPrefix(line, ":")
}

// beginsPseudo recognises the fields that HTTP/2 has in place of a first line.
// https://www.rfc-editor.org/rfc/rfc9113#section-8.3
func (r *rawReader) beginsPseudo(line string) bool {
	if !strings.HasPrefix(line, ":") || r.name != "" {
		return false
	}
	name, value := "", ""
	if m := r.pseudoAlone.FindStringSubmatch(line); m != nil {
		name = m[1]
	} else if m := r.pseudoField.FindStringSubmatch(line); m != nil {
		name, value = m[1], m[2]
	} else {
		return false
	}
	answer := name == "status"
	switch {
	case answer && r.at == outside:
		return false
	case answer:
		r.beginAnswer()
	case r.at != requestHead || r.pseudo[name] != "":
		r.beginRequest()
	}
	r.paired = value == ""
	if r.paired {
		r.name = ":" + name
		return true
	}
	r.pseudoValue(name, value)
	return true
}

func (r *rawReader) pseudoValue(name, value string) {
	if name != "status" {
		r.pseudo[name] = value
		return
	}
	r.x.Response.Proto = "HTTP/2.0"
	if n, err := strconv.Atoi(value); err == nil && n >= 100 && n < 600 {
		r.x.Response.Status = n
	}
}

func (r *rawReader) headLine(line string) {
	switch {
	case r.name != "":
		r.pairedValue(line)
	case line == "":
		r.endHead()
		r.at++ // the body follows
	case line[0] == ' ' || line[0] == '\t':
		r.folded(strings.Trim(line, " \t"))
	case r.paired:
		r.name = strings.TrimSuffix(line, ":")
	default:
		name, value, ok := strings.Cut(line, ":")
		if name = strings.TrimRight(name, " \t"); !ok || !isToken(name) {
			r.x.note("a line of the header that is no field was left out")
			return
		}
		r.add(field{name: name, value: strings.Trim(value, " \t")})
	}
}

func (r *rawReader) pairedValue(value string) {
	name := r.name
	r.name = ""
	if pseudo, ok := strings.CutPrefix(name, ":"); ok {
		r.pseudoValue(pseudo, value)
		return
	}
	r.add(field{name: name, value: strings.TrimSpace(value)})
}

func (r *rawReader) add(f field) {
	if len(r.head) >= bounds.Fields {
		r.x.note(tooManyFields)
		return
	}
	r.head = append(r.head, f)
}

const tooManyFields = "the header has more fields than are read: the others were left out"

// isToken: https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2
func isToken(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(c rune) bool {
		return c <= ' ' || c >= 0x7f || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, c)
	})
}

// folded adds a continuation line. Specifications and mails wrap proofs and tokens,
// in which no space can be.
func (r *rawReader) folded(rest string) {
	if len(r.head) == 0 {
		return
	}
	last := &r.head[len(r.head)-1]
	if len(last.more) >= bounds.Folds {
		return
	}
	if strings.EqualFold(last.name, wire.HeaderDPoP) || strings.EqualFold(last.name, "Authorization") && strings.Contains(last.value, " ") {
		last.more = append(last.more, rest)
		r.x.note("the field " + last.name + " stands on several lines, and is read as one")
		return
	}
	last.more = append(last.more, " ", rest)
}

func (r *rawReader) beginRequest() {
	r.end()
	r.x = &Exchange{}
	r.x.Request.Header = http.Header{}
	r.at, r.target, r.pseudo, r.paired, r.logged = requestHead, "", map[string]string{}, false, false
}

func (r *rawReader) beginAnswer() {
	r.endHead()
	r.endBody()
	r.at, r.paired = answerHead, false
	r.x.Response = wire.ResponseFacts{Header: http.Header{}} // the last one counts, after 100 or 407
}

// endHead takes the fields that were read into the request or the answer.
func (r *rawReader) endHead() {
	if r.x == nil {
		return
	}
	switch r.at {
	case requestHead:
		add(r.x.Request.Header, r.head)
		r.url()
	case answerHead:
		add(r.x.Response.Header, r.head)
	case outside, requestBody, answerBody:
	}
	r.head, r.name = nil, ""
}

func add(h http.Header, fields []field) {
	for _, f := range fields {
		h.Add(f.name, f.value+strings.Join(f.more, ""))
	}
}

func (r *rawReader) endBody() {
	body := strings.TrimSuffix(r.body.String(), "\n")
	r.body.Reset()
	switch r.at {
	case requestBody:
		r.x.Body = body
	case answerBody:
		r.x.Response.Body = []byte(body[:min(len(body), bounds.Answer)])
	case outside, requestHead, answerHead:
	}
}

func (r *rawReader) end() {
	if r.x == nil {
		return
	}
	r.endHead()
	r.endBody()
	if r.x.Request.Method != "" {
		r.out.Exchanges = append(r.out.Exchanges, *r.x)
	}
	r.x, r.at = nil, outside
}

// url puts the URL together.
func (r *rawReader) url() {
	q := &r.x.Request
	if m := r.pseudo["method"]; m != "" {
		q.Method = m
	}
	target, host := r.target, q.Header.Get("Host")
	if p := r.pseudo["path"]; p != "" {
		target = p
	}
	if a := r.pseudo["authority"]; a != "" {
		host = a
	}
	scheme := r.options.Scheme
	if scheme == "" {
		scheme = r.pseudo["scheme"]
	}
	if scheme == "" {
		scheme = strings.ToLower(q.Header.Get("X-Forwarded-Proto"))
	}
	if scheme != "http" && scheme != "https" {
		scheme, r.x.SchemeTaken = "https", true
	}
	switch {
	case strings.HasPrefix(target, "http://"), strings.HasPrefix(target, "https://"):
		q.URL, r.x.SchemeTaken = target, false
	case host == "":
		r.x.note("there is no Host field: the URL of the request is not known")
	case target == "*", target == "":
		q.URL = scheme + "://" + host
	default:
		q.URL = scheme + "://" + host + target
	}
}
