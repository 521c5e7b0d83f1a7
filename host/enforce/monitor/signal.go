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
		for _, f := range signalFacts(sig) {
			s.facts, s.more = append(s.facts, f), append(s.more, lane.Filter(f))
		}
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
