//go:build linux

package monitor

import (
	"encoding/binary"
	"os"
	"strconv"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/host/lane"
)

// siginfoSize is the size of siginfo_t.
const siginfoSize = 128

func killCall(c *call) {
	if pid := c.int(0); pid > 0 {
		c.sendSignal(pid, 0, c.int(1), 0)
	} else {
		c.signalGroup(pid, c.int(1))
	}
}

func tkillCall(c *call) { c.sendSignal(c.int(0), c.int(0), c.int(1), 0) }

func tgkillCall(c *call) {
	tgid, tid := c.int(0), c.int(1)
	if tgid <= 0 || tid <= 0 {
		c.valid()
		if !c.replied {
			c.fail(unix.EINVAL)
		}
		return
	}
	if c.m.processOf(tid) != tgid {
		c.noProcess(tgid, c.int(2))
		return
	}
	c.sendSignal(tid, tid, c.int(2), 0)
}

func sigqueueCall(c *call) { c.sendSignal(c.int(0), 0, c.int(1), c.arg(2)) }

func tgsigqueueCall(c *call) {
	if c.int(0) <= 0 || c.int(1) <= 0 {
		c.fail(unix.EINVAL)
		return
	}
	if c.m.processOf(c.int(1)) != c.int(0) {
		c.noProcess(c.int(0), c.int(2))
		return
	}
	c.sendSignal(c.int(1), c.int(1), c.int(2), c.arg(3))
}

// signalSubject is sending sig to a process; sig < 0 when it is not known.
func signalSubject(p *peer, sig int) subject {
	s := p.subject(opSignal)
	if sig >= 0 {
		s.facts = append(s.facts, signalFacts(sig)...)
	}
	return s
}

// noProcess judges a signal to nobody: as one to another process, which then
// turns out not to exist.
func (c *call) noProcess(pid, sig int) {
	p := peer{procStat: procStat{pid: pid}, relations: []string{"others"}}
	if !c.valid() {
		return
	}
	if !c.judge(signalSubject(&p, sig)) {
		c.deny()
		return
	}
	c.fail(unix.ESRCH)
}

// sendSignal judges a signal to one process, or to its thread tid, and sees it
// sent. info is the address of a siginfo, 0 for none.
func (c *call) sendSignal(pid, tid, sig int, info uint64) {
	if pid <= 0 {
		c.noProcess(pid, sig)
		return
	}
	p := c.m.peerOf(c.pid, pid)
	if !p.exists {
		c.noProcess(pid, sig)
		return
	}
	if !c.valid() {
		return
	}
	c.carrier = c.name + " " + strconv.Itoa(pid) + " " + strconv.Itoa(sig)
	if !c.judge(signalSubject(&p, sig)) {
		c.deny()
		return
	}
	if p.inside {
		c.proceed() // Landlock lets nothing else through, should the pid be used again
		return
	}
	if c.keepsOff(&p, sig) {
		return
	}
	var raw []byte
	if info != 0 {
		raw = make([]byte, siginfoSize)
		if e := readMemory(c.tid, info, raw); e != 0 {
			c.fail(unix.EFAULT)
			return
		}
		binary.NativeEndian.PutUint32(raw, uint32(sig))
	}
	c.hostSends(&p, tid, sig, raw)
}

// keepsOff refuses a signal to the host itself, even one that the policy allows:
// it would end the evidence.
func (c *call) keepsOff(p *peer, sig int) bool {
	if p.pid != os.Getpid() || sig == 0 {
		return false
	}
	c.contain(unix.EPERM, "a signal to the host that watches")
	return true
}

// hostSends sends a signal that leaves the sealed tree: Landlock would refuse
// it to the plugin. A pidfd pins the process, its start time says that it is
// the one that was judged.
func (c *call) hostSends(p *peer, tid, sig int, info []byte) {
	target, flags := p.pid, 0
	if tid > 0 {
		target, flags = tid, unix.PIDFD_THREAD
	}
	fd, err := unix.PidfdOpen(target, flags)
	if err != nil {
		c.fail(errnoOf(err))
		return
	}
	defer unix.Close(fd)
	if !p.same(c.m) || !c.valid() {
		if !c.replied {
			c.fail(unix.ESRCH)
		}
		return
	}
	c.result(0, pidfdSend(fd, sig, info))
}

func pidfdSend(fd, sig int, info []byte) error {
	var p unsafe.Pointer
	if info != nil {
		p = unsafe.Pointer(&info[0])
	}
	_, _, e := unix.Syscall6(unix.SYS_PIDFD_SEND_SIGNAL, uintptr(fd), uintptr(sig), uintptr(p), 0, 0, 0)
	if e != 0 {
		return e
	}
	return nil
}

// signalGroup is kill with 0, -1 or -pgid: allowed when every member is. One
// row stands for all: it names the first member refused.
func (c *call) signalGroup(which, sig int) {
	members, e := c.members(which)
	if e != 0 || !c.valid() {
		if !c.replied {
			c.fail(e)
		}
		return
	}
	c.carrier = c.name + " " + strconv.Itoa(which) + " " + strconv.Itoa(sig)
	if len(members) == 0 {
		c.noProcess(which, sig)
		return
	}
	inside, host := true, false
	for i := range members {
		p := &members[i]
		inside = inside && p.inside
		host = host || p.pid == os.Getpid()
		s := signalSubject(p, sig)
		s.filter = lane.Filter{Name: "target", Value: groupName(which, c.m, c.pid)}
		c.rows = nil
		if !c.judge(s) {
			c.deny()
			return
		}
	}
	switch {
	case inside:
		c.proceed()
	case host && sig != 0:
		c.contain(unix.EPERM, "a signal to the host that watches")
	default:
		c.sendToAll(members, sig)
	}
}

// sendToAll succeeds when one member got the signal, as kill does.
func (c *call) sendToAll(members []peer, sig int) {
	err := error(unix.ESRCH)
	for i := range members {
		p := &members[i]
		fd, e := unix.PidfdOpen(p.pid, 0)
		if e != nil {
			continue
		}
		if p.same(c.m) {
			if e = pidfdSend(fd, sig, nil); e == nil || err != nil {
				err = e
			}
		}
		unix.Close(fd)
	}
	c.result(0, err)
}

// members are the processes that a group number means, the caller's own first.
func (c *call) members(which int) ([]peer, unix.Errno) {
	pgrp := -which
	if which == 0 {
		me, ok := c.m.readStat(c.pid)
		if !ok {
			return nil, unix.ESRCH
		}
		pgrp = me.pgrp
	}
	all, err := c.m.pids()
	if err != nil {
		return nil, unix.EPERM
	}
	var l []peer
	for _, pid := range all {
		if which == -1 {
			if pid == 1 || pid == c.pid { // the kernel leaves these out
				continue
			}
		} else if s, ok := c.m.readStat(pid); !ok || s.pgrp != pgrp {
			continue
		}
		if p := c.m.peerOf(c.pid, pid); p.exists {
			l = append(l, p)
		}
	}
	return l, 0
}

func groupName(which int, m *Monitor, caller int) string {
	switch which {
	case -1:
		return "all"
	case 0:
		s, _ := m.readStat(caller)
		return "pgrp:" + strconv.Itoa(s.pgrp)
	}
	return "pgrp:" + strconv.Itoa(-which)
}

// pidfd_send_signal's flags and the descriptors that mean oneself (6.9, 6.15).
const (
	pidfdSignalThread      = 1
	pidfdSignalThreadGroup = 2
	pidfdSelfThread        = -10000
	pidfdSelfThreadGroup   = -10001
)

// pidfdSignalCall judges the process behind the caller's descriptor and signals
// that process from here: the descriptor number may change its meaning.
func pidfdSignalCall(c *call) {
	fd, sig, info, flags := c.int(0), c.int(1), c.arg(2), c.int(3)
	if fd == pidfdSelfThread || fd == pidfdSelfThreadGroup {
		c.sendSignal(c.pid, 0, sig, info)
		return
	}
	pid, e := c.pidfdTarget(fd)
	if !c.valid() {
		return
	}
	if e != 0 {
		c.fail(e)
		return
	}
	if flags&^(pidfdSignalThread|pidfdSignalThreadGroup) != 0 {
		c.contain(unix.EPERM, "pidfd_send_signal to a group")
		return
	}
	if pid <= 0 {
		c.noProcess(pid, sig)
		return
	}
	p := c.m.peerOf(c.pid, pid)
	if again, e := c.pidfdTarget(fd); !p.exists || e != 0 || again != pid {
		c.noProcess(pid, sig)
		return
	}
	if !c.valid() {
		return
	}
	c.carrier = c.name + " " + strconv.Itoa(pid) + " " + strconv.Itoa(sig)
	if !c.judge(signalSubject(&p, sig)) {
		c.deny()
		return
	}
	if c.keepsOff(&p, sig) {
		return
	}
	var raw []byte
	if info != 0 {
		raw = make([]byte, siginfoSize)
		if e := readMemory(c.tid, info, raw); e != 0 {
			c.fail(unix.EFAULT)
			return
		}
		if binary.NativeEndian.Uint32(raw) != uint32(sig) {
			c.fail(unix.EINVAL)
			return
		}
		if code := int32(binary.NativeEndian.Uint32(raw[8:])); code >= 0 && p.pid == c.pid {
			raw = nil // only oneself may claim a kernel's code; the host is not oneself
		}
	}
	tid := 0
	if flags&pidfdSignalThread != 0 {
		tid = pid
	}
	c.hostSends(&p, tid, sig, raw)
}

// pidfdTarget is the process behind a pidfd of the caller; -1 when it has ended.
func (c *call) pidfdTarget(fd int) (int, unix.Errno) {
	if fd < 0 {
		return 0, unix.EBADF
	}
	var buf [1024]byte
	b := c.m.readProc(strconv.Itoa(c.tid)+"/fdinfo/"+strconv.Itoa(fd), buf[:])
	if b == nil {
		return 0, unix.EBADF
	}
	f := field(b, "\nPid:")
	if f == nil {
		return 0, unix.EBADF
	}
	return atoi(f), 0
}

// Signals that the kernel sends later, to whom a descriptor's owner is.

// setownCall judges fcntl(F_SETOWN) as sending SIGIO or whatever F_SETSIG said:
// the number is not known. F_SETOWN_EX has its target in memory, which the
// kernel reads again: only refused or answered here.
func setownCall(c *call) {
	switch c.int(1) {
	case unix.F_SETOWN:
		c.setOwner(c.int(2), true)
	case unix.F_SETOWN_EX:
		var b [8]byte
		if e := readMemory(c.tid, c.arg(2), b[:]); e != 0 {
			c.fail(unix.EFAULT)
			return
		}
		kind, pid := binary.NativeEndian.Uint32(b[:]), int(int32(binary.NativeEndian.Uint32(b[4:])))
		if kind == ownerPgrp {
			pid = -pid
		}
		c.setOwner(pid, false)
	default:
		c.contain(unix.EPERM, "an unexpected fcntl")
	}
}

// fiosetownCall is FIOSETOWN and SIOCSPGRP, whose target is in memory too.
func fiosetownCall(c *call) {
	if req := c.int(1); req == ioctlTIOCSTI || req == ioctlTIOCLINUX {
		c.contain(unix.EPERM, "typing into a terminal")
		return
	}
	var b [4]byte
	if e := readMemory(c.tid, c.arg(2), b[:]); e != 0 {
		c.fail(unix.EFAULT)
		return
	}
	c.setOwner(int(int32(binary.NativeEndian.Uint32(b[:]))), false)
}

const (
	ioctlFIOSETOWN = 0x8901
	ioctlSIOCSPGRP = 0x8902
	ioctlTIOCSTI   = 0x5412
	ioctlTIOCLINUX = 0x541c
	ownerPgrp      = 2 // F_OWNER_PGRP
)

func (c *call) setOwner(pid int, scalar bool) {
	const anySignal = -1
	if !c.valid() {
		return
	}
	if pid == 0 && scalar { // no owner any more
		c.proceed()
		return
	}
	var members []peer
	if pid > 0 {
		members = []peer{c.m.peerOf(c.pid, pid)}
	} else if pid < 0 {
		var e unix.Errno
		if members, e = c.members(pid); e != 0 {
			c.fail(e)
			return
		}
	}
	if len(members) == 0 {
		members = []peer{{procStat: procStat{pid: pid}, relations: []string{"others"}}}
	}
	for i := range members {
		c.rows = nil
		if !c.judge(signalSubject(&members[i], anySignal)) {
			c.deny()
			return
		}
	}
	if !scalar {
		c.contain(unix.EPERM, "an owner named in memory, which can change: use fcntl(F_SETOWN)")
		return
	}
	c.proceed()
}
