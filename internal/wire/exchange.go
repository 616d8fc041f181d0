package wire

import (
	"net/http"
	"time"
)

// Exchange is one request with its answer, as plain data: transport, server and
// (later) captures fill it, diagnose reads it.
type Exchange struct {
	Request  RequestFacts
	Response ResponseFacts
	TLS      TLSFacts
	// Attempts are all the requests that were sent for this one, the last included.
	Attempts []Attempt
}

// RequestFacts is what was really sent.
type RequestFacts struct {
	Method string
	URL    string // with query, as sent
	Header http.Header
	// HTU and IAT are those of the proof that was sent; zero without a proof.
	HTU string
	IAT time.Time
	// Certificate says that a client certificate was configured.
	Certificate bool
}

// ResponseFacts is what came back. Body is nil where it was streamed.
type ResponseFacts struct {
	Proto    string // "HTTP/2.0"
	Status   int
	Header   http.Header
	Body     []byte
	Received time.Time // by the local clock, when the header had arrived
}

// TLSFacts are those of the connection that carried the request, also when it
// was reused.
type TLSFacts struct {
	// Asked: the server sent a CertificateRequest; Sent: a certificate was presented.
	Asked, Sent bool
	// AcceptableCAs are the subjects that the server named, as RFC 4514 strings.
	AcceptableCAs []string
	Version       uint16
	Used          bool // the connection was over TLS
}

// Attempt is one request on the wire.
type Attempt struct {
	URL        string `json:"url"`
	Status     int    `json:"status"`
	NonceRetry bool   `json:"nonce_retry"`
}
