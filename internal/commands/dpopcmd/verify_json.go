package dpopcmd

import (
	"bytes"
	"encoding/json"

	"github.com/oauthpop/oauthpop/internal/commands/view"
)

// encoder writes reports as [json.Marshal] does, which is slow next to the checks
// of a proof: a check that has nothing more to say than its status is written once,
// and copied from then on. It is for one goroutine.
type encoder struct{ plain map[plainCheck][]byte }

type plainCheck struct{ id, status string }

func newEncoder() *encoder { return &encoder{plain: map[plainCheck][]byte{}} }

// openEnd is what a report ends with that may be continued: its list of checks is
// its last member.
var openEnd = []byte("]}")

// report is the JSON of v.
func (e *encoder) report(v *view.ProofReport) ([]byte, error) {
	head := *v
	head.Checks = []view.ProofCheck{}
	start, err := json.Marshal(head)
	if err != nil {
		return nil, err
	}
	out := make([]byte, 0, len(start)+100*(len(v.Checks)+1))
	out = append(out, bytes.TrimSuffix(start, openEnd)...)
	for i := range v.Checks {
		if i > 0 {
			out = append(out, ',')
		}
		if out, err = e.check(out, &v.Checks[i]); err != nil {
			return nil, err
		}
	}
	return append(out, openEnd...), nil
}

// check appends the JSON of c.
func (e *encoder) check(out []byte, c *view.ProofCheck) ([]byte, error) {
	isPlain := c.Expected == "" && c.Found == "" && c.Hint == ""
	key := plainCheck{c.ID, c.Status}
	if b := e.plain[key]; isPlain && b != nil {
		return append(out, b...), nil
	}
	b, err := json.Marshal(c)
	if isPlain {
		e.plain[key] = b
	}
	return append(out, b...), err
}
