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
	profiles map[string]int // places in the plan, from 1
	last     map[string]rowPlace
	seq      int64 // of the last row of the witness
}

// rowPlace is where a row belongs: by profile, by expectation within it, and by
// attempt, or for an oracle by source.
type rowPlace [3]int

// orderRows prepares for documents of rows.
func (c *checker) orderRows() {
	c.order = ordering{profiles: map[string]int{}, last: map[string]rowPlace{}}
	for i, p := range c.b.resolved.Profiles {
		if c.order.profiles[p.ID] == 0 {
			c.order.profiles[p.ID] = i + 1
		}
	}
}

// planOrdered reports that the document's version promises the order of the plan.
func (c *checker) planOrdered(name string) bool {
	v := c.b.earlier(name)
	return v == 0 || v >= planOrder
}

// ordered checks that a row does not belong before the one that it follows. Whether
// two rows may have one place is not a question of order.
func (c *checker) ordered(name string, n int, at rowPlace) {
	last, begun := c.order.last[name]
	c.order.last[name] = at
	if begun && c.planOrdered(name) && slices.Compare(at[:], last[:]) < 0 {
		c.find("order", name, "row %d: not in the order of the plan: it belongs before row %d", n, n-1)
	}
}

// place is where a row about an attempt at t belongs.
func (c *checker) place(t *tally, attempt int) rowPlace {
	within := t.place
	if t.entry != nil {
		within = t.entry.n
	}
	return rowPlace{c.order.profiles[t.profile], within, attempt}
}

// predictedBy orders the predictions about one expectation: the evaluator's first.
func predictedBy(source string) int {
	if source == lane.SBPLModel {
		return 0
	}
	return 1
}

// witnessOrder checks that profiles are in the order of the plan and that each
// process's rows are numbered from 1 without a gap. A profile may have several
// processes, one after the other.
func (c *checker) witnessOrder(n int, row *lane.WitnessRow) {
	at := rowPlace{c.order.profiles[row.ProfileID]}
	first := at != c.order.last[bundle.WitnessEvents]
	c.ordered(bundle.WitnessEvents, n, at)
	last := c.order.seq
	c.order.seq = row.Seq
	if !c.planOrdered(bundle.WitnessEvents) || row.Seq == 1 || !first && row.Seq == last+1 {
		return
	}
	if first {
		last = 0
	}
	c.find("order", bundle.WitnessEvents, "row %d: seq is %d, want %d, or 1 for the next process", n, row.Seq, last+1)
}
