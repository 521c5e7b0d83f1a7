package verify

import (
	"slices"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/lane"
)

// planOrder is the version from which on a document's rows are in the order of the
// plan. Earlier ones had them in the order in which the profiles ended.
const planOrder = 2

// ordering is how far the rows of each document have come.
type ordering struct {
	profiles map[string]int         // places in the plan, from 1
	promises func(name string) bool // that a document's version has the order of the plan
	last     map[string]rowPlace
	seq      int64 // of the last row of the witness
}

// rowPlace is where a row belongs: by profile, by expectation within it, and by
// attempt, or for an oracle by source.
type rowPlace [3]int

// newOrdering prepares for documents of rows.
func newOrdering(b *opened) *ordering {
	o := &ordering{profiles: map[string]int{}, last: map[string]rowPlace{}}
	o.promises = func(name string) bool { return b.version(name) >= planOrder }
	for i, p := range b.resolved.Profiles {
		if o.profiles[p.ID] == 0 {
			o.profiles[p.ID] = i + 1
		}
	}
	return o
}

// follows checks that a row does not belong before the one that it follows. Whether
// two rows may have one place is not a question of order.
func (o *ordering) follows(name string, n int, at rowPlace) (found findings) {
	last, begun := o.last[name]
	o.last[name] = at
	if begun && o.promises(name) && slices.Compare(at[:], last[:]) < 0 {
		found.add("order", "row_order", name, "row %d: not in the order of the plan: it belongs before row %d", n, n-1)
	}
	return found
}

// place is where a row about an attempt at t belongs.
func (o *ordering) place(t *tally, attempt int) rowPlace {
	within := t.place
	if t.entry != nil {
		within = t.entry.n
	}
	return rowPlace{o.profiles[t.profile], within, attempt}
}

// predictedBy orders the predictions about one expectation: the evaluator's first.
func predictedBy(source string) int {
	if source == lane.SBPLModel {
		return 0
	}
	return 1
}

// witness checks that profiles are in the order of the plan and that each
// process's rows are numbered from 1 without a gap. A profile may have several
// processes, one after the other.
func (o *ordering) witness(n int, row *lane.WitnessRow) (found findings) {
	at := rowPlace{o.profiles[row.ProfileID]}
	first := at != o.last[bundle.WitnessEvents]
	found.join(o.follows(bundle.WitnessEvents, n, at))
	last := o.seq
	o.seq = row.Seq
	if !o.promises(bundle.WitnessEvents) || row.Seq == 1 || !first && row.Seq == last+1 {
		return found
	}
	if first {
		last = 0
	}
	found.add("order", "witness_seq", bundle.WitnessEvents,
		"row %d: seq is %d, want %d, or 1 for the next process", n, row.Seq, last+1)
	return found
}
