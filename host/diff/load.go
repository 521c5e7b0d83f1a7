package diff

import (
	"fmt"
	"strings"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/plan"
	"github.com/hrhost/hrhost/host/verify"
	"github.com/hrhost/hrhost/host/world"
)

// Load reads the bundle in dir, which must be valid: what is compared is
// evidence, and a bundle that was changed afterwards is none.
func Load(dir string) (*Side, error) {
	dir, err := bundle.Resolve(dir)
	if err != nil {
		return nil, err
	}
	v, err := verify.Bundle(dir)
	if err != nil {
		return nil, err
	}
	if !v.Valid {
		f := v.Findings[0]
		return nil, fmt.Errorf("bundle %q is not valid: %s %s: %s", dir, f.Check, f.Path, f.Message)
	}
	var m bundle.Manifest
	var matrix bundle.Matrix
	var w world.World
	var p plan.Plan
	for _, d := range []struct {
		name string
		into any
	}{{bundle.RunManifest, &m}, {bundle.ExpectedMatrixJSON, &matrix}, {bundle.World, &w}, {bundle.PlanResolved, &p}} {
		if err := bundle.ReadDocument(dir, d.name, d.into); err != nil {
			return nil, err
		}
	}
	s := &Side{RunID: m.RunID, WorldID: m.WorldID, World: facts(w), Settings: settings(m, w, p), Outcomes: map[string]*Outcome{}, numbered: map[string]string{}}
	for id, mp := range matrix.Profiles {
		for _, e := range mp.Probes {
			s.Outcomes[e.ExpectationID] = planned(id, e)
		}
	}
	if err := s.targets(dir, matrix); err != nil {
		return nil, err
	}
	return s, s.rows(dir)
}

// targets adds an outcome for each target of a sweep. Two sweeps are compared
// target by target: the numbers by which rows name them are not the same.
func (s *Side) targets(dir string, matrix bundle.Matrix) error {
	for _, mp := range matrix.Profiles {
		if mp.Sweep == nil {
			continue
		}
		return bundle.ReadRows(dir, bundle.SweepTargets, func(t bundle.SweepTarget) error {
			sweep := matrix.Profiles[t.ProfileID].Sweep
			if sweep == nil {
				return nil
			}
			id := t.ProfileID + ":" + t.Target + "@after"
			s.numbered[fmt.Sprintf("%s:%d@after", t.ProfileID, t.Number)] = id
			s.Outcomes[id] = planned(t.ProfileID, bundle.Expectation{
				ExpectationID: id, Operation: sweep.Operation, Filter: lane.Filter{Name: sweep.Filter}, Target: t.Target, Expected: "any",
			})
			return nil
		})
	}
	return nil
}

// bootID tells one boot of a host from the next: no property of the world.
const bootID = "boot_id"

func facts(w world.World) map[string]string {
	out := map[string]string{"world_id": w.ID}
	for _, f := range w.Facts {
		if f.Name == bootID {
			continue
		}
		out[f.Name] = f.Value
		if f.Error != "" {
			out[f.Name] = "unknown: " + f.Error
		}
	}
	return out
}

// settings is what was run, by whom and how.
func settings(m bundle.Manifest, w world.World, p plan.Plan) map[string]string {
	out := map[string]string{"boot": w.Get(bootID), "plan": m.PlanDigest, "hrhost": m.HrhostVersion, "channel": m.Channel}
	for _, e := range m.Plugins {
		out["plugin "+e.Family] = e.Digest
	}
	for _, prof := range p.Profiles {
		out["profile "+prof.ID] = prof.Digest
		out["seal of "+prof.ID] = strings.TrimSpace(prof.Seal + " " + strings.Join(prof.Wrap, " "))
		out["acquire of "+prof.ID] = prof.Acquire
		out["isolation of "+prof.ID] = prof.Isolation
		for k, v := range prof.Params {
			out["param "+k+" of "+prof.ID] = v
		}
	}
	return out
}

// rows streams the lanes into the outcomes.
func (s *Side) rows(dir string) error {
	if err := each(s, dir, bundle.RuntimeResults, func(r lane.RuntimeRow) string { return r.ExpectationID }, (*Outcome).runtime); err != nil {
		return err
	}
	if err := each(s, dir, bundle.BaselineResults, func(r lane.BaselineRow) string { return r.ExpectationID }, (*Outcome).baseline); err != nil {
		return err
	}
	return each(s, dir, bundle.OracleResults, func(r lane.OracleRow) string { return r.ExpectationID }, (*Outcome).oracle)
}

func each[T any](s *Side, dir, name string, id func(T) string, add func(*Outcome, T)) error {
	return bundle.ReadRows(dir, name, func(row T) error {
		name := id(row)
		if target, ok := s.numbered[name]; ok {
			name = target
		}
		if o := s.Outcomes[name]; o != nil {
			add(o, row)
		}
		return nil
	})
}
