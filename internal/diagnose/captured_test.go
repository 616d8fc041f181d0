package diagnose

import (
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/oauthpop/oauthpop/internal/capture"
	"github.com/oauthpop/oauthpop/internal/wire"
)

// text writes a fixture as raw HTTP, if that says all that the fixture does.
func (f *fixture) text() (string, bool) {
	if !reflect.DeepEqual(f.Known, wire.Known{}) || !reflect.DeepEqual(f.TLS, wire.TLSFacts{}) ||
		!f.Request.Sent.IsZero() || f.Request.Certificate {
		return "", false
	}
	date, err := http.ParseTime(f.exchange().Response.Header.Get("Date"))
	if received := f.Answer.Received; err != nil || !received.IsZero() && !received.Equal(date) {
		return "", false
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\n", f.Request.Method, f.Request.URL)
	for _, l := range f.Request.Header {
		fmt.Fprintf(&b, "%s: %s\r\n", l[0], l[1])
	}
	fmt.Fprintf(&b, "\r\nHTTP/1.1 %d %s\r\n", f.Answer.Status, http.StatusText(f.Answer.Status))
	for _, l := range f.Answer.Header {
		fmt.Fprintf(&b, "%s: %s\r\n", l[0], l[1])
	}
	return b.String() + "\r\n" + f.Answer.Body, true
}

// What was captured as text has the causes that it had live.
func TestCapturedTextHasTheSameCauses(t *testing.T) {
	n := 0
	for name, f := range fixtures(t) {
		text, ok := f.text()
		if !ok {
			continue
		}
		n++
		t.Run(name, func(t *testing.T) {
			r, err := capture.Read(text, capture.Options{})
			if err != nil || len(r.Exchanges) != 1 {
				t.Fatalf("%v\n%s", err, text)
			}
			if got := ids(Causes(&r.Exchanges[0].Exchange, f.code())); !slices.Equal(got, f.Causes) && len(got)+len(f.Causes) > 0 {
				t.Errorf("found %q, want %q", got, f.Causes)
			}
		})
	}
	if n < 40 {
		t.Errorf("only %d fixtures were written as text", n)
	}
}
