package view

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/oauthpop/oauthpop/internal/dpop"
	"github.com/oauthpop/oauthpop/internal/ui"
	"github.com/oauthpop/oauthpop/internal/wire"
)

// draw writes the verdict, the likely causes, what failed, and then what the
// request and the answer say.
func (v *ExplainedRequest) draw(p *ui.Printer) {
	p.Verdict(toneOfRequest(v.Verdict), v.Verdict, v.headline())
	if len(v.Causes) > 0 {
		p.Line("")
		p.Line("%s", p.Word(ui.Name, "likely causes"))
		for i, c := range v.Causes {
			p.Fields(ui.Field{Label: fmt.Sprintf("%d.", i+1), Value: clip(c.Text) + " (" + c.Section + ")"}, ui.Field{Value: "fix: " + c.Fix})
		}
	}
	v.drawChecks(p)
	p.Line("")
	p.Fields(append(v.requestFields(), v.answerFields()...)...)
}

func (v *ExplainedRequest) headline() string {
	switch v.Verdict {
	case RequestFailed:
		return v.Summary()
	case RequestPassed:
		if v.Status >= 400 {
			return "nothing is wrong with what the text shows, and the server refused it"
		}
		return "nothing is wrong with what the text shows"
	}
	return "the text shows no proof and no token"
}

func (v *ExplainedRequest) drawChecks(p *ui.Printer) {
	all := v.Checks
	if v.Proof != nil {
		all = append(slices.Clone(v.Proof.Checks), all...)
	}
	var passed, open []string
	first := true
	for _, c := range all {
		switch c.Status {
		case dpop.StatusPassed:
			passed = append(passed, c.ID)
		case dpop.StatusNotChecked:
			open = append(open, c.ID)
		default:
			if first {
				p.Line("")
				first = false
			}
			p.Line("%s  %s  %s", p.Word(ui.Bad, c.Status), c.ID, p.Word(ui.Faint, c.Section))
			p.Fields(
				ui.Field{Label: "  expected", Value: clip(c.Expected)}, ui.Field{Label: "  found", Value: clip(c.Found)},
				ui.Field{Label: "  hint", Value: c.Hint},
			)
		}
	}
	if len(passed)+len(open) == 0 {
		return
	}
	p.Line("")
	p.Fields(ui.Field{Label: "passed", Value: strings.Join(passed, " ")}, ui.Field{Label: "not checked", Value: strings.Join(open, " ")})
}

func (v *ExplainedRequest) requestFields() []ui.Field {
	fields := []ui.Field{{Label: "request", Value: clip(strings.TrimSpace(v.Method + " " + v.URL))}, {Label: "scheme", Value: clip(v.Scheme)}}
	if v.At != nil {
		fields = append(fields, ui.Field{Label: "as of", Value: v.At.UTC().Format(time.RFC3339) + ", " + v.AtSource})
	}
	if v.Proof != nil {
		fields = append(fields, ui.Field{Label: "proof by", Value: v.Proof.JKT})
	}
	for _, c := range v.Certificates {
		fields = append(fields, ui.Field{Label: "certificate", Value: strings.TrimSpace(c.Header + "  " + c.X5T + "  " + clip(c.Subject) + c.Fault)})
	}
	if b := v.Binding; b != nil {
		fields = append(fields, ui.Field{Label: "token", Value: b.Verdict + ": " + b.Detail})
		fields = append(fields, bindingFields(*b)...)
	}
	if s := v.Signature; s != nil {
		fields = append(fields, ui.Field{Label: "signature", Value: strings.TrimSuffix(s.Verdict+": "+clip(s.Detail), ": ")})
	}
	return fields
}

func (v *ExplainedRequest) answerFields() []ui.Field {
	fields := []ui.Field{{Label: "answer", Value: v.status()}}
	if len(v.Challenges) == 0 { // else they say it
		fields = append(fields, ui.Field{Label: "error", Value: clip(v.Error)}, ui.Field{Value: clip(v.ErrorDescription)})
	}
	for _, c := range v.Challenges {
		fields = append(fields, ui.Field{Label: "challenge", Value: clip(c.text())})
	}
	fields = append(fields, ui.Field{Label: wire.HeaderDPoPNonce, Value: clip(v.Nonce)})
	for _, n := range v.Notes {
		fields = append(fields, ui.Field{Label: "note", Value: n})
	}
	return fields
}

func (c Challenge) text() string {
	var params []string
	for _, name := range slices.Sorted(maps.Keys(c.Params)) {
		params = append(params, fmt.Sprintf("%s=%q", name, c.Params[name]))
	}
	return strings.TrimSpace(c.Scheme + " " + c.Token68 + strings.Join(params, ", "))
}
