package probing

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/hrhost/hrhost/host/enforce/seatbelt"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/internal/monotonic"
	"github.com/hrhost/hrhost/internal/recorder"
	"github.com/hrhost/hrhost/internal/wire"
)

// slots is how many the recorder needs for a Feed.
func (j *Job) slots() int {
	if j.Feed == nil {
		return 0
	}
	return j.Feed.Slots
}

// operation is the one that a Feed or a List is about, "" for other jobs.
func (j *Job) operation() string {
	switch {
	case j.Feed != nil:
		return j.Feed.Operation
	case j.List != nil:
		return j.List.Operation
	}
	return ""
}

// feed runs batches until there are no more. What is known of a batch is
// handed on and forgotten before the next.
func (s *session) feed(ctx context.Context) error {
	for {
		batch, more := s.job.Feed.Next()
		if !more {
			return nil
		}
		s.begin(batch)
		if err := s.run(ctx); err != nil {
			return err
		}
		if err := s.ask(ctx); err != nil {
			return err
		}
		if err := s.attended(); err != nil {
			return err
		}
		s.job.Feed.Done(s.batch())
	}
}

// feedClock is the recorder's.
var feedClock = monotonic.New()

// begin puts a batch in place of the one before.
func (s *session) begin(p Batch) {
	attempts := make([]Attempt, len(p.Items))
	for i, it := range p.Items {
		attempts[i].Item = it
	}
	s.since = feedClock.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.before = len(s.report.Witness)
	s.job.Items, s.job.Ask = p.Items, p.Ask
	s.report.Attempts, s.report.Answers, s.report.Completed = attempts, nil, nil
}

// batch is the report of the batch that was completed. The rows of the
// witness up to here are its own.
func (s *session) batch() *Report {
	for i := range s.report.Attempts {
		s.report.Attempts[i].Slot = s.slot(i)
	}
	s.report.PID = s.process().PID
	s.report.Peak = max(s.report.Peak, s.process().PeakBytes())
	if s.host.Kernel != nil && s.job.Policy != nil {
		s.report.WitnessSlack, s.report.NoWitness = seatbelt.Slack, "the system's log is not read during a sweep"
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	whole := *s.report
	s.report.Witness = nil
	s.report.Attempts, s.report.Answers, s.job.Items, s.job.Ask = nil, nil, nil, nil
	return &whole
}

// slot reads an attempt's slot. One that was written before its batch began is
// an earlier attempt's: of this one it says nothing.
func (s *session) slot(i int) recorder.Slot {
	slot := s.region.Read(i)
	if slot.Start > 0 && slot.Start < s.since-2*int64(monotonic.Slack) {
		return recorder.Slot{}
	}
	if s.outside(slot.Start, slot.End) {
		return recorder.Slot{Damage: "its times lie outside of the attempt"}
	}
	return slot
}

// unbegun reports that a Feed's process ended before the first attempt of the
// batch that it had taken: most likely it was dead when the batch was ordered,
// which nobody looks for between two batches. Without a flight recorder nobody
// can tell, and a process that was ended for what it did gives no second try. Of
// a sealed process the witness tells more than the recorder: a call of the swept
// operation since then may have been an attempt that the plugin hides.
func (s *session) unbegun() bool {
	r := s.report
	if s.job.Feed == nil || len(r.Attempts) == 0 || r.Failed != lane.StageOperation || r.TimedOut || r.Reason == lane.ProtocolViolation ||
		!r.Description.Has(wire.CapRecorder) {
		return false
	}
	for i, row := range r.Witness {
		if row.Slot >= 0 || i >= s.before && row.Operation == s.job.Feed.Operation {
			return false
		}
	}
	for _, a := range r.Attempts {
		if a.Intent != nil || a.Outcome != nil || a.Slot.State != recorder.NotStarted || a.Slot.Damage != "" {
			return false
		}
	}
	return true
}

// timeTolerance is far above what two clocks of one machine disagree by, even
// where each was read while the machine was busy, and far below any lie that
// would be worth telling.
const timeTolerance = 50 * time.Millisecond

// outside reports that a plugin claims times for an attempt at which the attempt
// had not been ordered yet, or that are still to come. 0 claims nothing.
func (s *session) outside(start, end int64) bool {
	const tolerance = int64(timeTolerance)
	if start == 0 && end == 0 {
		return false
	}
	return start < s.ordered-tolerance || start > feedClock.Now()+tolerance || end > feedClock.Now()+tolerance
}

// list passes the plugin's targets on, under a watchdog that any of them feeds.
func (s *session) list(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var hung atomic.Bool
	watchdog := time.AfterFunc(s.job.Timeout, func() {
		hung.Store(true)
		s.runner.Process().Kill()
		cancel(errHung)
	})
	defer watchdog.Stop()
	err := s.client.Enumerate(ctx, s.job.List.Operation, func(t wire.Target) error {
		watchdog.Reset(s.job.Timeout)
		return s.job.List.Each(t.Value)
	})
	s.report.Peak = s.process().PeakBytes()
	switch {
	case hung.Load():
		s.report.TimedOut = true
		return fmt.Errorf("no target within %s", s.job.Timeout)
	case errors.Is(err, ErrEnough):
		return nil
	}
	return err
}
