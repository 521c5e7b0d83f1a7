package evidence

import (
	"cmp"
	"fmt"
	"slices"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/plan"
	"github.com/hrhost/hrhost/internal/recorder"
	"github.com/hrhost/hrhost/internal/wire"
)

// wrap is the plan's seal for somebody else's sandbox.
const wrap = "wrap"

// seen is one attempt as the stream and the recorder together show it.
type seen struct {
	state   lane.State
	result  lane.Result
	effect  lane.Effect
	filter  string // as used: "kernel.ostype", "pid:42"
	carrier string
	path    *lane.PathObservation
	startNS int64
	endNS   int64
	skip    string // why it was not attempted
	damage  string // the recorder slot could not be believed
	spec    *wire.Probe
	claimed bool
}

// read merges an attempt's two sources, and reads its result through the probe's own
// table.
func read(a Attempt, d *wire.Description) seen {
	s := merged(a, d)
	s.result.Class = lane.Classify(codes(s.spec), s.result)
	if s.state != lane.Done {
		s.result.Class = lane.NoResult
	}
	if e := s.result.Errno; e != nil {
		if *e == 0 {
			s.result.Errno = nil
		} else {
			s.result.ErrnoName = unix.ErrnoName(syscall.Errno(*e))
		}
	}
	return s
}

// merged is what the two sources say. The stream is preferred; the recorder tells
// what the stream did not bring before the process ended.
func merged(a Attempt, d *wire.Description) seen {
	s := seen{state: lane.NotStarted, effect: lane.EffectUnobservable, damage: a.Slot.Damage, filter: a.Item.Target}
	if d != nil {
		s.spec = d.Probe(a.Item.Operation)
	}
	if s.spec != nil {
		s.carrier = s.spec.Carrier
	}
	if i := a.Intent; i != nil {
		s.state, s.carrier, s.filter, s.result.API = lane.Attempting, i.Carrier, i.FilterValue, i.API
	}
	switch {
	case a.Outcome != nil:
		s.fromOutcome(a.Outcome)
	case a.Slot.Damage == "":
		s.fromSlot(a.Slot)
	}
	if a.Effect != "" { // seen from outside
		s.effect = a.Effect
	}
	return s
}

func (s *seen) fromOutcome(o *wire.Outcome) {
	s.carrier, s.filter = cmp.Or(o.Carrier, s.carrier), cmp.Or(o.FilterValue, s.filter)
	if o.Path != nil {
		s.path = &lane.PathObservation{Requested: o.Path.Requested, Observed: o.Path.Observed, Normalized: o.Path.Normalized, Source: "plugin"}
	}
	if !o.Attempted {
		s.state, s.skip = lane.NotStarted, cmp.Or(o.SkipReason, "the plugin did not make the attempt")
		return
	}
	s.state, s.effect, s.startNS, s.endNS = lane.Done, o.Effect, o.StartNS, o.EndNS
	if o.Result != nil {
		s.result = result(*o.Result)
	}
}

func result(w wire.Result) lane.Result {
	r := lane.Result{API: w.API, Errno: w.Errno, ExitCode: w.ExitCode, Signal: w.Signal, Value: w.Value, Truncated: w.Truncated}
	if w.Native != nil {
		r.Native = &lane.Native{API: w.Native.API, Code: w.Native.Code, Name: w.Native.Name}
	}
	return r
}

// fromSlot takes the plugin's claim from shared memory.
func (s *seen) fromSlot(slot recorder.Slot) {
	if st := lane.State(slot.State.String()); slot.State != recorder.NotStarted {
		s.state = st
	}
	s.startNS, s.endNS, s.claimed = slot.Start, slot.End, slot.State == recorder.Done
	if slot.TargetPID > 0 {
		s.filter = fmt.Sprintf("pid:%d", slot.TargetPID)
	}
	if slot.State != recorder.Done {
		return
	}
	if e := slot.Effect.String(); e != "" {
		s.effect = lane.Effect(e)
	}
	if s.result.API == "" && s.spec != nil && len(s.spec.Results) > 0 {
		s.result.API = s.spec.Results[0].API
	}
	s.result.Value = slot.Value
	switch slot.Kind {
	case recorder.KindErrno:
		s.result.Errno = &slot.Errno
	case recorder.KindNative:
		s.result.Native = &lane.Native{API: s.result.API, Code: slot.Native}
	}
}

// codes is a probe's own table.
func codes(p *wire.Probe) []lane.Code {
	if p == nil {
		return nil
	}
	var out []lane.Code
	for _, c := range p.Results {
		lc := lane.Code{API: c.API, Errno: c.Errno, Class: c.Class, Source: c.Source}
		if n := c.Native; n != nil {
			lc.NativeName, lc.NativeCode = n.Name, &n.Code
		}
		out = append(out, lc)
	}
	return out
}

// window is where an attempt's witness rows are.
func (s *seen) window(prof *plan.Profile, q Question, slot int, p *Process) lane.Window {
	w := lane.Window{
		Slot: slot, Epoch: p.Epoch, StartUS: s.startNS / 1000, SlackUS: p.WitnessSlack.Microseconds(),
		Complete: prof.Seal != wrap && p.WitnessSlack == 0,
		API:      s.result.API, Operation: q.Operation, Filter: lane.Filter{Name: q.Filter, Value: q.Target},
	}
	if s.endNS > 0 {
		w.EndUS = s.endNS/1000 + 1
	}
	if q.Filter == "target" {
		w.Target, w.Filter.Value = q.Target, s.filter
	}
	if s.spec != nil {
		w.Dependencies = s.spec.Dependencies
	}
	return w
}

// attempt is the decision's view of an attempt.
func (s *seen) attempt(a Attempt, p *Process, on wire.Platform) lane.Attempt {
	at := lane.Attempt{
		Supported: true, State: s.state, End: lane.Returned, Arm: a.Item.Arm,
		Result: s.result.Class, Errno: s.result.Errno, Effect: s.effect, StoppedHere: a.Stopped,
	}
	if p.Failed == lane.StageApply {
		at.Apply = p.Reason
		if at.Apply == "" {
			at.Apply = lane.ApplyFailed
		}
	}
	if s.spec != nil {
		at.OneWay, at.Observable = s.spec.OneWay, s.spec.ObservableEffect
		at.PolicyBeforeExistence = s.spec.PolicyBeforeExistence
		at.Supported = len(s.spec.Platforms) == 0 || slices.Contains(s.spec.Platforms, on)
		if a.Item.Arm != lane.After && s.spec.Handle == "" {
			at.Supported = false
		}
	}
	if why, failed := notAcquired(a.Item, p); failed {
		at.Fixture, s.skip = lane.AcquireFailed, why
	}
	if at.Fixture != "" {
		return at
	}
	if p.Reason == lane.FixtureUnavailable || s.skip != "" || p.Description != nil && s.spec == nil {
		at.Fixture = lane.FixtureUnavailable
	}
	if s.state != lane.Done {
		s.stopped(&at, a, p)
	}
	return at
}

// notAcquired says why there is nothing to hold, when Prepare could not get it.
func notAcquired(it wire.RunItem, p *Process) (why string, failed bool) {
	if it.Arm == lane.After {
		return "", false
	}
	for _, t := range p.Prepared {
		if !t.Ready && t.Operation == it.Operation && t.Target == it.Target && t.Arm == it.Arm {
			return "acquiring it before sealing failed: " + t.Detail, true
		}
	}
	return "", false
}

// stopped fills in how an attempt that did not finish ended.
func (s *seen) stopped(at *lane.Attempt, a Attempt, p *Process) {
	at.End = lane.Died
	if p.TimedOut {
		at.End = lane.TimedOut
	}
	if p.Failed != "" {
		at.DiedAt = p.Failed
	}
	if s.state == lane.Acquiring {
		at.DiedAt = lane.StageAcquire
	}
	if a.Stopped {
		at.Signal = p.Signal
	}
}

// detail is a sentence about what went wrong, "" when nothing did.
func (s *seen) detail(a Attempt, p *Process) string {
	switch {
	case s.skip != "":
		return s.skip
	case p.Reason == lane.FixtureUnavailable && p.Err != "":
		return p.Err + p.Hint
	case p.Description != nil && s.spec == nil:
		return fmt.Sprintf("the plugin has no operation %q", a.Item.Operation)
	case s.damage != "":
		return "the flight recorder's slot cannot be believed: " + s.damage
	case s.state == lane.Done:
		return ""
	case p.Err == "":
		return "not reached"
	case a.Stopped:
		return "in this attempt: " + p.Err
	case p.Failed == lane.StageOperation:
		return "not reached: " + p.Err
	}
	return p.Err + p.Hint
}
