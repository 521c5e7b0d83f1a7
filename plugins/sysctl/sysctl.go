// Package sysctl is the probe family of kernel parameters: reading and writing
// them by name. Nothing is ever changed: a write is an open for writing that is
// closed again.
package sysctl

import (
	"syscall"

	"github.com/hrhost/hrhost/sdk"
)

// Spec declares the family.
func Spec() *sdk.Spec {
	return &sdk.Spec{
		Family:  "sysctl",
		Version: "0.1.0",
		Doc: "Kernel parameters by name, as dotted text: kernel.ostype. " +
			"Where a component has a dot of its own, it is written as a slash: net.ipv4.conf.eth0/100.forwarding.",
		Probes: []*sdk.Probe{
			{
				Operation: "sysctl-read",
				Filter:    "sysctl-name",
				Purpose:   "Reads one kernel parameter.",
				Carrier:   readCarrier,
				Results:   results(),
				Platforms: platforms(),
				Handle:    handle(),
				Run:       read,
				Enumerate: enumerate(readable),
			},
			{
				Operation: "sysctl-write",
				Filter:    "sysctl-name",
				Purpose:   "Opens one kernel parameter for writing and closes it without writing.",
				Carrier:   writeCarrier,
				Results:   results(),
				Platforms: platforms(),
				Run:       write,
				Enumerate: enumerate(writable),
			},
		},
	}
}

// platforms leaves macOS out until its probes are written.
func platforms() []sdk.Platform { return []sdk.Platform{sdk.Linux} }

// results is the table of the open call. EACCES is other: file modes and
// Landlock answer it, no profile does.
func results() []sdk.Result {
	return []sdk.Result{
		{API: api, Errno: 0, Class: sdk.OK, Source: "open(2)"},
		{API: api, Errno: syscall.EPERM, Class: sdk.Denied,
			Source: "measured: the monitor answers a denied open under /proc/sys with EPERM"},
		{API: api, Errno: syscall.ENOENT, Class: sdk.Missing,
			Source: "open(2): a directory component or the file does not exist"},
		{API: api, Errno: syscall.EACCES, Class: sdk.Other,
			Source: "open(2): file modes; landlock(7): no rule for the path"},
	}
}

const (
	readable = 0o444
	writable = 0o222
)
