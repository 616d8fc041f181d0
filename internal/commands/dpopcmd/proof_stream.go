package dpopcmd

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/oauthpop/oauthpop/internal/commands/view"
)

// proofsAtOnce is the most proofs that are written at once.
const proofsAtOnce = 64

// stream makes --count proofs on all cores and writes each when it is there: a
// worker begins with one and doubles, so that the first line comes at once and the
// last ones in few writes. A closed pipe ends it: the process gets SIGPIPE.
func (o *proofOptions) stream(m *maker) error {
	line := o.liner(m)
	ctx := o.ctx
	if ctx == nil {
		ctx = context.Background()
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var left atomic.Int64
	left.Store(int64(o.count))
	var wg sync.WaitGroup
	var out sync.Mutex
	for range min(o.count, runtime.GOMAXPROCS(0)) {
		wg.Go(func() {
			var buf []byte
			for size := 1; ctx.Err() == nil; size = min(2*size, proofsAtOnce) {
				n := min(left.Add(-int64(size))+int64(size), int64(size))
				if n <= 0 {
					return
				}
				buf = buf[:0]
				for range n {
					var err error
					if buf, err = line(buf); err != nil {
						cancel(err)
						return
					}
				}
				out.Lock()
				_, err := o.env.Stdout.Write(buf)
				out.Unlock()
				if err != nil {
					cancel(fmt.Errorf("write the result: %w", err))
					return
				}
			}
		})
	}
	wg.Wait()
	return context.Cause(ctx)
}

// liner returns what appends one proof in the form that was asked for.
func (o *proofOptions) liner(m *maker) func([]byte) ([]byte, error) {
	format := o.env.Global.Output
	return func(b []byte) ([]byte, error) {
		proof, jkt, err := m.make()
		if err != nil {
			return b, err
		}
		switch format {
		case "text":
			return append(append(b, proof...), '\n'), nil
		case "json":
			object, err := json.Marshal(view.NewProof(proof, jkt, m.request))
			return append(append(b, object...), '\n'), err
		default:
			return append(b, view.NewProof(proof, jkt, m.request).Format(format)...), nil
		}
	}
}
