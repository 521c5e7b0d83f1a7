//go:build linux || darwin

package launch

import (
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/host/launch/trampoline"
)

// limits stand in every lane. Address space is not limited: the Go runtime
// reserves far more than it uses. RLIMIT_NPROC counts the user's processes, not
// the plugin's, so its bound is wide.
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

func limitNames() []string {
	var out []string
	for _, l := range limits {
		out = append(out, fmt.Sprintf("%s=%d", l.name, l.value))
	}
	return append(out, fmt.Sprintf("log=%d", MaxLog))
}
