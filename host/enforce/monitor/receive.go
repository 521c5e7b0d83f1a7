//go:build linux

package monitor

import (
	"encoding/binary"
	"fmt"
	"runtime"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// receive is the one receiver: more of them only make a thundering herd.
func (m *Monitor) receive() {
	defer close(m.finished)
	runtime.LockOSThread()
	old := blockSignals()
	// The mask goes back before the thread does, or the next goroutine on it
	// could not be preempted.
	defer runtime.UnlockOSThread()
	defer unix.PthreadSigmask(unix.SIG_SETMASK, &old, nil)
	var n notification
	for m.wait() {
		switch e := recv(m.fd, &n); e {
		case 0:
			m.serve(&n)
		case unix.EINTR, unix.ENOENT: // withdrawn, or nobody left: wait tells
		default:
			return
		}
	}
}

// wait blocks until a notification is there; false when the last process under
// the filter is gone or Close was called.
func (m *Monitor) wait() bool {
	p := [2]unix.PollFd{{Fd: int32(m.fd), Events: unix.POLLIN}, {Fd: int32(m.stop), Events: unix.POLLIN}}
	for {
		_, _, e := unix.Syscall6(unix.SYS_PPOLL, uintptr(unsafe.Pointer(&p[0])), 2, 0, 0, 0, 0)
		if e == unix.EINTR {
			continue
		}
		if e != 0 || p[1].Revents != 0 {
			return false
		}
		if p[0].Revents&unix.POLLIN != 0 {
			return true
		}
		if p[0].Revents != 0 { // POLLHUP: no process is left
			return false
		}
	}
}

// stopReceiver ends the receiver and waits for it. A receiver that sits in RECV
// with nothing to receive wakes when the last process under the filter is gone
// (6.11), which is why Close wants the plugin dead.
func (m *Monitor) stopReceiver() error {
	var b [8]byte
	binary.NativeEndian.PutUint64(b[:], 1)
	if _, err := unix.Write(m.stop, b[:]); err != nil {
		return fmt.Errorf("stopping the receiver: %w", err)
	}
	select {
	case <-m.finished:
		return nil
	case <-time.After(m.patience):
		return fmt.Errorf(
			"monitor %s: the receiver did not end within %s: process %d is alive, or a file system does not answer",
			m.cfg.Name, m.patience, m.root)
	}
}

// serve handles one notification: finds its reply, and sends it.
func (m *Monitor) serve(n *notification) {
	m.mu.enter()
	defer m.mu.leave()
	m.stats.Notifications++
	c := call{m: m, n: n, tid: int(n.tid), slot: m.cfg.Slot(), policy: m.inForce.Policy, epoch: m.inForce.Epoch, now: time.Now()}
	c.object.fd, c.start = -1, -1
	defer c.release()
	r := c.settle()
	c.send(&r)
}

// handle finds out who calls what, and passes the call on.
func (c *call) handle() reply {
	d := &c.n.data
	c.name = "unknown"
	if c.tid == 0 {
		return contain(unix.EPERM, "the caller has no pid in the host's namespace")
	}
	if c.pid = c.m.processOf(c.tid); c.pid == 0 {
		return contain(unix.EPERM, "the caller could not be identified")
	}
	if c.pid != c.m.root {
		if !c.waits() {
			return gone()
		}
		c.m.meet(c.pid)
	}
	switch {
	case d.arch != nativeArch:
		c.name = fmt.Sprintf("foreign-%#x-%d", d.arch, d.nr)
		return contain(unix.EPERM, "a system call of a foreign ABI")
	case uint32(d.nr)&x32Bit != 0:
		c.name = fmt.Sprintf("x32-%d", uint32(d.nr)&^x32Bit)
		return contain(unix.EPERM, "a system call of the x32 ABI")
	}
	e := lookup(d.nr)
	if e == nil {
		c.name = fmt.Sprintf("syscall-%d", d.nr)
		return contain(unix.ENOSYS, "a system call that the monitor does not know")
	}
	c.name = e.name
	return e.do(c)
}
