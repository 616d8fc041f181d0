package dpopcmd

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/oauthpop/oauthpop/internal/cli"
	"github.com/oauthpop/oauthpop/internal/commands/view"
	"github.com/oauthpop/oauthpop/internal/dpop"
	"github.com/oauthpop/oauthpop/internal/jwt"
)

// line is one line of a stream: the request that it makes of the flags, or what is
// wrong with it. A line that cannot be read is judged like a proof that cannot:
// a log has broken lines, and those after them count.
type line struct {
	request dpop.Request
	faults  []view.ProofCheck // by the id of the check that cannot be run
}

// readLine makes the request of a line. What an object does not hold stays as the
// flags have it.
func readLine(text []byte, flags *dpop.Request) line {
	l := line{request: *flags}
	if object := bytes.TrimLeft(text, " \t"); len(object) > 0 && object[0] == '{' {
		l.readObject(object)
	} else {
		l.request.Proofs = []string{string(text)}
	}
	return l
}

func (l *line) readObject(text []byte) {
	l.request.Proofs = []string{""}
	o, err := jwt.ParseObject(text)
	if err != nil {
		l.fault("well-formed", "a proof, or a JSON object with one", "a line that begins as a JSON object: "+err.Error(), "the line may have been cut off")
		return
	}
	if twice := o.Duplicates(); len(twice) > 0 {
		l.fault("well-formed", "each member once", "twice: "+quoteShort(strings.Join(twice, " ")), "which one is meant can't be told")
		return
	}
	l.readMembers(o)
}

func (l *line) readMembers(o *jwt.Object) {
	r := &l.request
	if proof, ok := l.member(o, "proof", "well-formed"); ok {
		r.Proofs[0] = proof
	} else if len(l.faults) == 0 {
		l.fault("well-formed", "a proof in the member proof", "no proof in the line", "its members are "+quoteShort(strings.Join(o.Names(), " ")))
	}
	if method, ok := l.member(o, "method", "htm"); ok {
		r.Method = method
	}
	if url, ok := l.member(o, "url", "htu"); ok {
		r.URL = url // where it is none, the check "htu" says so
		if htu, err := dpop.HTU(url); err == nil {
			r.URL = htu
		}
	}
	if token, ok := l.member(o, "token", "ath"); ok {
		r.Token, r.HasToken = token, token != ""
	}
	if nonce, ok := l.member(o, "nonce", "nonce"); ok {
		r.Nonce = nil
		if nonce != "" {
			r.Nonce = exactly(nonce)
		}
	}
	if jkt, ok := l.member(o, "jkt", "binding"); ok {
		r.JKT = jkt
	}
	l.readTime(o)
}

// readTime reads the member at, which may be a number too.
func (l *line) readTime(o *jwt.Object) {
	at, ok := o.Text("at")
	if !ok || at == "null" {
		return
	}
	if strings.HasPrefix(at, `"`) {
		if at, ok = l.member(o, "at", "fresh"); !ok {
			return
		}
	}
	r := &l.request
	if at == "" {
		r.NoFreshness = true
		return
	}
	when, noFreshness, err := cli.Arrival(at, r.Now)
	if err != nil {
		l.fault("fresh", "a time in the member at", quoteShort(at), "RFC 3339, an HTTP date, seconds since 1970 (not milliseconds), or iat")
		return
	}
	r.Now, r.NoFreshness = when, noFreshness
}

// member is a member that is a string. One that is null counts as not there.
func (l *line) member(o *jwt.Object, name, check string) (string, bool) {
	raw, ok := o.Text(name)
	if !ok || raw == "null" {
		return "", false
	}
	s, ok := o.String(name)
	if !ok {
		l.fault(check, "a string in the member "+name, quoteShort(raw), "")
	}
	return s, ok
}

func (l *line) fault(id, expected, found, hint string) {
	l.faults = append(l.faults, view.ProofCheck{ID: id, Expected: expected, Found: found, Hint: hint})
}

// judge runs the checks, and says instead of a check that could not be run as it
// was meant what is wrong with the line.
func (l *line) judge(checks []dpop.Check) (*view.ProofReport, dpop.Report) {
	report := dpop.Judge(l.request, checks)
	v := view.NewProofReport(report)
	for _, fault := range l.faults {
		for i := range v.Checks {
			if c := &v.Checks[i]; c.ID == fault.ID {
				fault.Section, fault.Status = c.Section, dpop.StatusFailed
				*c = fault
				v.Verdict = view.ProofInvalid
			}
		}
	}
	return v, report
}

// quoteShort makes foreign text fit for a message.
func quoteShort(s string) string {
	const limit = 80
	if len(s) > limit {
		s = strings.ToValidUTF8(s[:limit], "") + "…"
	}
	b, err := json.Marshal(s)
	if err != nil {
		return "what can't be shown"
	}
	return string(b)
}

// utf16Error names an encoding that lines are not read in.
func utf16Error() error {
	err := cli.Input("standard input is UTF-16")
	err.Hint = "lines are read as UTF-8: convert them, for example with iconv -f UTF-16 -t UTF-8"
	return err
}
