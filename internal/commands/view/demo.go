package view

import "github.com/oauthpop/oauthpop/internal/ui"

// Demo is the story of a bound token, step by step.
type Demo struct {
	Chapters []DemoChapter `json:"chapters"`
}

// DemoChapter is the story of one mechanism.
type DemoChapter struct {
	Title string     `json:"title"`
	Steps []DemoStep `json:"steps"`
}

// DemoStep is one thing that was tried. An attempt of the thief is as it should be
// when it is refused.
type DemoStep struct {
	What    string `json:"what"`
	Outcome string `json:"outcome"`
	Detail  string `json:"detail,omitempty"`
	Thief   bool   `json:"thief"`
	OK      bool   `json:"ok"`
}

// Draw tells the story.
func (d *Demo) Draw(p *ui.Printer) {
	for i, c := range d.Chapters {
		if i > 0 {
			p.Line("")
		}
		p.Line("%s", p.Word(ui.Name, c.Title))
		for _, s := range c.Steps {
			tone := ui.Good
			if !s.OK {
				tone = ui.Bad
			}
			p.Line("  %-44s %s  %s", s.What, p.Word(tone, s.Outcome), p.Word(ui.Faint, s.Detail))
		}
	}
}
