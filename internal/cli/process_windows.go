package cli

import "os"

// passedOn are the signals that are caught while a command runs. It gets them by
// itself: a console sends its events to every process that is attached to it.
func passedOn(bool) []os.Signal { return []os.Signal{os.Interrupt} }

func exitCode(state *os.ProcessState) int { return state.ExitCode() }
