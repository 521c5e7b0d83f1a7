//go:build linux

package monitor

import (
	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/host/enforce/lasting"
)

// fenceOff refuses a call whatever the profile says.
func fenceOff(e unix.Errno, reason string) func(*call) reply {
	return func(*call) reply { return contain(e, reason) }
}

// lastingCalls are the entries of what would outlive the plugin. In a baseline a
// filter without a listener refuses the same calls with the same error.
func lastingCalls() (entries []entry) {
	for _, c := range lasting.Calls {
		entries = append(entries, entry{c.Number, c.Name, nil, fenceOff(lasting.Errno, whyLasting)})
	}
	return entries
}

// Reasons shared by several calls.
const (
	whyNamespace = "a new or another namespace: names would mean other objects"
	whyMount     = "changing what names mean"
	whyOther     = "reaching into another process"
	whyHost      = "a signal to the host that watches"
	whyKernel    = "changing or tracing the kernel"
	whyMachine   = "changing the machine"
	whyHandle    = "objects without a name"
	whyBlind     = "hiding from the monitor"
	whyRing      = "io_uring works past the monitor"
	whyClone3    = "its flags are in memory; callers fall back to clone"
	whyConnect   = "connecting a socket: the plugin listens, and inherits connected sockets"
	whyLasting   = "an object that outlives its process, where another process could find it"
	whyDatagram  = "a Unix datagram socket reaches any address without connecting"
	whyNetwork   = "a socket that may reach the network: of IP, only TCP sockets can be made"
	whyFastOpen  = "MSG_FASTOPEN connects a socket: the plugin listens, and inherits connected sockets"
)
