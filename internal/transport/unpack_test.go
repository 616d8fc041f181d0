package transport

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
)

func packed(t *testing.T, content string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := io.WriteString(z, content); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestPackedAnswersAreUnpackedWithinTheirBound(t *testing.T) {
	const limit = 1000
	whole := string(packed(t, "content"))
	broken := whole[:len(whole)-8] + "checksum"
	bomb := strings.Repeat("0", 10<<20) // packed it is ten thousand bytes
	for _, c := range []struct {
		name, coding, body, content string
		large                       bool
	}{
		{"gzip", "gzip", string(packed(t, "content")), "content", false},
		{"by its old name", "X-GZip", string(packed(t, "content")), "content", false},
		{"just the bound", "gzip", string(packed(t, bomb[:limit])), bomb[:limit], false},
		{"one byte more", "gzip", string(packed(t, bomb[:limit+1])), "", true},
		{"a bomb", "gzip", string(packed(t, bomb[:1<<20])[:900]), "", true},
		{"larger packed than its bound", "gzip", string(packed(t, bomb)), "", true},
		{"not what it says", "gzip", "content", "content", false},
		{"broken inside", "gzip", broken, broken, false},
		{"broken off", "gzip", string(packed(t, "content")[:18]), "content", false},
		{"another coding", "br", "content", "content", false},
		{"not packed", "", string(packed(t, "content")), string(packed(t, "content")), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Encoding", c.coding)
				_, _ = io.WriteString(w, c.body)
			})
			ex, err := newTransport(t, Config{}, s).Do(t.Context(), get(t.Context(), s.URL), limit)
			var large *AnswerTooLargeError
			if errors.As(err, &large) != c.large || !c.large && (err != nil || string(ex.Response.Body) != c.content) {
				t.Errorf("%.40q, %v, want %.40q", ex.Response.Body, err, c.content)
			}
		})
	}
}

// What is streamed is not touched, but looked into for its error code.
func TestPackedStreamIsHandedOnAsItCame(t *testing.T) {
	body := packed(t, `{"error":"use_dpop_nonce"}`)
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		w.Header().Set("DPoP-Nonce", "n-1")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write(body)
	})
	ex, err := streamed(newTransport(t, Config{}, s), proving(t.Context(), http.MethodPost, s.URL))
	if err != nil || len(ex.Attempts) != 2 || !bytes.Equal(ex.Response.Body, body) {
		t.Errorf("%d attempts, %q, %v", len(ex.Attempts), ex.Response.Body, err)
	}
}

func TestNoMoreIsUnpackedThanIsWanted(t *testing.T) {
	if n := len(unpack("gzip", packed(t, strings.Repeat("0", 10<<20)), 1000)); n != 1001 {
		t.Errorf("%d bytes", n)
	}
}
