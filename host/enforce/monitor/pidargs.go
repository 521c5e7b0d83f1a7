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
func pidRead(i int) func(*call)  { return func(c *call) { c.about(c.int(i), opPidInfo) } }
func pidWrite(i int) func(*call) { return func(c *call) { c.about(c.int(i), opSetControl) } }

// about judges a call with a pid as a scalar argument; the kernel does it.
func (c *call) about(pid int, op string) {
	if pid < 0 {
		c.proceed() // the kernel says EINVAL or ESRCH
		return
	}
	if pid == 0 {
		pid = c.pid
	}
	p := c.m.peerOf(c.pid, pid)
	if !c.valid() {
		return
	}
	if p.self {
		c.proceed()
		return
	}
	c.carrier = c.name + " " + strconv.Itoa(pid)
	if !c.judge(p.subject(op)) {
		c.deny()
		return
	}
	if !p.exists {
		c.fail(unix.ESRCH)
		return
	}
	c.proceed()
}

// prlimitCall writes when a new limit is given.
func prlimitCall(c *call) {
	op := opPidInfo
	if c.arg(2) != 0 {
		op = opSetControl
	}
	c.about(c.int(0), op)
}

// whoCall is the priority family: which (argument 0) says what who means, a
// process, a group or a user, in this order. Who 0 is the caller's own; but its
// user has other processes too, the host among them.
func whoCall(op string, process uint64) func(*call) {
	return func(c *call) {
		which := uint64(uint32(c.arg(0)))
		switch {
		case c.int(1) == 0 && (which == process || which == process+1):
			c.proceed()
		case which == process:
			c.about(c.int(1), op)
		default:
			c.contain(unix.EPERM, "the priorities of a group or a user")
		}
	}
}

// clockCall is a clock id that holds a pid: another process's CPU time.
func clockCall(c *call) { c.about(int(^int32(c.arg(0))>>3), opPidInfo) }

// pidfdOpenCall opens the pidfd here and hands it over.
func pidfdOpenCall(c *call) {
	pid := c.int(0)
	if pid <= 0 {
		c.fail(unix.EINVAL)
		return
	}
	p := c.m.peerOf(c.pid, pid)
	if !c.valid() {
		return
	}
	if p.self {
		c.proceed()
		return
	}
	c.carrier = c.name + " " + strconv.Itoa(pid)
	if !c.judge(p.subject(opPidInfo)) {
		c.deny()
		return
	}
	fd, err := unix.PidfdOpen(pid, c.int(1))
	if err != nil {
		c.fail(errnoOf(err))
		return
	}
	defer unix.Close(fd)
	if p.replaced(c.m) {
		c.fail(unix.ESRCH)
		return
	}
	c.inject(fd, true)
}

const ioprioWhoProcess = 1

// capgetCall has its pid in memory: the host asks and writes the answer.
func capgetCall(c *call) {
	var h [8]byte
	if e := readMemory(c.tid, c.arg(0), h[:]); e != 0 {
		c.fail(unix.EFAULT)
		return
	}
	pid := int(int32(binary.NativeEndian.Uint32(h[4:])))
	if pid == 0 {
		pid = c.tid
	}
	p := c.m.peerOf(c.pid, pid)
	if !c.valid() {
		return
	}
	if !p.self {
		c.carrier = c.name + " " + strconv.Itoa(pid)
		if !c.judge(p.subject(opPidInfo)) {
			c.deny()
			return
		}
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
			c.result(0, nil)
			return
		}
	}
	if e != 0 {
		c.fail(e)
		return
	}
	if c.arg(1) == 0 {
		c.result(0, nil)
		return
	}
	size := uintptr(words) * unsafe.Sizeof(data[0])
	c.give(c.arg(1), unsafe.Slice((*byte)(unsafe.Pointer(&data)), size), 0)
}
