package signal

import (
	"io"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/plugins/internal/processes"
	"github.com/hrhost/hrhost/sdk"
)

const heldAPI = "pidfd_send_signal"

// handle is a pidfd of the process, which is started before sealing if it must
// be. Acquiring anew is another pidfd_open of the same process: an operation of
// its own, so that a refusal there is a dependency's.
func handle() *sdk.Handle {
	return &sdk.Handle{Kind: "pidfd", Acquire: hold, Use: sendHeld, Again: sendAgain}
}

// pidfd is a process that is held.
type pidfd struct {
	target *processes.Target
	fd     int
}

func (p *pidfd) Close() error {
	unix.Close(p.fd)
	return p.target.Close()
}

func hold(name string) (io.Closer, error) {
	target, err := processes.Acquire(name)
	if err != nil {
		return nil, err
	}
	fd, err := unix.PidfdOpen(target.PID, 0)
	if err != nil {
		target.Close()
		return nil, err
	}
	return &pidfd{target, fd}, nil
}

func sendHeld(rec *sdk.Recorder, held io.Closer) error {
	p := held.(*pidfd)
	sendTo(rec, p.target, way{heldAPI, "pidfd_send_signal held ", func(sig syscall.Signal) error {
		return unix.PidfdSendSignal(p.fd, sig, nil, 0)
	}})
	return nil
}

func sendAgain(rec *sdk.Recorder, held io.Closer) error {
	p := held.(*pidfd)
	sendTo(rec, p.target, way{heldAPI, "pidfd_open, pidfd_send_signal ", func(sig syscall.Signal) error {
		fd, err := unix.PidfdOpen(p.target.PID, 0)
		if err != nil {
			return sdk.In("pidfd_open", err)
		}
		defer unix.Close(fd)
		return unix.PidfdSendSignal(fd, sig, nil, 0)
	}})
	return nil
}

// heldResults are the codes of a signal through a pidfd.
func heldResults() []sdk.Result {
	return []sdk.Result{
		{API: heldAPI, Errno: 0, Class: sdk.OK, Source: "pidfd_send_signal(2)"},
		{API: heldAPI, Errno: syscall.EPERM, Class: sdk.Denied,
			Source: "pidfd_send_signal(2): no permission; measured: the monitor answers a denied one with EPERM too"},
		{API: heldAPI, Errno: syscall.ESRCH, Class: sdk.Missing, Source: "pidfd_send_signal(2): the process has ended"},
	}
}

// dependencies: a pidfd is opened by leave of process-info.
func dependencies() []string { return []string{"process-info-pidinfo"} }
