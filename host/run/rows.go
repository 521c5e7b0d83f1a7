package run

import (
	"cmp"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/host/evidence"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/launch"
	"github.com/hrhost/hrhost/host/plan"
	"github.com/hrhost/hrhost/host/probing"
	"github.com/hrhost/hrhost/internal/recorder"
	"github.com/hrhost/hrhost/internal/wire"
)

func asLaunch(err error, target **launch.Error) bool { return errors.As(err, target) }

// context is what every row about a probe carries.
func (r *runner) context(prof *plan.Profile, p evidence.Question, attempt int) lane.Context {
	pl := r.plugins[prof.Family]
	digest := ""
	if pl.binary != nil {
		digest = pl.binary.Digest
	}
	return lane.Context{
		RunID: r.id, WorldID: r.world.ID, PlanDigest: r.opts.Plan.Digest,
		ProfileDigest: prof.Digest, PluginDigest: digest,
		Family: prof.Family, ProfileID: prof.ID, ProbeName: p.ID,
		ExpectationID: evidence.ExpectationID(prof, p), Arm: p.Arm, Attempt: attempt,
		SealMode: prof.Seal, Stage: lane.StagePlan,
		Operation: p.Operation, Filter: lane.Filter{Name: p.Filter, Value: p.Target},
	}
}

// seen is what one attempt showed, the stream and the recorder taken together.
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
func read(a probing.Attempt, d *wire.Description) seen {
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
func merged(a probing.Attempt, d *wire.Description) seen {
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
	s.state, s.effect, s.startNS, s.endNS = lane.Done, lane.Effect(o.Effect), o.StartNS, o.EndNS
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
		lc := lane.Code{API: c.API, Errno: c.Errno, Class: lane.ResultClass(c.Class), Source: c.Source}
		if n := c.Native; n != nil {
			lc.NativeName, lc.NativeCode = n.Name, &n.Code
		}
		out = append(out, lc)
	}
	return out
}

// window is where an attempt's witness rows are.
func (s *seen) window(prof *plan.Profile, p evidence.Question, slot int, rep *probing.Report) lane.Window {
	w := lane.Window{
		Slot: slot, Epoch: rep.Epoch, StartUS: s.startNS / 1000, SlackUS: rep.WitnessSlack.Microseconds(),
		Complete: prof.Seal != string(probing.SealWrap) && rep.WitnessSlack == 0,
		API:      s.result.API, Operation: p.Operation, Filter: lane.Filter{Name: p.Filter, Value: p.Target},
	}
	if s.endNS > 0 {
		w.EndUS = s.endNS/1000 + 1
	}
	if p.Filter == "target" {
		w.Target, w.Filter.Value = p.Target, s.filter
	}
	if s.spec != nil {
		w.Dependencies = s.spec.Dependencies
	}
	return w
}

// attempt is the decision's view of an attempt.
func (s *seen) attempt(a probing.Attempt, rep *probing.Report) lane.Attempt {
	at := lane.Attempt{
		Supported: true, State: s.state, End: lane.Returned, Arm: lane.Arm(a.Item.Arm),
		Result: s.result.Class, Errno: s.result.Errno, Effect: s.effect, StoppedHere: a.Stopped,
	}
	if rep.Failed == lane.StageApply {
		at.Apply = rep.Reason
		if at.Apply == "" {
			at.Apply = lane.ApplyFailed
		}
	}
	if s.spec != nil {
		at.OneWay, at.Observable = s.spec.OneWay, s.spec.ObservableEffect
		at.PolicyBeforeExistence = s.spec.PolicyBeforeExistence
		at.Supported = len(s.spec.Platforms) == 0 || slices.Contains(s.spec.Platforms, platform())
		if a.Item.Arm != wire.After && s.spec.Handle == "" {
			at.Supported = false
		}
	}
	if why, failed := notAcquired(a.Item, rep); failed {
		at.Fixture, s.skip = lane.AcquireFailed, why
	}
	if at.Fixture != "" {
		return at
	}
	if rep.Reason == lane.FixtureUnavailable || s.skip != "" || rep.Description != nil && s.spec == nil {
		at.Fixture = lane.FixtureUnavailable
	}
	if s.state != lane.Done {
		s.stopped(&at, a, rep)
	}
	return at
}

// platform is this system's name in a plugin's table.
func platform() wire.Platform {
	if runtime.GOOS == "darwin" {
		return wire.MacOS
	}
	return wire.Linux
}

// notAcquired says why there is nothing to hold, when Prepare could not get it.
func notAcquired(it wire.RunItem, rep *probing.Report) (why string, failed bool) {
	if it.Arm == wire.After {
		return "", false
	}
	for _, t := range rep.Prepared {
		if !t.Ready && t.Operation == it.Operation && t.Target == it.Target && t.Arm == it.Arm {
			return "acquiring it before sealing failed: " + t.Detail, true
		}
	}
	return "", false
}

// stopped fills in how an attempt that did not finish ended.
func (s *seen) stopped(at *lane.Attempt, a probing.Attempt, rep *probing.Report) {
	at.End = lane.Died
	if rep.TimedOut {
		at.End = lane.TimedOut
	}
	if rep.Failed != "" {
		at.DiedAt = rep.Failed
	}
	if s.state == lane.Acquiring {
		at.DiedAt = lane.StageAcquire
	}
	if a.Stopped && rep.Exit != nil && !rep.Exit.Killed {
		at.Signal = int(rep.Exit.Signal)
	}
}

// detail is a sentence about what went wrong, "" when nothing did.
func (s *seen) detail(a probing.Attempt, rep *probing.Report) string {
	switch {
	case s.skip != "":
		return s.skip
	case rep.Reason == lane.FixtureUnavailable && rep.Err != nil:
		return rep.Err.Error() + hint(rep.Err)
	case rep.Description != nil && s.spec == nil:
		return fmt.Sprintf("the plugin has no operation %q", a.Item.Operation)
	case s.damage != "":
		return "the flight recorder's slot cannot be believed: " + s.damage
	case s.state == lane.Done:
		return ""
	case rep.Err == nil:
		return "not reached"
	case a.Stopped:
		return "in this attempt: " + rep.Err.Error()
	case rep.Failed == lane.StageOperation:
		return "not reached: " + rep.Err.Error()
	}
	return rep.Err.Error() + hint(rep.Err)
}
