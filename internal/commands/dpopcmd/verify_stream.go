package dpopcmd

import (
	"bytes"
	"context"
	"fmt"
	"runtime"
	"strings"
	"time"

	"github.com/oauthpop/oauthpop/internal/bounds"
	"github.com/oauthpop/oauthpop/internal/cli"
	"github.com/oauthpop/oauthpop/internal/commands/view"
	"github.com/oauthpop/oauthpop/internal/dpop"
)

// stream judges each line of standard input and answers with a line of JSON, in
// the order of the input: read here, judged on all cores, written here.
func (o *verifyOptions) stream(ctx context.Context) error {
	flags, lines, err := o.openStream()
	if err != nil {
		return err
	}
	// "In a stream each line is one compact result": whatever -o says, an error goes
	// to standard error from here on, and no object of its own to standard output.
	o.env.Global.Output = "lines"
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	cores := runtime.GOMAXPROCS(0)
	judges, order := make(chan *lineBatch, cores), make(chan *lineBatch, 4*cores)
	for range cores {
		go judgeBatches(judges, &flags)
	}
	var readErr error // read after order is closed
	go func() {
		defer close(order)
		defer close(judges)
		readErr = lines.batches(ctx, judges, order)
	}()
	t := newTally(o.maxAge + o.maxSkew)
	if err := o.answer(ctx, order, t); err != nil {
		return err
	}
	if t.total == 0 && readErr == nil {
		if err := o.answerNothing(t, &flags); err != nil {
			return err
		}
	}
	o.env.Say("%s", t.summary())
	if readErr != nil {
		return readErr
	}
	return t.verdict()
}

// openStream reads the flags, and begins to read standard input.
func (o *verifyOptions) openStream() (dpop.Request, *lineReader, error) {
	if err := o.env.ClaimStdin("the proof"); err != nil {
		return dpop.Request{}, nil, err
	}
	flags, err := o.defaults()
	if err != nil {
		return flags, nil, err
	}
	flags.Keys = dpop.NewKeys()
	lines, err := newLineReader(o.env.Stdin)
	return flags, lines, err
}

// answer writes what the judges found, batch by batch.
func (o *verifyOptions) answer(ctx context.Context, order <-chan *lineBatch, t *tally) error {
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case b, ok := <-order:
			if !ok {
				return nil
			}
			<-b.done
			if err := o.write(b.answers, t); err != nil {
				return err
			}
		}
	}
}

func (o *verifyOptions) write(answers []answer, t *tally) error {
	t.out = t.out[:0]
	for i := range answers {
		var err error
		if t.out, err = t.add(t.out, &answers[i]); err != nil {
			return err
		}
	}
	if _, err := o.env.Stdout.Write(t.out); err != nil {
		return fmt.Errorf("write the result: %w", err)
	}
	return nil
}

// answerNothing judges an empty input as an empty proof: a pipe that broke must not
// look like proofs that are valid.
func (o *verifyOptions) answerNothing(t *tally, flags *dpop.Request) error {
	nothing := line{request: *flags}
	nothing.request.Proofs = []string{""}
	nothing.fault("well-formed", "a proof a line", "nothing: standard input is empty", "")
	return o.write([]answer{nothing.answer(0, dpop.Checks(), newEncoder())}, t)
}

// answer is a line of output without the check replay, which needs the order.
type answer struct {
	line   int
	json   []byte
	failed []string
	use    use
	err    error
}

func judgeBatches(batches <-chan *lineBatch, flags *dpop.Request) {
	checks, e := dpop.Checks(), newEncoder()
	for b := range batches {
		b.answers = make([]answer, len(b.lines))
		for i, in := range b.lines {
			b.answers[i] = in.judge(flags, checks, e)
		}
		close(b.done)
	}
}

func (in *inputLine) judge(flags *dpop.Request, checks []dpop.Check, e *encoder) answer {
	var l line
	if in.length > bounds.LogLine {
		l.request = *flags
		l.request.Proofs = []string{""}
		l.fault("well-formed", fmt.Sprintf("a line of at most %d bytes", bounds.LogLine), fmt.Sprintf("%d bytes", in.length), "each proof stands in a line of its own")
	} else {
		l = readLine(in.text, flags)
	}
	return l.answer(in.number, checks, e)
}

func (l *line) answer(number int, checks []dpop.Check, e *encoder) answer {
	v, report := l.judge(checks)
	v.Line = number
	a := answer{line: number, use: newUse(v, report, &l.request)}
	for _, c := range v.Failed() {
		a.failed = append(a.failed, c.ID)
	}
	a.json, a.err = e.report(v)
	return a
}

// tally counts answers and completes them with the check replay.
type tally struct {
	replays        *replayLog
	encoder        *encoder
	out            []byte // what is written of a batch
	total, invalid int
	failed         map[string]int
}

// add appends a line of output: the report, with the check replay as its last.
func (t *tally) add(out []byte, a *answer) ([]byte, error) {
	if a.err != nil {
		return out, a.err
	}
	replay := t.replays.judge(a.use, a.line)
	failed := a.failed
	report := a.json
	if replay.Status == dpop.StatusFailed {
		failed = append(failed, replay.ID)
		if rest, ok := bytes.CutPrefix(report, []byte(`{"verdict":"`+view.ProofValid+`"`)); ok {
			report = append([]byte(`{"verdict":"`+view.ProofInvalid+`"`), rest...)
		}
	}
	t.count(failed)
	out = append(append(out, bytes.TrimSuffix(report, openEnd)...), ',')
	out, err := t.encoder.check(out, &replay)
	return append(append(out, openEnd...), '\n'), err
}

func (t *tally) count(failed []string) {
	t.total++
	if len(failed) > 0 {
		t.invalid++
	}
	for _, id := range failed {
		t.failed[id]++
	}
}

func newTally(window time.Duration) *tally {
	return &tally{replays: newReplayLog(window), encoder: newEncoder(), failed: map[string]int{}}
}

// summary is one line for a person.
func (t *tally) summary() string {
	return fmt.Sprintf("%s: %d valid, %d invalid", proofs(t.total), t.total-t.invalid, t.invalid)
}

func proofs(n int) string {
	if n == 1 {
		return "1 proof"
	}
	return fmt.Sprintf("%d proofs", n)
}

// verdict is the error of a stream with a proof that is not valid.
func (t *tally) verdict() error {
	if t.invalid == 0 {
		return nil
	}
	var parts []string
	for _, c := range append(dpop.Checks(), dpop.Check{ID: checkReplay}) {
		if n := t.failed[c.ID]; n > 0 {
			parts = append(parts, fmt.Sprintf("%s %d", c.ID, n))
		}
	}
	err := &cli.CheckError{Message: fmt.Sprintf("%d of %s invalid: %s", t.invalid, proofs(t.total), strings.Join(parts, ", "))}
	if t.failed["fresh"] > 0 {
		err.Hint = "--at TIME, or at in a line, judges a proof as of its request; --at iat leaves freshness out"
	}
	return err
}
