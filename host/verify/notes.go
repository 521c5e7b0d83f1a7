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
func notes(planned map[string]*tally, r *resolvedPlan, said []bundle.Note) (found findings) {
	meant := meantAbsent(r)
	var want []bundle.Note
	for _, id := range sortedKeys(planned) {
		if t := planned[id]; !meant[id] && mismatch.DeniedAbsent(t.expectation(), t.rows, t.base) {
			want = bundle.AddNote(want, bundle.DeniedTargetAbsent, id)
		}
	}
	same := func(a, b bundle.Note) bool {
		return a.Code == b.Code && a.Count == b.Count && slices.Equal(a.Expectations, b.Expectations)
	}
	if !slices.EqualFunc(want, said, same) {
		found.add("summary", "notes", bundle.SummaryJSON, "the notes are not those that the rows and the plan make")
	}
	return found
}

// meantAbsent are the expectations whose target the plan says does not exist.
func meantAbsent(r *resolvedPlan) map[string]bool {
	meant := map[string]bool{}
	for _, p := range r.Profiles {
		for _, x := range p.Probes {
			probe := plan.Probe{Absent: x.Absent, Filter: x.Filter, Target: x.Target}
			if probe.AbsentOnPurpose() {
				meant[p.ID+":"+x.ID+"@"+string(lane.After)] = true
			}
		}
	}
	return meant
}
