package launch

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// PeakBytes is the most memory that the process has had resident so far, 0 when
// that cannot be read. [Exit].MaxRSS is no good for that: it begins with the
// host's own, which the process was forked from.
func (p *Process) PeakBytes() int64 { return PeakOf(p.PID) }

// PeakOf is the VmHWM of a process of this user, in bytes.
func PeakOf(pid int) int64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(status), "\nVmHWM:")
	line, _, _ := strings.Cut(rest, "\n")
	n, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(line), " kB"), 10, 64)
	if err != nil {
		return 0
	}
	return n << 10
}
