package bundle

import "github.com/hrhost/hrhost/host/lane"

// Event is one row of runtime_events.normalized.json: a runtime row in the
// predecessor's flat field names, beside what the plan expected. It restates
// the runtime lane and reads no other.
type Event struct {
	lane.Context
	ScenarioID    string      `json:"scenario_id"` // <profile>:<probe>, without the arm
	Target        string      `json:"target"`
	Expected      string      `json:"expected"`
	Actual        *string     `json:"actual"` // allow, deny, or null: no decision
	Match         *bool       `json:"match"`  // null without a decision to compare
	RuntimeStatus string      `json:"runtime_status"`
	FailureStage  *lane.Stage `json:"failure_stage"`
	FailureKind   *string     `json:"failure_kind"` // the decision path when there is no decision
	Errno         *int        `json:"errno"`
	ErrnoName     string      `json:"errno_name,omitempty"`
	ExitCode      *int        `json:"exit_code"`
	Signal        *int        `json:"signal"`
	EvidenceTier  lane.Tier   `json:"evidence_tier"`

	IntendedOpWitnessed bool          `json:"intended_op_witnessed"`
	FirstDenialOp       *string       `json:"first_denial_op"`
	FirstDenialFilters  []lane.Filter `json:"first_denial_filters"`
}

// Normalize restates a runtime row. match is what the caller's judgement of the
// expectation was, or null.
func Normalize(row lane.RuntimeRow, exp Expectation, match *bool) Event {
	d := row.Decision
	e := Event{
		Context: row.Context, ScenarioID: row.ProfileID + ":" + row.ProbeName,
		Target: exp.Target, Expected: exp.Expected, Match: match,
		RuntimeStatus: row.RuntimeStatus, FailureStage: d.FailureStage,
		Errno: row.Result.Errno, ErrnoName: row.Result.ErrnoName,
		ExitCode: row.Result.ExitCode, Signal: row.Result.Signal,
		EvidenceTier: d.Tier, IntendedOpWitnessed: d.Tier == lane.TierWitnessed,
		FirstDenialOp: d.FirstDenialOp, FirstDenialFilters: d.FirstDenialFilters,
	}
	if d.Verdict != nil {
		actual := string(*d.Verdict)
		e.Actual = &actual
	} else {
		kind := string(d.Reason)
		e.FailureKind = &kind
	}
	if e.FirstDenialFilters == nil {
		e.FirstDenialFilters = []lane.Filter{}
	}
	return e
}
