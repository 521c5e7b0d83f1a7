package run

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/launch"
	"github.com/hrhost/hrhost/host/plan"
	"github.com/hrhost/hrhost/host/probing"
	"github.com/hrhost/hrhost/internal/english"
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
	result bundle.SweepResult
	sealed *worker // nil when nothing could be listed
	took   time.Duration
	note   string // the first trouble of a process
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
			result: bundle.SweepResult{ProfileID: prof.ID, Family: prof.Family, MatrixSweep: *matrixSweep(prof)},
		}
		ss.all = append(ss.all, s)
		if err := errors.Join(s.timed(ctx, s.withoutPolicy), ss.out.restLog(prof.ID)); err != nil {
			return err
		}
	}
	return nil
}

// seal has the sealed processes attempt the listed targets.
func (ss *sweeps) seal(ctx context.Context) error {
	for _, s := range ss.all {
		if err := s.timed(ctx, s.underPolicy); err != nil {
			return err
		}
		ss.res.ended(s.finish(), false)
		if err := ss.out.ended(s.prof.ID); err != nil {
			return err
		}
	}
	return nil
}

// results are the sweeps' in the order of the plan.
func (ss *sweeps) results() (all []bundle.SweepResult) {
	for _, s := range ss.all {
		all = append(all, s.result)
	}
	return all
}

func (s *sweeping) timed(ctx context.Context, pass func(context.Context) error) error {
	begun := time.Now()
	defer func() { s.took += time.Since(begun) }()
	return pass(ctx)
}

// withoutPolicy is the sweep's part of the first phase.
func (s *sweeping) withoutPolicy(ctx context.Context) error {
	if err := s.possible(); err != nil {
		s.note = "NOT LISTED: " + sentence(err)
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
	rep := s.procs.start(ctx, s.plugin, s.prof.ID, job)
	s.result.ListUS = rep.Took.Microseconds()
	if failed != nil {
		return failed
	}
	if rep.Failed != "" && rep.Failed != lane.StageCleanup {
		s.note = "NOT LISTED: " + unlisted(rep, s.prof)
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

// decided counts the targets that have their rows.
func decided(r *bundle.SweepResult) int { return r.Allowed + r.Denied + r.Other }

// rate is targets by the time of the sealed attempts.
func rate(r *bundle.SweepResult) int64 { return int64(decided(r)) * 1e6 / max(1, r.SealedUS) }

// finish completes the result and returns what the sweep amounts to.
func (s *sweeping) finish() ProfileDone {
	s.result.Group()
	s.result.PerSecond, s.result.HostPeak = rate(&s.result), launch.PeakOf(os.Getpid())
	if s.sealed != nil {
		s.result.Processes, s.result.LaunchUS = s.sealed.processes, s.sealed.launch.Microseconds()
	}
	if s.note == "" && s.result.Targets == 0 {
		s.note = "NOTHING ATTEMPTED: " + untried(s.result.Listed)
	}
	return ProfileDone{
		ID: s.prof.ID, Sealed: s.note == "", Seal: s.prof.Seal, Probes: s.result.Targets, Took: s.took, Note: s.note,
	}
}

// untried says why a sweep has no target.
func untried(listed int) string {
	if listed == 0 {
		return "no target is listed"
	}
	return fmt.Sprintf("none of the %s fits the pattern (match)", english.Count(listed, "listed target", "listed targets"))
}
