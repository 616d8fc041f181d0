// oauthpop makes, gets, checks and explains sender-constrained OAuth tokens.
package main

import (
	"os"

	"github.com/oauthpop/oauthpop/internal/cli"
	"github.com/oauthpop/oauthpop/internal/commands"
)

// Set when a release is linked; otherwise the build information of the binary is
// taken.
var version, commit, date string

func main() {
	env := cli.System(cli.Build{Version: version, Commit: commit, Date: date})
	os.Exit(commands.Main(env, os.Args[1:]))
}
