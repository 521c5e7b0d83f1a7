package probing

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/hrhost/hrhost/host/enforce/bus"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/launch"
	"github.com/hrhost/hrhost/internal/recorder"
	"github.com/hrhost/hrhost/internal/wire"
)

// enforce switches the policy in the host: under self when the process has
// prepared, under exec before its first instruction.
func (s *session) enforce() error {
	epoch, err := s.mon.Seal(s.job.Policy)
	if err != nil {
		return &applyError{lane.ApplyFailed, err}
	}
	if err := s.bus.seal(s.job.Policy, epoch); err != nil {
		return &applyError{lane.ApplyFailed, err}
	}
	s.report.Epoch = epoch
	return nil
}

// seal puts the policy in force and tells the plugin, which reports its own view
// of it. A wrapper has done whatever it does by now, and the plugin may see
// nothing of it.
func (s *session) seal(ctx context.Context) error {
	if s.host.Kernel != nil {
		return s.sealByPlugin(ctx)
	}
	switch s.job.Seal {
	case SealExec: // since the launch
	case SealWrap:
		s.report.Epoch = 1
		s.report.View = s.process().View()
	default:
		if err := s.enforce(); err != nil {
			return err
		}
	}
	epoch := s.report.Epoch
	ctx, cancel := context.WithTimeout(ctx, s.deadlines.Call)
	defer cancel()
	r, err := s.client.Seal(ctx, wire.SealRequest{Epoch: epoch, AppliedByHost: true})
	if err != nil && !errors.Is(err, wire.ErrAbsent) {
		return err
	}
	s.report.Seal = &r
	if err == nil && !r.InForce && s.job.Seal != SealWrap {
		return &applyError{lane.ApplyFailed, fmt.Errorf("the plugin sees no filter on itself: %s", r.Detail)}
	}
	return nil
}

// errHung ends a process whose attempt outlived its deadline.
var errHung = errors.New("no event within the attempt's time limit")

// run has the items attempted, under a watchdog that any event feeds.
func (s *session) run(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var hung atomic.Bool
	watchdog := time.AfterFunc(s.job.Timeout, func() {
		hung.Store(true)
		s.runner.Process().Kill()
		cancel(errHung)
	})
	defer watchdog.Stop()
	ordered := time.Now()
	s.ordered = feedClock.Now()
	defer func() { s.report.Attempted = time.Since(ordered) }()
	request := wire.RunRequest{Items: s.job.Items, Batch: s.job.Feed != nil && s.report.Description.Has(wire.CapBatch)}
	done, err := s.client.RunAs(ctx, request, func(e wire.Event) error {
		watchdog.Reset(s.job.Timeout)
		s.job.Trace.event(e)
		return s.note(e)
	})
	if hung.Load() {
		s.report.TimedOut = true
		return fmt.Errorf("%w of %s", errHung, s.job.Timeout)
	}
	if s.flooded() {
		return &wire.ProtocolError{What: fmt.Sprintf("more than %d mediated calls of one process", maxWitness(len(s.job.Items)))}
	}
	if err != nil {
		return err
	}
	s.report.Completed = &done
	return s.account(done)
}

func (s *session) flooded() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.report.Dropped > 0
}

// account compares the plugin's own counts with what came.
func (s *session) account(done wire.Completed) error {
	outcomes, attempted, recorded := 0, 0, 0
	for i, a := range s.report.Attempts {
		if a.Outcome != nil {
			outcomes++
			if a.Outcome.Attempted {
				attempted++
			}
		}
		if s.slot(i).State == recorder.Done {
			recorded++
		}
	}
	if n := len(s.report.Attempts); outcomes != n {
		return &wire.ProtocolError{What: fmt.Sprintf("Completed after %d of %d outcomes", outcomes, n)}
	}
	got := wire.Completed{Planned: outcomes, Attempted: attempted, Recorded: done.Recorded}
	if s.report.Description.Has(wire.CapRecorder) {
		got.Recorded = recorded
	}
	if done != got {
		return &wire.ProtocolError{What: fmt.Sprintf("Completed counts %s, the host %s", counts(done), counts(got))}
	}
	return nil
}

func counts(c wire.Completed) string {
	return fmt.Sprintf("%d planned, %d attempted, %d recorded", c.Planned, c.Attempted, c.Recorded)
}

// note files an event under its attempt. The client has checked the slots.
func (s *session) note(e wire.Event) error {
	s.look()
	switch e := e.(type) {
	case wire.Intent:
		s.report.Attempts[e.Slot].Intent = &e
	case wire.Outcome:
		if s.outside(e.StartNS, e.EndNS) {
			return &wire.ProtocolError{What: fmt.Sprintf("an outcome of slot %d with times outside of its attempt", e.Slot)}
		}
		s.report.Attempts[e.Slot].Outcome = &e
	}
	return nil
}

// ask puts the questions of the oracle to the live enforcement point.
func (s *session) ask(context.Context) error {
	if s.host.Kernel != nil {
		s.askKernel()
		return nil
	}
	if s.mon == nil {
		return nil
	}
	for _, q := range s.job.Ask {
		point := s.mon.Ask
		if s.bus.gateway != nil && bus.Needed(q.Operation) {
			point = s.bus.gateway.Ask
		}
		s.report.Answers = append(s.report.Answers, point(s.runner.Process().PID, q))
	}
	return nil
}

// stop asks the plugin to leave. One that does not answer is ended anyway.
func (s *session) stop(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, s.deadlines.Stop)
	defer cancel()
	s.stopped = true
	if err := s.client.Stop(ctx); err != nil && !errors.Is(err, wire.ErrAbsent) {
		return err
	}
	return nil
}

// dyingTime is how long a process that seems to be dying by itself is given, so
// that it can be said how it ended.
const dyingTime = 3 * time.Second

// fail notes the first failure.
func (s *session) fail(stage lane.Stage, err error) {
	s.report.Failed, s.report.Err = stage, err
	var ae *applyError
	var pe *wire.ProtocolError
	var le *launch.Error
	switch {
	case errors.As(err, &ae):
		s.report.Failed, s.report.Reason = lane.StageApply, ae.reason
	case s.report.TimedOut:
		s.report.Reason = lane.ProbeTimeout
	case errors.As(err, &pe):
		s.report.Reason = lane.ProtocolViolation
	case errors.As(err, &le) && le.Step != "handshake":
		s.report.Failed = lane.StageLaunch
	}
	if stage == lane.StageCleanup {
		return // every attempt has been made
	}
	if p := s.process(); p != nil && stage != lane.StageReport {
		p.Kill()
	}
}

// end waits for the process, then reads the flight recorder once.
func (s *session) end() {
	if p := s.process(); p != nil {
		p.Release()
		e := p.WaitFor(s.deadlines.Stop)
		s.report.Exit, s.report.PID = &e, p.PID
		s.violations(p, e)
		go s.plugin.Kill() // the process is dead and our ends are closed
	}
	if s.mon != nil {
		st, err := s.mon.Close()
		s.report.Stats = st
		if err != nil && s.report.Err == nil {
			s.report.Failed, s.report.Err = lane.StageCleanup, err
		}
	}
	s.endBus()
	if s.region == nil {
		return
	}
	for i := range s.report.Attempts {
		s.report.Attempts[i].Slot = s.slot(i)
	}
	if s.host.Kernel != nil && s.job.Feed == nil {
		s.endKernel()
	}
	if s.report.Unbegun = s.unbegun(); !s.report.Unbegun {
		s.markStopped()
	}
}

// markStopped finds the attempt at which a run that did not complete ended: the
// one under way, else the next one.
func (s *session) markStopped() {
	r := s.report
	if r.Failed != lane.StageOperation {
		return
	}
	for i := range r.Attempts {
		a := &r.Attempts[i]
		if a.Outcome == nil && a.Slot.State != recorder.Done {
			a.Stopped = true
			return
		}
	}
}

func (s *session) release() {
	s.bus.inherited() // a launch that failed has inherited nothing
	if s.connect != nil {
		s.connect.Stop()
		s.unwatch()
	}
	if s.file != nil {
		s.file.Close()
	}
	if s.region != nil {
		s.region.Close()
	}
	if s.dir != nil {
		s.dir.Remove()
	}
}
