package processes

import (
	"fmt"
	"os"
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/sdk"
)

// children has no mode that acknowledges: such a child is a fork.
func children() map[string]func() { return map[string]func(){modeParent: parent} }

// startAcknowledging starts a process that SIGUSR1 does not end. It is a fork
// that executes nothing: to start this program once more would take thirty
// milliseconds of CPU time and judged calls in plenty, for a loop of four system
// calls.
func startAcknowledging() (*sdk.ChildProcess, error) {
	childIn, in, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer childIn.Close()
	out, childOut, err := os.Pipe()
	if err != nil {
		in.Close()
		return nil, err
	}
	defer childOut.Close()
	pid, err := fork(childIn.Fd(), childOut.Fd())
	if err != nil {
		in.Close()
		out.Close()
		return nil, fmt.Errorf("forking: %w", err)
	}
	return &sdk.ChildProcess{PID: pid, In: in, Out: out}, nil
}

// fork forks with every signal blocked, which stays so in the child: a handler
// there would be the Go runtime's.
func fork(in, out uintptr) (pid int, err error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var old, all unix.Sigset_t
	for i := range all.Val {
		all.Val[i] = ^uint64(0)
	}
	if err := unix.PthreadSigmask(unix.SIG_SETMASK, &all, &old); err != nil {
		return 0, err
	}
	defer unix.PthreadSigmask(unix.SIG_SETMASK, &old, nil)
	pid, errno := forkAcknowledging(in, out)
	if errno != 0 {
		return 0, errno
	}
	return pid, nil
}

// forkAcknowledging returns in the parent only. The child has one thread and no
// scheduler: nothing there may allocate, wait for another goroutine or grow the
// stack, so that all of it is system calls and nosplit.
//
//go:nosplit
//go:norace
func forkAcknowledging(in, out uintptr) (int, syscall.Errno) {
	pid, _, errno := syscall.RawSyscall6(unix.SYS_CLONE, uintptr(unix.SIGCHLD), 0, 0, 0, 0, 0)
	if errno != 0 || pid != 0 {
		return int(pid), errno
	}
	syscall.RawSyscall(unix.SYS_DUP3, in, 0, 0)
	syscall.RawSyscall(unix.SYS_DUP3, out, 1, 0)
	syscall.RawSyscall(unix.SYS_CLOSE_RANGE, 3, ^uintptr(0)>>33, 0)
	acknowledge()
	for {
		syscall.RawSyscall(unix.SYS_EXIT_GROUP, 0, 0, 0)
	}
}

// acknowledge says that it is ready, tells of each SIGUSR1, answers a question on
// stdin by whether there is one to tell of, and ends when stdin does. The signal
// is pending from the moment that it was sent, so that one sent before the
// question is never missed, however busy the machine.
//
//go:nosplit
//go:norace
func acknowledge() {
	usr1 := uint64(1) << (unix.SIGUSR1 - 1)
	fd, _, errno := syscall.RawSyscall6(unix.SYS_SIGNALFD4, ^uintptr(0), uintptr(unsafe.Pointer(&usr1)), 8, unix.SFD_NONBLOCK, 0, 0)
	if errno != 0 {
		return
	}
	ready()
	for {
		asked, ended := await(fd)
		switch {
		case ended:
			return
		case pending(fd):
			say(signalled + "\n")
		case asked:
			say(quiet + "\n")
		}
	}
}

// ready says "ready PID".
//
//go:nosplit
//go:norace
func ready() {
	pid, _, _ := syscall.RawSyscall(unix.SYS_GETPID, 0, 0, 0)
	line := [...]byte{'r', 'e', 'a', 'd', 'y', ' ', ' ', ' ', ' ', ' ', ' ', ' ', ' ', '\n'} // a pid has seven digits at most
	for i := len(line) - 2; pid > 0 && i > 5; i-- {
		line[i] = byte('0' + pid%10)
		pid /= 10
	}
	syscall.RawSyscall(unix.SYS_WRITE, 1, uintptr(unsafe.Pointer(&line)), uintptr(len(line)))
}

//go:nosplit
//go:norace
func say(line string) {
	syscall.RawSyscall(unix.SYS_WRITE, 1, uintptr(unsafe.Pointer(unsafe.StringData(line))), uintptr(len(line)))
}

// await waits for the signal, for a question or for stdin's end.
//
//go:nosplit
//go:norace
func await(fd uintptr) (asked, ended bool) {
	events := [2]unix.PollFd{{Fd: 0, Events: unix.POLLIN}, {Fd: int32(fd), Events: unix.POLLIN}}
	if _, _, errno := syscall.RawSyscall6(unix.SYS_PPOLL, uintptr(unsafe.Pointer(&events)), 2, 0, 0, 0, 0); errno != 0 {
		return false, errno != unix.EINTR
	}
	if events[0].Revents == 0 {
		return false, false
	}
	var b [64]byte
	n, _, errno := syscall.RawSyscall(unix.SYS_READ, 0, uintptr(unsafe.Pointer(&b)), uintptr(len(b)))
	return errno == 0 && n > 0, errno == 0 && n == 0 || errno != 0 && errno != unix.EINTR
}

// pending takes the signal when there is one.
//
//go:nosplit
//go:norace
func pending(fd uintptr) bool {
	var info [128]byte // struct signalfd_siginfo
	_, _, errno := syscall.RawSyscall(unix.SYS_READ, fd, uintptr(unsafe.Pointer(&info)), uintptr(len(info)))
	return errno == 0
}
