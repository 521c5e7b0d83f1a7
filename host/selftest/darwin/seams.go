//go:build darwin || linux

package darwin

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// What the experiments ask of the system past package darwin. On macOS these are
// never changed; on Linux the tests play them.
var (
	goarch = runtime.GOARCH
	euid   = os.Geteuid
	kill   = syscall.Kill
	open   = func(path string) error {
		f, err := os.Open(path)
		if err == nil {
			err = f.Close()
		}
		return err
	}
	setrlimit = unix.Setrlimit
	getFD     = func(fd int) error {
		_, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
		return err
	}
	readUptime = func() (int64, error) {
		var ts unix.Timespec
		err := unix.ClockGettime(8, &ts) // CLOCK_UPTIME_RAW, a name that Linux does not have
		return ts.Nano(), err
	}
	// program runs a program of the system, and gives what it printed, on both
	// streams, and its exit status, or minus the signal that ended it.
	program = func(path string, args ...string) (string, int) {
		return execute(exec.Command(path, args...))
	}
	// native runs one of our own files.
	native = func(path string, args ...string) (string, int) {
		return execute(exec.Command(path, args...))
	}
)

// maxWait is how long a program of the system may take.
const maxWait = 10 * time.Second

func execute(cmd *exec.Cmd) (string, int) {
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr, cmd.WaitDelay = &out, &out, time.Second
	if err := cmd.Start(); err != nil {
		return err.Error(), -1000
	}
	stop := time.AfterFunc(maxWait, func() { cmd.Process.Kill() })
	defer stop.Stop()
	err := cmd.Wait()
	var ee *exec.ExitError
	if errors.As(err, &ee) {
		if ws := ee.Sys().(syscall.WaitStatus); ws.Signaled() {
			return out.String(), -int(ws.Signal())
		}
	}
	return out.String(), cmd.ProcessState.ExitCode()
}
