package seatbelt

import (
	"os"
	"os/exec"

	"github.com/hrhost/hrhost/internal/darwin"
)

// ReceiverVerb is the hidden verb of hrhost that runs [Receive].
const ReceiverVerb = "receiver"

// Receive tells on stdout which of the distributed notifications arrive, until
// stdin ends. It must be called on the main thread, whose run loop delivers them.
func Receive(names []string) error {
	return receive(names, os.Stdin, os.Stdout, centre{darwin.Observe, darwin.RunLoop}, func() { os.Exit(0) })
}

// startReceiver starts this program as a receiver.
func startReceiver(names []string) process {
	exe, err := os.Executable()
	if err != nil {
		return process{close: func() {}}
	}
	return startArrivals(exec.Command(exe, append([]string{ReceiverVerb, "--"}, names...)...), startTimeout)
}
