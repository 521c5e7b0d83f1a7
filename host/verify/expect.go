package verify

import (
	"bytes"
	"encoding/json"
	"slices"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/mismatch"
	"github.com/hrhost/hrhost/internal/text"
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

func newPacketTally() *packetTally {
	return &packetTally{about: map[string]*packetsOf{}, reasons: map[lane.Reason]int{}}
}

// packetsOf is the packets about one expectation.
type packetsOf struct {
	reasons   []lane.Reason
	undecided bool // one of them is about no decision
}

// count notes a packet.
func (p *packetTally) count(k *packetHead) {
	p.lines++
	p.reasons[k.Reason]++
	of := p.about[k.ExpectationID]
	if of == nil {
		of = &packetsOf{}
		p.about[k.ExpectationID] = of
	}
	of.reasons = append(of.reasons, k.Reason)
	of.undecided = of.undecided || k.Event.Decision.Verdict == nil
}

// packet checks that a packet is about this run, and says of its attempt what the
// rows say.
func packet(n int, t *tally, p *packetHead, m *bundle.Manifest) (found findings) {
	if p.RunContext.RunID != m.RunID || p.RunContext.WorldID != m.WorldID {
		found.add("packets", "packet_context", bundle.MismatchPackets, "line %d: run_context is not the manifest's", n)
	}
	if t.entry == nil {
		found.join(t.quoted(n, p))
		return found
	}
	if t.entry.is(hasAttempt) && t.entry.decided() != wordOf(p.Event.Decision.Verdict) {
		found.add("packets", "packet_decision", bundle.MismatchPackets,
			"line %d: the decision about %q is not that of its row", n, text.Brief(p.ExpectationID))
	}
	if !t.entry.marks[t.entry.n].asks(p.Reason) {
		found.add("packets", "packet_unasked", bundle.MismatchPackets,
			"line %d: the rows of %q ask for no packet for %s", n, text.Brief(p.ExpectationID), text.Brief(string(p.Reason)))
	}
	t.entry.set(hasPacket)
	return found
}

// quoted holds what a packet says of an attempt, of what was expected and of the
// baseline against the rows and the matrix. Long values are kept of neither.
func (t *tally) quoted(n int, p *packetHead) (found findings) {
	exp := t.expectation()
	i, there := t.attempts[p.Event.Attempt]
	if !there { // then the attempts are not accounted for
		return found
	}
	p.Event.Result.Value, p.Event.Detail, p.Event.Path = "", "", nil
	if !same(p.Event, mismatch.EventOf(exp, &t.rows[i])) {
		found.add("packets", "packet_attempt", bundle.MismatchPackets,
			"line %d: the attempt at %q is not that of its row", n, text.Brief(p.ExpectationID))
	}
	if p.Expected != (mismatch.Expected{ExpectationID: exp.ID, Expected: exp.Expected, Target: exp.Target}) {
		found.add("packets", "packet_expectation", bundle.MismatchPackets,
			"line %d: what is expected of %q is not that of the matrix", n, text.Brief(p.ExpectationID))
	}
	if p.Baseline != nil {
		p.Baseline.Result.Value, p.Baseline.Detail, p.Baseline.Path = "", "", nil
	}
	if t.base != nil && !same(p.Baseline, t.base) {
		found.add("packets", "packet_baseline", bundle.MismatchPackets,
			"line %d: the baseline of %q is not its row", n, text.Brief(p.ExpectationID))
	}
	return found
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
// packets, and nothing else has. skipped is how many this world cannot do.
func (e *expectations) judged(packets *packetTally) (skipped int, found findings) {
	for _, id := range sortedKeys(e.planned) {
		t := e.planned[id]
		j := mismatch.Run{}.Judge(t.expectation(), t.rows, t.base, t.oracle, nil)
		if j.Skipped {
			skipped++
		}
		var want, got []lane.Reason
		for _, p := range j.Packets {
			want = append(want, p.MismatchReason)
		}
		if of := packets.about[id]; of != nil {
			got = of.reasons
		}
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(want, got) {
			found.add("packets", "packets_not_rows", bundle.MismatchPackets,
				"%q has packets %v, its rows ask for %v", text.Brief(id), got, want)
		}
	}
	for _, id := range sortedKeys(e.ledgers) {
		for i, m := range e.ledgers[id].marks {
			if m&impossible != 0 {
				skipped++
			}
			if (m&needsPacket != 0 || m.disputed()) && m&hasPacket == 0 {
				found.add("packets", "packet_missing", bundle.MismatchPackets,
					"target %d of %q went wrong and has no packet", i+1, text.Brief(id))
			}
		}
	}
	return skipped, found
}

// wrong says that even the attempt at a target of which nothing is expected must
// have a packet.
func wrong(why lane.Reason) bool {
	return mismatch.Incomplete(why) || why == lane.CapturePipelineDisagreement
}

// counts holds the counts of summary.json against the rows and the packets. want has
// the number of expectations, and of those that this world cannot do.
func counts(summary *bundle.Summary, o *outcomes, packets *packetTally, want bundle.Counts) (found findings) {
	s := summary.Counts
	if s.Attempts != o.rows.Attempts || s.Allow != o.rows.Allow || s.Deny != o.rows.Deny || s.None != o.rows.None {
		found.add("summary", "attempt_counts", bundle.SummaryJSON,
			"counts %d attempts: %d allow, %d deny, %d none; the rows are %d: %d, %d, %d",
			s.Attempts, s.Allow, s.Deny, s.None, o.rows.Attempts, o.rows.Allow, o.rows.Deny, o.rows.None)
	}
	for _, of := range packets.about {
		if of.undecided {
			want.Undecided++
		} else {
			want.Mismatches++
		}
	}
	want.AsExpected = want.Probes - want.Skipped - want.Mismatches - want.Undecided
	if s.Probes != want.Probes || s.AsExpected != want.AsExpected || s.Mismatches != want.Mismatches ||
		s.Undecided != want.Undecided || s.Skipped != want.Skipped {
		found.add("summary", "probe_counts", bundle.SummaryJSON,
			"counts %d probes: %d as expected, %d mismatches, %d undecided, %d skipped; rows and packets are %d: %d, %d, %d, %d",
			s.Probes, s.AsExpected, s.Mismatches, s.Undecided, s.Skipped, want.Probes, want.AsExpected, want.Mismatches, want.Undecided, want.Skipped)
	}
	if want := o.status(packets.lines); summary.Status != want {
		found.add("summary", "summary_status", bundle.SummaryJSON,
			"status is %q, rows and packets make it %q", text.Brief(string(summary.Status)), want)
	}
	var all bundle.Counts
	for _, fc := range summary.Families {
		all.Add(fc)
	}
	if all.Profiles = s.Profiles; all != s {
		found.add("summary", "family_counts", bundle.SummaryJSON, "the families' counts do not add up to the run's")
	}
	return found
}

// check holds mismatch_summary.json against the packets.
func (p *packetTally) check(said *packetSummary) (found findings) {
	if said.Packets != p.lines {
		found.add("summary", "packet_count", bundle.MismatchSummary,
			"counts %d packets, there are %d", said.Packets, p.lines)
	}
	for _, why := range miscounted(said.ByReason, p.reasons) {
		found.add("summary", "reason_count", bundle.MismatchSummary,
			"counts %d packets for %s, there are %d", said.ByReason[why], text.Brief(string(why)), p.reasons[why])
	}
	return found
}

// status is the run in one word.
func (o *outcomes) status(packets int) bundle.SummaryStatus {
	switch {
	case !o.reached:
		return bundle.StatusBlocked
	case packets > 0:
		return bundle.StatusPartial
	}
	return bundle.StatusOK
}
