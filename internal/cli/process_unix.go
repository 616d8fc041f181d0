//go:build !windows

package cli

import (
	"os"
	"syscall"
)

// passedOn are the signals that a command gets through us. A terminal sends its
// own to the command as well, which would then get them twice.
func passedOn(terminal bool) []os.Signal {
	list := []os.Signal{syscall.SIGTERM, syscall.SIGHUP, syscall.SIGUSR1, syscall.SIGUSR2}
	if !terminal {
		list = append(list, syscall.SIGINT, syscall.SIGQUIT)
	}
	return list
}

// exitCode is what a shell would say: 128+n after the signal n.
func exitCode(state *os.ProcessState) int {
	if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal())
	}
	return state.ExitCode()
}
