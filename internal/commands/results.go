package commands

import (
	"github.com/oauthpop/oauthpop/internal/commands/view"
	"github.com/oauthpop/oauthpop/internal/ui"
)

// Result is the JSON of a command: its schema is generated from the view.
type Result struct {
	Name string // of the schema, and of the command with dashes
	View ui.Drawer
}

// Results are the results of all commands that have one.
var Results = []Result{
	{"version", &view.Version{}},
	{"token", &view.Token{}},
	{"call", &view.Call{}},
	{"demo", &view.Demo{}},
	{"serve", &view.Ready{}},
	{"inspect", &view.Inspect{}},
}
