package mismatch

import "github.com/hrhost/hrhost/host/lane"

// SchemaVersion of a packet.
const SchemaVersion = "hardened-runtime.mismatch_packet.v1"

// Packet is one line of mismatch_packets.jsonl.
type Packet struct {
	SchemaVersion  string            `json:"schema_version"`
	ExpectationID  string            `json:"expectation_id"`
	RunContext     RunContext        `json:"run_context"`
	DecisionEvent  DecisionEvent     `json:"decision_event"`
	Expected       Expected          `json:"expected"`
	Baseline       *lane.BaselineRow `json:"baseline"`
	Oracle         []lane.OracleRow  `json:"oracle_check"`
	Witness        []lane.WitnessRow `json:"witness"` // rows of the attempt's window
	MismatchReason lane.Reason       `json:"mismatch_reason"`
	Explain        []string          `json:"explain"`            // plain sentences
	Reproduce      string            `json:"reproduce"`          // a command
	Attempts       []DecisionEvent   `json:"attempts,omitempty"` // all of them, when repeats differ
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
