package probing

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/internal/recorder"
	"github.com/hrhost/hrhost/internal/wire"
)

// begin puts work in place of the work before.
func (s *session) begin(w *work) {
	s.work = w
	s.report.Attempts, s.report.Answers = w.attempts, nil
}

// run has the items attempted, under a watchdog that any event feeds.
func (s *session) run(ctx context.Context) error {
	ordered := time.Now()
	s.work.ordered = recorderClock.Now()
	defer func() { s.report.Attempted = time.Since(ordered) }()
	recording := s.report.Description.Has(wire.CapRecorder)
	request := wire.RunRequest{Items: s.work.items, Batch: s.job.Feed != nil && s.report.Description.Has(wire.CapBatch)}
	var done wire.Completed
	hung, err := watched(ctx, s.job.Timeout, s.conn.process().Kill, func(ctx context.Context, alive func()) (err error) {
		done, err = s.conn.client.RunAs(ctx, request, func(e wire.Event) error {
			alive()
			s.job.Trace.event(e)
			s.enforced.Event()
			return s.work.note(e)
		})
		return err
	})
	if hung {
		s.report.TimedOut = true
		return fmt.Errorf("%w of %s", errHung, s.job.Timeout)
	}
	if limit := s.witness.flooded(); limit > 0 {
		return &wire.ProtocolError{What: fmt.Sprintf("more than %d mediated calls of one process", limit)}
	}
	if err != nil {
		return err
	}
	s.report.Completed = &done
	return s.work.account(done, recording)
}

// ask puts the questions of the oracle to the live enforcement point.
func (s *session) ask(context.Context) error {
	s.report.Answers = s.enforced.Ask(s.work.ask)
	return nil
}

// feed runs batches until there are no more. All that is known of a batch is
// handed on and forgotten before the next.
func (s *session) feed(ctx context.Context) error {
	for {
		batch, more := s.job.Feed.Next()
		if !more {
			return nil
		}
		w := newWork(batch.Items, batch.Ask)
		w.region, w.since = s.flight.region, recorderClock.Now()
		w.before = s.witness.begin(len(w.items))
		s.begin(w)
		s.report.Completed = nil
		if err := s.run(ctx); err != nil {
			return err
		}
		if err := s.ask(ctx); err != nil {
			return err
		}
		log, err := s.enforced.Batch()
		if err != nil {
			s.report.Reason = lane.FixtureUnavailable
			return err
		}
		s.report.WitnessSlack, s.report.NoWitness = log.Slack, log.Silent
		s.job.Feed.Done(s.batch())
	}
}

// batch is the report of the batch that was completed. The rows of the
// witness up to here are its own.
func (s *session) batch() *Report {
	s.work.readSlots()
	p := s.conn.process()
	s.report.PID = p.PID
	s.report.Peak = max(s.report.Peak, p.PeakBytes())
	whole := *s.report
	whole.Witness, whole.Dropped = s.witness.take()
	s.begin(newWork(nil, nil))
	return &whole
}

// unbegun reports that a Feed's process ended before the first attempt of the
// batch that it had taken: most likely it was dead when the batch was ordered,
// which nobody looks for between two batches. Without a flight recorder nobody
// can tell, and a process that was ended for what it did gives no second try. Of
// a sealed process the witness tells more than the recorder: a call of the swept
// operation since then, that is among the rows from before on, may have been an
// attempt that the plugin hides.
func unbegun(feed *Feed, r *Report, before int) bool {
	if feed == nil || len(r.Attempts) == 0 || r.Failed != lane.StageOperation || r.TimedOut ||
		r.Reason == lane.ProtocolViolation || !r.Description.Has(wire.CapRecorder) {
		return false
	}
	for i, row := range r.Witness {
		if row.Slot >= 0 || i >= before && row.Operation == feed.Operation {
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

// list passes the plugin's targets on, under a watchdog that any of them feeds.
func (s *session) list(ctx context.Context) error {
	p := s.conn.process()
	hung, err := watched(ctx, s.job.Timeout, p.Kill, func(ctx context.Context, alive func()) error {
		return s.conn.client.Enumerate(ctx, s.job.List.Operation, func(t wire.Target) error {
			alive()
			return s.job.List.Each(t.Value)
		})
	})
	s.report.Peak = p.PeakBytes()
	switch {
	case hung:
		s.report.TimedOut = true
		return fmt.Errorf("no target within %s", s.job.Timeout)
	case errors.Is(err, ErrEnough):
		return nil
	}
	return err
}
