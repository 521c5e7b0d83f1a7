package clean

import (
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/host/launch"
)

// closeInherited keeps what this process inherited itself, beyond the standard
// streams, out of the clean one.
func closeInherited() {
	open, _ := os.ReadDir("/proc/self/fd")
	for _, e := range open {
		if fd, err := strconv.Atoi(e.Name()); err == nil && fd > 2 {
			syscall.CloseOnExec(fd)
		}
	}
}

// attributes has the worker told when we are killed, so that it can end its
// plugins, say "interrupted" in the partial directory and remove the stage.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
}

// slack is by how much the worker's timers may be late: nothing in it waits for
// so short a time.
const slack = time.Millisecond

func start(cmd *exec.Cmd) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	launch.SlackTimers(slack)
	return cmd.Start()
}

// adopt makes us the parent of what a killed worker leaves. Its plugins die with
// it; what they started themselves is ended by the function that adopt returns.
func adopt() (end func()) {
	unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
	return launch.EndChildren
}
