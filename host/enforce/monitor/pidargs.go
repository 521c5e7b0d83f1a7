//go:build linux

package monitor

import (
	"encoding/binary"
	"strconv"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Calls that take a pid tell about the process, or change how it is run. About
// oneself they are nobody's business: the filter lets the plugin's own pid and 0
// pass, and the rest of the tree is answered here.

// pidRead and pidWrite judge the process in argument i.
func pidRead(i int) func(*call) reply {
	return func(c *call) reply { return c.about(c.int(i), opPidInfo) }
}

func pidWrite(i int) func(*call) reply {
	return func(c *call) reply { return c.about(c.int(i), opSetControl) }
}

// askAbout looks at a process and asks the policy about it, unless it is the
// caller.
func (c *call) askAbout(pid int, op string) (p peer, r reply, ok bool) {
	p = c.m.peerOf(c.pid, pid)
	if p.self {
		r, ok = c.ask()
		return p, r, ok
	}
	c.carrier = c.name + " " + strconv.Itoa(pid)
	r, ok = c.ask(p.subject(op))
	return p, r, ok
}

// about judges a call with a pid as a scalar argument; the kernel does it.
func (c *call) about(pid int, op string) reply {
	if pid < 0 {
		return proceed() // the kernel says EINVAL or ESRCH
	}
	if pid == 0 {
		pid = c.pid
	}
	p, r, ok := c.askAbout(pid, op)
	switch {
	case !ok:
		return r
	case !p.exists:
		return fail(unix.ESRCH)
	}
	return proceed()
}

// prlimitCall writes when a new limit is given.
func prlimitCall(c *call) reply {
	op := opPidInfo
	if c.arg(2) != 0 {
		op = opSetControl
	}
	return c.about(c.int(0), op)
}

// whoCall is the priority family: which (argument 0) says what who means, a
// process, a group or a user, in this order. Who 0 is the caller's own; but its
// user has other processes too, the host among them.
func whoCall(op string, process uint64) func(*call) reply {
	return func(c *call) reply {
		which := uint64(uint32(c.arg(0)))
		switch {
		case c.int(1) == 0 && (which == process || which == process+1):
			return proceed()
		case which == process:
			return c.about(c.int(1), op)
		}
		return contain(unix.EPERM, "the priorities of a group or a user")
	}
}

// clockCall is a clock id that holds a pid: another process's CPU time.
func clockCall(c *call) reply { return c.about(int(^int32(c.arg(0))>>3), opPidInfo) }

// pidfdOpenCall opens the pidfd here and hands it over.
func pidfdOpenCall(c *call) reply {
	pid := c.int(0)
	if pid <= 0 {
		return fail(unix.EINVAL)
	}
	p, r, ok := c.askAbout(pid, opPidInfo)
	switch {
	case !ok:
		return r
	case p.self:
		return proceed()
	}
	fd, err := unix.PidfdOpen(pid, c.int(1))
	if err != nil {
		return fail(errnoOf(err))
	}
	if p.replaced(c.m) {
		unix.Close(fd)
		return fail(unix.ESRCH)
	}
	return inject(fd, true)
}

const ioprioWhoProcess = 1

// capgetCall has its pid in memory: the host asks and writes the answer.
func capgetCall(c *call) reply {
	var h [8]byte
	if e := readMemory(c.tid, c.arg(0), h[:]); e != 0 {
		return fail(unix.EFAULT)
	}
	pid := int(int32(binary.NativeEndian.Uint32(h[4:])))
	if pid == 0 {
		pid = c.tid
	}
	if _, r, ok := c.askAbout(pid, opPidInfo); !ok {
		return r
	}
	hdr := unix.CapUserHeader{Version: binary.NativeEndian.Uint32(h[:]), Pid: int32(pid)}
	words := 2
	if hdr.Version == unix.LINUX_CAPABILITY_VERSION_1 {
		words = 1
	}
	var data [2]unix.CapUserData
	_, _, e := unix.RawSyscall(unix.SYS_CAPGET, uintptr(unsafe.Pointer(&hdr)), uintptr(unsafe.Pointer(&data)), 0)
	if e == unix.EINVAL { // the version the kernel prefers is the answer
		binary.NativeEndian.PutUint32(h[:], hdr.Version)
		if writeMemory(c.tid, c.arg(0), h[:4]) == 0 && c.arg(1) == 0 {
			return result(0, nil)
		}
	}
	if e != 0 {
		return fail(e)
	}
	if c.arg(1) == 0 {
		return result(0, nil)
	}
	size := uintptr(words) * unsafe.Sizeof(data[0])
	return c.give(c.arg(1), unsafe.Slice((*byte)(unsafe.Pointer(&data)), size), 0)
}
