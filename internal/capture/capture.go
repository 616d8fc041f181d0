// Package capture reads requests that people paste: raw HTTP, what curl -v or
// --trace-ascii wrote, a curl command line as browsers copy it, a HAR. It is pure
// and reads forms only: nothing is judged, nothing is executed, no file is opened.
package capture

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/oauthpop/oauthpop/internal/bounds"
	"github.com/oauthpop/oauthpop/internal/jwt"
	"github.com/oauthpop/oauthpop/internal/wire"
)

// Form is what a text was recognised as.
type Form string

// The forms.
const (
	FormHTTP  Form = "http"
	FormTrace Form = "trace" // curl -v, curl --trace-ascii
	FormCurl  Form = "curl"
	FormHAR   Form = "har"
)

// Exchange is one request that was found, with its answer if there is one
// (Response.Status is not 0).
type Exchange struct {
	wire.Exchange
	// Started is when the client's clock said that the request began; zero if the
	// text does not say.
	Started time.Time
	// Body is what of the request's body the text has.
	Body string
	// SchemeTaken: nothing in the text says http or https, and https is taken.
	SchemeTaken bool
	// Notes say what the text leaves out, and what was taken literally.
	Notes []string
}

// Reading is what a text held.
type Reading struct {
	Form      Form
	Exchanges []Exchange
	// Documents are requests without credentials for what servers say of themselves.
	Documents []Exchange
	// Skipped is how many requests without credentials a HAR has beside.
	Skipped int
	// Cut: there were more than are read.
	Cut bool
}

// Options say what the text cannot.
type Options struct {
	// Scheme of a request whose text names only host and path; "" is what the text
	// hints at, else https.
	Scheme string
}

// Error says why a text holds no request. It never quotes the text: what was
// pasted may be a secret.
type Error struct{ Reason, Hint string }

func (e *Error) Error() string { return e.Reason }

// HintText is what to try.
func (e *Error) HintText() string { return e.Hint }

const whatIsRead = "paste a raw HTTP request, the output of curl -v or --trace-ascii, a curl command line ('Copy as cURL') or a HAR"

// Read finds the requests in text.
func Read(text string, o Options) (*Reading, error) {
	if err := readable(text); err != nil {
		return nil, err
	}
	text = strings.TrimPrefix(text, "\ufeff")
	r, err := read(text, o)
	if err != nil {
		return nil, err
	}
	if len(r.Exchanges) == 0 {
		return nil, &Error{Reason: "there is no request in it", Hint: whatIsRead}
	}
	for i := range r.Exchanges {
		r.Exchanges[i].finish()
	}
	return r, nil
}

func read(text string, o Options) (*Reading, error) {
	if line, ok := isCurl(text); ok {
		return readCurl(line, o)
	}
	switch start := strings.TrimLeft(text, " \t\r\n"); {
	case strings.HasPrefix(start, "{"):
		return readHAR(start)
	case strings.HasPrefix(start, "fetch("), strings.HasPrefix(start, "await fetch("):
		return nil, &Error{Reason: "this is a call of fetch for JavaScript", Hint: "copy the request as cURL instead"}
	case strings.HasPrefix(start, "Invoke-"), strings.HasPrefix(start, "$session = New-Object"):
		return nil, &Error{Reason: "this is a command for PowerShell", Hint: "copy the request as cURL instead, for bash or cmd"}
	}
	if ascii, ok := isTrace(text); ok {
		return readTrace(text, ascii, o)
	}
	return readHTTP(text, o)
}

// readable refuses what is no text at all.
func readable(text string) error {
	switch {
	case len(text) > bounds.Capture:
		return &Error{Reason: "the text is too long to be read", Hint: "leave out what has nothing to do with the request"}
	case strings.TrimSpace(text) == "":
		return &Error{Reason: "there is no request: the text is empty", Hint: whatIsRead}
	case strings.IndexByte(text, 0) >= 0:
		return &Error{Reason: "this is binary, not text", Hint: whatIsRead}
	}
	return nil
}

// finish fills in what is derived from the header.
func (x *Exchange) finish() {
	x.Request.URL = validText(x.Request.URL)
	if proofs := x.Request.Header.Values(wire.HeaderDPoP); len(proofs) > 0 && len(proofs[0]) <= bounds.Proof {
		if c, err := jwt.Split(proofs[0]); err == nil {
			x.Request.HTU, _ = c.Payload.String("htu")
			x.Request.IAT = numericDate(c.Payload)
		}
	}
	x.TLS.Used = strings.HasPrefix(x.Request.URL, "https:")
	// A certificate that a proxy passed on was asked for, and sent.
	if forwards(x.Request.Header) {
		x.Request.Certificate, x.TLS.Used, x.TLS.Asked, x.TLS.Sent = true, true, true, true
	}
}

func validText(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return strings.ToValidUTF8(s, "\ufffd")
}

// numericDate reads iat in whole seconds.
func numericDate(claims *jwt.Object) time.Time {
	raw, _ := claims.Get("iat")
	whole, _, _ := strings.Cut(string(raw), ".")
	seconds, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || len(whole) > 11 {
		return time.Time{}
	}
	return time.Unix(seconds, 0)
}

func (x *Exchange) note(text string) {
	for _, n := range x.Notes {
		if n == text {
			return
		}
	}
	x.Notes = append(x.Notes, text)
}
