package stale

import (
	"testing"

	"github.com/hrhost/hrhost/host/plan"
)

func state() State {
	return State{
		World: "w", Plugins: map[string]string{"sysctl": "sha256:a"},
		Plan: &plan.Plan{Profiles: []plan.Profile{{
			ID: "p", Family: "sysctl", Digest: "sha256:x", Seal: "self", Acquire: "after", Isolation: "profile", Repeat: 1,
			Params:  map[string]string{"OK": "kernel.ostype"},
			Imports: []plan.Import{{Path: "system.sb", Digest: "sha256:s"}},
			Probes:  []plan.Probe{{ID: "x", Operation: "sysctl-read", Target: "kernel.ostype", Expect: "allow"}},
		}}},
	}
}

func TestFreshIsNotStale(t *testing.T) {
	if got := Check(state(), state()); len(got) != 0 {
		t.Errorf("%+v", got)
	}
}

func TestOneChangeOneFinding(t *testing.T) {
	for name, c := range map[string]struct {
		change   func(now *State)
		kind, id string
	}{
		"world":     {func(s *State) { s.World = "v" }, "world", "v"},
		"plugin":    {func(s *State) { s.Plugins["sysctl"] = "sha256:b" }, "plugin", "sysctl"},
		"text":      {func(s *State) { s.Plan.Profiles[0].Digest = "sha256:y" }, "profile", "p"},
		"imports":   {func(s *State) { s.Plan.Profiles[0].Imports[0].Digest = "sha256:t" }, "profile", "p"},
		"params":    {func(s *State) { s.Plan.Profiles[0].Params["OK"] = "kernel.version" }, "profile", "p"},
		"seal":      {func(s *State) { s.Plan.Profiles[0].Seal = "exec" }, "profile", "p"},
		"wrap":      {func(s *State) { s.Plan.Profiles[0].Wrap = []string{"bwrap"} }, "profile", "p"},
		"acquire":   {func(s *State) { s.Plan.Profiles[0].Acquire = "both" }, "profile", "p"},
		"isolation": {func(s *State) { s.Plan.Profiles[0].Isolation = "probe" }, "profile", "p"},
		"repeat":    {func(s *State) { s.Plan.Profiles[0].Repeat = 2 }, "profile", "p"},
		"sweep":     {func(s *State) { s.Plan.Profiles[0].Sweep = &plan.Sweep{Operation: "sysctl-read"} }, "profile", "p"},
		"renamed":   {func(s *State) { s.Plan.Profiles[0].ID = "q" }, "profile", "q"},
		"target":    {func(s *State) { s.Plan.Profiles[0].Probes[0].Target = "kernel.version" }, "probe", "p:x"},
		"expect":    {func(s *State) { s.Plan.Profiles[0].Probes[0].Expect = "deny" }, "probe", "p:x"},
		"new probe": {func(s *State) {
			s.Plan.Profiles[0].Probes = append(s.Plan.Profiles[0].Probes, plan.Probe{ID: "y"})
		}, "probe", "p:y"},
		"new family": {func(s *State) {
			s.Plan.Profiles = append(s.Plan.Profiles, plan.Profile{ID: "m", Family: "mach"})
		}, "family", "mach"},
	} {
		now := state()
		c.change(&now)
		got := Check(state(), now)
		if len(got) != 1 || got[0].Kind != c.kind || got[0].ID != c.id || got[0].What == "" {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// What the plan no longer asks for does not make a bundle stale.
func TestLessIsCovered(t *testing.T) {
	then := state()
	then.Plan.Profiles = append(then.Plan.Profiles, plan.Profile{ID: "m", Family: "mach"})
	if got := Check(then, state()); len(got) != 0 {
		t.Errorf("%+v", got)
	}
}
