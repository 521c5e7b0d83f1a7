package sdk

import (
	"fmt"
	"os"
	"syscall"

	"github.com/hrhost/hrhost/internal/wire"
)

// ChildProcess is the plugin's own binary in one of Spec.Children's modes. It
// reads In's other end as its stdin and writes Out's as its stdout; its stderr
// is the plugin's.
type ChildProcess struct {
	PID int      // of the child
	In  *os.File // closing it tells the child to end
	Out *os.File // what the child writes to its stdout
}

// StartChild starts a child mode. It must end when its stdin does, so that
// cleaning up never needs a signal; the caller must call [ChildProcess.Close].
// With ownGroup the child leads a process group of its own, otherwise it stays
// in the plugin's.
//
// The child's environment is empty but for the mode. Its Go runtime sends
// itself no preemption signals, which would show up beside the probe's own.
func StartChild(mode string, ownGroup bool) (*ChildProcess, error) {
	childIn, in, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("starting child %q: %w", mode, err)
	}
	defer childIn.Close()
	out, childOut, err := os.Pipe()
	if err != nil {
		in.Close()
		return nil, fmt.Errorf("starting child %q: %w", mode, err)
	}
	defer childOut.Close()
	pid, err := forkSelf(mode, ownGroup, childIn, childOut)
	if err != nil {
		in.Close()
		out.Close()
		return nil, fmt.Errorf("starting child %q: %w", mode, err)
	}
	return &ChildProcess{PID: pid, In: in, Out: out}, nil
}

// forkSelf does not use os/exec, which would try pidfds on a process of its own
// first: calls that a sandbox may judge.
func forkSelf(mode string, ownGroup bool, in, out *os.File) (int, error) {
	self, err := selfPath()
	if err != nil {
		return 0, err
	}
	return syscall.ForkExec(self, []string{"hrhost-probe-child", mode}, &syscall.ProcAttr{
		Env:   []string{wire.EnvChild + "=" + mode, "GODEBUG=asyncpreemptoff=1"},
		Files: []uintptr{in.Fd(), out.Fd(), 2},
		Sys:   &syscall.SysProcAttr{Setpgid: ownGroup},
	})
}

// Close ends the child by closing its stdin, and waits for it.
func (c *ChildProcess) Close() error {
	c.In.Close()
	defer c.Out.Close()
	for {
		_, err := syscall.Wait4(c.PID, nil, 0, nil)
		if err == syscall.EINTR {
			continue
		}
		if err != nil {
			return fmt.Errorf("waiting for child %d: %w", c.PID, err)
		}
		return nil
	}
}

// runChild runs the child mode that the environment names. It reports whether
// there was one.
func runChild(spec *Spec) bool {
	mode := os.Getenv(wire.EnvChild)
	if mode == "" {
		return false
	}
	run := spec.Children[mode]
	if run == nil {
		fail(fmt.Errorf("starting child: no mode %q", mode))
	}
	run()
	return true
}
