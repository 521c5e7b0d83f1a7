package run

import (
	"cmp"
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

func (s *sweeping) size() int { return cmp.Or(s.opts.batch, batchSize) }

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

// sweeping is one sweep under way.
type sweeping struct {
	*runner
	prof   *plan.Profile
	plugin *plugin
	result bundle.SweepResult
	job    probing.Job // what the processes have in common
	kept   []extent    // the batches' baselines, in the spool
	sealed *worker     // nil when nothing could be listed
	took   time.Duration
	note   string // the first trouble of a process
}

// listSweeps lists the targets of the plan's sweeps and makes their baselines, one
// sweep after the other: a rate that is shared says nothing.
func (r *runner) listSweeps(ctx context.Context) error {
	for i := range r.opts.Plan.Profiles {
		prof := &r.opts.Plan.Profiles[i]
		if prof.Sweep == nil {
			continue
		}
		s, err := r.newSweep(prof)
		if err != nil {
			return err
		}
		r.sweepings = append(r.sweepings, s)
		if err := errors.Join(s.timed(ctx, s.withoutPolicy), s.restLog(prof.ID)); err != nil {
			return err
		}
	}
	return nil
}

// sealSweeps has the sealed processes attempt the listed targets.
func (r *runner) sealSweeps(ctx context.Context) error {
	for _, s := range r.sweepings {
		if err := s.timed(ctx, s.underPolicy); err != nil {
			return err
		}
		s.finish()
		if err := s.ended(s.prof); err != nil {
			return err
		}
	}
	return nil
}

func (r *runner) newSweep(prof *plan.Profile) (*sweeping, error) {
	s := &sweeping{runner: r, prof: prof, plugin: r.plugins[prof.Family]}
	s.result = bundle.SweepResult{ProfileID: prof.ID, Family: prof.Family, MatrixSweep: *matrixSweep(prof)}
	log, err := r.log(prof.ID)
	s.job = probing.Job{
		Family: prof.Family, Options: s.plugin.conf.Options, Timeout: prof.Timeout, Log: log, Binary: s.plugin.binary,
	}
	return s, err
}

func (s *sweeping) timed(ctx context.Context, pass func(context.Context) error) error {
	begun := time.Now()
	defer func() { s.took += time.Since(begun) }()
	return pass(ctx)
}

// withoutPolicy is the sweep's part of the first phase.
func (s *sweeping) withoutPolicy(ctx context.Context) error {
	if err := s.possible(); err != nil {
		s.note = "NOT LISTED: " + err.Error() + hint(err)
		return nil
	}
	if err := s.list(ctx); err != nil {
		return err
	}
	return s.baseline(ctx)
}

// possible says why nothing can be listed.
func (s *sweeping) possible() error {
	if s.plugin.err != nil {
		return s.plugin.err
	}
	return s.host.Point.Blocked(s.prof.Sweep.Operation)
}

// list has the plugin list the targets, and writes down those that the sweep is
// about. What is attempted is read from there.
func (s *sweeping) list(ctx context.Context) error {
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

// rate is targets by the time of the sealed attempts.
func (s *sweeping) rate() int64 {
	done := int64(s.result.Allowed + s.result.Denied + s.result.Other)
	return done * 1e6 / max(1, s.result.SealedUS)
}

// finish tells what the sweep amounts to.
func (s *sweeping) finish() {
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
		s.tally.Incomplete = true
	}
	s.opts.Watch.Profile(ProfileDone{
		ID: s.prof.ID, Sealed: s.note == "", Seal: s.prof.Seal, Probes: s.result.Targets, Took: s.took, Note: s.note,
	})
}

// untried says why a sweep has no target.
func untried(listed int) string {
	if listed == 0 {
		return "no target is listed"
	}
	return fmt.Sprintf("none of the %s fits the pattern (match)", english.Count(listed, "listed target", "listed targets"))
}
