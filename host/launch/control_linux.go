package launch

import (
	"errors"
	"fmt"
	"os"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/host/launch/trampoline"
)

// control is the host's side of the trampoline's socket.
type control struct{ host, child *os.File }

// answerTime is in seconds. A trampoline that says nothing for so long is not ours
// any more; a virtual machine may stand still for 10 s.
const answerTime = 30

func newControl() (*control, error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	tv := unix.Timeval{Sec: answerTime}
	unix.SetsockoptTimeval(fds[0], unix.SOL_SOCKET, unix.SO_RCVTIMEO, &tv)
	return &control{host: os.NewFile(uintptr(fds[0]), "trampoline"), child: os.NewFile(uintptr(fds[1]), "trampoline")}, nil
}

func (c *control) close() {
	c.host.Close()
	c.child.Close()
}

// drive takes the trampoline from setup to exec.
func (c *control) drive(spec *Spec, pid int, setup trampoline.Setup) error {
	fail := func(step string, err error) error { return &Error{Name: spec.Name, Step: step, Cause: err} }
	setup.Limits = limitCalls()
	if spec.Filter != nil {
		prog, err := spec.Filter.Program(pid, trampoline.FDControl)
		if err != nil {
			return fail("seccomp", err)
		}
		setup.Program, setup.Listener = prog, true
	}
	b, err := setup.Packet()
	if err != nil {
		return fail("setup", err)
	}
	fd := int(c.host.Fd())
	if _, err := unix.Write(fd, b); err != nil {
		return fail("setup", err)
	}
	msg, listener, err := receive(fd)
	if err != nil {
		return fail("setup", err)
	}
	if err := failure(spec.Name, msg); err != nil {
		return err
	}
	switch {
	case spec.Filter == nil && listener != nil:
		listener.Close()
		return fail("handover", errors.New("a listener that nobody asked for"))
	case spec.Filter != nil && listener == nil: // nobody would judge the plugin
		return fail("handover", fmt.Errorf("no listener came: the trampoline says %q", msg))
	case listener != nil:
		if err := spec.Filter.Listen(listener, pid); err != nil {
			return fail("handover", err)
		}
	}
	if _, err := unix.Write(fd, []byte{trampoline.MsgAck}); err != nil {
		return fail("handover", err)
	}
	msg, _, err = receive(fd) // end of file: executed
	if err != nil {
		return fail("exec", err)
	}
	return failure(spec.Name, msg)
}

// receive reads one packet and the descriptor that may come with it.
func receive(fd int) ([]byte, *os.File, error) {
	buf, oob := make([]byte, 4096), make([]byte, unix.CmsgSpace(4))
	for {
		n, on, _, _, err := unix.Recvmsg(fd, buf, oob, unix.MSG_CMSG_CLOEXEC)
		if err == unix.EINTR {
			continue
		}
		if err == unix.EAGAIN {
			return nil, nil, fmt.Errorf("the trampoline did not answer within %d s", answerTime)
		}
		if err != nil || on == 0 {
			return buf[:max(n, 0)], nil, err
		}
		msgs, err := unix.ParseSocketControlMessage(oob[:on])
		if err != nil || len(msgs) != 1 {
			return buf[:n], nil, err
		}
		fds, err := unix.ParseUnixRights(&msgs[0])
		if err != nil || len(fds) != 1 {
			return buf[:n], nil, err
		}
		return buf[:n], os.NewFile(uintptr(fds[0]), "seccomp listener"), nil
	}
}

func failure(name string, msg []byte) error {
	f, failed, err := trampoline.ParseFailure(msg)
	switch {
	case !failed:
		return nil
	case err != nil:
		return &Error{Name: name, Step: "setup", Cause: err}
	}
	return &Error{Name: name, Step: f.Step, Cause: f.Errno, Hint: failureHint(f)}
}

func failureHint(f trampoline.Failure) string {
	switch {
	case f.Step == "seccomp" && f.Errno == syscall.EBUSY:
		return "another seccomp listener already stands over this process (a container's supervisor, or hrhost inside hrhost); run outside of it"
	case f.Step == "seccomp" && (f.Errno == syscall.EPERM || f.Errno == syscall.ENOSYS):
		return "an outer seccomp filter refuses seccomp(2); run outside of the container or allow the call there"
	case f.Step == "seccomp" && f.Errno == syscall.EINVAL:
		return "the kernel lacks SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV; Linux 5.19 or newer is needed"
	case f.Step == "exec" && f.Errno == syscall.ENOEXEC:
		return "the file is not a program for this machine"
	case f.Step == "exec" && f.Errno == syscall.ENOENT:
		return "a script cannot be run from a sealed copy; name a compiled program"
	}
	return ""
}
