package mismatch

import (
	"slices"

	"github.com/hrhost/hrhost/host/lane"
)

// Expectation is one planned probe on one arm.
type Expectation struct {
	ID        string // <profile>:<probe>@<arm>
	ProfileID string
	ProbeName string
	Family    string
	Arm       lane.Arm
	Operation string
	Filter    lane.Filter // as planned
	Target    string
	Expected  string // allow, deny, absent, any; @before: held, refused, lost, any
	Attempts  int    // 1 unless the plan repeats
}

// Run is what all packets of a run share.
type Run struct {
	Context RunContext
	Plan    string // the plan's path as the user gave it, "" for the default plan: for the command
}

// Judgement is one expectation against its evidence.
type Judgement struct {
	Met      bool
	Skipped  bool // unsupported on this world: no packet
	Unstable bool // repeats differ
	Reached  bool // some attempt reached its operation
	Decided  bool // the packet's attempt, or every attempt when met, has a decision
	Packets  []Packet
}

// Judge compares an expectation with the rows of its attempts, its baseline,
// its oracles and the witness rows of its attempts. At most one packet is for
// the expectation itself; one more is for each calibrated oracle that
// contradicts a decision.
func (r Run) Judge(exp Expectation, attempts []lane.RuntimeRow, base *lane.BaselineRow, oracle []lane.OracleRow, witness []lane.WitnessRow) Judgement {
	j := Judgement{Skipped: skipped(attempts), Reached: reached(attempts)}
	if j.Skipped {
		return j
	}
	c := evidence{run: r, exp: exp, attempts: attempts, base: base, oracle: oracle, witness: witness}
	row, why := c.fault()
	j.Met, j.Unstable = why == "", c.differ() != nil
	j.Decided = decided(exp, row)
	if !j.Met {
		j.Packets = append(j.Packets, c.packet(row, why))
	}
	j.Packets = append(j.Packets, c.contradictions()...)
	return j
}

// evidence is all that is known about one expectation.
type evidence struct {
	run      Run
	exp      Expectation
	attempts []lane.RuntimeRow
	base     *lane.BaselineRow
	oracle   []lane.OracleRow
	witness  []lane.WitnessRow
}

// fault finds the attempt by which the expectation is not met, and the reason;
// "" when it is met. Attempts without a decision speak first, then repeats that
// differ, then the first one that went the other way.
func (c evidence) fault() (*lane.RuntimeRow, lane.Reason) {
	if len(c.attempts) != max(1, c.exp.Attempts) {
		return c.last(), lane.ProtocolViolation
	}
	for i := range c.attempts {
		if row := &c.attempts[i]; !decided(c.exp, row) {
			return row, row.Decision.Reason
		}
	}
	if row := c.differ(); row != nil {
		return row, lane.Unstable
	}
	for i := range c.attempts {
		if row := &c.attempts[i]; !meets(c.exp, row, c.base) {
			return row, unmet(c.exp, row)
		}
	}
	return c.last(), ""
}

// differ returns the first repeat that came out unlike the first attempt.
func (c evidence) differ() *lane.RuntimeRow {
	for i := range c.attempts {
		if outcome(c.exp, &c.attempts[i]) != outcome(c.exp, &c.attempts[0]) {
			return &c.attempts[i]
		}
	}
	return nil
}

func (c evidence) last() *lane.RuntimeRow {
	if len(c.attempts) == 0 {
		return nil
	}
	return &c.attempts[len(c.attempts)-1]
}

func skipped(rows []lane.RuntimeRow) bool {
	return slices.ContainsFunc(rows, func(r lane.RuntimeRow) bool {
		return r.Decision.Reason == lane.UnsupportedOnWorld
	})
}

func reached(rows []lane.RuntimeRow) bool {
	return slices.ContainsFunc(rows, func(r lane.RuntimeRow) bool { return r.Decision.ReachedPrimaryOp })
}
