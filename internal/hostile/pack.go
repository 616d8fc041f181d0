package hostile

import (
	"bytes"
	"compress/gzip"
	"net/http"
)

// bomb is so many bytes of nothing, packed.
func bomb(size int) []byte {
	// A member of one megabyte again and again: "members simply appear one after another".
	// https://www.rfc-editor.org/rfc/rfc1952#section-2.2
	const member = 1 << 20
	var one bytes.Buffer
	z, _ := gzip.NewWriterLevel(&one, gzip.BestCompression) // a level that exists
	_, _ = z.Write(make([]byte, member))
	_ = z.Close()
	return bytes.Repeat(one.Bytes(), size/member)
}

// packing is an answer that is packed on its way.
type packing struct{ http.ResponseWriter }

func packer(w http.ResponseWriter) packing { return packing{w} }

func (p packing) Write(b []byte) (int, error) {
	z := gzip.NewWriter(p.ResponseWriter)
	if _, err := z.Write(b); err != nil {
		return 0, err
	}
	return len(b), z.Close()
}
