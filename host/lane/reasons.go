package lane

import "slices"

// Reason is why a decision is as it is, and the reason of a mismatch packet. The list is
// closed. A new reason has a constant and a row of the table reasons below, and, if a
// decision may have it, a rule of rules.go that gives it. The enumerations of
// host/bundle/schemas/common.schema.json and a table of docs/decisions.md are generated:
//
//	go test ./host/lane ./host/bundle -run 'TestReasonsOf' -update
type Reason string

const (
	UnsupportedOnWorld          Reason = "unsupported_on_world"
	ApplyAlreadySandboxed       Reason = "apply_already_sandboxed"
	ApplyListenerBusy           Reason = "apply_listener_busy"
	ApplyUnsupported            Reason = "apply_unsupported"
	ApplyFailed                 Reason = "apply_failed"
	FixtureUnavailable          Reason = "fixture_unavailable"
	AcquireFailed               Reason = "acquire_failed"
	ProbeDied                   Reason = "probe_died"
	ProbeTimeout                Reason = "probe_timeout"
	NotReached                  Reason = "not_reached"
	CapturePipelineDisagreement Reason = "capture_pipeline_disagreement"
	PrimaryOpDenied             Reason = "primary_op_denied"
	NoDenialObserved            Reason = "no_denial_observed"
	DependencyDenied            Reason = "dependency_denied"
	EffectNotObserved           Reason = "effect_not_observed"
	ProbeErrno                  Reason = "probe_errno"
	ContainmentDenied           Reason = "containment_denied"
	NotRechecked                Reason = "not_rechecked"
	NotMediated                 Reason = "not_mediated"
	OpNotWitnessed              Reason = "op_not_witnessed"
	ObjectHidden                Reason = "object_hidden"
	AmbientPlatformRestriction  Reason = "ambient_platform_restriction"
	BaselineUnavailable         Reason = "baseline_unavailable"
	TargetAbsentReason          Reason = "target_absent"

	// Mismatch packets only.
	UnexpectedAllow    Reason = "unexpected_allow"
	UnexpectedDeny     Reason = "unexpected_deny"
	Unstable           Reason = "unstable"
	ProtocolViolation  Reason = "protocol_violation"
	OracleDisagreement Reason = "oracle_disagreement"
)

// ReasonRow is all that is known of a reason.
type ReasonRow struct {
	Reason   Reason
	Decision bool   // the decision of a row may have it, by some rule of the table
	Exit     int    // the exit code of a run with such a packet; 0: hrhost writes none
	Sentence string // for readers of a packet
}

// Exit codes of a run, as README.md lists them.
const (
	exitMismatch   = 1
	exitIncomplete = 3
)

// Reasons returns the row of every reason, in the order of the schema.
func Reasons() []ReasonRow { return slices.Clone(reasons) }

// Row returns the row of a reason, zero for one that is not on the list.
func (r Reason) Row() ReasonRow {
	for _, row := range reasons {
		if row.Reason == r {
			return row
		}
	}
	return ReasonRow{}
}

// Incomplete reports that a packet of this reason makes the run incomplete and not
// merely mismatched.
func (r Reason) Incomplete() bool { return r.Row().Exit == exitIncomplete }

// reasons is the one table of reasons. oracle_disagreement is about two lanes and not
// about a row's decision.
var reasons = []ReasonRow{
	{UnsupportedOnWorld, true, 0, "This world has no such operation."},
	{ApplyAlreadySandboxed, true, exitIncomplete,
		"The policy was not in force: the process was in a sandbox already."},
	{ApplyListenerBusy, true, exitIncomplete,
		"The policy was not in force: another monitor already listens to the process."},
	{ApplyUnsupported, true, exitIncomplete,
		"The policy was not in force: this host cannot apply one."},
	{ApplyFailed, true, exitIncomplete, "The policy was not in force: applying it failed."},
	{FixtureUnavailable, true, exitIncomplete, "Something that the probe needs was not there."},
	{AcquireFailed, true, exitMismatch, "The object could not be acquired before sealing."},
	{ProbeDied, true, exitIncomplete,
		"The process died in the attempt; a crash is not a decision."},
	{ProbeTimeout, true, exitIncomplete,
		"The attempt took too long; a timeout is not a decision."},
	{NotReached, true, exitIncomplete,
		"The process ended before this attempt; it says nothing about the policy."},
	{CapturePipelineDisagreement, true, exitMismatch,
		"The witness and the call contradict each other; one of them is wrong."},
	{PrimaryOpDenied, true, 0, ""},
	{NoDenialObserved, true, 0, ""},
	{DependencyDenied, true, exitMismatch,
		"The policy denied something else that the call needs first; that says nothing about the operation itself."},
	{EffectNotObserved, true, exitMismatch, "The call succeeded and its effect was not seen."},
	{ProbeErrno, true, exitMismatch,
		"The call failed for a reason that is neither a denial nor a missing object."},
	{ContainmentDenied, true, exitMismatch,
		"The host's own containment refused the call; that is not the profile."},
	{NotRechecked, true, exitMismatch,
		"The handle from before sealing still worked, and the policy was not asked again."},
	{NotMediated, true, exitMismatch,
		"Nobody in this world decides this operation on this object: hrhost world --operations lists what is decided."},
	{OpNotWitnessed, true, exitMismatch,
		"The witness misses nothing and did not see the operation: the probe did not perform it as declared."},
	{ObjectHidden, true, exitMismatch,
		"The object is there without a sandbox and is missing or another one here; that is no decision."},
	{AmbientPlatformRestriction, true, exitMismatch,
		"The call is refused without a sandbox too, so that the refusal is not the profile's."},
	{BaselineUnavailable, true, exitMismatch,
		"There is no baseline to compare with, so that nothing can be concluded."},
	{TargetAbsentReason, true, exitMismatch,
		"The object does not exist, and nothing shows that the policy was asked."},

	{UnexpectedAllow, false, exitMismatch, "The decision is clean and is not the one expected."},
	{UnexpectedDeny, false, exitMismatch, "The decision is clean and is not the one expected."},
	{Unstable, false, exitMismatch,
		"The repeats differ, so that no single outcome can be relied on."},
	{ProtocolViolation, false, exitMismatch,
		"The plugin broke the protocol, or an attempt has no row."},
	{OracleDisagreement, false, exitMismatch,
		"A prediction and a decision contradict each other; the oracle stays a lane of its own and changes nothing."},

	// The schema of packets reserves these; hrhost writes none of them.
	{"expectation_too_strong", false, 0, ""},
	{"canonicalization_boundary", false, 0, ""},
	{"path_normalization_sensitivity", false, 0, ""},
	{"anchor_alias_gap", false, 0, ""},
}
