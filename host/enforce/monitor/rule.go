//go:build linux

package monitor

import (
	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/sb/sbpl"
)

// sendSignal is the signal that the deciding rule wants the caller to get
// ((with send-signal SIGKILL), (with termination)), or 0.
func sendSignal(modifiers []sbpl.Modifier) int {
	for _, mod := range modifiers {
		switch {
		case mod.Name == "termination":
			return int(unix.SIGKILL)
		case mod.Name == "send-signal" && len(mod.Args) == 1:
			return linuxSignal(mod.Args[0])
		}
	}
	return 0
}
