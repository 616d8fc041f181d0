package cli

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"github.com/oauthpop/oauthpop/internal/bounds"
	"github.com/oauthpop/oauthpop/internal/files"
)

// RequestBody is the body that a flag names, byte for byte. Nothing of it is read
// before it is sent.
type RequestBody struct {
	// From is where it comes from: "-" is standard input, @FILE a file; "" is Text.
	From, Text string
	pipe       *replay // nil for what can be opened again
}

// Body returns the body that a flag names.
func (e *Env) Body(flag, s string) (*RequestBody, error) {
	switch {
	case s == "-", s == "@-": // the second is curl's
		if err := e.ClaimStdin(flag); err != nil {
			return nil, err
		}
		return &RequestBody{From: "-", pipe: &replay{flag: flag, source: e.Stdin}}, nil
	case strings.HasPrefix(s, "@@"):
		return &RequestBody{Text: s[1:]}, nil
	case strings.HasPrefix(s, "@"):
		f, length, err := files.Open(s[1:])
		if err != nil {
			return nil, &InputError{Err: err}
		}
		if length < 0 { // a pipe ends for who writes to it when it is closed
			return &RequestBody{From: s, pipe: &replay{flag: flag, source: f}}, nil
		}
		return &RequestBody{From: s}, f.Close()
	}
	return &RequestBody{Text: s}, nil
}

// Open opens the body, once for each time a request is sent, and returns its length
// or -1. A file is opened anew; a pipe can be read once only, so that its beginning is
// kept.
func (b *RequestBody) Open() (io.ReadCloser, int64, error) {
	switch {
	case b.pipe != nil:
		return b.pipe.open()
	case b.From != "":
		return files.Open(b.From[1:])
	}
	return io.NopCloser(strings.NewReader(b.Text)), int64(len(b.Text)), nil
}

// Close lets go of a pipe: who writes to it need not wait any longer.
func (b *RequestBody) Close() {
	if b == nil || b.pipe == nil {
		return
	}
	if f, ok := b.pipe.source.(io.Closer); ok && b.From != "-" {
		_ = f.Close()
	}
}

// Spent says whether the body can't be sent once more.
func (b *RequestBody) Spent() bool { return b.Piped() && b.pipe.lost }

// Piped says whether the body comes from a pipe: nobody else can read it.
func (b *RequestBody) Piped() bool { return b.pipe != nil }

// replay gives a stream more than once, as long as no more of it was taken than
// is kept.
type replay struct {
	flag   string
	source io.Reader
	kept   bytes.Buffer
	whole  bool // the source has ended, and all of it is kept
	lost   bool // more was taken than is kept
}

func (r *replay) open() (io.ReadCloser, int64, error) {
	if r.lost {
		return nil, 0, Input("the body from a pipe is longer than %d bytes and can't be sent a second time, as the server asks for: use %s @FILE", bounds.ReplayBody, r.flag)
	}
	if !r.whole {
		if _, err := io.CopyN(&r.kept, r.source, bounds.ReplayBody-int64(r.kept.Len())); errors.Is(err, io.EOF) {
			r.whole = true
		} else if err != nil {
			return nil, 0, &InputError{Message: "read the body", Err: err}
		}
	}
	if r.whole {
		return io.NopCloser(bytes.NewReader(r.kept.Bytes())), int64(r.kept.Len()), nil
	}
	r.lost = true
	return io.NopCloser(io.MultiReader(bytes.NewReader(r.kept.Bytes()), r.source)), -1, nil
}
