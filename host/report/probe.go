package report

import (
	"strings"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/lane"
)

// Outcome is what became of an expectation.
type Outcome string

const (
	AsExpected Outcome = "as expected"
	Mismatch   Outcome = "mismatch"    // a packet with a decision
	Undecided  Outcome = "no decision" // a packet without one
	Skipped    Outcome = "skipped"     // unsupported on this world
)

// Probe is one expectation as the reports show it.
type Probe struct {
	ID        string
	Profile   string
	Family    string
	Operation string
	Target    string
	Carrier   string
	Expected  string
	Predicted string // by sbpl-model
	Enforced  string // the decision, "" for none
	Tier      string
	Got       string
	NoSandbox string
	Rule      string // file:line:col
	Why       string // the decision path
	Outcome   Outcome
	Attempts  int
	Duration  int64 // microseconds, all attempts
	Packets   []Packet
}

// Packet is what the reports quote of a mismatch packet.
type Packet struct {
	ExpectationID string `json:"expectation_id"`
	Reason        string `json:"mismatch_reason"`
	Event         struct {
		Decision struct {
			Verdict *string `json:"decision"`
		} `json:"decision_record"`
	} `json:"decision_event"`
	Explain   []string `json:"explain"`
	Reproduce string   `json:"reproduce"`
}

// Short is the expectation's id without the usual arm.
func (p *Probe) Short() string { return strings.TrimSuffix(p.ID, "@after") }

// Letter stands for the outcome where colour can't.
func (p *Probe) Letter() string {
	return map[Outcome]string{AsExpected: "ok", Mismatch: "!!", Undecided: "??", Skipped: "--"}[p.Outcome]
}

// fromPlan starts a probe from its expectation.
func fromPlan(profile string, m bundle.MatrixProfile, e bundle.Expectation) *Probe {
	p := &Probe{ID: e.ExpectationID, Profile: profile, Family: m.Family, Operation: e.Operation,
		Target: e.Target, Expected: e.Expected, Outcome: AsExpected}
	if e.Skipped {
		p.Outcome = Skipped
	}
	return p
}

// addRuntime takes one attempt in. The last attempt is the one shown; an
// unstable probe has a packet that quotes them all.
func (p *Probe) addRuntime(row lane.RuntimeRow) {
	p.Attempts++
	p.Duration += row.DurationUS
	p.Carrier = row.Carrier
	p.Got = lane.Shown(row.RuntimeStatus, row.Result, row.Effect, most)
	if row.Use != "" {
		p.Got = string(row.Use) + ", " + p.Got
	}
	p.Why, p.Tier, p.Enforced = string(row.Decision.Reason), string(row.Decision.Tier), ""
	if v := row.Decision.Verdict; v != nil {
		p.Enforced = string(*v)
	}
	if row.Decision.PolicyRule != nil {
		p.Rule = row.Decision.PolicyRule.Place()
	}
	if row.Decision.Reason == lane.UnsupportedOnWorld {
		p.Outcome = Skipped
	}
}

// addOracle takes one prediction in.
func (p *Probe) addOracle(row lane.OracleRow) {
	if row.Source != lane.SBPLModel {
		return
	}
	p.Predicted = row.Prediction
	if p.Rule == "" && row.Rule != nil {
		p.Rule = row.Rule.Place()
	}
}

// addPacket takes one packet in and settles the outcome: a packet without a
// decision outweighs one with.
func (p *Probe) addPacket(k Packet) {
	p.Packets = append(p.Packets, k)
	if k.Event.Decision.Verdict == nil {
		p.Outcome = Undecided
	} else if p.Outcome != Undecided {
		p.Outcome = Mismatch
	}
}

// most is how many characters of a value a table shows.
const most = 40

// noSandbox is what the baseline got; containment spoils it.
func noSandbox(row lane.BaselineRow) string {
	if row.Contained {
		return "contained"
	}
	return lane.Shown(row.RuntimeStatus, row.Result, row.Effect, most)
}
