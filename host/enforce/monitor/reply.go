//go:build linux

package monitor

import (
	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/host/lane"
)

// reply is how one system call is answered. A handler returns exactly one, and
// only [call.send] gives it to the kernel. The zero reply refuses the call.
type reply struct {
	kind    replyKind
	errno   unix.Errno // of contained and failed; 0 refuses with EPERM
	reason  string     // of contained
	value   int64      // of returned
	fd      int        // of injected: the host's descriptor, closed once it is sent
	cloexec bool       // of injected
}

type replyKind int

const (
	contained replyKind = iota // refused under every profile
	denied                     // refused as judge found
	continued                  // the kernel does the call
	failed                     // the kernel's own error
	returned                   // the result of the host's own call
	injected                   // a descriptor of the object that was judged
	withdrawn                  // the caller no longer waits: the kernel takes no answer
)

// contain refuses a call under every profile.
func contain(e unix.Errno, reason string) reply {
	return reply{kind: contained, errno: e, reason: reason}
}

// deny refuses what judge refused.
func deny() reply { return reply{kind: denied} }

// proceed lets the kernel do the call.
func proceed() reply { return reply{kind: continued} }

// fail answers with the kernel's own error: the policy did not refuse.
func fail(e unix.Errno) reply { return reply{kind: failed, errno: e} }

// result answers with the result of the host's own call.
func result(v int64, err error) reply {
	if err != nil {
		return fail(errnoOf(err))
	}
	return reply{kind: returned, value: v}
}

// inject hands the plugin a descriptor of the object that was judged, and closes
// the host's.
func inject(fd int, cloexec bool) reply { return reply{kind: injected, fd: fd, cloexec: cloexec} }

// gone leaves a call that was withdrawn unanswered: the kernel may issue it again.
func gone() reply { return reply{kind: withdrawn} }

// refusal is the errno of a reply that says no: never 0, a success that did not
// happen.
func (r *reply) refusal() unix.Errno {
	switch {
	case r.kind == denied || r.errno == 0:
		return unix.EPERM
	default:
		return r.errno
	}
}

// settle finds the reply of a call and emits its rows. After a panic the call is
// refused without a row, since the panic may have come from one.
func (c *call) settle() (r reply) {
	defer func() {
		if recover() == nil {
			return
		}
		c.m.stats.Faults++
		r.close()
		r = fail(unix.EPERM)
	}()
	r = c.handle()
	c.record(&r)
	return r
}

// record emits the rows that go with a reply: evidence goes ahead of the outcome.
func (c *call) record(r *reply) {
	switch r.kind {
	case denied:
		if c.refused.By == lane.ByPolicy {
			c.m.stats.Denied++
		} else {
			c.m.stats.ByContainment[c.name]++
		}
		c.finish("deny", r.refusal())
	case continued:
		c.m.stats.Continued++
		c.finish("continue", 0)
	case failed:
		c.finish("emulate", r.refusal())
	case returned:
		c.finish("emulate", 0)
	case injected:
		c.finish("inject", 0)
	case withdrawn:
	default:
		c.fence(r.reason)
		c.m.stats.ByContainment[c.name]++
		c.finish("deny", r.refusal())
	}
}

// send answers the call. No other function answers one.
func (c *call) send(r *reply) {
	var e unix.Errno
	switch r.kind {
	case continued:
		e = sendContinue(c.m.fd, c.n.id)
	case returned:
		e = sendValue(c.m.fd, c.n.id, r.value)
	case injected:
		e = c.sendFD(r)
	case withdrawn:
		e = unix.ENOENT
	default:
		e = sendErrno(c.m.fd, c.n.id, r.refusal())
	}
	if e == unix.ENOENT { // the caller is gone, or the call is issued again
		c.m.stats.Lost++
	}
}

// sendFD injects a descriptor. Where the kernel refuses it, the call gets an error.
func (c *call) sendFD(r *reply) unix.Errno {
	defer r.close()
	e := sendFD(c.m.fd, c.n.id, r.fd, r.cloexec)
	switch e {
	case 0:
		c.m.stats.Injected++
	case unix.ENOENT:
	case unix.EMFILE, unix.ENFILE, unix.ENOMEM:
		sendErrno(c.m.fd, c.n.id, e)
	default:
		sendErrno(c.m.fd, c.n.id, unix.EPERM)
	}
	return e
}

// close closes the descriptor that a reply holds. The raw call leaves the
// scheduler out.
func (r *reply) close() {
	if r.kind == injected {
		unix.RawSyscall(unix.SYS_CLOSE, uintptr(r.fd), 0, 0)
	}
}
