package launch

import (
	"fmt"
	"os"
	"strings"
)

// View looks at the innermost process under a wrapper, which is the plugin as
// long as it has started nothing itself.
func (p *Process) View() View {
	pid := innermost(p.PID)
	ours, err1 := os.Readlink("/proc/self/ns/pid")
	theirs, err2 := os.Readlink(fmt.Sprintf("/proc/%d/ns/pid", pid))
	if err1 != nil || err2 != nil {
		return View{}
	}
	v := View{Known: true, OwnPIDs: ours != theirs}
	// The host is a process of that /proc only when it is the host's own.
	proc := fmt.Sprintf("/proc/%d/root/proc/", pid)
	_, err := os.Readlink(proc + "self")
	v.HostsProc = err == nil
	if _, err := os.Stat(proc + "sys/kernel"); err != nil {
		v.NoProc, v.HostsProc = true, false
	}
	return v
}

// innermost follows first children down.
func innermost(pid int) int {
	for {
		b, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
		child, _, _ := strings.Cut(strings.TrimSpace(string(b)), " ")
		var next int
		if _, scanErr := fmt.Sscan(child, &next); err != nil || scanErr != nil {
			return pid
		}
		pid = next
	}
}
