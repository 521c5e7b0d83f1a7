package run

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/hrhost/hrhost/host/evidence"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/plan"
	"github.com/hrhost/hrhost/host/probing"
	"github.com/hrhost/hrhost/sb/sbpl"
)

// profiles runs the probes of the plan under their policies.
type profiles struct {
	parts
	os    string // the plan's
	base  *baselines
	trace *probing.Trace
	debug io.Writer // gets a copy of the processes' stderr; nil for none
}

// run runs a profile's sealed processes, one for each batch, and concludes with the
// baselines that wait in the spool.
func (ps *profiles) run(ctx context.Context, prof *plan.Profile) error {
	begun := time.Now()
	done := ProfileDone{ID: prof.ID, Sealed: true, Seal: prof.Seal, Probes: len(evidence.Questions(prof))}
	left, kept := evidence.Questions(prof), ps.base.of(prof.ID)
	f := ps.frame.of(ps.plugins[prof.Family])
	add := func(e *evidence.Evidence) error {
		skipped, rest := skippedBefore(left, e.Question)
		left = rest
		return errors.Join(ps.skip(f, prof, skipped), ps.res.add(e))
	}
	for i, b := range batches(prof, evidence.Planned(prof)) {
		var base unsealedBatch
		if err := ps.spool.get(kept[i], &base); err != nil {
			return err
		}
		sealed, err := ps.sealed(ctx, f, b)
		if err != nil {
			return err
		}
		if note := health(base.Trouble, sealed); note != "" {
			done.Note, done.Sealed = note, sealed.Epoch > 0
		}
		if err := f.conclude(b, &base, sealed, ps.points.answerOf, add); err != nil {
			return err
		}
	}
	skipped, _ := skippedBefore(left, evidence.Question{})
	if err := errors.Join(ps.skip(f, prof, skipped), ps.out.ended(prof.ID)); err != nil {
		return err
	}
	done.Took = time.Since(begun)
	ps.res.ended(done, ctx.Err() != nil)
	return nil
}

// skip accounts for probes that this world cannot do.
func (ps *profiles) skip(f frame, prof *plan.Profile, probes []evidence.Question) error {
	why := fmt.Sprintf("the plan has no target for %s", ps.os)
	for _, q := range probes {
		if err := ps.res.add(evidence.Skipped(f.caseOf(prof, q), why)); err != nil {
			return err
		}
	}
	return nil
}

// sealed runs a batch's sealed process. Without a program, and for a profile that
// can't be applied, none is started.
func (ps *profiles) sealed(ctx context.Context, f frame, b *batch) (*probing.Report, error) {
	pl := ps.plugins[b.prof.Family]
	if rep := notRun(b.prof, pl, b.items, ps.points.blocked(operationsOf(b.items)...)); rep != nil {
		if b.prof.Gate != "" {
			rep.Failed, rep.Reason = lane.StageApply, lane.ApplyUnsupported
		}
		return rep, nil
	}
	log, err := ps.out.log(b.prof.ID)
	if err != nil {
		return nil, err
	}
	if ps.debug != nil {
		log = io.MultiWriter(log, ps.debug)
	}
	job := sealedJob(pl, b, log)
	job.Witness, job.Trace = witnessWriter(f, b, ps.out, ps.procs.errs), ps.trace
	sealed := ps.procs.start(ctx, pl, b.prof.ID, job)
	pl.described(sealed.Description)
	return sealed, nil
}

// sealedJob is a process that makes a batch's attempts under its profile.
func sealedJob(pl *plugin, b *batch, log io.Writer) probing.Job {
	job := underPolicy(baselineJob(pl, b.prof.Family+", profile "+b.prof.ID, b.items, b.prof.Timeout, log), b.prof)
	job.Ask = asked(b)
	return job
}

// underPolicy is a job with a profile's policy put in force.
func underPolicy(job probing.Job, prof *plan.Profile) probing.Job {
	job.Policy, job.SBPL, job.Params = prof.Policy, string(prof.Text), prof.Params
	job.Seal, job.Wrap = probing.Seal(prof.Seal), prof.Wrap
	return job
}

// asked are the questions to the live enforcement point, one for each probe.
func asked(b *batch) (all []sbpl.Query) {
	for _, p := range b.probes {
		all = append(all, p.Query(0))
	}
	return all
}

// witnessWriter stamps a batch's witness rows and streams them to disk, in the order
// in which the enforcement points number them.
func witnessWriter(f frame, b *batch, out *outputs, errs *firstError) func(*lane.WitnessRow) {
	return func(row *lane.WitnessRow) {
		f.stamp(b, row)
		if err := out.witness(b.prof.ID, row); err != nil {
			errs.note(err)
		}
	}
}
