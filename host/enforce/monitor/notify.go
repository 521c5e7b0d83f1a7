//go:build linux

package monitor

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// The structs of uapi/linux/seccomp.h; x/sys has the numbers only.

type seccompData struct {
	nr   int32
	arch uint32
	ip   uint64
	args [6]uint64
}

type notification struct {
	id    uint64
	tid   uint32 // in the host's pid namespace; 0 when it has none there
	flags uint32
	data  seccompData
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

// ioctl runs a short listener ioctl, which waits for a lock at most. ADDFD is
// not repeated after EINTR: it may have been done.
func ioctl(fd int, req uintptr, p unsafe.Pointer) unix.Errno {
	var e unix.Errno
	for range maxTries {
		if _, _, e = unix.RawSyscall(unix.SYS_IOCTL, uintptr(fd), req, uintptr(p)); e != unix.EINTR || req == ioctlAddFD {
			break
		}
	}
	return e
}

// recv takes the next notification; it blocks when the one that was announced
// has been withdrawn.
func recv(fd int, n *notification) unix.Errno {
	*n = notification{}
	_, _, e := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), ioctlRecv, uintptr(unsafe.Pointer(n)))
	return e
}

// idValid says whether the call still waits. It is asked after every read that
// goes by pid: as long as the caller waits, its pid is its own.
func idValid(fd int, id uint64) bool { return ioctl(fd, ioctlIDValid, unsafe.Pointer(&id)) == 0 }

func sendContinue(fd int, id uint64) unix.Errno {
	r := response{id: id, flags: unix.SECCOMP_USER_NOTIF_FLAG_CONTINUE}
	return ioctl(fd, ioctlSend, unsafe.Pointer(&r))
}

func sendErrno(fd int, id uint64, e unix.Errno) unix.Errno {
	r := response{id: id, errno: -int32(e)}
	return ioctl(fd, ioctlSend, unsafe.Pointer(&r))
}

func sendValue(fd int, id uint64, v int64) unix.Errno {
	r := response{id: id, val: v}
	return ioctl(fd, ioctlSend, unsafe.Pointer(&r))
}

// sendFD puts src into the plugin and answers the call with the new number, in
// one step. The kernel refuses descriptors opened with O_PATH.
func sendFD(fd int, id uint64, src int, cloexec bool) unix.Errno {
	a := addFD{id: id, flags: unix.SECCOMP_ADDFD_FLAG_SEND, srcFD: uint32(src)}
	if cloexec {
		a.newFDFlags = unix.O_CLOEXEC
	}
	return ioctl(fd, ioctlAddFD, unsafe.Pointer(&a))
}

// syncWakeup asks the kernel to run the receiver on the caller's CPU (6.6): 4
// instead of 45 microseconds a round trip.
func syncWakeup(fd int) {
	unix.RawSyscall(unix.SYS_IOCTL, uintptr(fd), ioctlSetFlags, unix.SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP)
}

// blockSignals masks every asynchronous signal on the calling thread and
// returns the old mask. Go's SIGURG can interrupt ADDFD after the reply is
// committed and before the descriptor is there: the plugin's open then returns
// 0 with nothing behind it.
func blockSignals() (old unix.Sigset_t) {
	var set unix.Sigset_t
	for i := range set.Val {
		set.Val[i] = ^uint64(0)
	}
	for _, s := range []unix.Signal{unix.SIGSEGV, unix.SIGBUS, unix.SIGFPE, unix.SIGILL, unix.SIGTRAP, unix.SIGABRT, unix.SIGSYS} {
		set.Val[(s-1)/64] &^= 1 << ((s - 1) % 64)
	}
	unix.PthreadSigmask(unix.SIG_SETMASK, &set, &old)
	return old
}

// readMemory fills buf from thread tid.
func readMemory(tid int, addr uint64, buf []byte) unix.Errno {
	n, e := readSome(tid, addr, buf)
	if e == 0 && n != len(buf) {
		return unix.EFAULT
	}
	return e
}

func readSome(tid int, addr uint64, buf []byte) (int, unix.Errno) {
	l := unix.Iovec{Base: &buf[0]}
	l.SetLen(len(buf))
	r := unix.RemoteIovec{Base: uintptr(addr), Len: len(buf)}
	n, _, e := unix.RawSyscall6(unix.SYS_PROCESS_VM_READV, uintptr(tid), uintptr(unsafe.Pointer(&l)), 1, uintptr(unsafe.Pointer(&r)), 1, 0)
	return int(n), e
}

// writeMemory puts buf into thread tid.
func writeMemory(tid int, addr uint64, buf []byte) unix.Errno {
	if len(buf) == 0 {
		return 0
	}
	l := unix.Iovec{Base: &buf[0]}
	l.SetLen(len(buf))
	r := unix.RemoteIovec{Base: uintptr(addr), Len: len(buf)}
	n, _, e := unix.RawSyscall6(unix.SYS_PROCESS_VM_WRITEV, uintptr(tid), uintptr(unsafe.Pointer(&l)), 1, uintptr(unsafe.Pointer(&r)), 1, 0)
	if e == 0 && int(n) != len(buf) {
		return unix.EFAULT
	}
	return e
}

// readString reads a NUL-terminated string of thread tid, at most len(buf) long.
// It stops at page ends: a name may end just before an unmapped page.
func readString(tid int, addr uint64, buf []byte) (string, unix.Errno) {
	got := 0
	for got < len(buf) {
		a := addr + uint64(got)
		n := min(4096-int(a&4095), len(buf)-got)
		if got == 0 {
			n = min(n, 256)
		}
		c, e := readSome(tid, a, buf[got:got+n])
		if e != 0 {
			return "", e
		}
		if c == 0 {
			return "", unix.EFAULT
		}
		for i := got; i < got+c; i++ {
			if buf[i] == 0 {
				return string(buf[:i]), 0
			}
		}
		got += c
	}
	return "", unix.ENAMETOOLONG
}
