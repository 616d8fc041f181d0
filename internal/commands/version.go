package commands

import (
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/oauthpop/oauthpop/internal/cli"
	"github.com/oauthpop/oauthpop/internal/commands/view"
)

func newVersionCmd(env *cli.Env) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version of this build",
		Example: `  oauthpop version
  oauthpop version -o json`,
		Args: cli.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			info, _ := debug.ReadBuildInfo()
			return env.Result(buildOf(env.Build, info), nil)
		},
	}
}

// buildOf fills in from the build information of the binary what no release has
// set.
func buildOf(b cli.Build, info *debug.BuildInfo) *view.Version {
	v := &view.Version{Version: b.Version, Commit: b.Commit, Date: b.Date, Go: runtime.Version()}
	if info == nil {
		return v
	}
	if v.Version == "" {
		v.Version = info.Main.Version
	}
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision" && v.Commit == "":
			v.Commit = s.Value
		case s.Key == "vcs.time" && v.Date == "":
			v.Date = s.Value
		}
	}
	return v
}
