// Package signal is the probe family of signals. SIGUSR1 goes only to processes
// that expect it: the plugin itself and those that it starts, which acknowledge
// it. Any other process gets signal 0, which asks for the permission and does
// nothing.
package signal

import (
	"syscall"

	"github.com/hrhost/hrhost/plugins/internal/processes"
	"github.com/hrhost/hrhost/sdk"
)

// InDefaultPlan is true where config.toml has profiles of this family.
const InDefaultPlan = true

// Spec declares the family.
func Spec() *sdk.Spec {
	return &sdk.Spec{
		Family:  "signal",
		Version: "0.1.0",
		Doc: "Signals. Targets: self, child (in the plugin's process group) and sibling " +
			"(of the same sandbox, neither a child nor in the group) get SIGUSR1 and acknowledge it; pid1 and missing " +
			"(a number that no process can have) get signal 0, as does, in a sweep, every process of the host: pid:42.",
		Probes: []*sdk.Probe{{
			Operation:        "signal",
			Filter:           "target",
			Purpose:          "Sends one signal to one process.",
			Carrier:          "kill",
			Results:          results(),
			ObservableEffect: true,
			Controls:         []string{processes.Child},
			Platforms:        platforms(),
			Targets:          processes.Names(),
			Dependencies:     dependencies(),
			Handle:           handle(),
			Run:              send,
			Enumerate:        processes.Each,
		}},
		Children: processes.Children(),
	}
}

func platforms() []sdk.Platform { return []sdk.Platform{sdk.Linux, sdk.MacOS} }

const api = "kill"

func results() []sdk.Result {
	return append(heldResults(), []sdk.Result{
		{API: api, Errno: 0, Class: sdk.OK, Source: "kill(2)"},
		{API: api, Errno: syscall.EPERM, Class: sdk.Denied,
			Source: "kill(2): no permission; measured: the monitor answers a denied kill with EPERM too; XNU kern_sig.c cansignal"}, // fact:signal.denied
		{API: api, Errno: syscall.ESRCH, Class: sdk.Missing, Source: "kill(2): no such process"},
	}...)
}
