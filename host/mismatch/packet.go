package mismatch

import (
	"encoding/json"
	"fmt"

	"github.com/hrhost/hrhost/host/lane"
)

// SchemaVersion is the schema of mismatch_packets.jsonl, in each of its lines.
const SchemaVersion = "hardened-runtime.mismatch_packets.v2"

// Packet is one line of mismatch_packets.jsonl.
type Packet struct {
	SchemaVersion  string            `json:"schema_version"`
	ExpectationID  string            `json:"expectation_id"`
	RunContext     RunContext        `json:"run_context"`
	DecisionEvent  DecisionEvent     `json:"decision_event"`
	Expected       Expected          `json:"expected"`
	Baseline       *lane.BaselineRow `json:"baseline"`
	Oracle         []lane.OracleRow  `json:"oracle_check"`
	Witness        []lane.WitnessRow `json:"witness"` // rows of the attempt's window, at most maxQuoted
	MismatchReason lane.Reason       `json:"mismatch_reason"`
	Explain        []string          `json:"explain"`            // plain sentences
	Reproduce      string            `json:"reproduce"`          // a command
	Attempts       []DecisionEvent   `json:"attempts,omitempty"` // when repeats differ
}

// RunContext says which run a packet is from.
type RunContext struct {
	RunID       string `json:"run_id"`
	WorldID     string `json:"world_id"`
	Channel     string `json:"channel"`
	PlanDigest  string `json:"plan_digest"`
	RunManifest string `json:"run_manifest"` // relative to the bundle
}

// DecisionEvent is the attempt that a packet is about.
type DecisionEvent struct {
	ProfileID     string                `json:"profile_id"`
	ProbeName     string                `json:"probe_name"`
	Arm           lane.Arm              `json:"arm"`
	Attempt       int                   `json:"attempt"`
	Operation     string                `json:"operation"`
	Filter        lane.Filter           `json:"filter"`
	Target        string                `json:"target"`
	Carrier       string                `json:"carrier"`
	Path          *lane.PathObservation `json:"path_observation"`
	RuntimeStatus string                `json:"runtime_status"`
	State         lane.State            `json:"state"`
	End           lane.End              `json:"end"`
	Result        lane.Result           `json:"result"`
	Effect        lane.Effect           `json:"effect"`
	Use           lane.Use              `json:"use,omitempty"`
	Decision      lane.Decision         `json:"decision_record"`
	PID           int                   `json:"pid"`
	DiedAt        lane.Stage            `json:"died_at,omitempty"`
	Detail        string                `json:"detail,omitempty"`
}

// Expected is what the plan said.
type Expected struct {
	ExpectationID string `json:"expectation_id"`
	Expected      string `json:"expected_decision"` // allow, deny, absent, any; @before: held, refused, lost, any
	Target        string `json:"target"`
}

// packet quotes the evidence for one attempt. An expectation without any row is
// a fault of our own, and still has a packet.
func (c evidence) packet(row *lane.RuntimeRow, why lane.Reason) Packet {
	if row == nil {
		row = c.missingRow()
	}
	p := Packet{
		SchemaVersion: SchemaVersion, ExpectationID: c.exp.ID, RunContext: c.run.Context,
		DecisionEvent: EventOf(c.exp, row),
		Expected:      Expected{ExpectationID: c.exp.ID, Expected: c.exp.Expected, Target: c.exp.Target},
		Baseline:      c.base, Oracle: c.oracle, Witness: c.witnessOf(row),
		MismatchReason: why, Reproduce: Command(c.run.Plan, c.exp.ProfileID, c.exp.ProbeName),
	}
	p.Explain = c.explain(row, why)
	n := len(p.Witness)
	if p.Witness = quote(p.Witness, maxQuoted); len(p.Witness) < n {
		p.Explain = append(p.Explain, fmt.Sprintf("The witness has %d rows of this attempt; the first %d are quoted here.", n, len(p.Witness)))
	}
	if c.differ() != nil {
		if p.Attempts = quote(c.events(), len(c.attempts)); len(p.Attempts) < len(c.attempts) {
			p.Explain = append(p.Explain, fmt.Sprintf("There were %d attempts; the first %d are quoted here.", len(c.attempts), len(p.Attempts)))
		}
	}
	return p
}

// What is quoted is bounded, which keeps a packet readable, and a plugin that makes
// calls without end, or answers of great length, from making it too large to be read.
const (
	maxQuoted = 100     // rows of the witness
	maxBytes  = 4 << 20 // of one kind
)

// quote is the first of the rows: so many, and no more than are read in one packet.
func quote[T any](rows []T, most int) []T {
	size := 0
	for i := range rows {
		text, err := json.Marshal(rows[i])
		if size += len(text); err != nil || i == most || size > maxBytes {
			return rows[:i]
		}
	}
	return rows
}

// EventOf tells an attempt as a packet does.
func EventOf(exp Expectation, r *lane.RuntimeRow) DecisionEvent {
	return DecisionEvent{
		ProfileID: exp.ProfileID, ProbeName: exp.ProbeName, Arm: exp.Arm, Attempt: r.Attempt,
		Operation: exp.Operation, Filter: r.Filter, Target: exp.Target, Carrier: r.Carrier, Path: r.Path,
		RuntimeStatus: r.RuntimeStatus, State: r.State, End: r.End, Result: r.Result, Effect: r.Effect,
		Use: r.Use, Decision: r.Decision, PID: r.PID, DiedAt: r.DiedAt, Detail: r.Detail,
	}
}

func (c evidence) events() []DecisionEvent {
	var out []DecisionEvent
	for i := range c.attempts {
		out = append(out, EventOf(c.exp, &c.attempts[i]))
	}
	return out
}

// missingRow stands for an attempt that no row was written for.
func (c evidence) missingRow() *lane.RuntimeRow {
	at := lane.Attempt{Supported: true, State: lane.NotStarted}
	row := &lane.RuntimeRow{
		RuntimeStatus: lane.RuntimeStatus(at), State: lane.NotStarted, End: lane.Returned,
		Result: lane.Result{Class: lane.NoResult}, Effect: lane.EffectUnobservable,
		Decision: lane.Decide(at),
	}
	row.Attempt, row.Filter = len(c.attempts)+1, c.exp.Filter
	return row
}

// witnessOf are the witness rows of one attempt; a row that names no attempt
// counts for all.
func (c evidence) witnessOf(row *lane.RuntimeRow) []lane.WitnessRow {
	var out []lane.WitnessRow
	for _, w := range c.witness {
		if w.Attempt == 0 || w.Attempt == row.Attempt {
			out = append(out, w)
		}
	}
	return out
}
