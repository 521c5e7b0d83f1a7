package sdk

import (
	"os"

	"github.com/hrhost/hrhost/internal/wire"
	"golang.org/x/sys/unix"
)

// sealView is what the process can see of its own sandbox. The filter was
// installed before it started; the host switches what the filter's monitor
// answers.
func sealView(r wire.SealRequest) wire.SealReport {
	report := wire.SealReport{Mechanism: "none", PID: os.Getpid()}
	report.Descriptors, report.Detail = descriptors()
	if !r.AppliedByHost {
		report.Detail = "a plugin can't apply a profile to itself on Linux"
		return report
	}
	mode, err := unix.PrctlRetInt(unix.PR_GET_SECCOMP, 0, 0, 0, 0)
	if err == nil && mode == unix.SECCOMP_MODE_FILTER {
		report.Mechanism, report.InForce = "seccomp", true
	}
	locked, err := unix.PrctlRetInt(unix.PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0)
	report.NoNewPrivs = err == nil && locked == 1
	return report
}
