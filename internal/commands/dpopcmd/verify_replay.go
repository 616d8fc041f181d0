package dpopcmd

import (
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/oauthpop/oauthpop/internal/bounds"
	"github.com/oauthpop/oauthpop/internal/commands/view"
	"github.com/oauthpop/oauthpop/internal/dpop"
)

const (
	checkReplay   = "replay"
	sectionReplay = "RFC 9449 §11.1"
)

// use is a proof as the check replay looks at it. Only what the key itself has
// signed counts: otherwise a forged line would spend the jti of another's proof.
type use struct {
	authentic bool
	proof     [16]byte // hash of key and jti
	at        time.Time
}

func newUse(v *view.ProofReport, report dpop.Report, r *dpop.Request) use {
	u := use{authentic: report.JTI != "" && v.Passed("signature"), at: r.Now}
	if r.NoFreshness && !report.IAT.IsZero() {
		u.at = report.IAT // the only time that is known
	}
	if u.authentic {
		sum := sha256.Sum256([]byte(report.JKT + "." + report.JTI))
		u.proof = [16]byte(sum[:16])
	}
	return u
}

// first is where a proof was first seen.
type first struct {
	line int
	at   int64 // seconds since 1970
}

// replayLog remembers the proofs of a stream. Its times may go back and forth, as those
// of logs that were put together do: what is old says nothing of what comes next. When
// it is full it forgets the half that it has known for longer.
type replayLog struct {
	window     time.Duration
	limit      int
	old, young map[[16]byte]first
}

func newReplayLog(window time.Duration) *replayLog {
	return &replayLog{window: window, limit: bounds.ReplayEntries / 2, young: map[[16]byte]first{}}
}

// judge is the check: "a server can store the jti value of each DPoP proof for the
// time window in which the respective DPoP proof JWT would be accepted".
// https://www.rfc-editor.org/rfc/rfc9449#section-11.1
func (l *replayLog) judge(u use, line int) view.ProofCheck {
	c := view.ProofCheck{ID: checkReplay, Section: sectionReplay, Status: dpop.StatusNotChecked}
	if !u.authentic {
		return c
	}
	c.Status = dpop.StatusPassed
	seen, ok := l.young[u.proof]
	if !ok {
		seen, ok = l.old[u.proof]
	}
	if apart := time.Duration(u.at.Unix()-seen.at) * time.Second; ok && apart.Abs() <= l.window {
		c.Status = dpop.StatusFailed
		c.Expected = fmt.Sprintf("a jti not seen with this key within %v", l.window)
		c.Found = fmt.Sprintf("the jti of line %d, %v later", seen.line, apart)
		c.Hint = "each request needs a proof of its own, also one that is sent again; lenient servers remember no jti"
		if apart < 0 {
			c.Found = fmt.Sprintf("the jti of line %d, %v earlier", seen.line, -apart)
		}
		return c
	}
	l.remember(u, line)
	return c
}

func (l *replayLog) remember(u use, line int) {
	switch {
	case len(l.young) >= l.limit:
		l.old, l.young = l.young, map[[16]byte]first{}
	}
	l.young[u.proof] = first{line: line, at: u.at.Unix()}
}
