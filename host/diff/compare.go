package diff

import (
	"maps"
	"slices"
	"sort"
)

// Report is how B differs from A.
type Report struct {
	A        Run      `json:"a"`
	B        Run      `json:"b"`
	World    []Change `json:"world"`    // facts that differ
	Settings []Change `json:"settings"` // what was run differently; no difference by itself
	Added    []string `json:"added"`    // expectations of B alone
	Removed  []string `json:"removed"`  // of A alone
	Changed  []Item   `json:"changed"`
	Unstable []Item   `json:"unstable"` // repeats disagree, so that nothing can be compared
	// Rules are those of the same that another rule decided, or the same rule at
	// another place; no difference by itself.
	Rules []Item `json:"rules"`
	Same  int    `json:"same"`
}

// Run names one side.
type Run struct {
	RunID   string `json:"run_id"`
	WorldID string `json:"world_id"`
}

// Item is one expectation and what is not the same on both sides.
type Item struct {
	ID      string   `json:"expectation"` // as B names it
	Changes []Change `json:"changes"`
}

// Change is one property with its two values.
type Change struct {
	What string `json:"what"`
	A    string `json:"a"`
	B    string `json:"b"`
}

// Options narrow a comparison.
type Options struct {
	// Profiles pairs profiles of A with profiles of B; every other profile is
	// left out. Empty compares each profile with its namesake.
	Profiles map[string]string
}

// Compare says how b differs from a. Lists are sorted.
func Compare(a, b *Side, opts Options) Report {
	r := Report{
		A: Run{a.RunID, a.WorldID}, B: Run{b.RunID, b.WorldID},
		World: changes(a.World, b.World), Settings: changes(a.Settings, b.Settings),
		Added: []string{}, Removed: []string{}, Changed: []Item{}, Unstable: []Item{},
		Rules: []Item{},
	}
	left, right := a.paired(opts.Profiles), b.outcomes(values(opts.Profiles))
	for _, key := range sorted(left, right) {
		r.outcome(key, left[key], right[key])
	}
	slices.Sort(r.Removed)
	return r
}

// Differs reports that the two sides are not the same: an expectation differs,
// or the world does.
func (r Report) Differs(ignoreWorld bool) bool {
	return r.Expectations() > 0 || !ignoreWorld && len(r.World) > 0
}

// Expectations counts those that are not the same on both sides.
func (r Report) Expectations() int {
	return len(r.Added) + len(r.Removed) + len(r.Changed) + len(r.Unstable)
}

func (r *Report) outcome(id string, a, b *Outcome) {
	switch {
	case a == nil:
		r.Added = append(r.Added, id)
		return
	case b == nil:
		r.Removed = append(r.Removed, a.Profile+":"+a.Name) // B has no name for it
		return
	}
	if a.Unstable() || b.Unstable() {
		r.Unstable = append(r.Unstable, Item{ID: id, Changes: spread(a, b)})
		return
	}
	if c := fields(a, b); len(c) > 0 {
		r.Changed = append(r.Changed, Item{ID: id, Changes: c})
		return
	}
	if c := rules(a, b); len(c) > 0 {
		r.Rules = append(r.Rules, Item{ID: id, Changes: c})
	}
	r.Same++
}

// paired are a's outcomes under the names that they have on the other side.
func (s *Side) paired(pairs map[string]string) map[string]*Outcome {
	out := map[string]*Outcome{}
	for _, o := range s.Outcomes {
		profile := o.Profile
		if len(pairs) > 0 {
			to, ok := pairs[profile]
			if !ok {
				continue
			}
			profile = to
		}
		out[profile+":"+o.Name] = o
	}
	return out
}

// outcomes are those of some profiles, of all when none is named.
func (s *Side) outcomes(profiles []string) map[string]*Outcome {
	out := map[string]*Outcome{}
	for _, o := range s.Outcomes {
		if len(profiles) == 0 || slices.Contains(profiles, o.Profile) {
			out[o.Profile+":"+o.Name] = o
		}
	}
	return out
}

// fields compares what is said of one expectation, in the order in which it is
// said.
func fields(a, b *Outcome) []Change {
	var out []Change
	seen := map[string]bool{}
	for _, f := range slices.Concat(a.Fields, b.Fields) {
		if seen[f.Name] {
			continue
		}
		seen[f.Name] = true
		if x, y := a.get(f.Name), b.get(f.Name); x != y {
			out = append(out, Change{f.Name, x, y})
		}
	}
	return out
}

// spread is how many different outcomes each side has.
func spread(a, b *Outcome) []Change {
	return []Change{{"repeats", kinds(a), kinds(b)}}
}

func kinds(o *Outcome) string {
	count := map[string]int{}
	for _, a := range o.Attempts {
		count[a]++
	}
	return tally(count)
}

func changes(a, b map[string]string) []Change {
	out := []Change{}
	for _, name := range sorted(a, b) {
		if a[name] != b[name] {
			out = append(out, Change{name, a[name], b[name]})
		}
	}
	return out
}

// sorted are the keys of both maps, each once.
func sorted[V any](a, b map[string]V) []string {
	keys := slices.Concat(slices.Collect(maps.Keys(a)), slices.Collect(maps.Keys(b)))
	sort.Strings(keys)
	return slices.Compact(keys)
}

func values(m map[string]string) []string { return slices.Collect(maps.Values(m)) }
