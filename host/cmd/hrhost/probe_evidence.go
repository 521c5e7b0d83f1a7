package main

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/mismatch"
	"github.com/hrhost/hrhost/host/run"
)

// probeEvidence is all that a bundle holds about one probe.
type probeEvidence struct {
	Probe     string             `json:"probe"`
	Expected  string             `json:"expected"`
	Baseline  []lane.BaselineRow `json:"baseline"`
	Runtime   []lane.RuntimeRow  `json:"runtime"`
	Witness   []lane.WitnessRow  `json:"witness"`
	AtLaunch  []launchDenial     `json:"denied_at_launch"` // what start-up wanted and the profile denied
	Oracle    []lane.OracleRow   `json:"oracle"`
	Packets   []mismatch.Packet  `json:"packets"`
	Reproduce string             `json:"reproduce"`
	dir       string
	profiles  []bundle.ProfileEntry
}

// launchDenial is a refusal outside every attempt, of a process that was under
// its profile from the first instruction.
type launchDenial struct {
	lane.WitnessRow
	Suggest string `json:"suggest"` // a rule that would allow it
}

// readEvidence gathers the rows of one probe, with or without its arm.
func readEvidence(dir, probe string) (*probeEvidence, error) {
	a, err := readAsked(dir, probe)
	if err != nil {
		return nil, err
	}
	var manifest bundle.Manifest
	if err := bundle.ReadDocument(dir, bundle.RunManifest, &manifest); err != nil {
		return nil, refuse(err)
	}
	s := &probeEvidence{Probe: probe, dir: dir, Expected: a.Expected, profiles: manifest.Profiles}
	if a.of.Sweep != nil {
		s.Expected = "nothing (a sweep)"
	}
	if s.Reproduce, err = a.again(dir); err != nil {
		return nil, refuse(err)
	}
	if err := s.rows(a.ExpectationID); err != nil {
		return nil, refuse(err)
	}
	return s, nil
}

// asked is the expectation that a story is about. Of a sweep's target only the
// ids and the target are known.
type asked struct {
	bundle.Expectation
	profile string
	of      bundle.MatrixProfile
}

// readAsked finds what PROFILE:PROBE, with or without @ARM, means in a bundle.
func readAsked(dir, probe string) (*asked, error) {
	var matrix bundle.Matrix
	if err := bundle.ReadDocument(dir, bundle.ExpectedMatrixJSON, &matrix); err != nil {
		return nil, refuse(err, "BUNDLE is a run's directory, or the directory that holds LATEST")
	}
	profile, name, _ := strings.Cut(probe, ":")
	of, known := matrix.Profiles[profile]
	none := fmt.Errorf("no probe %q in this bundle", probe)
	if !known {
		return nil, refuse(none, "its profiles are "+strings.Join(slices.Sorted(maps.Keys(matrix.Profiles)), ", "))
	}
	a := &asked{profile: profile, of: of}
	if of.Sweep != nil {
		id, err := targetOf(dir, profile, name)
		if err != nil {
			return nil, refuse(err)
		}
		if id == "" {
			return nil, refuse(none, "profile "+profile+" has the targets of "+bundle.SweepTargets)
		}
		a.ExpectationID, a.Target = id, name
		return a, nil
	}
	name, arm, _ := strings.Cut(name, "@")
	var names []string
	for _, e := range of.Probes {
		names = append(names, strings.TrimSuffix(e.ExpectationID, "@after"))
		if e.Name == name && (arm == string(e.Arm) || arm == "" && (a.ExpectationID == "" || e.Arm == lane.After)) {
			a.Expectation = e
		}
	}
	if a.ExpectationID == "" {
		return nil, refuse(none, "profile "+profile+" has "+strings.Join(names, ", "))
	}
	return a, nil
}

// again is the command that makes the attempt once more.
func (a *asked) again(dir string) (string, error) {
	var plan struct {
		ID       string      `json:"id"`
		Path     string      `json:"path"` // "" of the embedded default plan, try and sweep
		Profiles []run.Asked `json:"profiles"`
	}
	if err := bundle.ReadDocument(dir, bundle.PlanResolved, &plan); err != nil {
		return "", err
	}
	how := run.Asked{Source: a.of.Source}
	if i := slices.IndexFunc(plan.Profiles, func(p run.Asked) bool { return p.ID == a.profile }); i >= 0 {
		how = plan.Profiles[i]
	}
	switch {
	case a.of.Sweep != nil:
		return run.ReproduceSweep(how, a.of.Sweep.Operation, a.Target), nil
	case plan.ID == run.TryPlan && a.profile == run.TryPlan:
		return run.ReproduceTry(how, a.Operation, a.Target), nil
	}
	if plan.Path != "" {
		plan.Path = short(plan.Path)
	}
	return mismatch.Command(plan.Path, a.profile, a.Name), nil
}

// targetOf finds a sweep's target, named as it is or by its number.
func targetOf(dir, profile, name string) (id string, err error) {
	err = bundle.ReadRows(dir, bundle.SweepTargets, func(t bundle.SweepTarget) error {
		if t.ProfileID == profile && id == "" && (t.Target == name || strconv.Itoa(t.Number) == name) {
			id = fmt.Sprintf("%s:%d@after", profile, t.Number)
		}
		return nil
	})
	return id, err
}

func (s *probeEvidence) rows(id string) error {
	if err := collect(s.dir, bundle.BaselineResults, &s.Baseline, func(r lane.BaselineRow) bool { return r.ExpectationID == id }); err != nil {
		return err
	}
	if err := collect(s.dir, bundle.RuntimeResults, &s.Runtime, func(r lane.RuntimeRow) bool { return r.ExpectationID == id }); err != nil {
		return err
	}
	if err := collect(s.dir, bundle.WitnessEvents, &s.Witness, func(r lane.WitnessRow) bool { return r.ExpectationID == id }); err != nil {
		return err
	}
	if err := s.atLaunch(); err != nil {
		return err
	}
	if err := collect(s.dir, bundle.OracleResults, &s.Oracle, func(r lane.OracleRow) bool { return r.ExpectationID == id }); err != nil {
		return err
	}
	return collect(s.dir, bundle.MismatchPackets, &s.Packets, func(p mismatch.Packet) bool { return p.ExpectationID == id })
}

// atLaunch gathers what the profile's process was denied before it answered, each
// once.
func (s *probeEvidence) atLaunch() error {
	profile, _, _ := strings.Cut(s.Probe, ":")
	seen := map[string]bool{}
	return bundle.ReadRows(s.dir, bundle.WitnessEvents, func(r lane.WitnessRow) error {
		if r.ProfileID != profile || r.Stage != lane.StageLaunch || r.By != lane.ByPolicy || r.Verdict != lane.Deny {
			return nil
		}
		if rule := mismatch.Suggest(&r); !seen[rule] {
			seen[rule] = true
			s.AtLaunch = append(s.AtLaunch, launchDenial{r, rule})
		}
		return nil
	})
}

func collect[T any](dir, name string, into *[]T, want func(T) bool) error {
	return bundle.ReadRows(dir, name, func(row T) error {
		if want(row) {
			*into = append(*into, row)
		}
		return nil
	})
}
