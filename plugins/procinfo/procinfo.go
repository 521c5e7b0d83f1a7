// Package procinfo is the probe family of information about processes: one's
// own, a child's, a stranger's.
package procinfo

import (
	"github.com/hrhost/hrhost/plugins/internal/processes"
	"github.com/hrhost/hrhost/sdk"
)

// InDefaultPlan is true where config.toml has profiles of this family.
const InDefaultPlan = true

// Spec declares the family.
func Spec() *sdk.Spec {
	return &sdk.Spec{
		Family:  "procinfo",
		Version: "0.1.0",
		Doc: "Information about processes. Targets: self, child (in the plugin's process group), " +
			"sibling (of the same sandbox, neither a child nor in the group), pid1, " +
			"missing (a number that no process can have) and, in a sweep, " +
			"every process of the host by its number: pid:42.",
		Probes: []*sdk.Probe{
			about("process-info-pidinfo", "Reads what kind of process it is and how it does.", infoAPI, infoCarrier, info, handle()),
			about("process-info-pidfdinfo", "Lists the open descriptors of a process.", fdAPI, fdCarrier, descriptors, listHandle()),
			about("process-info-rusage", "Reads how much processor time a process has used.", usageAPI, usageCarrier, usage, usageHandle()),
			list(),
		},
		Children:      processes.Children(),
		Configure:     configure,
		OptionsSchema: optionsSchema(),
	}
}

// about declares a probe that is decided on one process.
func about(operation, purpose, api, carrier string, run func(*sdk.Recorder) error, held *sdk.Handle) *sdk.Probe {
	return &sdk.Probe{
		Operation: operation,
		Filter:    "target",
		Purpose:   purpose,
		Carrier:   carrier,
		Results:   results(api),
		Controls:  []string{processes.Self},
		Platforms: platforms(),
		Targets:   processes.Names(),
		Handle:    held,
		Run:       run,
		Enumerate: processes.Each,
	}
}

// list is decided on nothing: its target is of no consequence.
func list() *sdk.Probe {
	return &sdk.Probe{
		Operation: "process-info-listpids",
		Purpose:   "Lists the processes of the system.",
		Carrier:   listCarrier,
		Results:   results(listAPI),
		Platforms: platforms(),
		Targets:   processes.Names(),
		Run:       listProcesses,
	}
}

func platforms() []sdk.Platform { return []sdk.Platform{sdk.Linux, sdk.MacOS} }
