package transport

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"strings"
)

// unpack returns the content of a body that was sent in a coding: a request that
// does not say what it accepts may be answered in any. It returns not more than one
// byte beyond the limit, however much there is, and the body as it came where it
// cannot be unpacked.
//
// "If no Accept-Encoding header field is in the request, any content coding is
// considered acceptable by the user agent."
// https://www.rfc-editor.org/rfc/rfc9110#section-12.5.3
func unpack(coding string, body []byte, limit int64) []byte {
	switch strings.ToLower(strings.TrimSpace(coding)) {
	case "gzip", "x-gzip":
	default:
		return body
	}
	z, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return body
	}
	content, err := io.ReadAll(io.LimitReader(z, limit+1))
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return body
	}
	return content
}
