package dpopcmd

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"

	"github.com/oauthpop/oauthpop/internal/bounds"
	"github.com/oauthpop/oauthpop/internal/cli"
)

// A lineBatch is what one core judges at a time: enough that handing it over costs
// nothing, little enough that the batches under way take little memory.
const (
	batchLines = 32
	batchBytes = 128 << 10
)

// lineBatch are some lines of a stream, and what became of them when done is closed.
type lineBatch struct {
	lines   []inputLine
	answers []answer
	done    chan struct{}
}

// inputLine is a line that is not blank, without its line break.
type inputLine struct {
	number int
	text   []byte
	length int // also of what was cut off because the line is too long
}

// lineReader reads lines of any length in bounded memory.
type lineReader struct {
	r      *bufio.Reader
	number int
}

func newLineReader(r io.Reader) (*lineReader, error) {
	br := bufio.NewReaderSize(r, 64<<10)
	mark, err := br.Peek(3)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, &cli.InputError{Message: "read standard input", Err: err}
	}
	switch {
	case bytes.HasPrefix(mark, []byte("\xff\xfe")), bytes.HasPrefix(mark, []byte("\xfe\xff")):
		return nil, utf16Error()
	case bytes.Equal(mark, []byte("\ufeff")):
		_, _ = br.Discard(len(mark))
	}
	return &lineReader{r: br}, nil
}

// next returns the next line that is not blank, or io.EOF.
func (l *lineReader) next() (inputLine, error) {
	for {
		line, err := l.any()
		if len(bytes.TrimSpace(line.text)) > 0 || line.length > bounds.LogLine {
			return line, nil // the next call meets the same error
		}
		if err != nil {
			return inputLine{}, err
		}
	}
}

func (l *lineReader) any() (inputLine, error) {
	l.number++
	line := inputLine{number: l.number}
	for {
		part, err := l.r.ReadSlice('\n')
		line.length += len(part)
		line.text = append(line.text, part[:min(len(part), bounds.LogLine+2-len(line.text))]...)
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if text, ok := bytes.CutSuffix(line.text, []byte("\n")); ok {
			line.text = bytes.TrimSuffix(text, []byte("\r"))
			line.length = len(line.text)
		}
		return line, err
	}
}

// waits says whether the next line is not here yet: what is known must not wait
// for it.
func (l *lineReader) waits() bool {
	here, _ := l.r.Peek(l.r.Buffered())
	return bytes.IndexByte(here, '\n') < 0
}

// batches sends all lines in batches, to the judges and in order.
func (l *lineReader) batches(ctx context.Context, judges, order chan<- *lineBatch) error {
	for {
		b, err := l.batch()
		if len(b.lines) > 0 {
			for _, c := range []chan<- *lineBatch{order, judges} {
				select {
				case c <- b:
				case <-ctx.Done():
					return nil
				}
			}
		}
		if err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return &cli.InputError{Message: "read standard input", Err: err}
		}
	}
}

func (l *lineReader) batch() (*lineBatch, error) {
	b := &lineBatch{done: make(chan struct{}), lines: make([]inputLine, 0, batchLines)}
	for size := 0; len(b.lines) < batchLines && size < batchBytes; {
		line, err := l.next()
		if err != nil {
			return b, err
		}
		b.lines = append(b.lines, line)
		size += len(line.text)
		if l.waits() {
			break
		}
	}
	return b, nil
}
