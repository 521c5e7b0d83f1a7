//go:build linux

package monitor

import (
	"fmt"
	"path"
	"time"

	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/host/enforce"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/sb/sbpl"
)

// call is one system call waiting for its answer.
type call struct {
	m      *Monitor
	n      *notification
	name   string // of the system call
	tid    int
	pid    int // the caller's process
	slot   int
	policy Policy
	epoch  int
	now    time.Time // of arrival

	path    *lane.PathObservation
	carrier string
	rows    []*lane.WitnessRow // judged, not yet emitted
	refused *lane.WitnessRow   // the row that denies, if any
	signal  int                // what the deciding rule wants sent to the caller
	replied bool
}

func (c *call) arg(i int) uint64 { return c.n.data.args[i] }
func (c *call) int(i int) int    { return int(int32(c.n.data.args[i])) }

// valid says whether the caller still waits. When it does not, the call needs
// no answer: it was withdrawn, and the kernel may issue it again.
func (c *call) valid() bool {
	if c.replied {
		return false
	}
	if idValid(c.m.fd, c.n.id) {
		return true
	}
	c.replied = true
	c.m.stats.Lost++
	return false
}

// subject is one operation on one object, as the policy is asked about it.
type subject struct {
	op     string
	filter lane.Filter   // as the row names it
	facts  []sbpl.Filter // as the policy is asked
	absent []string      // facts that it is known not to have
	more   []lane.Filter // what it is judged on besides the filter
	target *lane.ProcessTarget
	object string // exists, absent, unknown
}

// judge asks the policy about each subject in turn and stops at the first
// refusal. The rows wait for the answer.
func (c *call) judge(subjects ...subject) bool {
	for i := range subjects {
		s := &subjects[i]
		row := c.row(s)
		v := enforce.Judge(c.policy, s.op, s.facts, s.absent...)
		row.Verdict, row.By, row.Rule, row.Reason = v.Verdict, v.By, v.Rule, v.Reason
		row.SendSignal = sendSignal(v.Modifiers)
		c.rows = append(c.rows, row)
		if v.Verdict != lane.Allow {
			c.refused, c.signal = row, row.SendSignal
			return false
		}
		if row.SendSignal != 0 {
			c.signal = row.SendSignal
		}
	}
	return true
}

// row starts the witness row of a subject.
func (c *call) row(s *subject) *lane.WitnessRow {
	row := &lane.WitnessRow{
		Time: c.now.UTC().Format(time.RFC3339Nano), MonotonicUS: c.m.clock.At(c.now) / 1000,
		Epoch: c.epoch, PID: c.pid, TID: c.tid, Slot: c.slot, Syscall: c.name,
		Target: s.target, Object: s.object, Facts: s.more,
	}
	row.Stage, row.Operation, row.Filter = lane.StageOperation, s.op, s.filter
	row.Carrier, row.Path = c.carrier, c.path
	if row.Carrier == "" {
		row.Carrier = c.name
		if c.path != nil {
			row.Carrier += " " + c.path.Requested
		}
	}
	return row
}

// finish completes the rows and emits them: evidence goes ahead of the outcome.
func (c *call) finish(how string, e unix.Errno) {
	if c.m.abandoned.Load() {
		c.rows = nil // their reader has ended
	}
	for _, row := range c.rows {
		c.m.seq++
		row.Seq, row.How = c.m.seq, how
		if e != 0 {
			n := int(e)
			row.Errno, row.ErrnoName = &n, unix.ErrnoName(e)
		}
		if c.refused != nil && row != c.refused && row.Verdict == lane.Allow && row.Reason == "" {
			row.Reason = "allowed by itself; the same call also needs " + c.refused.Operation
		}
		c.m.stats.Rows++
		c.m.cfg.Emit(row)
	}
	if c.signal > 0 {
		unix.Kill(c.pid, unix.Signal(c.signal))
	}
}

// reply notes that the answer went out.
func (c *call) reply(e unix.Errno) {
	c.replied = true
	if e == unix.ENOENT { // the caller is gone, or the call is issued again
		c.m.stats.Lost++
	}
}

// deny refuses what judge refused, or (after an allowed judgement) what
// containment refuses with [call.contain].
func (c *call) deny() {
	if c.refused.By == lane.ByPolicy {
		c.m.stats.Denied++
	} else {
		c.m.stats.ByContainment[c.name]++
	}
	c.finish("deny", unix.EPERM)
	c.reply(sendErrno(c.m.fd, c.n.id, unix.EPERM))
}

// contain refuses a call whatever the profile says.
func (c *call) contain(e unix.Errno, reason string) {
	s := subject{object: "unknown"}
	if len(c.rows) > 0 { // judged and allowed before: the refusal is about the same
		last := c.rows[len(c.rows)-1]
		s = subject{op: last.Operation, filter: last.Filter, more: last.Facts, target: last.Target, object: last.Object}
	}
	row := c.row(&s)
	row.Verdict, row.By, row.Reason = lane.Deny, lane.ByContainment, reason
	// The policy's own answer was not what happened: one row, one verdict.
	c.rows, c.refused = []*lane.WitnessRow{row}, row
	c.m.stats.ByContainment[c.name]++
	c.finish("deny", e)
	c.reply(sendErrno(c.m.fd, c.n.id, e))
}

// proceed lets the kernel do the call.
func (c *call) proceed() {
	c.m.stats.Continued++
	c.finish("continue", 0)
	c.reply(sendContinue(c.m.fd, c.n.id))
}

// fail answers with the kernel's own error: the policy did not refuse.
func (c *call) fail(e unix.Errno) {
	if e == 0 { // never a success that did not happen
		e = unix.EPERM
	}
	c.finish("emulate", e)
	c.reply(sendErrno(c.m.fd, c.n.id, e))
}

// result answers with what the host's own call returned.
func (c *call) result(v int64, err error) {
	if err != nil {
		c.fail(errnoOf(err))
		return
	}
	c.finish("emulate", 0)
	c.reply(sendValue(c.m.fd, c.n.id, v))
}

// inject hands the plugin a descriptor of the object that was judged.
func (c *call) inject(fd int, cloexec bool) {
	c.finish("inject", 0)
	e := sendFD(c.m.fd, c.n.id, fd, cloexec)
	switch e {
	case 0:
		c.m.stats.Injected++
	case unix.ENOENT:
	case unix.EMFILE, unix.ENFILE, unix.ENOMEM:
		sendErrno(c.m.fd, c.n.id, e)
	default:
		sendErrno(c.m.fd, c.n.id, unix.EPERM)
	}
	c.reply(e)
}

func errnoOf(err error) unix.Errno {
	if e, ok := err.(unix.Errno); ok {
		return e
	}
	return unix.EIO
}

// observe notes how a path was spelled; what it led to comes later.
func (c *call) observe(requested string) {
	c.path = &lane.PathObservation{Requested: requested, Normalized: path.Clean(requested), Source: "monitor"}
}

func processName(pid int, start uint64, exists bool) string {
	if !exists {
		return fmt.Sprintf("pid:%d@", pid)
	}
	return fmt.Sprintf("pid:%d@%d", pid, start)
}
