package trampoline

import (
	"encoding/binary"
	"os"
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// ExitFailed is the exit status after a Failure was sent (or could not be).
const ExitFailed = 125

// Main runs the trampoline and does not return.
func Main() {
	runtime.LockOSThread() // filter, Landlock and no_new_privs go on the thread that execs
	arg := ""
	if len(os.Args) == 2 {
		arg = os.Args[1]
	}
	program(arg)
}

// The program's memory: what it was sent, and pointers to the words in that.
var (
	received [MaxPacket]byte
	words    [maxWords]*byte
)

func program(arg string) {
	switch arg { // it stands in a plugin's place
	case IdleArg:
		exit(0)
	case HoldArg:
		read(FDLife, received[:1])
		exit(0)
	}
	step, errno := run()
	said := received[:9]
	said[0] = MsgError
	binary.NativeEndian.PutUint64(said[1:], uint64(errno))
	said = received[:9+copy(received[9:], step)]
	write(FDControl, said)
	exit(ExitFailed)
}

func run() (step string, errno syscall.Errno) {
	n, errno := read(FDControl, received[:])
	if errno != 0 {
		return "setup", errno
	}
	p := packet{rest: received[:n]}
	landlock := p.number() == 1
	for range p.number() {
		resource, value := p.number(), p.number()
		if p.bad {
			return "setup", syscall.EINVAL
		}
		if errno := setLimit(resource, value); errno != 0 {
			return "limits", errno
		}
	}
	listener := p.number() == 1
	filter := p.bytes(p.number())
	path := words[:]
	argv := p.words(path)
	env := p.words(argv)
	p.words(env)
	if p.bad {
		return "setup", syscall.EINVAL
	}
	if path[0] == nil {
		if errno := call(unix.SYS_PRCTL, unix.PR_SET_NO_NEW_PRIVS, 1, 0); errno != 0 {
			return "landlock", errno
		}
	}
	if landlock {
		if errno := call(unix.SYS_LANDLOCK_RESTRICT_SELF, FDLandlock, 0, 0); errno != 0 {
			return "landlock", errno
		}
	}
	closeOnExec()
	if step, errno := install(filter, listener); errno != 0 {
		return step, errno
	}
	if path[0] != nil {
		return "exec", call(unix.SYS_EXECVE, uintptr(unsafe.Pointer(path[0])), uintptr(unsafe.Pointer(&argv[0])), uintptr(unsafe.Pointer(&env[0])))
	}
	return "exec", execBinary(argv, env)
}

// setLimit lowers a limit; one that already stands lower is left alone.
func setLimit(resource, value uint64) syscall.Errno {
	var l unix.Rlimit
	if _, _, e := unix.RawSyscall6(unix.SYS_PRLIMIT64, 0, uintptr(resource), 0, uintptr(unsafe.Pointer(&l)), 0, 0); e != 0 {
		return e
	}
	l.Cur = min(value, l.Max)
	l.Max = l.Cur
	_, _, e := unix.RawSyscall6(unix.SYS_PRLIMIT64, 0, uintptr(resource), uintptr(unsafe.Pointer(&l)), 0, 0, 0)
	return e
}

// closeOnExec keeps what is the trampoline's own out of the plugin. The binary
// is executed by descriptor, which works on a close-on-exec one for anything
// that is not a script.
func closeOnExec() {
	call(unix.SYS_FCNTL, FDControl, unix.F_SETFD, unix.FD_CLOEXEC)
	call(unix.SYS_FCNTL, FDBinary, unix.F_SETFD, unix.FD_CLOEXEC)
	call(unix.SYS_FCNTL, FDLandlock, unix.F_SETFD, unix.FD_CLOEXEC)
}

// install installs the filter, if any, hands its listener over, if it has one,
// and waits for the host's acknowledgement: it serves the listener by then.
func install(filter []byte, listener bool) (step string, errno syscall.Errno) {
	var fd uintptr
	if len(filter) > 0 {
		if fd, errno = put(filter, listener); errno != 0 {
			return "seccomp", errno
		}
	}
	if len(filter) == 0 || !listener {
		said := [1]byte{MsgSilent}
		if errno := write(FDControl, said[:]); errno != 0 {
			return "handover", errno
		}
		return "handover", acknowledged()
	}
	if errno := handOver(int32(fd)); errno != 0 {
		return "handover", errno
	}
	call(unix.SYS_CLOSE, fd, 0, 0) // nothing may answer its own notifications
	return "handover", acknowledged()
}

// put puts a filter on this thread. With a listener it returns that descriptor.
func put(filter []byte, listener bool) (fd uintptr, errno syscall.Errno) {
	n := len(filter) / int(unsafe.Sizeof(unix.SockFilter{}))
	prog := unix.SockFprog{Len: uint16(n), Filter: (*unix.SockFilter)(unsafe.Pointer(&filter[0]))}
	var flags uintptr
	if listener {
		// WAIT_KILLABLE_RECV (5.19): without it a signal restarts a call that was already judged.
		flags = unix.SECCOMP_FILTER_FLAG_NEW_LISTENER | unix.SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
	}
	fd, _, errno = unix.RawSyscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, flags, uintptr(unsafe.Pointer(&prog)))
	return fd, errno
}

// handOver sends a listener to the host.
func handOver(fd int32) syscall.Errno {
	said := [1]byte{MsgListener}
	rights := struct {
		unix.Cmsghdr
		fd int32
		_  int32
	}{fd: fd}
	rights.Level, rights.Type = unix.SOL_SOCKET, unix.SCM_RIGHTS
	rights.SetLen(unix.SizeofCmsghdr + 4)
	iov := unix.Iovec{Base: &said[0]}
	iov.SetLen(1)
	msg := unix.Msghdr{Iov: &iov, Control: (*byte)(unsafe.Pointer(&rights))}
	msg.SetIovlen(1)
	msg.SetControllen(int(unsafe.Sizeof(rights)))
	return call(unix.SYS_SENDMSG, FDControl, uintptr(unsafe.Pointer(&msg)), 0)
}

func acknowledged() syscall.Errno {
	var b [1]byte
	n, errno := read(FDControl, b[:])
	if errno == 0 && (n != 1 || b[0] != MsgAck) {
		return syscall.ECANCELED
	}
	return errno
}

// execBinary runs exactly the bytes that the host hashed.
func execBinary(argv, env []*byte) syscall.Errno {
	var empty [1]byte
	_, _, e := unix.RawSyscall6(unix.SYS_EXECVEAT, FDBinary, uintptr(unsafe.Pointer(&empty)),
		uintptr(unsafe.Pointer(&argv[0])), uintptr(unsafe.Pointer(&env[0])), unix.AT_EMPTY_PATH, 0)
	return e
}

func call(number, a, b, c uintptr) syscall.Errno {
	_, _, e := unix.RawSyscall(number, a, b, c)
	return e
}

func read(fd uintptr, b []byte) (n int, errno syscall.Errno) {
	r, _, e := unix.RawSyscall(unix.SYS_READ, fd, uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)))
	return int(r), e
}

func write(fd uintptr, b []byte) syscall.Errno {
	return call(unix.SYS_WRITE, fd, uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)))
}

func exit(code uintptr) {
	for {
		call(unix.SYS_EXIT_GROUP, code, 0, 0)
	}
}
