package verify

import (
	"slices"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/mismatch"
	"github.com/hrhost/hrhost/host/plan"
)

// notes derives the summary's notes again, from the rows and the resolved plan. A
// summary of version 1 has none.
func (c *checker) notes() {
	if c.b.version(bundle.SummaryJSON) < 2 {
		return
	}
	meant := c.meantAbsent()
	var want []bundle.Note
	for _, id := range sortedKeys(c.planned) {
		if t := c.planned[id]; !meant[id] && mismatch.DeniedAbsent(t.expectation(), t.rows, t.base) {
			want = bundle.AddNote(want, bundle.DeniedTargetAbsent, id)
		}
	}
	same := func(a, b bundle.Note) bool {
		return a.Code == b.Code && a.Count == b.Count && slices.Equal(a.Expectations, b.Expectations)
	}
	if !slices.EqualFunc(want, c.b.summary.Notes, same) {
		c.find("summary", bundle.SummaryJSON, "the notes are not those that the rows and the plan make")
	}
}

// meantAbsent are the expectations whose target the plan says does not exist.
func (c *checker) meantAbsent() map[string]bool {
	meant := map[string]bool{}
	for _, p := range c.b.resolved.Profiles {
		for _, r := range p.Probes {
			probe := plan.Probe{Absent: r.Absent, Filter: r.Filter, Target: r.Target}
			if probe.AbsentOnPurpose() {
				meant[p.ID+":"+r.ID+"@"+string(lane.After)] = true
			}
		}
	}
	return meant
}
