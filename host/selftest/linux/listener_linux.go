package linux

import (
	"fmt"
	"runtime"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// trap is the call that these filters send to a listener. Nobody makes it by
// accident, and it does nothing without rights.
const trap = unix.SYS_ACCT

// Structs and ioctls of uapi/linux/seccomp.h.
type notification struct {
	id    uint64
	tid   uint32
	flags uint32
	nr    int32
	arch  uint32
	ip    uint64
	args  [6]uint64
}

type response struct {
	id    uint64
	val   int64
	errno int32
	flags uint32
}

type addFD struct {
	id         uint64
	flags      uint32
	srcFD      uint32
	newFD      uint32
	newFDFlags uint32
}

const (
	ioctlRecv     = 0xc0502100
	ioctlSend     = 0xc0182101
	ioctlIDValid  = 0x40082102
	ioctlAddFD    = 0x40182103
	ioctlSetFlags = 0x40082104
)

const (
	usual = plain | unix.SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
	plain = unix.SECCOMP_FILTER_FLAG_NEW_LISTENER
)

// ifEqual is a filter that answers then to calls whose word at offset of struct
// seccomp_data is value, and lets others through.
func ifEqual(offset, value, then uint32) []unix.SockFilter {
	return []unix.SockFilter{
		{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: offset},
		{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, Jf: 1, K: value},
		{Code: unix.BPF_RET | unix.BPF_K, K: then},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW},
	}
}

func trapping() []unix.SockFilter { return ifEqual(0, trap, unix.SECCOMP_RET_USER_NOTIF) }

// install puts a filter on the calling thread, which must be locked.
func install(filter []unix.SockFilter, flags uintptr) (int, unix.Errno) {
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return -1, err.(unix.Errno)
	}
	prog := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	fd, _, e := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, flags, uintptr(unsafe.Pointer(&prog)))
	return int(fd), e
}

// listener is the supervisor's end of a filter.
type listener int

func (l listener) ioctl(req uintptr, p unsafe.Pointer) unix.Errno {
	for {
		_, _, e := unix.Syscall(unix.SYS_IOCTL, uintptr(l), req, uintptr(p))
		if e != unix.EINTR {
			return e
		}
	}
}

// poll waits for events on the listener and gives those that came, 0 for none.
func (l listener) poll(d time.Duration) int16 {
	p := []unix.PollFd{{Fd: int32(l), Events: unix.POLLIN}}
	for end := time.Now().Add(d); ; {
		n, err := unix.Poll(p, int(max(0, time.Until(end).Milliseconds())))
		if err == unix.EINTR {
			continue
		}
		if n <= 0 {
			return 0
		}
		return p[0].Revents
	}
}

// next receives a notification that comes within d.
func (l listener) next(d time.Duration) (n notification, err error) {
	if l.poll(d)&unix.POLLIN == 0 {
		return n, fmt.Errorf("no notification within %s", d)
	}
	if e := l.ioctl(ioctlRecv, unsafe.Pointer(&n)); e != 0 {
		return n, e
	}
	return n, nil
}

func (l listener) valid(n notification) unix.Errno {
	return l.ioctl(ioctlIDValid, unsafe.Pointer(&n.id))
}

// answer answers a notification with a value, or an errno, or flags.
func (l listener) answer(n notification, val int64, errno unix.Errno, flags uint32) unix.Errno {
	r := response{id: n.id, val: val, errno: -int32(errno), flags: flags}
	return l.ioctl(ioctlSend, unsafe.Pointer(&r))
}

// give puts a descriptor into the caller and answers with its number.
func (l listener) give(n notification, fd int, flags uint32) unix.Errno {
	a := addFD{id: n.id, flags: unix.SECCOMP_ADDFD_FLAG_SEND, srcFD: uint32(fd), newFDFlags: flags}
	return l.ioctl(ioctlAddFD, unsafe.Pointer(&a))
}

// thread is a thread of this process with a filter on it.
type thread struct {
	listener
	tid   int
	errno unix.Errno // of installing the filter
	do    chan func()
}

// outcome is what a call returned.
type outcome struct {
	val   int
	errno unix.Errno
}

// filtered makes a thread and puts the trapping filter on it. The thread ends,
// and its filter with it, when end is called.
func filtered(flags uintptr) *thread {
	th := &thread{do: make(chan func())}
	ready := make(chan bool)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
		th.tid = unix.Gettid()
		fd, e := install(trapping(), flags)
		th.listener, th.errno = listener(fd), e
		ready <- true
		for f := range th.do {
			f()
		}
	}()
	<-ready
	return th
}

func (th *thread) end() { close(th.do) }

// run does f on the thread and gives what it returned, later.
func (th *thread) run(f func() outcome) <-chan outcome {
	came := make(chan outcome, 1)
	th.do <- func() { came <- f() }
	return came
}

// call makes the trapped call on the thread.
func (th *thread) call(args ...uintptr) <-chan outcome {
	args = append(args, 0, 0, 0)
	return th.run(func() outcome {
		r, _, e := unix.Syscall(trap, args[0], args[1], args[2])
		return outcome{int(int32(r)), e}
	})
}

// onThread does f on a thread of its own, which has ended or is ending when it
// returns. What f gives up is given up here.
func onThread(f func()) {
	done := make(chan any)
	go func() {
		runtime.LockOSThread() // never unlocked
		defer func() { done <- recover() }()
		f()
	}()
	if p := <-done; p != nil {
		panic(p)
	}
}
