package view

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/oauthpop/oauthpop/internal/oauth"
	"github.com/oauthpop/oauthpop/internal/ui"
)

// Discover is metadata as it came, with what it says of the features that matter
// here, and of a profile if one was asked for.
type Discover struct {
	Metadata json.RawMessage `json:"-"`
	// Name is the issuer or the resource, URL where the document was read.
	Name      string               `json:"-"`
	URL       string               `json:"-"`
	Endpoints []oauth.EndpointURLs `json:"-"`
	Support   []Supported          `json:"support"`
	Check     *ProfileCheck        `json:"check,omitempty"`
}

// Supported is what metadata says of one feature.
type Supported struct {
	ID        string   `json:"id"`
	Section   string   `json:"section"`
	Supported string   `json:"supported" jsonschema:"enum=yes,enum=no,enum=not-said"`
	Values    []string `json:"values,omitempty"`
	Remarks   []string `json:"remarks,omitempty"`
}

// ProfileCheck is what metadata shows of the clauses of a profile.
type ProfileCheck struct {
	Profile string         `json:"profile"`
	Verdict string         `json:"verdict" jsonschema:"enum=passed,enum=failed,enum=cannot-tell"`
	Clauses []ClauseResult `json:"clauses"`
	title   string
}

// ClauseResult is what became of one clause.
type ClauseResult struct {
	ID      string `json:"id"`
	Section string `json:"section"`
	Status  string `json:"status" jsonschema:"enum=passed,enum=failed,enum=cannot-tell,enum=not-applicable"`
	Text    string `json:"text"`
	Found   string `json:"found,omitempty"`
}

// NewSupport returns the view of what metadata says.
func NewSupport(list []oauth.Support) []Supported {
	all := make([]Supported, 0, len(list))
	for _, s := range list {
		all = append(all, Supported(s))
	}
	return all
}

// NewProfileCheck returns the view of a check.
func NewProfileCheck(p oauth.Profile, verdict string, list []oauth.ClauseResult) *ProfileCheck {
	v := &ProfileCheck{Profile: p.ID, Verdict: verdict, title: p.Title}
	for _, c := range list {
		v.Clauses = append(v.Clauses, ClauseResult(c))
	}
	return v
}

// Failed names the clauses that are not kept.
func (c *ProfileCheck) Failed() string {
	var failed []string
	for _, r := range c.Clauses {
		if r.Status == oauth.ClauseFailed {
			failed = append(failed, r.ID)
		}
	}
	return strings.Join(failed, ", ")
}

// ownMembers are those that are added to the document. The like of the server's own
// would be read in their place.
var ownMembers = []string{"support", "check", "error"}

// MarshalJSON keeps the members as the server sent them, in their order, and adds
// support and check as the last.
func (v *Discover) MarshalJSON() ([]byte, error) {
	type added Discover // without this method
	return withMembers(v.Metadata, func(name string) bool { return slices.Contains(ownMembers, name) }, (*added)(v))
}

// Draw writes what is supported, then the endpoints, then the check.
func (v *Discover) Draw(p *ui.Printer) {
	p.Line("%s", p.Word(ui.Name, v.Name))
	p.Fields(ui.Field{Label: "read at", Value: v.URL})
	p.Line("")
	var rows []ui.Row
	for _, s := range v.Support {
		rows = append(rows, s.row())
	}
	p.Rows(rows...)
	v.drawEndpoints(p)
	if v.Check != nil {
		p.Line("")
		v.Check.draw(p)
	}
}

// shownValues and shownEndpoints are how many a person sees.
const (
	shownValues    = 24
	shownEndpoints = 40
)

func (s Supported) row() ui.Row {
	tones := map[string]ui.Tone{oauth.SupportYes: ui.Good, oauth.SupportNo: ui.Bad, oauth.SupportNotSaid: ui.Unsure}
	values := s.Values
	var parts []string
	if len(values) > shownValues {
		values = append(slices.Clone(values[:shownValues]), fmt.Sprintf("and %d more", len(values)-shownValues))
	}
	if len(values) > 0 {
		short := make([]string, len(values))
		for i, value := range values {
			short[i] = clip(shortEndpoint(value))
		}
		parts = append(parts, strings.Join(short, " "))
	}
	parts = append(parts, s.Remarks...)
	return ui.Row{Label: s.ID, Tone: tones[s.Supported], Word: strings.ReplaceAll(s.Supported, "-", " "), Text: strings.Join(parts, "; ")}
}

// shortEndpoint leaves out what all names of endpoints end with, and the long
// beginning of grants.
func shortEndpoint(s string) string {
	return strings.TrimPrefix(strings.TrimSuffix(s, "_endpoint"), "urn:ietf:params:oauth:grant-type:")
}

func (v *Discover) drawEndpoints(p *ui.Printer) {
	if len(v.Endpoints) == 0 {
		return
	}
	p.Line("")
	p.Line("%s", p.Word(ui.Name, "endpoints"))
	var fields []ui.Field
	for i, e := range v.Endpoints {
		if i == shownEndpoints {
			fields = append(fields, ui.Field{Value: fmt.Sprintf("and %d more", len(v.Endpoints)-i)})
			break
		}
		fields = append(fields, ui.Field{Label: ui.Clean(clip(shortEndpoint(e.Name))), Value: clip(e.URL)})
		if e.Alias != "" {
			fields = append(fields, ui.Field{Label: "  with a certificate", Value: clip(e.Alias)})
		}
	}
	p.Fields(fields...)
}

func (c *ProfileCheck) draw(p *ui.Printer) {
	tones := map[string]ui.Tone{oauth.ClausePassed: ui.Good, oauth.ClauseFailed: ui.Bad, oauth.ClauseCannotTell: ui.Unsure, oauth.ClauseNotApplicable: ui.Faint}
	p.Verdict(tones[c.Verdict], c.Verdict, c.title+", as far as metadata shows it")
	var rows []ui.Row
	for _, r := range c.Clauses {
		text := fmt.Sprintf("%s (%s)", r.Text, r.Section)
		if r.Found != "" {
			text += ": " + r.Found
		}
		rows = append(rows, ui.Row{Label: r.ID, Tone: tones[r.Status], Word: strings.ReplaceAll(r.Status, "-", " "), Text: text})
	}
	p.Rows(rows...)
}
