package run

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"time"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/enforce/bus"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/launch"
	"github.com/hrhost/hrhost/host/mismatch"
	"github.com/hrhost/hrhost/host/plan"
	"github.com/hrhost/hrhost/host/probing"
	"github.com/hrhost/hrhost/internal/english"
	"github.com/hrhost/hrhost/internal/wire"
)

// A sweep is a profile whose probes are found when the plan is run: the plugin
// lists an operation's targets in a process of its own, they are written down,
// and then one process without a policy and one sealed process attempt them,
// a portion at a time. What holds for a portion holds for any batch: the same
// rows, the same decisions. Only a portion is ever in memory.

// portionSize is how many attempts one Run of a sweep makes.
const portionSize = 1024

func (s *sweeping) size() int { return cmp.Or(s.opts.portion, portionSize) }

// SweepWatcher is a [Watcher] that also wants to know of sweeps.
type SweepWatcher interface {
	// Sweeping is told after each portion.
	Sweeping(SweepProgress)
}

// SweepProgress is how far a sweep is.
type SweepProgress struct {
	ID            string // of the profile
	Done, Targets int
	PerSecond     int64 // so far, by the time of the sealed attempts
}

// sweeping is one sweep under way.
type sweeping struct {
	*runner
	prof   *plan.Profile
	plugin *plugin
	result bundle.SweepResult
	base   *attendant
	sealed *attendant
	note   string // the first trouble of a process
}

// sweeps runs the plan's sweeps, one after the other: a rate that is shared says
// nothing.
func (r *runner) sweeps(ctx context.Context) error {
	for i := range r.opts.Plan.Profiles {
		if prof := &r.opts.Plan.Profiles[i]; prof.Sweep != nil {
			if err := r.sweep(ctx, prof); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *runner) sweep(ctx context.Context, prof *plan.Profile) error {
	begun := time.Now()
	s := &sweeping{runner: r, prof: prof, plugin: r.plugins[prof.Family]}
	s.result = bundle.SweepResult{ProfileID: prof.ID, Family: prof.Family, MatrixSweep: *matrixSweep(prof)}
	log, err := r.log(prof.ID)
	if err != nil {
		return err
	}
	job := probing.Job{
		Name: prof.Family + ", sweep of " + prof.ID, Family: prof.Family, Options: s.plugin.conf.Options,
		Timeout: prof.Timeout, Log: log, Binary: s.plugin.binary,
	}
	if err := s.possible(); err != nil {
		s.note = "NOT LISTED: " + err.Error() + hint(err)
	} else if err := s.list(ctx, job); err != nil {
		return err
	} else if err := s.attempt(ctx, job); err != nil {
		return err
	}
	s.finish(time.Since(begun))
	return s.ended(prof)
}

// possible says why nothing can be listed.
func (s *sweeping) possible() error {
	if s.plugin.err != nil {
		return s.plugin.err
	}
	if bus.Needed(s.prof.Sweep.Operation) {
		return s.busErr
	}
	return nil
}

// list has the plugin list the targets, and writes down those that the sweep is
// about. What is attempted is read from there.
func (s *sweeping) list(ctx context.Context, job probing.Job) error {
	var failed error
	job.Name = s.prof.Family + ", targets of " + s.prof.Sweep.Operation
	job.List = &probing.List{Operation: s.prof.Sweep.Operation, Each: func(target string) error {
		s.result.Listed++
		target = plan.Spelled(s.prof.Sweep.Filter, target)
		if !s.prof.Sweep.Matches(target) {
			return nil
		}
		s.result.Targets++
		failed = s.out.targets.Append(bundle.SweepTarget{ProfileID: s.prof.ID, Number: s.result.Targets, Target: target})
		if failed == nil && s.result.Targets == s.prof.Sweep.Limit {
			return probing.ErrEnough
		}
		return failed
	}}
	rep := s.start(ctx, s.plugin, s.prof, job)
	s.result.ListUS = rep.Took.Microseconds()
	if failed != nil {
		return failed
	}
	if rep.Failed != "" && rep.Failed != lane.StageCleanup {
		s.note = "NOT LISTED: " + unlisted(rep, s.prof)
	}
	s.described(rep)
	return errors.Join(s.failed(), ctx.Err())
}

// unlisted says why a plugin lists nothing, or stopped in the middle.
func unlisted(rep *probing.Report, prof *plan.Profile) string {
	if !errors.Is(rep.Err, wire.ErrAbsent) {
		return rep.Err.Error() + hint(rep.Err)
	}
	text := fmt.Sprintf("family %s cannot list the targets of %s", prof.Family, prof.Sweep.Operation)
	if rep.Description == nil {
		return text
	}
	if p := rep.Description.Probe(prof.Sweep.Operation); p != nil {
		return text + ": " + rep.Description.Doc
	}
	return text + ", an operation that it does not have"
}

// described notes what the program says of itself.
func (s *sweeping) described(rep *probing.Report) {
	if d := rep.Description; d != nil {
		s.mu.Lock()
		s.plugin.version, s.plugin.protocol = d.Version, wire.ProtocolMajor
		s.mu.Unlock()
	}
}

// attempt reads the targets back and runs them, a portion at a time.
func (s *sweeping) attempt(ctx context.Context, job probing.Job) error {
	s.base = &attendant{operation: s.prof.Sweep.Operation, lost: s.diedBetween, run: func(f *probing.Feed) *probing.Report {
		job := job
		job.Name, job.Feed = s.prof.Family+", baseline of "+s.prof.ID, f
		return s.start(ctx, s.plugin, s.prof, job)
	}}
	s.sealed = &attendant{operation: s.prof.Sweep.Operation, lost: s.lostSealed, run: func(f *probing.Feed) *probing.Report {
		job := job
		job.Name, job.Feed, job.Policy = s.prof.Family+", profile "+s.prof.ID, f, s.prof.Policy
		job.Seal, job.SBPL, job.Params = probing.Seal(s.prof.Seal), string(s.prof.Text), s.prof.Params
		return s.start(ctx, s.plugin, s.prof, job)
	}}
	var next []question
	err := bundle.ReadRows(s.bundle.Dir(), bundle.SweepTargets, func(t bundle.SweepTarget) error {
		if t.ProfileID != s.prof.ID {
			return nil
		}
		if next = append(next, s.question(t)); len(next) < s.size() {
			return nil
		}
		defer func() { next = nil }()
		return s.portion(ctx, next)
	})
	if err == nil && len(next) > 0 {
		err = s.portion(ctx, next)
	}
	return errors.Join(err, s.end())
}

// question is a target as a planned probe of which nothing is expected.
func (s *sweeping) question(t bundle.SweepTarget) question {
	return question{plan.Probe{
		ID: strconv.Itoa(t.Number), Operation: s.prof.Sweep.Operation, Filter: s.prof.Sweep.Filter,
		Target: t.Target, Expect: "any", ExpectBefore: "any",
	}, lane.After}
}

// portion has both processes attempt some targets, and concludes.
func (s *sweeping) portion(ctx context.Context, probes []question) error {
	b := newBatch(s.prof, probes)
	b.sweep = s
	work := probing.Portion{Items: b.items}
	base := s.base.do(work)
	s.result.BaselineUS += base.Attempted.Microseconds()
	for _, p := range probes {
		work.Ask = append(work.Ask, query(p, 0))
	}
	sealed := s.sealed.do(work)
	s.result.SealedUS += sealed.Attempted.Microseconds()
	if err := s.failed(); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("interrupted: %w", context.Cause(ctx))
	}
	begun := time.Now()
	s.trouble(base, sealed)
	if err := s.witnessed(b, sealed); err != nil {
		return err
	}
	if err := s.conclude(b, base, sealed); err != nil {
		return err
	}
	s.result.EvidenceUS += time.Since(begun).Microseconds()
	if w, ok := s.opts.Watch.(SweepWatcher); ok {
		done := s.result.Allowed + s.result.Denied + s.result.Other
		w.Sweeping(SweepProgress{ID: s.prof.ID, Done: done, Targets: s.result.Targets, PerSecond: s.rate()})
	}
	return nil
}

// trouble keeps the first that a person should know of.
func (s *sweeping) trouble(base, sealed *probing.Report) {
	if note := health(base, sealed); note != "" && s.note == "" {
		s.note = note
	}
	s.result.PluginPeak = max(s.result.PluginPeak, sealed.Peak)
}

// diedBetween notes a process that took nothing along when it died. Every target
// may have been measured all the same, but a process died.
func (s *sweeping) diedBetween(rep *probing.Report) {
	s.result.PluginPeak = max(s.result.PluginPeak, rep.Peak)
	if s.note != "" {
		return
	}
	how := rep.Err.Error()
	if rep.Unbegun && rep.Exit != nil && !rep.Exit.Killed {
		how = rep.Exit.String()
	}
	s.note = "DIED between two portions: " + how + hint(rep.Err) + "; another process was given the next one"
}

// lostSealed also writes what the witness saw of the process, before the rows of
// the next one.
func (s *sweeping) lostSealed(rep *probing.Report) {
	s.diedBetween(rep)
	if err := s.witnessed(newBatch(s.prof, nil), rep); err != nil {
		s.fail(err)
	}
}

// witnessed writes a portion's witness rows. Until then they were kept here, and
// each was kept before its call was answered.
func (s *sweeping) witnessed(b *batch, rep *probing.Report) error {
	stamp, spool := s.stamp(b, s.plugin), s.out.spools[s.prof.ID]
	for _, row := range rep.Witness {
		stamp(row)
		if err := spool.Append(bundle.WitnessEvents, row); err != nil {
			return err
		}
	}
	return nil
}

// end lets both processes go and writes what the witness saw of their ending.
func (s *sweeping) end() error {
	s.base.end()
	rep := s.sealed.end()
	if rep == nil {
		return nil
	}
	s.result.PluginPeak = max(s.result.PluginPeak, rep.Peak)
	return s.witnessed(newBatch(s.prof, nil), rep)
}

// rate is targets by the time of the sealed attempts.
func (s *sweeping) rate() int64 {
	done := int64(s.result.Allowed + s.result.Denied + s.result.Other)
	return done * 1e6 / max(1, s.result.SealedUS)
}

// finish tells what the sweep amounts to.
func (s *sweeping) finish(took time.Duration) {
	s.result.Group()
	s.result.PerSecond, s.result.HostPeak = s.rate(), launch.PeakOf(os.Getpid())
	if s.sealed != nil {
		s.result.Processes, s.result.LaunchUS = s.sealed.processes, s.sealed.launch.Microseconds()
	}
	s.swept = append(s.swept, s.result)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.note == "" && s.result.Targets == 0 {
		s.note = "NOTHING ATTEMPTED: " + untried(s.result.Listed)
	}
	if s.note != "" {
		s.tally.raise(ExitIncomplete)
	}
	s.opts.Watch.Profile(ProfileDone{ID: s.prof.ID, Sealed: s.note == "", Seal: s.prof.Seal, Probes: s.result.Targets, Took: took, Note: s.note})
}

// untried says why a sweep has no target.
func untried(listed int) string {
	if listed == 0 {
		return "no target is listed"
	}
	return fmt.Sprintf("none of the %s fits the pattern (match)", english.Count(listed, "listed target", "listed targets"))
}

// faults are the packets that a sweep has: nothing is expected of a target, so
// that having no decision is none, unless its attempt went wrong or two lanes
// contradict each other.
func faults(packets []mismatch.Packet) []mismatch.Packet {
	return slices.DeleteFunc(packets, func(p mismatch.Packet) bool {
		switch p.MismatchReason {
		case lane.OracleDisagreement, lane.CapturePipelineDisagreement, lane.ProtocolViolation:
			return false
		}
		return !mismatch.Incomplete(p.MismatchReason)
	})
}
