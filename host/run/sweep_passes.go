package run

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/evidence"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/plan"
	"github.com/hrhost/hrhost/host/probing"
)

// A sweep goes over its targets twice: without a policy, where the rows of the
// baseline go to the spool, and sealed, where each batch is concluded with its
// part of the spool.

// batches reads the targets back and does something for each batch of them.
func (s *sweeping) batches(do func(*batch) error) error {
	var next []evidence.Question
	flush := func() error {
		b := newBatch(s.prof, next)
		b.sweep, next = s, nil
		return do(b)
	}
	err := bundle.ReadRows(s.bundle.Dir(), bundle.SweepTargets, func(t bundle.SweepTarget) error {
		if t.ProfileID != s.prof.ID {
			return nil
		}
		if next = append(next, s.question(t)); len(next) < s.size() {
			return nil
		}
		return flush()
	})
	if err == nil && len(next) > 0 {
		err = flush()
	}
	return err
}

// question is a target as a planned probe of which nothing is expected.
func (s *sweeping) question(t bundle.SweepTarget) evidence.Question {
	return evidence.Question{Probe: plan.Probe{
		ID: strconv.Itoa(t.Number), Operation: s.prof.Sweep.Operation, Filter: s.prof.Sweep.Filter,
		Target: t.Target, Expect: "any", ExpectBefore: "any",
	}, Arm: lane.After}
}

// attend makes a worker whose processes run the job.
func (s *sweeping) attend(ctx context.Context, job probing.Job, lost func(*probing.Report)) *worker {
	return &worker{operation: s.prof.Sweep.Operation, lost: lost, run: func(f *probing.Feed) *probing.Report {
		job := job
		job.Feed = f
		return s.start(ctx, s.plugin, s.prof, job)
	}}
}

// baseline has a process without a policy attempt all targets.
func (s *sweeping) baseline(ctx context.Context) error {
	job := s.job
	job.Name = s.prof.Family + ", baseline of " + s.prof.ID
	base := s.attend(ctx, job, s.diedBetween)
	done := 0
	err := s.batches(func(b *batch) error {
		rep := base.do(probing.Batch{Items: b.items})
		s.result.BaselineUS += rep.Attempted.Microseconds()
		if err := s.stopped(ctx); err != nil {
			return err
		}
		done += len(b.probes)
		s.progress(false, done)
		return s.keep(b, rep)
	})
	base.end()
	return err
}

// keep puts a batch's baseline into the spool.
func (s *sweeping) keep(b *batch, rep *probing.Report) error {
	begun := time.Now()
	e, err := s.spool.put(s.unsealedBatch(b, rep))
	s.kept = append(s.kept, e)
	s.result.EvidenceUS += time.Since(begun).Microseconds()
	return err
}

// underPolicy has the sealed process attempt the targets, and concludes.
func (s *sweeping) underPolicy(ctx context.Context) error {
	if s.possible() != nil {
		return nil
	}
	job := s.job
	job.Name, job.Policy = s.prof.Family+", profile "+s.prof.ID, s.prof.Policy
	job.Seal, job.SBPL, job.Params = probing.Seal(s.prof.Seal), string(s.prof.Text), s.prof.Params
	s.sealed = s.attend(ctx, job, s.lostSealed)
	err := s.batches(func(b *batch) error {
		work := probing.Batch{Items: b.items}
		for _, p := range b.probes {
			work.Ask = append(work.Ask, p.Query(0))
		}
		sealed := s.sealed.do(work)
		s.result.SealedUS += sealed.Attempted.Microseconds()
		if err := s.stopped(ctx); err != nil {
			return err
		}
		return s.concludeBatch(b, sealed)
	})
	return errors.Join(err, s.end())
}

// stopped is why a run that is under way does not go on, nil when it does.
func (r *runner) stopped(ctx context.Context) error {
	if err := r.failed(); err != nil || ctx.Err() == nil {
		return err
	}
	return fmt.Errorf("interrupted: %w", context.Cause(ctx))
}

// concludeBatch joins a batch's sealed attempts with its baseline.
func (s *sweeping) concludeBatch(b *batch, sealed *probing.Report) error {
	begun := time.Now()
	var base unsealedBatch
	if err := s.spool.get(s.kept[0], &base); err != nil {
		return err
	}
	s.kept = s.kept[1:]
	s.trouble(base.Trouble, sealed)
	if err := s.witnessed(b, sealed); err != nil {
		return err
	}
	if err := s.conclude(b, &base, sealed); err != nil {
		return err
	}
	s.result.EvidenceUS += time.Since(begun).Microseconds()
	s.progress(true, s.result.Allowed+s.result.Denied+s.result.Other)
	return nil
}

func (s *sweeping) progress(sealed bool, done int) {
	if w, ok := s.opts.Watch.(SweepWatcher); ok {
		w.Sweeping(SweepProgress{ID: s.prof.ID, Sealed: sealed, Done: done, Targets: s.result.Targets, PerSecond: s.rate()})
	}
}

// trouble keeps the first that a person should know of.
func (s *sweeping) trouble(baseline string, sealed *probing.Report) {
	if note := health(baseline, sealed); note != "" && s.note == "" {
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
	s.note = "DIED between two batches: " + how + hint(rep.Err) + "; another process was given the next one"
}

// lostSealed also writes what the witness saw of the process, before the rows of
// the next one.
func (s *sweeping) lostSealed(rep *probing.Report) {
	s.diedBetween(rep)
	if err := s.witnessed(newBatch(s.prof, nil), rep); err != nil {
		s.fail(err)
	}
}

// witnessed writes a batch's witness rows. Until then they were kept here, and
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

// end lets the sealed process go and writes what the witness saw of its ending.
func (s *sweeping) end() error {
	rep := s.sealed.end()
	if rep == nil {
		return nil
	}
	s.result.PluginPeak = max(s.result.PluginPeak, rep.Peak)
	return s.witnessed(newBatch(s.prof, nil), rep)
}
