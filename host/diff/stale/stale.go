// Package stale says whether a bundle still covers a plan: the same world,
// profiles, plugins and probes. It is pure; what is now on the disk is handed to
// it.
package stale

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hrhost/hrhost/host/plan"
	"github.com/hrhost/hrhost/internal/text"
)

// State is a plan with what it ran on, or would run on now.
type State struct {
	World   string
	Plan    *plan.Plan
	Plugins map[string]string // digest by family; "" when there is no program
}

// Finding is one reason to run again.
type Finding struct {
	Kind   string `json:"kind"`   // world, family, plugin, profile, probe
	ID     string `json:"id"`     // of the thing
	Family string `json:"family"` // whose rows are out of date, "" for all
	What   string `json:"what"`   // one plain sentence
}

// Check compares what a bundle was made from with what is there now. What the
// plan no longer asks for is no finding.
func Check(then, now State) []Finding {
	found := []Finding{}
	add := func(kind, id, family, format string, args ...any) {
		found = append(found, Finding{kind, id, family, fmt.Sprintf(format, args...)})
	}
	if then.World != now.World {
		add("world", now.World, "", "the bundle is from %s, this is %s", then.World, now.World)
	}
	families := profileFamilies(then.Plan)
	for _, f := range slices.Sorted(maps.Keys(profileFamilies(now.Plan))) {
		switch {
		case !families[f]:
			add("family", f, f, "the bundle has nothing of family %s", f)
		case then.Plugins[f] != now.Plugins[f]:
			add("plugin", f, f, "the plugin of family %s is another program now (%s, was %s)", f, shown(now.Plugins[f]), shown(then.Plugins[f]))
		}
	}
	for i := range now.Plan.Profiles {
		p := &now.Plan.Profiles[i]
		if !families[p.Family] {
			continue // said already
		}
		old := profile(then.Plan, p.ID)
		if old == nil {
			add("profile", p.ID, p.Family, "the bundle has no profile %s", p.ID)
			continue
		}
		for _, what := range profileChanges(old, p) {
			add("profile", p.ID, p.Family, "profile %s: %s", p.ID, what)
		}
		for _, what := range probeChanges(old, p) {
			add("probe", p.ID+":"+what.id, p.Family, "probe %s:%s %s", p.ID, what.id, what.what)
		}
	}
	return found
}

func profileFamilies(p *plan.Plan) map[string]bool {
	out := map[string]bool{}
	for _, prof := range p.Profiles {
		out[prof.Family] = true
	}
	return out
}

func profile(p *plan.Plan, id string) *plan.Profile {
	for i := range p.Profiles {
		if p.Profiles[i].ID == id {
			return &p.Profiles[i]
		}
	}
	return nil
}

// profileChanges lists what would make a profile's rows come out another way.
func profileChanges(old, now *plan.Profile) (out []string) {
	differ := func(what, a, b string) {
		if a != b {
			out = append(out, fmt.Sprintf("%s changed (%s, was %s)", what, shown(b), shown(a)))
		}
	}
	differ("its family", old.Family, now.Family)
	differ("its text", old.Digest, now.Digest)
	differ("what it imports", imports(old), imports(now))
	differ("its parameters", params(old), params(now))
	differ("seal", old.Seal, now.Seal)
	differ("wrap", strings.Join(old.Wrap, " "), strings.Join(now.Wrap, " "))
	differ("acquire", old.Acquire, now.Acquire)
	differ("isolation", old.Isolation, now.Isolation)
	differ("repeat", fmt.Sprint(old.Repeat), fmt.Sprint(now.Repeat))
	differ("sweep", swept(old.Sweep), swept(now.Sweep))
	return out
}

// swept is what a sweep asks for. Whether the host has other targets by now is
// not looked at.
func swept(s *plan.Sweep) string {
	if s == nil {
		return "none"
	}
	return fmt.Sprintf("%s %s, match %q, limit %d", s.Operation, s.Filter, s.Match, s.Limit)
}

func imports(p *plan.Profile) string {
	var parts []string
	for _, im := range p.Imports {
		parts = append(parts, im.Path+" "+im.Digest)
	}
	return strings.Join(parts, ", ")
}

func params(p *plan.Profile) string {
	var parts []string
	for _, k := range slices.Sorted(maps.Keys(p.Params)) {
		parts = append(parts, k+"="+p.Params[k])
	}
	return strings.Join(parts, ", ")
}

type probeChange struct{ id, what string }

func probeChanges(old, now *plan.Profile) (out []probeChange) {
	for _, b := range now.Probes {
		i := slices.IndexFunc(old.Probes, func(o plan.Probe) bool { return o.ID == b.ID })
		switch {
		case i < 0:
			out = append(out, probeChange{b.ID, "is not in the bundle"})
		case asked(old.Probes[i]) != asked(b):
			out = append(out, probeChange{b.ID, fmt.Sprintf("asks for %s, was %s", asked(b), asked(old.Probes[i]))})
		}
	}
	return out
}

func asked(b plan.Probe) string {
	s := strings.TrimSpace(strings.Join([]string{b.Operation, b.Filter, b.Target}, " ")) + ", expects " + b.Expect
	if b.ExpectBefore != "" && b.ExpectBefore != "any" {
		s += " and " + b.ExpectBefore + " before"
	}
	if b.Skip {
		s += ", not on this system"
	}
	return s
}

// shown is one value of a finding.
func shown(s string) string { return cmp.Or(text.Digest(s), "none") }
