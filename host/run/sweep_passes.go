package run

import (
	"context"
	"errors"
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
	each := func(take func(evidence.Question) error) error {
		return s.out.eachTarget(s.prof.ID, func(t bundle.SweepTarget) error { return take(targetQuestion(s.prof.Sweep, t)) })
	}
	return inBatches(s.size, each, func(probes []evidence.Question) error { return do(newBatch(s.prof, probes)) })
}

// inBatches gathers the values that each hands out, and does something for every so
// many of them and for those that are left.
func inBatches[T any](size int, each func(take func(T) error) error, do func([]T) error) error {
	var next []T
	flush := func() error {
		full := next
		next = nil
		return do(full)
	}
	err := each(func(v T) error {
		if next = append(next, v); len(next) < size {
			return nil
		}
		return flush()
	})
	if err == nil && len(next) > 0 {
		err = flush()
	}
	return err
}

// targetQuestion is a target as a planned probe of which nothing is expected.
func targetQuestion(sweep *plan.Sweep, t bundle.SweepTarget) evidence.Question {
	return evidence.Question{Probe: plan.Probe{
		ID: strconv.Itoa(t.Number), Operation: sweep.Operation, Filter: sweep.Filter,
		Target: t.Target, Expect: "any", ExpectBefore: "any",
	}, Arm: lane.After}
}

// worker makes a worker whose processes run the job.
func (s *sweeping) worker(ctx context.Context, job probing.Job, lost func(*probing.Report)) *worker {
	return &worker{operation: s.prof.Sweep.Operation, lost: lost, run: func(f *probing.Feed) *probing.Report {
		job := job
		job.Feed = f
		return s.procs.start(ctx, s.plugin, s.prof.ID, job)
	}}
}

// baseline has a process without a policy attempt all targets.
func (s *sweeping) baseline(ctx context.Context) error {
	job := s.job
	job.Name = s.prof.Family + ", baseline of " + s.prof.ID
	base := s.worker(ctx, job, s.so.lost)
	done := 0
	err := s.batches(func(b *batch) error {
		rep := base.do(probing.Batch{Items: b.items})
		s.so.result.BaselineUS += rep.Attempted.Microseconds()
		if err := stopped(ctx, s.procs.errs); err != nil {
			return err
		}
		done += len(b.probes)
		s.tell(false, done)
		return s.keep(b, rep)
	})
	base.end()
	return err
}

// keep puts a batch's baseline into the spool.
func (s *sweeping) keep(b *batch, rep *probing.Report) error {
	begun := time.Now()
	e, err := s.keepBaseline(b, rep)
	s.kept = append(s.kept, e)
	s.so.result.EvidenceUS += time.Since(begun).Microseconds()
	return err
}

// underPolicy has the sealed process attempt the targets, and concludes.
func (s *sweeping) underPolicy(ctx context.Context) error {
	if s.possible() != nil {
		return nil
	}
	job := underPolicy(s.job, s.prof)
	job.Name = s.prof.Family + ", profile " + s.prof.ID
	s.sealed = s.worker(ctx, job, s.lostSealed)
	err := s.batches(func(b *batch) error {
		sealed := s.sealed.do(probing.Batch{Items: b.items, Ask: asked(b)})
		s.so.result.SealedUS += sealed.Attempted.Microseconds()
		if err := stopped(ctx, s.procs.errs); err != nil {
			return err
		}
		return s.concludeBatch(b, sealed)
	})
	return errors.Join(err, s.end())
}

// concludeBatch joins a batch's sealed attempts with its baseline.
func (s *sweeping) concludeBatch(b *batch, sealed *probing.Report) error {
	begun := time.Now()
	var base unsealedBatch
	if err := s.spool.get(s.kept[0], &base); err != nil {
		return err
	}
	s.kept = s.kept[1:]
	s.so.trouble(health(base.Trouble, sealed), sealed)
	if err := s.witnessed(b, sealed); err != nil {
		return err
	}
	f := s.frame.of(s.plugin)
	add := func(e *evidence.Evidence) error { return s.res.addTarget(e, &s.so.result) }
	if err := f.conclude(b, &base, sealed, s.points.answerOf, add); err != nil {
		return err
	}
	s.so.result.EvidenceUS += time.Since(begun).Microseconds()
	s.tell(true, decided(&s.so.result))
	return nil
}

// tell tells a watcher that wants to know how far the sweep is.
func (s *sweeping) tell(sealed bool, done int) {
	if w, ok := s.res.watch.(SweepWatcher); ok {
		w.Sweeping(s.so.progress(sealed, done))
	}
}

// lostSealed also writes what the witness saw of the process, before the rows of
// the next one.
func (s *sweeping) lostSealed(rep *probing.Report) {
	s.so.lost(rep)
	if err := s.witnessed(newBatch(s.prof, nil), rep); err != nil {
		s.procs.errs.note(err)
	}
}

// witnessed writes a batch's witness rows. Until then they were kept here, and
// each was kept before its call was answered.
func (s *sweeping) witnessed(b *batch, rep *probing.Report) error {
	f := s.frame.of(s.plugin)
	for _, row := range rep.Witness {
		f.stamp(b, row)
		if err := s.out.witness(s.prof.ID, row); err != nil {
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
	s.so.trouble("", rep)
	return s.witnessed(newBatch(s.prof, nil), rep)
}
