package view

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/oauthpop/oauthpop/internal/binding"
	"github.com/oauthpop/oauthpop/internal/dpop"
	"github.com/oauthpop/oauthpop/internal/ui"
	"github.com/oauthpop/oauthpop/internal/wire"
)

// Explain says of each captured request what is wrong with it.
type Explain struct {
	Form     string             `json:"form" jsonschema:"enum=http,enum=trace,enum=curl,enum=har"`
	Requests []ExplainedRequest `json:"requests"`
}

// ExplainedRequest is one request, with its answer if the text has it.
type ExplainedRequest struct {
	Verdict      string                 `json:"verdict" jsonschema:"enum=failed,enum=passed,enum=not-checked"`
	Method       string                 `json:"method"`
	URL          string                 `json:"url"`
	Scheme       string                 `json:"scheme"`
	At           *time.Time             `json:"at,omitempty"`
	AtSource     string                 `json:"at_source,omitempty"`
	Proof        *ProofReport           `json:"proof,omitempty"`
	Binding      *wire.Binding          `json:"binding,omitempty"`
	Signature    *Signature             `json:"signature,omitempty"`
	Certificates []ForwardedCertificate `json:"certificates,omitempty"`
	Checks       []ProofCheck           `json:"checks"`

	Status           int         `json:"status,omitempty"`
	Challenges       []Challenge `json:"challenges"`
	Error            string      `json:"error,omitempty"`
	ErrorDescription string      `json:"error_description,omitempty"`
	Nonce            string      `json:"dpop_nonce,omitempty"`

	Causes []Cause  `json:"causes"`
	Notes  []string `json:"notes,omitempty"`

	unbound bool // the binding is not good enough
}

// Challenge is one challenge of WWW-Authenticate.
type Challenge struct {
	Scheme  string            `json:"scheme"`
	Params  map[string]string `json:"params,omitempty"`
	Token68 string            `json:"token68,omitempty"`
}

// Cause is a likely cause of a refusal.
type Cause struct {
	ID      string `json:"id"`
	Section string `json:"section"`
	Text    string `json:"text"`
	Fix     string `json:"fix"`
}

// ForwardedCertificate is a client certificate that a proxy put into a header.
type ForwardedCertificate struct {
	Header  string `json:"header"`
	Form    string `json:"form"`
	X5T     string `json:"x5t#S256,omitempty"`
	Subject string `json:"subject,omitempty"`
	Fault   string `json:"fault,omitempty"`
}

// The verdicts of a request: a check failed, none did, there was nothing to check.
const (
	RequestFailed     = "failed"
	RequestPassed     = "passed"
	RequestNotChecked = "not-checked"
)

// Conclude sets the verdict. demanded: the token must be seen to be bound.
func (v *ExplainedRequest) Conclude(demanded bool) {
	v.Verdict = RequestNotChecked
	if v.Proof != nil || v.Binding != nil || len(v.Checks) > 0 {
		v.Verdict = RequestPassed
	}
	v.unbound = v.Binding != nil && !v.holds(demanded)
	if v.Proof != nil && v.Proof.Verdict == ProofInvalid || len(v.failed()) > 0 || v.unbound {
		v.Verdict = RequestFailed
	}
}

// holds says whether the binding is good enough. That another proof or certificate
// cannot be seen in the text says nothing against the token.
func (v *ExplainedRequest) holds(demanded bool) bool {
	switch binding.Reason(v.Binding.Reason) {
	case binding.NotCompared, binding.HalfCompared:
		return !demanded
	}
	return binding.ExitOK(*v.Binding, demanded)
}

func (v *ExplainedRequest) failed() []ProofCheck {
	var list []ProofCheck
	for _, c := range v.Checks {
		if c.Status == dpop.StatusFailed {
			list = append(list, c)
		}
	}
	return list
}

// Summary names what failed.
func (v *ExplainedRequest) Summary() string {
	var parts []string
	if v.Proof != nil && v.Proof.Verdict == ProofInvalid {
		parts = append(parts, "the proof is invalid: "+ids(v.Proof.Failed()))
	}
	if failed := v.failed(); len(failed) > 0 {
		parts = append(parts, "checks of the request failed: "+ids(failed))
	}
	if v.unbound {
		parts = append(parts, "the token is "+v.Binding.Verdict+": "+v.Binding.Detail)
	}
	return strings.Join(parts, "; ")
}

// Passed says whether the check said yes.
func (v *ProofReport) Passed(id string) bool {
	return v != nil && slices.ContainsFunc(v.Checks, func(c ProofCheck) bool { return c.ID == id && c.Status == dpop.StatusPassed })
}

func ids(checks []ProofCheck) string {
	var all []string
	for _, c := range checks {
		if !slices.Contains(all, c.ID) {
			all = append(all, c.ID)
		}
	}
	return strings.Join(all, ", ")
}

// Draw writes one request in full, many as a table with those in full that failed.
func (v *Explain) Draw(p *ui.Printer) {
	if len(v.Requests) == 1 {
		v.Requests[0].draw(p)
		return
	}
	v.table(p)
	const inFull = 5
	shown := 0
	for i := range v.Requests {
		if v.Requests[i].Verdict != RequestFailed || shown == inFull {
			continue
		}
		shown++
		p.Line("")
		p.Line("%s", p.Word(ui.Name, fmt.Sprintf("request %d", i+1)))
		v.Requests[i].draw(p)
	}
}

// urlColumns is how much of a URL stands in a table beside the rest.
func urlColumns(width int) int {
	const rest, least, most = 48, 14, 60
	if width == 0 {
		return most
	}
	return max(least, min(width-rest, most))
}

func (v *Explain) table(p *ui.Printer) {
	var rows [][]string
	for i, r := range v.Requests {
		rows = append(rows, []string{fmt.Sprint(i + 1), r.Verdict, r.status(), r.Method, clipMiddle(strings.TrimPrefix(r.URL, "https://"), urlColumns(p.Width())), r.first()})
	}
	p.Table([]string{"", "verdict", "status", "method", "url", "cause"}, rows, func(row, col int) (ui.Tone, bool) {
		if col != 1 || row < 0 || row >= len(v.Requests) {
			return 0, false
		}
		return toneOfRequest(v.Requests[row].Verdict), true
	})
}

// first is what a table shows of a request: its likeliest cause, else what failed.
func (v *ExplainedRequest) first() string {
	switch {
	case len(v.Causes) > 0:
		return v.Causes[0].ID
	case v.Proof != nil && len(v.Proof.Failed()) > 0:
		return v.Proof.Failed()[0].ID
	case len(v.failed()) > 0:
		return v.failed()[0].ID
	case v.Verdict == RequestFailed:
		return v.Binding.Reason
	}
	return ""
}

func (v *ExplainedRequest) status() string {
	if v.Status == 0 {
		return ""
	}
	return fmt.Sprint(v.Status)
}

func toneOfRequest(verdict string) ui.Tone {
	switch verdict {
	case RequestFailed:
		return ui.Bad
	case RequestPassed:
		return ui.Good
	}
	return ui.Unsure
}

// clipMiddle keeps both ends of a URL: the host, and what tells it from others.
func clipMiddle(s string, most int) string {
	r := []rune(s)
	if len(r) <= most {
		return s
	}
	head := most / 3
	return string(r[:head]) + "…" + string(r[len(r)-(most-head-1):])
}
