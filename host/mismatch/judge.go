package mismatch

import "github.com/hrhost/hrhost/host/lane"

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
	Plan    string // the plan's path as the user gave it, for the command
}

// Judgement is one expectation against its evidence.
type Judgement struct {
	Met      bool
	Skipped  bool // unsupported on this world: no packet
	Unstable bool // repeats differ
	Reached  bool // some attempt reached its operation
	Decided  bool // every attempt has a decision (@before: a use)
	Packets  []Packet
}

// Judge compares an expectation with the rows of its attempts, its baseline,
// its oracles and the witness rows of its attempts' windows.
func (r Run) Judge(exp Expectation, attempts []lane.RuntimeRow, base *lane.BaselineRow, oracle []lane.OracleRow, witness []lane.WitnessRow) Judgement {
	panic("todo")
}
