package run

import (
	"errors"
	"sync"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/evidence"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/mismatch"
	"github.com/hrhost/hrhost/host/plan"
)

// outputs are the documents that grow while the run goes on. Rows are spooled by
// profile, so that the documents have them in the order of the plan.
type outputs struct {
	spools  map[string]*bundle.Spool // by profile id
	targets *bundle.LineWriter       // nil without a sweep; sweeps are run in the order of the plan
	logs    map[string]bundle.Artifact
}

func (r *runner) openOutputs() error {
	r.out.logs, r.out.spools = map[string]bundle.Artifact{}, map[string]*bundle.Spool{}
	spools, err := r.bundle.Spools(len(r.opts.Plan.Profiles), map[string]any{"world_id": r.world.ID})
	if err != nil {
		return err
	}
	for i, s := range spools {
		r.out.spools[r.opts.Plan.Profiles[i].ID] = s
	}
	if hasSweep(r.opts.Plan) {
		r.out.targets, err = r.bundle.Lines(bundle.SweepTargets)
	}
	return err
}

// rows appends one expectation to every lane.
func (o *outputs) rows(e *evidence.Evidence, v mismatch.Judgement) error {
	spool := o.spools[e.Profile.ID]
	var errs []error
	errs = append(errs, spool.Append(bundle.BaselineResults, e.Baseline))
	exp := matrixEntry(e.Profile, e.Question)
	for _, row := range e.Rows {
		var match *bool
		if row.Decision.Verdict != nil {
			met := v.Met
			match = &met
		}
		errs = append(errs, spool.Append(bundle.RuntimeResults, row),
			spool.Append(bundle.RuntimeEvents, bundle.Normalize(row, exp, match)))
	}
	for _, row := range e.Oracle {
		errs = append(errs, spool.Append(bundle.OracleResults, row))
	}
	for _, p := range v.Packets {
		errs = append(errs, spool.Append(bundle.MismatchPackets, p))
	}
	return errors.Join(errs...)
}

// ended gives back the descriptors of a profile that has ended: a plan may have
// more profiles than a process may have files.
func (r *runner) ended(prof *plan.Profile) error {
	return errors.Join(r.out.spools[prof.ID].Rest(), r.closeLog(prof.ID))
}

// close ends the documents that are written as they grow. The rows are joined by
// the bundle's writer.
func (o *outputs) close() error {
	var errs []error
	for _, f := range o.logs {
		errs = append(errs, f.Close())
	}
	if o.targets != nil {
		errs = append(errs, o.targets.Close())
	}
	return errors.Join(errs...)
}

// witnessWriter stamps a batch's witness rows with the run's context and
// streams them to disk, in the order in which the enforcement points number them.
func (r *runner) witnessWriter(b *batch, pl *plugin) func(*lane.WitnessRow) {
	var once sync.Once
	stamp, spool := r.stamp(b, pl), r.out.spools[b.prof.ID]
	return func(row *lane.WitnessRow) {
		stamp(row)
		if err := spool.Append(bundle.WitnessEvents, row); err != nil {
			once.Do(func() { r.fail(err) })
		}
	}
}

// stamp puts the run's context on a batch's witness rows.
func (r *runner) stamp(b *batch, pl *plugin) func(*lane.WitnessRow) {
	return func(row *lane.WitnessRow) {
		c := lane.Context{
			RunID: r.id, WorldID: r.world.ID, PlanDigest: r.opts.Plan.Digest,
			ProfileDigest: b.prof.Digest, PluginDigest: pl.binary.Digest, Family: b.prof.Family,
			ProfileID: b.prof.ID, SealMode: b.prof.Seal, Arm: lane.After, Attempt: 1,
			Stage: row.Stage, Operation: row.Operation, Filter: row.Filter, Carrier: row.Carrier, Path: row.Path,
		}
		if row.Epoch > 0 && row.Slot >= 0 && row.Slot < len(b.items) {
			p := b.probes[b.of[row.Slot]]
			c.Arm, c.ProbeName, c.ExpectationID, c.Attempt = p.Arm, p.ID, evidence.ExpectationID(b.prof, p), b.items[row.Slot].Attempt
		}
		row.Context = c
	}
}
