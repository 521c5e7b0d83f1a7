package probing

import (
	"fmt"
	"time"

	"github.com/hrhost/hrhost/host/enforce/point"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/internal/monotonic"
	"github.com/hrhost/hrhost/internal/recorder"
	"github.com/hrhost/hrhost/internal/wire"
	"github.com/hrhost/hrhost/sb/sbpl"
)

// recorderClock is the flight recorder's.
var recorderClock = monotonic.New()

// work is what one Run orders, with what is known of each attempt: all items of a job,
// or a batch of a Feed.
type work struct {
	items    []wire.RunItem
	ask      []sbpl.Query
	attempts []Attempt
	region   *recorder.Region // nil reads no slot
	since    int64            // of a batch: when it began, by the recorder's clock
	before   int              // of a batch: how many rows of the witness there were by then
	ordered  int64            // when the attempts were ordered, by the same clock
}

func newWork(items []wire.RunItem, ask []sbpl.Query) *work {
	w := &work{items: items, ask: ask, attempts: make([]Attempt, len(items))}
	for i, it := range items {
		w.attempts[i].Item = it
	}
	return w
}

// note files an event under its attempt. The client has checked the slots.
func (w *work) note(e wire.Event) error {
	switch e := e.(type) {
	case wire.Intent:
		w.attempts[e.Slot].Intent = &e
	case wire.Outcome:
		if w.outside(e.StartNS, e.EndNS) {
			return &wire.ProtocolError{What: fmt.Sprintf("an outcome of slot %d with times outside of its attempt", e.Slot)}
		}
		w.attempts[e.Slot].Outcome = &e
	}
	return nil
}

// account compares the plugin's own counts with what came.
func (w *work) account(done wire.Completed, recorder bool) error {
	got := w.count()
	if n := len(w.attempts); got.Planned != n {
		return &wire.ProtocolError{What: fmt.Sprintf("Completed after %d of %d outcomes", got.Planned, n)}
	}
	if !recorder { // it has nothing to count by
		got.Recorded = done.Recorded
	}
	if done != got {
		return &wire.ProtocolError{What: fmt.Sprintf("Completed counts %s, the host %s", counts(done), counts(got))}
	}
	return nil
}

// count counts the attempts as Completed does.
func (w *work) count() (c wire.Completed) {
	for i, a := range w.attempts {
		if a.Outcome != nil {
			c.Planned++
			if a.Outcome.Attempted {
				c.Attempted++
			}
		}
		if w.slot(i).State == recorder.Done {
			c.Recorded++
		}
	}
	return c
}

func counts(c wire.Completed) string {
	return fmt.Sprintf("%d planned, %d attempted, %d recorded", c.Planned, c.Attempted, c.Recorded)
}

// slot reads an attempt's slot. One that was written before its batch began is
// an earlier attempt's: of this one it says nothing.
func (w *work) slot(i int) recorder.Slot {
	slot := w.region.Read(i)
	if slot.Start > 0 && slot.Start < w.since-2*int64(monotonic.Slack) {
		return recorder.Slot{}
	}
	if w.outside(slot.Start, slot.End) {
		return recorder.Slot{Damage: "its times lie outside of the attempt"}
	}
	return slot
}

// readSlots takes the flight recorder's word into the attempts.
func (w *work) readSlots() {
	if w.region == nil {
		return
	}
	for i := range w.attempts {
		w.attempts[i].Slot = w.slot(i)
	}
}

// timeTolerance is far above what two clocks of one machine disagree by, even
// where each was read while the machine was busy, and far below any lie that
// would be worth telling.
const timeTolerance = 50 * time.Millisecond

// outside reports that a plugin claims times for an attempt at which the attempt
// had not been ordered yet, or that are still to come. 0 claims nothing.
func (w *work) outside(start, end int64) bool {
	const tolerance = int64(timeTolerance)
	if start == 0 && end == 0 {
		return false
	}
	return start < w.ordered-tolerance || start > recorderClock.Now()+tolerance || end > recorderClock.Now()+tolerance
}

// forPoint is the attempts as an enforcement point needs them.
func (w *work) forPoint() []point.Attempt {
	out := make([]point.Attempt, len(w.attempts))
	for i, a := range w.attempts {
		out[i] = point.Attempt{Item: a.Item, Outcome: a.Outcome, Slot: a.Slot}
	}
	return out
}

// markStopped finds the attempt at which a run that did not complete ended: the
// one under way, else the next one.
func markStopped(failed lane.Stage, attempts []Attempt) {
	if failed != lane.StageOperation {
		return
	}
	for i := range attempts {
		a := &attempts[i]
		if a.Outcome == nil && a.Slot.State != recorder.Done {
			a.Stopped = true
			return
		}
	}
}
