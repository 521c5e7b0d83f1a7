//go:build linux || darwin

package launch

import (
	"fmt"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/host/launch/trampoline"
)

// limits stand in every lane. Address space is not limited: the Go runtime
// reserves far more than it uses. RLIMIT_NPROC counts the user's processes, not
// the plugin's, so its bound is wide.
//
// On Linux a process whose limits cannot be set is not started. On macOS a limit that
// the system refuses is reported in Containment, and the process starts: XNU refuses
// this data limit for every process. fact:limits.data
var limits = []struct {
	name     string
	resource int
	value    uint64
}{
	{"core", unix.RLIMIT_CORE, 0},
	{"data", unix.RLIMIT_DATA, 4 << 30},
	{"fsize", unix.RLIMIT_FSIZE, 64 << 20},
	{"nofile", unix.RLIMIT_NOFILE, 1024},
	{"nproc", unix.RLIMIT_NPROC, 4096},
}

func limitCalls() []trampoline.Limit {
	var out []trampoline.Limit
	for _, l := range limits {
		out = append(out, trampoline.Limit{Resource: l.resource, Value: l.value})
	}
	return out
}

// limitNames lists the limits for the manifest. refused are those that could not be
// set, by resource: they read "data: not set, EINVAL".
func limitNames(refused map[int]syscall.Errno) []string {
	var out []string
	for _, l := range limits {
		if errno, no := refused[l.resource]; no {
			out = append(out, fmt.Sprintf("%s: not set, %s", l.name, unix.ErrnoName(errno)))
			continue
		}
		out = append(out, fmt.Sprintf("%s=%d", l.name, l.value))
	}
	return append(out, fmt.Sprintf("log=%d", MaxLog))
}
