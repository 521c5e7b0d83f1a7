// Package sysctl is the probe family of kernel parameters: reading and writing
// them by name. Nothing is ever changed: a write is an open for writing that is
// closed again or, on macOS, a parameter's own value.
package sysctl

import "github.com/hrhost/hrhost/sdk"

// InDefaultPlan is true where config.toml has profiles of this family.
const InDefaultPlan = true

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
				Purpose:   writePurpose,
				Carrier:   writeCarrier,
				Results:   results(),
				Platforms: platforms(),
				Run:       write,
				Enumerate: enumerate(writable),
			},
		},
	}
}

func platforms() []sdk.Platform { return []sdk.Platform{sdk.Linux, sdk.MacOS} }

const (
	readable = 0o444
	writable = 0o222
)
