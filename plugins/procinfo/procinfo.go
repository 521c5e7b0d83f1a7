// Package procinfo is the probe family of information about processes: one's
// own, a child's, a stranger's.
package procinfo

import (
	"syscall"

	"github.com/hrhost/hrhost/plugins/internal/processes"
	"github.com/hrhost/hrhost/sdk"
)

// Spec declares the family.
func Spec() *sdk.Spec {
	return &sdk.Spec{
		Family:  "procinfo",
		Version: "0.1.0",
		Doc: "Information about processes. Targets: self, child, pgrp (a child in the plugin's process group), " +
			"sibling (of the same sandbox but no child), pid1 and missing (a number that no process can have).",
		Probes: []*sdk.Probe{
			about("process-info-pidinfo", "Reads what kind of process it is and how it does.", infoCarrier, info, handle()),
			about("process-info-pidfdinfo", "Lists the open descriptors of a process.", fdCarrier, descriptors, listHandle()),
			about("process-info-rusage", "Reads how much processor time a process has used.", usageCarrier, usage, usageHandle()),
			list(),
		},
		Children:      processes.Children(),
		Configure:     configure,
		OptionsSchema: optionsSchema(),
	}
}

// about declares a probe that is decided on one process.
func about(operation, purpose, carrier string, run func(*sdk.Recorder) error, held *sdk.Handle) *sdk.Probe {
	return &sdk.Probe{
		Operation: operation,
		Filter:    "target",
		Purpose:   purpose,
		Carrier:   carrier,
		Results:   results(),
		Controls:  []string{processes.Self},
		Platforms: platforms(),
		Targets:   processes.Names(),
		Handle:    held,
		Run:       run,
	}
}

// list is decided on nothing: its target is of no consequence.
func list() *sdk.Probe {
	return &sdk.Probe{
		Operation: "process-info-listpids",
		Purpose:   "Lists the processes of the system.",
		Carrier:   listCarrier,
		Results:   results(),
		Platforms: platforms(),
		Targets:   processes.Names(),
		Run:       listProcesses,
	}
}

// platforms leaves macOS out until its probes are written.
func platforms() []sdk.Platform { return []sdk.Platform{sdk.Linux} }

// results is the table of the open call. EACCES is other: it is how the kernel
// keeps one user's processes from another.
func results() []sdk.Result {
	return []sdk.Result{
		{API: api, Errno: 0, Class: sdk.OK, Source: "open(2)"},
		{API: api, Errno: syscall.EPERM, Class: sdk.Denied,
			Source: "measured: the monitor answers a denied open under /proc/PID with EPERM"},
		{API: api, Errno: syscall.ENOENT, Class: sdk.Missing,
			Source: "proc(5): a directory for each running process; open(2): it does not exist"},
		{API: api, Errno: syscall.EACCES, Class: sdk.Other,
			Source: "proc(5): ptrace access mode check; landlock(7): no rule for the path"},
	}
}
