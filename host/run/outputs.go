package run

import (
	"errors"
	"io"
	"sync"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/mismatch"
)

// outputs are the documents that grow while the run goes on.
type outputs struct {
	baseline, runtime, events, oracle *bundle.ArrayWriter
	witness, packets, targets         *bundle.LineWriter // targets: nil without a sweep
	logs                              map[string]io.WriteCloser
}

func (r *runner) openOutputs() (err error) {
	r.out.logs = map[string]io.WriteCloser{}
	header := map[string]any{"world_id": r.world.ID}
	for name, w := range map[string]**bundle.ArrayWriter{
		bundle.BaselineResults: &r.out.baseline, bundle.RuntimeResults: &r.out.runtime,
		bundle.RuntimeEvents: &r.out.events, bundle.OracleResults: &r.out.oracle,
	} {
		if *w, err = r.bundle.Array(name, header); err != nil {
			return err
		}
	}
	if r.out.witness, err = r.bundle.Lines(bundle.WitnessEvents); err != nil {
		return err
	}
	if r.out.packets, err = r.bundle.Lines(bundle.MismatchPackets); err != nil {
		return err
	}
	if hasSweep(r.opts.Plan) {
		r.out.targets, err = r.bundle.Lines(bundle.SweepTargets)
	}
	return err
}

// rows appends one expectation to every lane.
func (o *outputs) rows(e *evidence, v mismatch.Judgement) error {
	var errs []error
	errs = append(errs, o.baseline.Append(e.base))
	exp := matrixEntry(e.prof, e.probe)
	for _, row := range e.rows {
		var match *bool
		if row.Decision.Verdict != nil {
			met := v.Met
			match = &met
		}
		errs = append(errs, o.runtime.Append(row), o.events.Append(bundle.Normalize(row, exp, match)))
	}
	for _, row := range e.oracle {
		errs = append(errs, o.oracle.Append(row))
	}
	for _, p := range v.Packets {
		errs = append(errs, o.packets.Append(p))
	}
	return errors.Join(errs...)
}

func (o *outputs) close() error {
	var errs []error
	for _, f := range o.logs {
		errs = append(errs, f.Close())
	}
	for _, w := range []*bundle.ArrayWriter{o.baseline, o.runtime, o.events, o.oracle} {
		if w != nil {
			errs = append(errs, w.Close())
		}
	}
	for _, w := range []*bundle.LineWriter{o.witness, o.packets, o.targets} {
		if w != nil {
			errs = append(errs, w.Close())
		}
	}
	return errors.Join(errs...)
}

// witnessWriter stamps a batch's witness rows with the run's context and
// streams them to disk.
func (r *runner) witnessWriter(b *batch, pl *plugin) func(*lane.WitnessRow) {
	var once sync.Once
	stamp := r.stamp(b, pl)
	return func(row *lane.WitnessRow) {
		stamp(row)
		if err := r.out.witness.Append(row); err != nil {
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
			c.Arm, c.ProbeName, c.ExpectationID, c.Attempt = p.Arm, p.ID, expectationID(b.prof, p), b.items[row.Slot].Attempt
		}
		row.Context = c
	}
}
