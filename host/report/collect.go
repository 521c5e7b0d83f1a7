package report

import (
	"sort"
	"strings"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/lane"
)

// Run is what the reports show of one run.
type Run struct {
	Manifest  bundle.Manifest
	Preflight bundle.ApplyPreflight
	Summary   bundle.Summary
	Profiles  []Profile
}

// Profile is the probes under one profile, in the order of the plan.
type Profile struct {
	ID, Family, Source, SealMode string
	Probes                       []*Probe

	Sweep  *bundle.SweepResult // nil unless the profile's probes are a sweep's
	Faults int                 // packets about the sweep's targets
}

// Trouble is the profile's probes that are not as expected.
func (p Profile) Trouble() []*Probe {
	var out []*Probe
	for _, probe := range p.Probes {
		if len(probe.Packets) > 0 {
			out = append(out, probe)
		}
	}
	return out
}

// Count counts the profile's probes with one outcome.
func (p Profile) Count(o Outcome) int {
	n := 0
	for _, probe := range p.Probes {
		if probe.Outcome == o {
			n++
		}
	}
	return n
}

// Collect reads what the reports need from the bundle in dir, finished or not.
// The documents of rows must be closed.
func Collect(dir string) (*Run, error) {
	run := &Run{}
	var matrix bundle.Matrix
	docs := []struct {
		name string
		v    any
	}{
		{bundle.RunManifest, &run.Manifest}, {bundle.Preflight, &run.Preflight},
		{bundle.SummaryJSON, &run.Summary}, {bundle.ExpectedMatrixJSON, &matrix},
	}
	for _, d := range docs {
		if err := bundle.ReadDocument(dir, d.name, d.v); err != nil {
			return nil, err
		}
	}
	byID := run.plan(matrix)
	if err := run.sweeps(dir); err != nil {
		return nil, err
	}
	return run, run.read(dir, byID)
}

// sweeps puts the sweeps' results with their profiles. Their targets are not
// shown one by one: there are as many as the host has names.
func (r *Run) sweeps(dir string) error {
	var doc bundle.SweepDocument
	for i := range r.Profiles {
		p := &r.Profiles[i]
		if p.Sweep == nil {
			continue
		}
		if doc.RunID == "" {
			if err := bundle.ReadDocument(dir, bundle.SweepJSON, &doc); err != nil {
				return err
			}
		}
		for j := range doc.Sweeps {
			if doc.Sweeps[j].ProfileID == p.ID {
				p.Sweep = &doc.Sweeps[j]
			}
		}
	}
	return nil
}

// fault counts a packet about a target of a sweep.
func (r *Run) fault(k Packet) {
	for i := range r.Profiles {
		if p := &r.Profiles[i]; p.Sweep != nil && strings.HasPrefix(k.ExpectationID, p.ID+":") {
			p.Faults++
			return
		}
	}
}

// plan lays the profiles out and returns their probes by expectation id.
func (r *Run) plan(matrix bundle.Matrix) map[string]*Probe {
	byID := map[string]*Probe{}
	for _, id := range order(r.Manifest, matrix) {
		m := matrix.Profiles[id]
		p := Profile{ID: id, Family: m.Family, Source: m.Source, SealMode: m.SealMode}
		if m.Sweep != nil {
			p.Sweep = &bundle.SweepResult{ProfileID: id, MatrixSweep: *m.Sweep}
		}
		for _, e := range m.Probes {
			probe := fromPlan(id, m, e)
			p.Probes = append(p.Probes, probe)
			byID[probe.ID] = probe
		}
		r.Profiles = append(r.Profiles, p)
	}
	return byID
}

// order is the profiles as the manifest lists them, then any others by name.
func order(m bundle.Manifest, matrix bundle.Matrix) []string {
	var ids, rest []string
	listed := map[string]bool{}
	for _, p := range m.Profiles {
		if _, ok := matrix.Profiles[p.ID]; ok && !listed[p.ID] {
			listed[p.ID] = true
			ids = append(ids, p.ID)
		}
	}
	for id := range matrix.Profiles {
		if !listed[id] {
			rest = append(rest, id)
		}
	}
	sort.Strings(rest)
	return append(ids, rest...)
}

// read streams the lanes and the packets into the probes. Without probes, of
// sweeps alone, the packets are all that there is to read.
func (r *Run) read(dir string, byID map[string]*Probe) error {
	if len(byID) > 0 {
		if err := readLanes(dir, byID); err != nil {
			return err
		}
	}
	return bundle.ReadRows(dir, bundle.MismatchPackets, func(k Packet) error {
		if p := byID[k.ExpectationID]; p != nil {
			p.addPacket(k)
		} else {
			r.fault(k)
		}
		return nil
	})
}

func readLanes(dir string, byID map[string]*Probe) error {
	err := bundle.ReadRows(dir, bundle.RuntimeResults, func(row lane.RuntimeRow) error {
		if p := byID[row.ExpectationID]; p != nil {
			p.addRuntime(row)
		}
		return nil
	})
	if err != nil {
		return err
	}
	err = bundle.ReadRows(dir, bundle.BaselineResults, func(row lane.BaselineRow) error {
		if p := byID[row.ExpectationID]; p != nil {
			p.NoSandbox = noSandbox(row)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return bundle.ReadRows(dir, bundle.OracleResults, func(row lane.OracleRow) error {
		if p := byID[row.ExpectationID]; p != nil {
			p.addOracle(row)
		}
		return nil
	})
}
