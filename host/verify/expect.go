package verify

import (
	"bytes"
	"encoding/json"
	"slices"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/mismatch"
)

// packetHead is what verification reads of a mismatch packet.
type packetHead struct {
	ExpectationID string      `json:"expectation_id"`
	Reason        lane.Reason `json:"mismatch_reason"`
	RunContext    struct {
		RunID   string `json:"run_id"`
		WorldID string `json:"world_id"`
	} `json:"run_context"`
	Event    mismatch.DecisionEvent `json:"decision_event"`
	Expected mismatch.Expected      `json:"expected"`
	Baseline *lane.BaselineRow      `json:"baseline"`
}

// packetSummary is what verification reads of mismatch_summary.json.
type packetSummary struct {
	Packets  int                 `json:"packets"`
	ByReason map[lane.Reason]int `json:"by_reason"`
}

// packetTally is what the packets say.
type packetTally struct {
	lines   int
	about   map[string]*packetsOf // by expectation
	reasons map[lane.Reason]int
}

// packetsOf is the packets about one expectation.
type packetsOf struct {
	reasons   []lane.Reason
	undecided bool // one of them is about no decision
}

// packet checks that a packet is about an expectation of this run, and says of
// its attempt what the rows say.
func (c *checker) packet(n int, p packetHead) {
	c.packets.lines++
	c.packets.reasons[p.Reason]++
	of := c.packets.about[p.ExpectationID]
	if of == nil {
		of = &packetsOf{}
		c.packets.about[p.ExpectationID] = of
	}
	of.reasons = append(of.reasons, p.Reason)
	of.undecided = of.undecided || p.Event.Decision.Verdict == nil
	t := c.expectation(p.ExpectationID)
	if t == nil {
		c.find("packets", bundle.MismatchPackets, "line %d: expectation %q is not in the matrix", n, clip(p.ExpectationID))
		return
	}
	c.ordered(bundle.MismatchPackets, n, c.place(t, 0))
	if slices.Contains(admits, p.Reason) {
		if c.review.admitted == nil {
			c.review.admitted = map[string]bool{}
		}
		c.review.admitted[t.profile] = true
	}
	if p.RunContext.RunID != c.b.manifest.RunID || p.RunContext.WorldID != c.b.manifest.WorldID {
		c.find("packets", bundle.MismatchPackets, "line %d: run_context is not the manifest's", n)
	}
	if t.entry == nil {
		c.quoted(n, t, &p)
		return
	}
	if t.entry.is(hasAttempt) && t.entry.decided() != wordOf(p.Event.Decision.Verdict) {
		c.find("packets", bundle.MismatchPackets, "line %d: the decision about %q is not that of its row", n, clip(p.ExpectationID))
	}
	if !t.entry.marks[t.entry.n].asks(p.Reason) {
		c.find("packets", bundle.MismatchPackets, "line %d: the rows of %q ask for no packet for %s", n, clip(p.ExpectationID), clip(string(p.Reason)))
	}
	t.entry.set(hasPacket)
}

// quoted holds what a packet says of an attempt, of what was expected and of the
// baseline against the rows and the matrix. Long values are kept of neither.
func (c *checker) quoted(n int, t *tally, p *packetHead) {
	exp := t.expectation()
	i, there := t.attempts[p.Event.Attempt]
	if !there { // then the attempts are not accounted for
		return
	}
	p.Event.Result.Value, p.Event.Detail, p.Event.Path = "", "", nil
	if !same(p.Event, mismatch.EventOf(exp, &t.rows[i])) {
		c.find("packets", bundle.MismatchPackets, "line %d: the attempt at %q is not that of its row", n, clip(p.ExpectationID))
	}
	if p.Expected != (mismatch.Expected{ExpectationID: exp.ID, Expected: exp.Expected, Target: exp.Target}) {
		c.find("packets", bundle.MismatchPackets, "line %d: what is expected of %q is not that of the matrix", n, clip(p.ExpectationID))
	}
	if p.Baseline != nil {
		p.Baseline.Result.Value, p.Baseline.Detail, p.Baseline.Path = "", "", nil
	}
	if t.base != nil && !same(p.Baseline, t.base) {
		c.find("packets", bundle.MismatchPackets, "line %d: the baseline of %q is not its row", n, clip(p.ExpectationID))
	}
}

// same compares two values as they would stand in a document.
func same(a, b any) bool {
	x, err := json.Marshal(a)
	y, failed := json.Marshal(b)
	return err == nil && failed == nil && bytes.Equal(x, y)
}

// expectation is what is judged.
func (t *tally) expectation() mismatch.Expectation {
	return mismatch.Expectation{
		ID: t.ExpectationID, ProfileID: t.profile, ProbeName: t.Name, Family: t.family, Arm: t.Arm, Operation: t.Operation,
		Filter: t.Filter, Target: t.Target, Expected: t.Expected, Attempts: t.Attempts,
	}
}

func wordOf(v *lane.Verdict) string {
	if v == nil {
		return ""
	}
	return string(*v)
}

// keep holds what the judgement of a planned probe is made from, without what
// may be long.
func (t *tally) keep(row lane.RuntimeRow) {
	row.Result.Value, row.Detail, row.Path = "", "", nil
	t.rows = append(t.rows, row)
}

// judged judges each planned probe anew: what is not as expected has its
// packets, and nothing else has.
func (c *checker) judged() {
	for _, id := range sortedKeys(c.planned) {
		t := c.planned[id]
		j := mismatch.Run{}.Judge(t.expectation(), t.rows, t.base, t.oracle, nil)
		if j.Skipped {
			c.skipped++
		}
		var want, got []lane.Reason
		for _, p := range j.Packets {
			want = append(want, p.MismatchReason)
		}
		if of := c.packets.about[id]; of != nil {
			got = of.reasons
		}
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(want, got) {
			c.find("packets", bundle.MismatchPackets, "%q has packets %v, its rows ask for %v", clip(id), got, want)
		}
	}
	for _, id := range sortedKeys(c.ledgers) {
		for i, m := range c.ledgers[id].marks {
			if (m&needsPacket != 0 || m.disputed()) && m&hasPacket == 0 {
				c.find("packets", bundle.MismatchPackets, "target %d of %q went wrong and has no packet", i+1, clip(id))
			}
		}
	}
}

// wrong says that even the attempt at a target of which nothing is expected must
// have a packet.
func wrong(why lane.Reason) bool {
	return mismatch.Incomplete(why) || why == lane.CapturePipelineDisagreement
}

// counts holds the summaries' counts against the rows and the packets.
func (c *checker) counts() {
	if _, ok := c.b.listed[bundle.SummaryJSON]; !ok {
		return
	}
	s := c.b.summary.Counts
	if s.Attempts != c.rows.Attempts || s.Allow != c.rows.Allow || s.Deny != c.rows.Deny || s.None != c.rows.None {
		c.find("summary", bundle.SummaryJSON, "counts %d attempts: %d allow, %d deny, %d none; the rows are %d: %d, %d, %d",
			s.Attempts, s.Allow, s.Deny, s.None, c.rows.Attempts, c.rows.Allow, c.rows.Deny, c.rows.None)
	}
	want := bundle.Counts{Probes: c.expectations(), Skipped: c.skipped}
	for _, of := range c.packets.about {
		if of.undecided {
			want.Undecided++
		} else {
			want.Mismatches++
		}
	}
	want.AsExpected = want.Probes - want.Skipped - want.Mismatches - want.Undecided
	if s.Probes != want.Probes || s.AsExpected != want.AsExpected || s.Mismatches != want.Mismatches ||
		s.Undecided != want.Undecided || s.Skipped != want.Skipped {
		c.find("summary", bundle.SummaryJSON, "counts %d probes: %d as expected, %d mismatches, %d undecided, %d skipped; rows and packets are %d: %d, %d, %d, %d",
			s.Probes, s.AsExpected, s.Mismatches, s.Undecided, s.Skipped, want.Probes, want.AsExpected, want.Mismatches, want.Undecided, want.Skipped)
	}
	if want := c.statusOf(); c.b.summary.Status != want {
		c.find("summary", bundle.SummaryJSON, "status is %q, rows and packets make it %q", clip(string(c.b.summary.Status)), want)
	}
	var all bundle.Counts
	for _, fc := range c.b.summary.Families {
		all.Add(fc)
	}
	if all.Profiles = s.Profiles; all != s {
		c.find("summary", bundle.SummaryJSON, "the families' counts do not add up to the run's")
	}
	c.packetCounts()
}

func (c *checker) packetCounts() {
	said := c.b.packets
	if said.Packets != c.packets.lines {
		c.find("summary", bundle.MismatchSummary, "counts %d packets, there are %d", said.Packets, c.packets.lines)
	}
	for _, why := range miscounted(said.ByReason, c.packets.reasons) {
		c.find("summary", bundle.MismatchSummary, "counts %d packets for %s, there are %d", said.ByReason[why], clip(string(why)), c.packets.reasons[why])
	}
}

// statusOf is the run in one word.
func (c *checker) statusOf() bundle.SummaryStatus {
	switch {
	case !c.reached:
		return bundle.StatusBlocked
	case c.packets.lines > 0:
		return bundle.StatusPartial
	}
	return bundle.StatusOK
}
