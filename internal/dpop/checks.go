package dpop

import (
	"errors"
	"fmt"
	"time"
)

// Check is one rule for proofs.
type Check struct {
	ID, Section string

	line bool // it judges the header field, and runs also where the JWT is malformed
	run  func(*proof, *Request) error
}

// Checks returns the rules of RFC 9449 section 4.3 in its order, and the strict
// rules of the RFCs it builds upon. https://www.rfc-editor.org/rfc/rfc9449#section-4.3
func Checks() []Check {
	return []Check{
		{ID: "single-header", Section: "RFC 9449 §4.3 item 1", line: true, run: checkSingleHeader},
		{ID: "well-formed", Section: "RFC 9449 §4.3 item 2", line: true, run: checkWellFormed},
		{ID: "claims", Section: "RFC 9449 §4.3 item 3", run: checkClaims},
		{ID: "typ", Section: "RFC 9449 §4.3 item 4", run: checkTyp},
		{ID: "alg", Section: "RFC 9449 §4.3 item 5", run: checkAlg},
		{ID: "signature", Section: "RFC 9449 §4.3 item 6", run: checkSignature},
		{ID: "no-private-key", Section: "RFC 9449 §4.3 item 7", run: checkNoPrivateKey},
		{ID: "htm", Section: "RFC 9449 §4.3 item 8", run: checkHTM},
		{ID: "htu", Section: "RFC 9449 §4.3 item 9", run: checkHTU},
		{ID: "nonce", Section: "RFC 9449 §4.3 item 10", run: checkNonce},
		{ID: "fresh", Section: "RFC 9449 §4.3 item 11", run: checkFresh},
		{ID: "ath", Section: "RFC 9449 §4.3 item 12", run: checkATH},
		{ID: "binding", Section: "RFC 9449 §4.3 item 12", run: checkBinding},
		{ID: "strict", Section: "RFC 7515 §4, RFC 7519 §4", run: checkStrict},
	}
}

// Statuses of a check.
const (
	StatusPassed     = "passed"
	StatusFailed     = "failed"
	StatusNotChecked = "not-checked"
)

// Result is what one check said.
type Result struct {
	ID       string `json:"id"`
	Section  string `json:"section"`
	Status   string `json:"status"`
	Expected string `json:"expected,omitempty"`
	Found    string `json:"found,omitempty"`
	Hint     string `json:"hint,omitempty"`
}

// Report is what all checks said, for a person.
type Report struct {
	Valid    bool
	Checks   []Result
	JKT, JTI string    // "" where the proof has none that can be read
	IAT      time.Time // zero where the proof has none that can be read
}

// mismatch is why a check failed.
type mismatch struct {
	expected, found, hint string
	err                   error
}

func (m *mismatch) Error() string { return fmt.Sprintf("expected %s, found %s", m.expected, m.found) }

// notChecked is a check for which there was nothing to compare with.
type notChecked struct{ found, hint string }

func (*notChecked) Error() string { return "not checked" }

// CheckError is the first check that failed.
type CheckError struct {
	ID, Section     string
	Expected, Found string
	Hint            string
	Err             error // what Request.Nonce said, for the check "nonce"
}

// Error names the check, what it expected and what it found.
func (e *CheckError) Error() string {
	return fmt.Sprintf("check %s of the DPoP proof failed: expected %s, found %s", e.ID, e.Expected, e.Found)
}

// Unwrap returns what Request.Nonce said.
func (e *CheckError) Unwrap() error { return e.Err }

func (c Check) judge(p *proof, r *Request) error {
	if p.jws == nil && !c.line {
		return &notChecked{}
	}
	return c.run(p, r)
}

// failure returns why a check failed, nil if it did not: what is neither a pass
// nor a check without anything to compare with is a failure.
func failure(err error) *mismatch {
	if err == nil {
		return nil
	}
	if m, ok := errors.AsType[*mismatch](err); ok {
		return m
	}
	if _, ok := errors.AsType[*notChecked](err); ok {
		return nil
	}
	return &mismatch{expected: "a check that can be run", found: err.Error(), err: err}
}

// Judge runs every check, each independent of the others.
func Judge(r Request, checks []Check) Report {
	p := readProof(&r)
	report := Report{Valid: p.usable() == nil && len(checks) > 0, Checks: make([]Result, 0, len(checks)), JKT: p.jkt}
	if p.jws != nil {
		report.JTI, _ = p.jws.Payload.String("jti")
		if iat, ok := p.number("iat"); ok {
			report.IAT = date(iat)
		}
	}
	for _, c := range checks {
		result := Result{ID: c.ID, Section: c.Section, Status: StatusPassed}
		err := c.judge(p, &r)
		if m := failure(err); m != nil {
			result.Status, result.Expected, result.Found, result.Hint = StatusFailed, m.expected, m.found, m.hint
			report.Valid = false
		} else if n, ok := errors.AsType[*notChecked](err); ok {
			result.Status, result.Found, result.Hint = StatusNotChecked, n.found, n.hint
		}
		report.Checks = append(report.Checks, result)
	}
	return report
}

// Verify runs the checks up to the first that fails, a [*CheckError]. Whatever is
// left out of the list, a proof without a readable key is never verified.
func Verify(r Request, checks []Check) (*Verified, error) {
	if len(checks) == 0 {
		return nil, errors.New("no check was asked for")
	}
	p := readProof(&r)
	for _, c := range checks {
		if m := failure(c.judge(p, &r)); m != nil {
			return nil, &CheckError{c.ID, c.Section, m.expected, m.found, m.hint, m.err}
		}
	}
	if err := p.usable(); err != nil {
		return nil, err
	}
	return p.verified(), nil
}
