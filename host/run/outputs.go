package run

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
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
	bundle  *bundle.Writer
	spools  map[string]*bundle.Spool // by profile id
	targets *bundle.LineWriter       // nil without a sweep; sweeps are run in the order of the plan

	mu   sync.Mutex // guards what follows
	logs map[string]bundle.Artifact
}

// open makes the spools of a plan's profiles.
func (o *outputs) open(p *plan.Plan, worldID string) error {
	o.logs, o.spools = map[string]bundle.Artifact{}, map[string]*bundle.Spool{}
	spools, err := o.bundle.Spools(len(p.Profiles), map[string]any{"world_id": worldID})
	if err != nil {
		return err
	}
	for i, s := range spools {
		o.spools[p.Profiles[i].ID] = s
	}
	if hasSweep(p) {
		o.targets, err = o.bundle.Lines(bundle.SweepTargets)
	}
	return err
}

// file writes a text or a JSON document whole.
func (o *outputs) file(name string, text []byte) error {
	if bundle.SchemaOf(name) != "" {
		return o.bundle.Document(name, json.RawMessage(text))
	}
	f, err := o.bundle.File(name)
	if err != nil {
		return err
	}
	if _, err := f.Write(text); err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	return f.Close()
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

// witness appends a witness row, in the order in which the enforcement points number
// them.
func (o *outputs) witness(profile string, row *lane.WitnessRow) error {
	return o.spools[profile].Append(bundle.WitnessEvents, row)
}

// eachTarget reads a sweep's targets back.
func (o *outputs) eachTarget(profile string, do func(bundle.SweepTarget) error) error {
	return bundle.ReadRows(o.bundle.Dir(), bundle.SweepTargets, func(t bundle.SweepTarget) error {
		if t.ProfileID != profile {
			return nil
		}
		return do(t)
	})
}

// log is a file below logs/ in the bundle. The processes of one profile write
// the same one, one after the other.
func (o *outputs) log(name string) (io.Writer, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if f := o.logs[name]; f != nil {
		return f, nil
	}
	f, err := o.bundle.File("logs/" + name + ".log")
	if err == nil {
		o.logs[name] = f
	}
	return f, err
}

// restLog gives a log's descriptor back until the next phase.
func (o *outputs) restLog(name string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if f := o.logs[name]; f != nil {
		return f.Rest()
	}
	return nil
}

// closeLog ends the log of processes that have all ended.
func (o *outputs) closeLog(name string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if f := o.logs[name]; f != nil {
		return f.Close()
	}
	return nil
}

// ended gives back the descriptors of a profile that has ended: a plan may have
// more profiles than a process may have files.
func (o *outputs) ended(profile string) error {
	return errors.Join(o.spools[profile].Rest(), o.closeLog(profile))
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
