package trampoline

import (
	"encoding/json"
	"errors"
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
	if len(os.Args) == 2 {
		standIn(os.Args[1])
	}
	runtime.LockOSThread() // filter, Landlock and no_new_privs go on the thread that execs
	step, err := run()
	var errno syscall.Errno
	if !errors.As(err, &errno) {
		errno = syscall.EINVAL
	}
	b, _ := json.Marshal(Failure{Step: step, Errno: errno})
	unix.Write(FDControl, append([]byte{MsgError}, b...))
	os.Exit(ExitFailed)
}

// standIn is the program executed in a plugin's place.
func standIn(arg string) {
	switch arg {
	case IdleArg:
		os.Exit(0)
	case HoldArg:
		unix.Read(FDLife, make([]byte, 1))
		os.Exit(0)
	}
}

func run() (step string, err error) {
	setup, err := receive()
	if err != nil {
		return "setup", err
	}
	for _, l := range setup.Limits {
		if err := setLimit(l); err != nil {
			return "limits", err
		}
	}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return "landlock", err
	}
	if setup.Landlock {
		if _, _, e := unix.RawSyscall(unix.SYS_LANDLOCK_RESTRICT_SELF, FDLandlock, 0, 0); e != 0 {
			return "landlock", e
		}
	}
	closeOnExec()
	if step, err := filter(setup.Program); err != nil {
		return step, err
	}
	return "exec", execBinary(setup)
}

func receive() (*Setup, error) {
	buf := make([]byte, 1<<18)
	n, err := unix.Read(FDControl, buf)
	if err != nil {
		return nil, err
	}
	s := new(Setup)
	return s, json.Unmarshal(buf[:n], s)
}

// setLimit lowers a limit; one that already stands lower is left alone.
func setLimit(l Limit) error {
	var cur unix.Rlimit
	if err := unix.Getrlimit(l.Resource, &cur); err != nil {
		return err
	}
	v := min(l.Value, cur.Max)
	return unix.Setrlimit(l.Resource, &unix.Rlimit{Cur: v, Max: v})
}

// closeOnExec keeps what is the trampoline's own out of the plugin. The binary
// is executed by descriptor, which works on a close-on-exec one for anything
// that is not a script.
func closeOnExec() {
	for _, fd := range []int{FDControl, FDBinary, FDLandlock} {
		unix.CloseOnExec(fd)
	}
}

// filter installs the program, if any, hands the listener over and waits until
// the host serves it.
func filter(program []byte) (step string, err error) {
	if len(program) == 0 {
		if _, err := unix.Write(FDControl, []byte{MsgNoFilter}); err != nil {
			return "handover", err
		}
		return "handover", acknowledged()
	}
	n := len(program) / int(unsafe.Sizeof(unix.SockFilter{}))
	prog := unix.SockFprog{Len: uint16(n), Filter: (*unix.SockFilter)(unsafe.Pointer(&program[0]))}
	// WAIT_KILLABLE_RECV (5.19): without it a signal restarts a call that was already judged.
	flags := uintptr(unix.SECCOMP_FILTER_FLAG_NEW_LISTENER | unix.SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV)
	fd, _, e := unix.RawSyscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, flags, uintptr(unsafe.Pointer(&prog)))
	runtime.KeepAlive(program)
	if e != 0 {
		return "seccomp", e
	}
	if err := unix.Sendmsg(FDControl, []byte{MsgListener}, unix.UnixRights(int(fd)), nil, 0); err != nil {
		return "handover", err
	}
	unix.Close(int(fd)) // nothing may answer its own notifications
	return "handover", acknowledged()
}

func acknowledged() error {
	var b [1]byte
	n, err := unix.Read(FDControl, b[:])
	if err == nil && (n != 1 || b[0] != MsgAck) {
		err = syscall.ECANCELED
	}
	return err
}

// execBinary runs exactly the bytes that the host hashed.
func execBinary(s *Setup) error {
	argv, err := syscall.SlicePtrFromStrings(s.Argv)
	if err != nil {
		return err
	}
	env, err := syscall.SlicePtrFromStrings(s.Env)
	if err != nil {
		return err
	}
	empty := []byte{0}
	_, _, e := unix.RawSyscall6(unix.SYS_EXECVEAT, FDBinary, uintptr(unsafe.Pointer(&empty[0])),
		uintptr(unsafe.Pointer(&argv[0])), uintptr(unsafe.Pointer(&env[0])), unix.AT_EMPTY_PATH, 0)
	return e
}
