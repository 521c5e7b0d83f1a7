// Package lane holds the rows of the four lanes of evidence and turns an
// attempt into a decision.
//
// A lane is one kind of evidence about one planned probe: the baseline (the
// same probe with no sandbox), the runtime (what the sealed call returned), the
// witness (what the enforcement point decided) and the oracle (what was
// predicted). Lanes have Go types of their own and are never merged; only
// [Decide] reads several of them, and what it returns stands beside them.
//
// The package is pure: it opens nothing, runs nothing and asks no clock.
package lane

import (
	"github.com/hrhost/hrhost/internal/text"
)

// Context is carried by every row of every lane, so that a row torn out of its
// file still says which run, world, profile and binary it belongs to.
type Context struct {
	RunID         string           `json:"run_id"`
	WorldID       string           `json:"world_id"`
	PlanDigest    string           `json:"plan_digest"`
	ProfileDigest string           `json:"profile_digest"`
	PluginDigest  string           `json:"plugin_digest"`
	Family        string           `json:"family"`
	ProfileID     string           `json:"profile_id"`
	ProbeName     string           `json:"probe_name"`
	ExpectationID string           `json:"expectation_id"` // <profile>:<probe>@<arm>
	Arm           Arm              `json:"arm"`
	Attempt       int              `json:"attempt"` // 1 unless the plan repeats
	SealMode      string           `json:"seal_mode"`
	Stage         Stage            `json:"stage"` // how far this row's evidence reaches
	Operation     string           `json:"operation"`
	Filter        Filter           `json:"filter"`
	Carrier       string           `json:"carrier"`          // the real call: "open /proc/sys/kernel/ostype"
	Path          *PathObservation `json:"path_observation"` // null when the call names no path
}

// Filter is one fact of an operation, by the profile language's name for it.
type Filter struct {
	Name  string `json:"name"`  // "sysctl-name", "target", ...; "" when the operation has none
	Value string `json:"value"` // "kernel.ostype", "self", "pid:4242@178233"
}

// PathObservation records how a path was spelled and what it resolved to. It is
// evidence for people; it never enters a decision.
type PathObservation struct {
	Requested  string `json:"requested"`
	Observed   string `json:"observed"`   // as the kernel names the object; "" when it does not exist
	Normalized string `json:"normalized"` // lexically cleaned request
	Source     string `json:"source"`     // "monitor", "plugin"
}

// RuleRef points at the profile's text that decided.
type RuleRef struct {
	File       string   `json:"file"` // "", with line and col 0, for a default and for a rule of the system
	Line       int      `json:"line"`
	Col        int      `json:"col"`
	Text       string   `json:"text"`       // the rule as written, see ShortRule
	DecidedAt  string   `json:"decided_at"` // the operation whose list held it
	Walk       []string `json:"walk"`       // operations walked, the asked one first
	Default    bool     `json:"default"`    // the operation table decided, no rule of the profile
	Implicit   bool     `json:"implicit"`   // the system adds the rule to every profile
	Unverified bool     `json:"unverified"` // rests on an unverified table entry
}

// maxRule is how much of a rule's text a row has: a list of names can be of
// megabytes, and stands in every row that it decides.
const maxRule = 4 << 10

// ShortRule truncates the text of a rule to maxRule bytes, as rows have it.
func ShortRule(rule string) string {
	if len(rule) <= maxRule {
		return rule
	}
	return text.Clip(rule, maxRule-len("..."))
}

// Native is a result code in an API's own number space.
type Native struct {
	API  string `json:"api"`  // "bootstrap_look_up", "dbus"
	Code int64  `json:"code"` // 0 when the API names its errors instead
	Name string `json:"name"` // "BOOTSTRAP_NOT_PRIVILEGED", "org.freedesktop.DBus.Error.AccessDenied"
}

// Result is what one call said. Errno is an errno or null and nothing else;
// exit codes, signals and native codes have fields of their own.
type Result struct {
	Class     ResultClass `json:"class"`
	API       string      `json:"api"`
	Errno     *int        `json:"errno"`
	ErrnoName string      `json:"errno_name,omitempty"`
	Native    *Native     `json:"native"`
	ExitCode  *int        `json:"exit_code"`
	Signal    *int        `json:"signal"`
	Value     string      `json:"value,omitempty"` // what was read, cut at 4 KiB
	Truncated bool        `json:"truncated,omitempty"`
}

// RuntimeRow is one attempt of one planned probe in the sealed process. Every
// planned attempt has exactly one, whatever died.
type RuntimeRow struct {
	Context
	RuntimeStatus string   `json:"runtime_status"` // success, errno, blocked, died, timeout, not_reached, unsupported
	State         State    `json:"state"`
	End           End      `json:"end"`
	Result        Result   `json:"result"`
	Effect        Effect   `json:"effect"`
	Use           Use      `json:"use,omitempty"` // handles acquired before sealing
	Decision      Decision `json:"decision_record"`
	PID           int      `json:"pid"`
	StartedAt     string   `json:"started_at,omitempty"` // RFC 3339, nanoseconds, UTC
	DurationUS    int64    `json:"duration_us"`
	Attribution   string   `json:"attribution"` // plugin_claimed, host_observed
	DiedAt        Stage    `json:"died_at,omitempty"`
	Detail        string   `json:"detail,omitempty"` // one plain sentence about what went wrong
}

// BaselineRow is the same probe by the same binary with no policy in force.
type BaselineRow struct {
	Context
	Name          string `json:"name"` // baseline:<profile>:<probe>
	RuntimeStatus string `json:"runtime_status"`
	State         State  `json:"state"`
	End           End    `json:"end"`
	Result        Result `json:"result"`
	Effect        Effect `json:"effect"`
	Contained     bool   `json:"contained"` // containment may have changed it: treated as no baseline
	PID           int    `json:"pid"`
	StartedAt     string `json:"started_at,omitempty"`
	DurationUS    int64  `json:"duration_us"`
	Detail        string `json:"detail,omitempty"`
}

// ProcessTarget is the process an operation was about, as the host saw it.
type ProcessTarget struct {
	PID       int      `json:"pid"`
	StartTime string   `json:"start_time"` // clock ticks since boot as decimal text; "" when there is no such process
	Relations []string `json:"relations"`  // self, children, pgrp, same-sandbox, others, initproc
	UID       *int     `json:"uid"`
}

// WitnessRow is one judgement of the enforcement point, written before the call
// was answered.
type WitnessRow struct {
	Context
	Seq         int64          `json:"seq"`
	Time        string         `json:"time"`         // RFC 3339, nanoseconds, UTC
	MonotonicUS int64          `json:"monotonic_us"` // CLOCK_MONOTONIC, on macOS CLOCK_UPTIME_RAW
	Epoch       int            `json:"epoch"`        // 0 before sealing, 1 after
	PID         int            `json:"pid"`
	TID         int            `json:"tid"`
	Slot        int            `json:"slot"` // recorder slot in force when the call arrived, -1 for none
	Syscall     string         `json:"syscall"`
	Facts       []Filter       `json:"facts,omitempty"` // what it was judged on besides the filter
	Target      *ProcessTarget `json:"target"`
	Object      string         `json:"object"`  // exists, absent, unknown; of a bus name: owned, activatable, absent
	Verdict     Verdict        `json:"verdict"` // allow or deny
	By          By             `json:"by"`
	Rule        *RuleRef       `json:"rule"` // null unless by policy
	How         string         `json:"how"`  // deny, inject, continue, emulate; on a bus: deny, forward, drop, close
	Errno       *int           `json:"errno"`
	ErrnoName   string         `json:"errno_name,omitempty"`
	SendSignal  int            `json:"send_signal,omitempty"` // the deciding rule's (with send-signal N)
	Reason      string         `json:"reason,omitempty"`      // why containment refused
	Repeats     int            `json:"repeats,omitempty"`     // a report of the unified log that stands for so many more
	Truncated   bool           `json:"truncated,omitempty"`   // the log cut the report, so the filter is not whole
}

// OracleRow is one prediction, made without performing the operation.
type OracleRow struct {
	Context
	Source             string   `json:"source"`     // sbpl-model, monitor_check, sandbox_check
	Prediction         string   `json:"prediction"` // allow, deny, unknown, error, unsupported_by_api
	Rule               *RuleRef `json:"rule"`
	Calibration        string   `json:"calibration"`          // calibrated, uncalibrated, not_needed
	SharedPolicyEngine bool     `json:"shared_policy_engine"` // the witness asks the same evaluator: one vote, not two
	Missing            []string `json:"missing_facts,omitempty"`
	Detail             string   `json:"detail,omitempty"`
}

// Decision is what a row's evidence amounts to. Verdict is null whenever the
// evidence does not show a policy decision; Reason then says why.
type Decision struct {
	Verdict            *Verdict    `json:"decision"`
	Rule               int         `json:"decision_rule"` // row of the decision table that fitted
	Reason             Reason      `json:"decision_path"`
	Tier               Tier        `json:"evidence_tier"`
	TargetState        TargetState `json:"target_state,omitempty"`
	Ambient            bool        `json:"ambient"`
	ReachedPrimaryOp   bool        `json:"reached_primary_op"`
	FirstDenialOp      *string     `json:"first_denial_op"`
	FirstDenialFilters []Filter    `json:"first_denial_filters"`
	FailureStage       *Stage      `json:"failure_stage"`
	PolicyRule         *RuleRef    `json:"rule"`                  // the deciding rule, as the witness or the oracle named it
	RuleSource         string      `json:"rule_source,omitempty"` // witness, sbpl-model
}
