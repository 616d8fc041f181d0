package cli

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"github.com/oauthpop/oauthpop/internal/bounds"
	"github.com/oauthpop/oauthpop/internal/files"
)

// Body returns what opens the body that a flag names, byte for byte, once for
// each time a request is sent, with its length or -1. A file is opened anew;
// standard input can be read once only, so that its beginning is kept.
func (e *Env) Body(flag, s string) (func() (io.ReadCloser, int64, error), error) {
	switch {
	case s == "-":
		if err := e.ClaimStdin(flag); err != nil {
			return nil, err
		}
		return (&replay{source: e.Stdin}).open, nil
	case strings.HasPrefix(s, "@@"):
		s = s[1:]
	case strings.HasPrefix(s, "@"):
		name := s[1:]
		open := func() (io.ReadCloser, int64, error) { return files.Open(name) }
		f, _, err := open()
		if err != nil {
			return nil, &InputError{Err: err}
		}
		return open, f.Close()
	}
	return func() (io.ReadCloser, int64, error) {
		return io.NopCloser(strings.NewReader(s)), int64(len(s)), nil
	}, nil
}

// replay gives a stream more than once, as long as no more of it was taken than
// is kept.
type replay struct {
	source io.Reader
	kept   bytes.Buffer
	whole  bool // the source has ended, and all of it is kept
	lost   bool // more was taken than is kept
}

func (r *replay) open() (io.ReadCloser, int64, error) {
	if r.lost {
		return nil, 0, Input("the body from standard input is longer than %d bytes and can't be sent a second time, as the server asks for: use -d @FILE", bounds.ReplayBody)
	}
	if !r.whole {
		if _, err := io.CopyN(&r.kept, r.source, bounds.ReplayBody-int64(r.kept.Len())); errors.Is(err, io.EOF) {
			r.whole = true
		} else if err != nil {
			return nil, 0, &InputError{Message: "read standard input", Err: err}
		}
	}
	if r.whole {
		return io.NopCloser(bytes.NewReader(r.kept.Bytes())), int64(r.kept.Len()), nil
	}
	r.lost = true
	return io.NopCloser(io.MultiReader(bytes.NewReader(r.kept.Bytes()), r.source)), -1, nil
}
