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
	// Known is what is known beside: it may all be left out.
	Known Known
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
	// Sent is when it was sent, by the clock of the client; zero where not known.
	Sent time.Time
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

// Known is what the exchange itself does not say.
type Known struct {
	// Cnf is what a token is bound to that says nothing itself: of an opaque access
	// token by introspection, of a refresh token by how it was got.
	Cnf Thumbprints
	// X5T is that of the certificate that was presented, or that a proxy forwarded.
	X5T string
	// Certificates are those of this machine, for telling a renewed one.
	Certificates []KnownCertificate
	// Algs are the dpop_signing_alg_values_supported of the server's metadata.
	Algs []string
	// Nonces are the last ones of other servers, by origin.
	Nonces map[string]string
	// Repeated: this proof, or one of the same key and jti, was sent before.
	Repeated bool
}

// KnownCertificate is a certificate and the thumbprint of its key.
type KnownCertificate struct{ File, X5T, KeyJKT string }

// Attempt is one request on the wire.
type Attempt struct {
	URL        string `json:"url"`
	Status     int    `json:"status"`
	NonceRetry bool   `json:"nonce_retry"`
	TokenRetry bool   `json:"token_retry"` // sent again with a new token
}
