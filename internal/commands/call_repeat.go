package commands

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"

	"github.com/oauthpop/oauthpop/internal/bounds"
	"github.com/oauthpop/oauthpop/internal/cli"
	"github.com/oauthpop/oauthpop/internal/commands/view"
	"github.com/oauthpop/oauthpop/internal/transport"
)

// repetition refuses numbers that are none, and what one answer alone can be.
func (o *callOptions) repetition() error {
	switch {
	case o.repeat < 1 || o.repeat > bounds.Repeat:
		return cli.Usage("--repeat is from 1 to %d", bounds.Repeat)
	case o.concurrency < 1 || o.concurrency > bounds.Concurrency:
		return cli.Usage("--concurrency is from 1 to %d", bounds.Concurrency)
	case o.repeat == 1 && o.concurrency > 1:
		return cli.Usage("--concurrency would not be used without --repeat")
	case o.repeat == 1:
		return nil
	}
	for _, single := range []struct {
		flag  string
		given bool
	}{
		{"-i", o.include}, {"-O", o.outFile != ""}, {"--print-curl", o.printCurl},
	} {
		if single.given {
			return cli.Usage("%s and --repeat can't be used together: that is for one request", single.flag)
		}
	}
	return nil
}

// oneAtATime lets several requests tell of themselves without mixing their lines.
func oneAtATime(trace func(transport.TraceEvent)) func(transport.TraceEvent) {
	if trace == nil {
		return nil
	}
	var mu sync.Mutex
	return func(e transport.TraceEvent) {
		mu.Lock()
		defer mu.Unlock()
		trace(e)
	}
}

// many sends the request --repeat times, --concurrency at a time, each with a proof of
// its own, and tells what became of each: in a line of JSON, or counted. The error is
// the worst.
func (o *callOptions) many(ctx context.Context, t *transport.Transport, c *call, s *source) error {
	r := &repeated{options: o, outcomes: map[string]int{}, lines: o.env.JSON()}
	// "In a stream each line is one compact result": the error goes to standard error.
	o.env.Global.Output = "lines"
	work := make(chan struct{})
	var all sync.WaitGroup
	for range min(o.concurrency, o.repeat) {
		all.Go(func() {
			for range work {
				v, err := o.counted(ctx, t, c, s, r.lines)
				r.add(ctx, v, err)
			}
		})
	}
	for range o.repeat {
		if r.mute() {
			break // nobody reads what comes of it
		}
		select {
		case work <- struct{}{}:
			continue
		case <-ctx.Done():
		}
		break
	}
	close(work)
	all.Wait()
	return r.result(ctx)
}

// counted sends one request and reads its answer to the end, kept or not. With --fail
// the answer comes with its error.
func (o *callOptions) counted(ctx context.Context, t *transport.Transport, c *call, s *source, kept bool) (*view.Call, error) {
	x, body, err := o.once(ctx, t, c, s)
	if err != nil {
		return nil, err
	}
	defer func() { _ = body.Close() }()
	var failure error
	if o.fail && x.Response.Status >= 400 {
		x.Response.Body = body.Peek()
		failure = refused(x)
	}
	if !kept {
		if _, err := io.Copy(io.Discard, body); err != nil {
			return nil, err
		}
		return &view.Call{Status: x.Response.Status}, failure
	}
	v, err := shownAnswer(c, x, body, bounds.Answer)
	if err != nil {
		return nil, err
	}
	return v, failure
}

// repeated is what has become of the requests so far.
type repeated struct {
	options *callOptions
	lines   bool

	mu       sync.Mutex
	total    int
	outcomes map[string]int
	failed   int
	code     int
	worst    error
	written  error // why a line could not be written
}

func (r *repeated) add(ctx context.Context, v *view.Call, err error) {
	if err != nil && ctx.Err() != nil {
		return // it was ended, and has failed at nothing
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.total++
	outcome := "no answer"
	if v != nil {
		outcome = statusLine(v.Status)
	}
	r.outcomes[outcome]++
	object := cli.ErrorObject{}
	if err != nil {
		r.failed++
		code, kind := classify(err)
		if code > r.code {
			r.code, r.worst = code, err
		}
		object = explain(err, cli.ErrorObject{Code: code, Type: kind, Message: err.Error(), Hint: hintOf(err)})
	}
	if !r.lines || r.written != nil {
		return
	}
	var line []byte
	if v != nil {
		line, r.written = json.Marshal(v)
	} else {
		line, r.written = json.Marshal(map[string]cli.ErrorObject{"error": object})
	}
	if r.written == nil {
		_, r.written = r.options.env.Stdout.Write(append(line, '\n'))
	}
}

// mute says that a line could not be written.
func (r *repeated) mute() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.written != nil
}

// result writes the counts, the most frequent first, and returns the worst error.
func (r *repeated) result(ctx context.Context) error {
	p := r.options.env.Out()
	if r.lines {
		p = r.options.env.Err()
	}
	rows := slices.SortedFunc(maps.Keys(r.outcomes), func(a, b string) int {
		return cmp.Or(cmp.Compare(r.outcomes[b], r.outcomes[a]), cmp.Compare(a, b))
	})
	for _, outcome := range rows {
		if !r.lines || !r.options.env.Global.Quiet {
			p.Line("%6d  %s", r.outcomes[outcome], outcome)
		}
	}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case r.written != nil || p.Err() != nil:
		return fmt.Errorf("write the result: %w", cmp.Or(r.written, p.Err()))
	case r.worst != nil:
		return fmt.Errorf("%d of %d requests failed, one so: %w", r.failed, r.total, r.worst)
	}
	return nil
}
