package transport

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/oauthpop/oauthpop/internal/wire"
)

// What failed, as it stands in a NetworkError before the host.
const (
	OpLookup      = "look up"
	OpConnect     = "connect to"
	OpProxy       = "go through the proxy to"
	OpCertificate = "verify the certificate of"
	OpHandshake   = "TLS handshake with"
	OpTimeout     = "wait for"
	OpAnswer      = "read the answer of"
)

// NetworkError says that there was no answer, and why: name, connection, the
// server's certificate, timeout.
type NetworkError struct {
	Op, Host string
	Err      error
}

func (e *NetworkError) Error() string { return fmt.Sprintf("%s %q: %v", e.Op, e.Host, e.Err) }

func (e *NetworkError) Unwrap() error { return e.Err }

// HintText says what to try.
func (e *NetworkError) HintText() string {
	var (
		unknown x509.UnknownAuthorityError
		name    x509.HostnameError
		invalid x509.CertificateInvalidError
		record  tls.RecordHeaderError
	)
	switch {
	case errors.As(e.Err, &unknown):
		return "give the CA of the server with --cacert FILE"
	case errors.As(e.Err, &name):
		return "use a host name that the server's certificate has, with --resolve HOST:PORT:ADDR if it has to be reached at another address"
	case errors.As(e.Err, &invalid) && invalid.Reason == x509.Expired:
		return "the server's certificate is not valid now: look at its dates and at the clock of this machine"
	case errors.As(e.Err, &record):
		return "the server does not speak TLS on this port: check the port, or use http:// where it is loopback"
	case errors.Is(e.Err, errMaxTime):
		return "the server is slow, or does not answer: --max-time gives it longer"
	case e.Op == OpTimeout:
		return "the server is slow, or is not there: --timeout gives it longer"
	case e.Op == OpLookup:
		return "check the host name, or name its address with --resolve HOST:PORT:ADDR"
	case e.Op == OpProxy:
		return "HTTPS_PROXY, HTTP_PROXY and NO_PROXY choose the proxy"
	case e.Op == OpConnect:
		return "check host and port, and that the server is running"
	case e.Op == OpHandshake:
		return "the server must speak TLS 1.2 or newer: look at its settings, or at what stands in front of it"
	}
	return "the server, or what stands in front of it, broke off or broke the rules of HTTP: look at its log; --verbose shows how far it came"
}

// RefusedError says that the server ended the connection after it had asked for a
// client certificate.
type RefusedError struct {
	Host string
	// Sent says whether a certificate was presented.
	Sent bool
	// CAs are the subjects that the server named, as RFC 4514 strings.
	CAs []string
	Err error
}

func (e *RefusedError) Error() string {
	what := "and was sent none"
	if e.Sent {
		what = "and was sent one"
	}
	return fmt.Sprintf("%q refused the TLS connection: it asked for a client certificate %s: %v", e.Host, what, e.Err)
}

func (e *RefusedError) Unwrap() error { return e.Err }

// HintText says what to try.
func (e *RefusedError) HintText() string {
	named := ""
	if len(e.CAs) > 0 {
		named = "; it names these CAs: " + strings.Join(e.CAs, "; ")
	}
	if e.Sent {
		return "the server does not take this certificate: check that it is the registered one, in date, for client usage and of a CA that the server accepts" + named
	}
	return "give the client certificate with --cert FILE and --cert-key FILE" + named
}

// PlainHTTPError says that a request was not sent, because nothing would have
// protected it.
type PlainHTTPError struct{ URL string }

func (e *PlainHTTPError) Error() string {
	return fmt.Sprintf("%q is plain http, and the host is not loopback", e.URL)
}

// HintText says what to try.
func (e *PlainHTTPError) HintText() string {
	return "use https, or --insecure where everybody may read and change what is sent"
}

// RequestError says that a request cannot be sent as it is.
type RequestError struct{ Why string }

func (e *RequestError) Error() string { return e.Why }

// AnswerTooLargeError says that an answer went beyond its bound. Status is 0 where
// the header already did. Err is there where it may also have been packed wrongly.
type AnswerTooLargeError struct {
	Host, What string
	Limit      int64
	Status     int
	Err        error
}

func (e *AnswerTooLargeError) Error() string {
	s := fmt.Sprintf("the %s of the answer of %q is longer than %d bytes", e.What, e.Host, e.Limit)
	if e.Err != nil {
		s += ", or cannot be unpacked: " + e.Err.Error()
	}
	return s
}

func (e *AnswerTooLargeError) Unwrap() error { return e.Err }

// HintText says what to try.
func (e *AnswerTooLargeError) HintText() string {
	return "nothing that is of use here is so long: check that the URL is the right one"
}

// errSentTwice ends a request that net/http is about to send again by itself.
var errSentTwice = errors.New("the server closed the connection before it answered")

// errSwitched: what follows such an answer is not HTTP, and has no end.
var errSwitched = errors.New("it switched to another protocol, which nobody asked for")

// refusal is the RefusedError of a connection.
func refusal(host string, facts wire.TLSFacts, err error) error {
	return &RefusedError{Host: host, Sent: facts.Sent, CAs: facts.AcceptableCAs, Err: err}
}

// network sorts an error of net/http by what failed.
func network(host string, err error) *NetworkError {
	var (
		dns     *net.DNSError
		op      *net.OpError
		proxy   *proxyRefusal
		server  *tls.CertificateVerificationError
		record  tls.RecordHeaderError
		timeout net.Error
	)
	e := &NetworkError{Op: OpAnswer, Host: host, Err: err}
	switch {
	case errors.As(err, &proxy), errors.As(err, &op) && op.Op == "proxyconnect":
		e.Op = OpProxy
	case errors.As(err, &server):
		e.Op = OpCertificate
	case errors.As(err, &record):
		e.Op = OpHandshake
	case errors.As(err, &timeout) && timeout.Timeout():
		e.Op = OpTimeout
	case errors.As(err, &dns):
		e.Op = OpLookup
	case errors.As(err, &op) && op.Op == "dial":
		e.Op, e.Err = OpConnect, op.Err
	case strings.Contains(err.Error(), "tls: "):
		e.Op = OpHandshake
	}
	return e
}

// headerTooLong recognises an error that net/http gives no type. The texts are held
// by tests.
func headerTooLong(err error) bool {
	return strings.Contains(err.Error(), "server response headers exceeded") ||
		strings.Contains(err.Error(), "response header list larger than advertised limit") ||
		strings.Contains(err.Error(), "header list too large")
}

// headerNotUnpacked recognises what net/http says of a field that is longer than the
// bound of all, and of one that is packed wrongly. The text is held by a test.
func headerNotUnpacked(err error) bool {
	return strings.Contains(err.Error(), "connection error: COMPRESSION_ERROR")
}

// overHTTP2 recognises what a server said in HTTP/2 in place of an answer: it had
// got beyond TLS then. Both texts are held by a test.
func overHTTP2(err error) bool {
	return strings.HasPrefix(err.Error(), "stream error:") || strings.Contains(err.Error(), "server sent GOAWAY")
}
