package commands_test

import (
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/oauthpop/oauthpop/internal/cli"
	"github.com/oauthpop/oauthpop/internal/commands"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"oauthpop": func() { os.Exit(commands.Main(cli.System(cli.Build{Version: "test"}), os.Args[1:])) },
	})
}

// TestScripts runs every story over the whole program, each in a process of its
// own.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("HOME", e.WorkDir)
			e.Setenv("XDG_STATE_HOME", e.WorkDir+"/.state")
			return nil
		},
	})
}
