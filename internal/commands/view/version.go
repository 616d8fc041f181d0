// Package view holds every result that a command shows: one struct with JSON
// tags, and a method that draws it for a person, so that the two never differ.
package view

import "github.com/oauthpop/oauthpop/internal/ui"

// Version says which build this is.
type Version struct {
	Version string `json:"version"`
	Commit  string `json:"commit"`
	Date    string `json:"date"`
	Go      string `json:"go"`
}

// Draw writes the version on one line.
func (v *Version) Draw(p *ui.Printer) {
	p.Line("oauthpop %s %s", v.Version, p.Word(ui.Faint, v.Go))
}
