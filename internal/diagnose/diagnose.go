// Package diagnose finds the likely causes of a refusal from the error code and
// from what was sent and received: never from a server's prose. It is pure.
package diagnose

import (
	"slices"

	"github.com/oauthpop/oauthpop/internal/wire"
)

// Cause is a likely cause of a refusal.
type Cause struct {
	ID, Section string
	// Text says what is the matter. In the list it is general, in a finding it has
	// the numbers and names of the case.
	Text string
	// Fix says what to do.
	Fix string

	match match
}

// match says whether a cause is one of this exchange, and what is the matter.
type match func(r *reading) (text string, ok bool)

// List is every cause that is known, the likeliest first: what a server must
// refuse by what was sent stands before what it may have refused.
func List() []Cause {
	return slices.Concat(headerCauses(), formCauses(), claimCauses(), nonceCauses(), certificateCauses(), otherCauses())
}

// Causes returns the likely causes of a refusal, the likeliest first. code is the
// error code of the server's answer or challenge, "" where it has none. A request
// whose answer is not known, its status is 0, is taken for refused.
func Causes(ex *wire.Exchange, code string) []Cause {
	if ex == nil {
		return nil
	}
	r := read(ex, code)
	var found []Cause
	for _, c := range List() {
		if text, ok := c.match(r); ok {
			c.Text = text
			found = append(found, c)
		}
	}
	return found
}
