package clean

import (
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/host/launch"
)

// attributes has the worker told when we are killed, so that it can end its
// plugins, say "interrupted" in the partial directory and remove the stage.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
}

// adopt makes us the parent of what a killed worker leaves. Its plugins die with
// it; what they started themselves is ended by the function that adopt returns.
func adopt() (end func()) {
	unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
	return launch.EndOrphans
}
