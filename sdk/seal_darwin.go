package sdk

import (
	"os"

	"github.com/hrhost/hrhost/internal/darwin"
	"github.com/hrhost/hrhost/internal/seatbelt"
	"github.com/hrhost/hrhost/internal/wire"
)

// sealView applies the profile to this process, or says how it sees the one
// that was applied before it started. What was open stays usable, the
// connection to the host too. fact:apply.descriptors-survive,
// fact:apply.connected-socket
func sealView(r wire.SealRequest) wire.SealReport {
	report := wire.SealReport{Mechanism: "none", PID: os.Getpid()}
	report.Descriptors, report.Detail = descriptors()
	if r.AppliedByHost {
		sandboxed, err := darwin.SelfSandboxed()
		if err != nil {
			report.Detail = err.Error()
		}
		report.Mechanism, report.InForce = seatbelt.API, sandboxed
		return report
	}
	darwin.Resolve()
	a := darwin.Apply(r.SBPL, r.Params)
	report.Apply = &wire.ApplyReport{API: a.API, RC: a.RC, Errno: int(a.Errno), Errbuf: a.Errbuf}
	if report.InForce = a.Class == seatbelt.ClassOK; report.InForce {
		report.Mechanism = a.API
		return report
	}
	report.Detail = string(a.Class)
	return report
}
