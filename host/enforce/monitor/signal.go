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

func killCall(c *call) reply {
	if pid := c.int(0); pid <= 0 {
		return c.signalGroup(pid, c.int(1))
	}
	return c.sendSignal(c.int(0), 0, c.int(1), 0)
}

func tkillCall(c *call) reply { return c.sendSignal(c.int(0), c.int(0), c.int(1), 0) }

func tgkillCall(c *call) reply {
	tgid, tid := c.int(0), c.int(1)
	if tgid <= 0 || tid <= 0 {
		return c.unlessGone(fail(unix.EINVAL))
	}
	if c.m.processOf(tid) != tgid {
		return c.noProcess(tgid, c.int(2))
	}
	return c.sendSignal(tid, tid, c.int(2), 0)
}

func sigqueueCall(c *call) reply { return c.sendSignal(c.int(0), 0, c.int(1), c.arg(2)) }

func tgsigqueueCall(c *call) reply {
	if c.int(0) <= 0 || c.int(1) <= 0 {
		return fail(unix.EINVAL)
	}
	if c.m.processOf(c.int(1)) != c.int(0) {
		return c.noProcess(c.int(0), c.int(2))
	}
	return c.sendSignal(c.int(1), c.int(1), c.int(2), c.arg(3))
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
func (c *call) noProcess(pid, sig int) reply {
	p := peer{procStat: procStat{pid: pid}, relations: []string{"others"}}
	if r, ok := c.ask(signalSubject(&p, sig)); !ok {
		return r
	}
	return fail(unix.ESRCH)
}

// sendSignal judges a signal to one process, or to its thread tid, and sees it
// sent. info is the address of a siginfo, 0 for none.
func (c *call) sendSignal(pid, tid, sig int, info uint64) reply {
	if pid <= 0 {
		return c.noProcess(pid, sig)
	}
	p := c.m.peerOf(c.pid, pid)
	if !p.exists {
		return c.noProcess(pid, sig)
	}
	if r, ok := c.askSignal(&p, pid, sig); !ok {
		return r
	}
	if p.inside {
		return proceed() // Landlock lets nothing else through, should the pid be used again
	}
	if isHost(&p, sig) {
		return contain(unix.EPERM, whyHost)
	}
	var raw []byte
	if info != 0 {
		raw = make([]byte, siginfoSize)
		if e := readMemory(c.tid, info, raw); e != 0 {
			return fail(unix.EFAULT)
		}
		binary.NativeEndian.PutUint32(raw, uint32(sig))
	}
	return c.hostSends(&p, tid, sig, raw)
}

// askSignal asks the policy about a signal to one process, which the caller named
// by pid.
func (c *call) askSignal(p *peer, pid, sig int) (r reply, ok bool) {
	c.carrier = c.name + " " + strconv.Itoa(pid) + " " + strconv.Itoa(sig)
	return c.ask(signalSubject(p, sig))
}

// isHost reports whether a signal would reach the host itself. It is refused even
// where the policy allows it: it would end the evidence.
func isHost(p *peer, sig int) bool { return p.pid == os.Getpid() && sig != 0 }

// hostSends sends a signal that leaves the sealed tree: Landlock would refuse
// it to the plugin. A pidfd pins the process, its start time says that it is
// the one that was judged.
func (c *call) hostSends(p *peer, tid, sig int, info []byte) reply {
	target, flags := p.pid, 0
	if tid > 0 {
		target, flags = tid, unix.PIDFD_THREAD
	}
	fd, err := unix.PidfdOpen(target, flags)
	if err != nil {
		return fail(errnoOf(err))
	}
	defer unix.Close(fd)
	switch {
	case !p.same(c.m):
		return fail(unix.ESRCH)
	case !c.waits():
		return gone()
	}
	return result(0, pidfdSend(fd, sig, info))
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
func pidfdSignalCall(c *call) reply {
	fd, sig, info, flags := c.int(0), c.int(1), c.arg(2), c.int(3)
	if fd == pidfdSelfThread || fd == pidfdSelfThreadGroup {
		return c.sendSignal(c.pid, 0, sig, info)
	}
	pid, e := c.pidfdTarget(fd)
	switch {
	case !c.waits():
		return gone()
	case e != 0:
		return fail(e)
	case flags&^(pidfdSignalThread|pidfdSignalThreadGroup) != 0:
		return contain(unix.EPERM, "pidfd_send_signal to a group")
	case pid <= 0:
		return c.noProcess(pid, sig)
	}
	p := c.m.peerOf(c.pid, pid)
	if again, e := c.pidfdTarget(fd); !p.exists || e != 0 || again != pid {
		return c.noProcess(pid, sig)
	}
	if r, ok := c.askSignal(&p, pid, sig); !ok {
		return r
	}
	if isHost(&p, sig) {
		return contain(unix.EPERM, whyHost)
	}
	var raw []byte
	if info != 0 {
		raw = make([]byte, siginfoSize)
		if e := readMemory(c.tid, info, raw); e != 0 {
			return fail(unix.EFAULT)
		}
		if binary.NativeEndian.Uint32(raw) != uint32(sig) {
			return fail(unix.EINVAL)
		}
		if code := int32(binary.NativeEndian.Uint32(raw[8:])); code >= 0 && p.pid == c.pid {
			raw = nil // only oneself may claim a kernel's code; the host is not oneself
		}
	}
	tid := 0
	if flags&pidfdSignalThread != 0 {
		tid = pid
	}
	return c.hostSends(&p, tid, sig, raw)
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
