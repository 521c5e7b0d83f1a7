package verify

import (
	"fmt"
	"slices"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/plan"
	"github.com/hrhost/hrhost/internal/text"
)

// standIn is read in place of every file that a plan names. What the profiles say is
// decided anew elsewhere; here it is asked what was planned.
var standIn = []byte("(version 1)\n(allow default)\n")

// planAnew holds plan.resolved.json against plan.toml, which is read anew: of what is
// run a command line may leave out probes, and change nothing.
func planAnew(root *bundle.Root, version int) (found findings) {
	written, err := root.ReadFile(bundle.PlanTOML)
	if err != nil {
		found.add("plan", "unreadable", bundle.PlanTOML, "%v", err)
		return found
	}
	resolved, err := root.ReadFile(bundle.PlanResolved)
	if err != nil {
		found.add("plan", "unreadable", bundle.PlanResolved, "%v", err)
		return found
	}
	var said plan.Plan
	if err := unmarshal(resolved, &said); err != nil {
		found.add("schema", "not_decodable", bundle.PlanResolved, "%v", err)
		return found
	}
	name := said.Path
	if name == "" {
		name = plan.DefaultName
	}
	meant, err := parseBounded(name, written, plan.Options{OS: said.OS, Release: said.Release, Ran: true, AsWritten: version < 2})
	if err != nil {
		found.add("plan", "plan_invalid", bundle.PlanTOML, "does not read as a plan: %s", text.Brief(err.Error()))
		return found
	}
	if said.ID != meant.ID || said.World != meant.World || said.Run.Channel != meant.Run.Channel || said.Run.Bus != meant.Run.Bus {
		found.add("plan", "plan_settings", bundle.PlanResolved, "id, world, channel or bus is not that of plan.toml")
	}
	profiles := firstBy(meant.Profiles, func(m *plan.Profile) string { return m.ID })
	for i := range said.Profiles {
		found.join(profileAnew(&said.Profiles[i], profiles))
	}
	plugins := firstBy(meant.Plugins, func(m *plan.Plugin) string { return m.Family })
	for _, p := range said.Plugins {
		if m := plugins[p.Family]; m == nil || p.SHA256 != m.SHA256 || !same(p.Options, m.Options) {
			found.add("plan", "plugin_not_plans", bundle.PlanResolved,
				"the plugin of family %q is not that of plan.toml", text.Brief(p.Family))
		}
	}
	return found
}

// profileAnew holds one profile as it was resolved against those of plan.toml.
func profileAnew(said *plan.Profile, all map[string]*plan.Profile) (found findings) {
	if all[said.ID] == nil {
		found.add("plan", "profile_unplanned", bundle.PlanResolved,
			"profile %q is not in plan.toml", text.Brief(said.ID))
		return found
	}
	meant, run := *all[said.ID], firstBy(said.Probes, func(p *plan.Probe) string { return p.ID })
	// What the files say, and where they are.
	meant.File, meant.Digest, meant.Imports, meant.Gate = said.File, said.Digest, said.Imports, said.Gate
	meant.Probes = slices.DeleteFunc(slices.Clone(meant.Probes), func(m plan.Probe) bool { return run[m.ID] == nil })
	if !same(meant, *said) {
		found.add("plan", "profile_not_plans", bundle.PlanResolved,
			"profile %q is not that of plan.toml", text.Brief(said.ID))
	}
	return found
}

// parseBounded is [plan.Parse], of which no text should make a panic. It reads no file.
func parseBounded(name string, text []byte, o plan.Options) (p *plan.Plan, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			p, err = nil, fmt.Errorf("BUG(plan): %v", fault)
		}
	}()
	return plan.Parse(name, text, func(string) ([]byte, error) { return standIn, nil }, o)
}
