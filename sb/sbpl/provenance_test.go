package sbpl

import "testing"

// TestProvenance: what the system says has no place in the profile, whichever way
// the walk ends, and is marked as the system's.
func TestProvenance(t *testing.T) {
	const src = "(version 1)\n(deny default)\n(allow mach-lookup (global-name \"a\"))"
	p, err := Compile([]byte(src), Options{Name: "p.sb"})
	if err != nil {
		t.Fatal(err)
	}
	self := []Filter{{"target", "self"}}
	for _, c := range []struct {
		q      Query
		action Action
		from   Provenance
		rule   Pos
	}{
		{Query{Operation: "signal", Filters: self}, Allow, FromSystem, Pos{}},
		{Query{Operation: "signal"}, Unknown, FromSystem, Pos{}},
		{Query{Operation: "process-info-pidinfo", Filters: self}, Allow, FromDefault, Pos{}},
		{Query{Operation: "signal", Filters: []Filter{{"target", "others"}}},
			Deny, FromProfile, Pos{File: "p.sb", Line: 2, Col: 1}},
		{Query{Operation: "mach-lookup"}, Unknown, FromProfile, Pos{File: "p.sb", Line: 3, Col: 1}},
	} {
		d := p.Decide(c.q)
		explained, _ := p.Explain(c.q)
		for _, d := range []Decision{d, explained} {
			if d.Action != c.action || d.Provenance() != c.from || d.Rule != c.rule || d.Via != c.rule {
				t.Errorf("%v: %v, %s, at %v led to by %v; want %v, %s, at %v",
					c.q, d.Action, d.Provenance(), d.Rule, d.Via, c.action, c.from, c.rule)
			}
		}
	}
	for _, r := range p.Rules() {
		if (r.Where != "") != (r.From == FromProfile) || r.From != FromProfile && !r.Implicit && !r.Default && r.Jump == "" {
			t.Errorf("%+v", r)
		}
	}
}
