package run

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/plan"
	"github.com/hrhost/hrhost/host/probing"
	"github.com/hrhost/hrhost/internal/wire"
)

// A sweep is a profile whose probes are found when the plan is run. In the phase
// without a policy the plugin lists an operation's targets in one process, they are
// written down, and another process attempts them; in the sealed phase a third one
// attempts them again. Both attempt a batch at a time. A batch is treated as a
// plan's probes are: the same rows, the same decisions. Only one batch is ever in memory.

// batchSize is how many attempts one Run of a sweep makes.
const batchSize = 1024

// SweepWatcher is a [Watcher] that also wants to know of sweeps.
type SweepWatcher interface {
	// Sweeping gets the progress after each batch of the baseline, and again after
	// each of the sealed process.
	Sweeping(SweepProgress)
}

// SweepProgress is how far a sweep is.
type SweepProgress struct {
	ID            string // of the profile
	Sealed        bool   // false: the baseline is being made
	Done, Targets int
	PerSecond     int64 // of the sealed process so far, by the time of its attempts
}

// sweeps are those of a plan, one after the other: a rate that is shared says
// nothing.
type sweeps struct {
	parts
	size int // of a batch
	all  []*sweeping
}

// sweeping is one sweep under way.
type sweeping struct {
	parts
	prof   *plan.Profile
	plugin *plugin
	size   int         // of a batch
	job    probing.Job // what the processes have in common
	kept   []extent    // the batches' baselines, in the spool
	sealed *worker     // nil when nothing could be listed
	so     swept
}

// list lists the targets of the plan's sweeps and makes their baselines.
func (ss *sweeps) list(ctx context.Context, profiles []plan.Profile) error {
	for i := range profiles {
		prof := &profiles[i]
		if prof.Sweep == nil {
			continue
		}
		log, err := ss.out.log(prof.ID)
		if err != nil {
			return err
		}
		pl := ss.plugins[prof.Family]
		s := &sweeping{
			parts: ss.parts, prof: prof, plugin: pl, size: ss.size, job: baselineJob(pl, "", nil, prof.Timeout, log),
			so: swept{result: bundle.SweepResult{ProfileID: prof.ID, Family: prof.Family, MatrixSweep: *matrixSweep(prof)}},
		}
		ss.all = append(ss.all, s)
		if err := errors.Join(timed(ctx, &s.so.took, s.withoutPolicy), ss.out.restLog(prof.ID)); err != nil {
			return err
		}
	}
	return nil
}

// seal has the sealed processes attempt the listed targets.
func (ss *sweeps) seal(ctx context.Context) error {
	for _, s := range ss.all {
		if err := timed(ctx, &s.so.took, s.underPolicy); err != nil {
			return err
		}
		ss.res.ended(s.so.finish(s.prof.Seal, s.sealed), false)
		if err := ss.out.ended(s.prof.ID); err != nil {
			return err
		}
	}
	return nil
}

// results are the sweeps' in the order of the plan.
func (ss *sweeps) results() (all []bundle.SweepResult) {
	for _, s := range ss.all {
		all = append(all, s.so.result)
	}
	return all
}

// timed adds the time that a pass takes.
func timed(ctx context.Context, took *time.Duration, pass func(context.Context) error) error {
	begun := time.Now()
	defer func() { *took += time.Since(begun) }()
	return pass(ctx)
}

// withoutPolicy is the sweep's part of the first phase.
func (s *sweeping) withoutPolicy(ctx context.Context) error {
	if err := s.possible(); err != nil {
		s.so.note = "NOT LISTED: " + sentence(err)
		return nil
	}
	if err := s.listTargets(ctx); err != nil {
		return err
	}
	return s.baseline(ctx)
}

// possible says why nothing can be listed.
func (s *sweeping) possible() error {
	if s.plugin.err != nil {
		return s.plugin.err
	}
	return s.points.blocked(s.prof.Sweep.Operation)
}

// listTargets has the plugin list the targets, and writes down those that the sweep is
// about. What is attempted is read from there.
func (s *sweeping) listTargets(ctx context.Context) error {
	var failed error
	job := s.job
	job.Name = s.prof.Family + ", targets of " + s.prof.Sweep.Operation
	job.List = &probing.List{Operation: s.prof.Sweep.Operation, Each: func(target string) error {
		s.so.result.Listed++
		target = plan.Spelled(s.prof.Sweep.Filter, target)
		if !s.prof.Sweep.Matches(target) {
			return nil
		}
		s.so.result.Targets++
		failed = s.out.targets.Append(bundle.SweepTarget{ProfileID: s.prof.ID, Number: s.so.result.Targets, Target: target})
		if failed == nil && s.so.result.Targets == s.prof.Sweep.Limit {
			return probing.ErrEnough
		}
		return failed
	}}
	rep := s.procs.start(ctx, s.plugin, s.prof.ID, job)
	s.so.result.ListUS = rep.Took.Microseconds()
	if failed != nil {
		return failed
	}
	if rep.Failed != "" && rep.Failed != lane.StageCleanup {
		s.so.note = "NOT LISTED: " + unlisted(rep, s.prof)
	}
	s.plugin.described(rep.Description)
	return errors.Join(s.procs.errs.get(), ctx.Err())
}

// unlisted says why a plugin lists nothing, or stopped in the middle.
func unlisted(rep *probing.Report, prof *plan.Profile) string {
	if !errors.Is(rep.Err, wire.ErrAbsent) {
		return sentence(rep.Err)
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
