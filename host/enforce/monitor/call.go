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

	// What the name in the call led to, held until the call is answered.
	object object
	start  int // the directory that the name begins at, -1 for none

	path    *lane.PathObservation
	carrier string
	rows    []*lane.WitnessRow // judged, not yet emitted
	refused *lane.WitnessRow   // the row that denies, if any
	signal  int                // what the deciding rule wants sent to the caller
}

func (c *call) arg(i int) uint64 { return c.n.data.args[i] }
func (c *call) int(i int) int    { return int(int32(c.n.data.args[i])) }

// waits reports whether the caller still waits. When it does not, the call was
// withdrawn.
func (c *call) waits() bool { return idValid(c.m.fd, c.n.id) }

// unlessGone is a reply to a caller that still waits.
func (c *call) unlessGone(r reply) reply {
	if !c.waits() {
		return gone()
	}
	return r
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

// ask is judge for a call whose caller still waits, once everything that goes by
// the caller's pid was read.
func (c *call) ask(subjects ...subject) (r reply, ok bool) {
	if !c.waits() {
		return gone(), false
	}
	return c.judge(subjects...)
}

// judge asks the policy about each subject in turn and stops at the first refusal,
// which is the reply. The rows wait for the reply. ok is true, and there is no
// reply yet, when all are allowed.
func (c *call) judge(subjects ...subject) (r reply, ok bool) {
	for i := range subjects {
		s := &subjects[i]
		row := c.row(s)
		v := enforce.Judge(c.policy, s.op, s.facts, s.absent...)
		row.Verdict, row.By, row.Rule, row.Reason = v.Verdict, v.By, v.Rule, v.Reason
		row.SendSignal = sendSignal(v.Modifiers)
		c.rows = append(c.rows, row)
		if v.Verdict != lane.Allow {
			c.refused, c.signal = row, row.SendSignal
			return deny(), false
		}
		if row.SendSignal != 0 {
			c.signal = row.SendSignal
		}
	}
	return reply{}, true
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

// fence replaces the rows by one that says why containment refuses.
func (c *call) fence(reason string) {
	s := subject{object: "unknown"}
	if len(c.rows) > 0 { // judged and allowed before: the refusal is about the same
		last := c.rows[len(c.rows)-1]
		s = subject{op: last.Operation, filter: last.Filter, more: last.Facts, target: last.Target, object: last.Object}
	}
	row := c.row(&s)
	row.Verdict, row.By, row.Reason = lane.Deny, lane.ByContainment, reason
	// The policy's own answer was not what happened: one row, one verdict.
	c.rows, c.refused = []*lane.WitnessRow{row}, row
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
