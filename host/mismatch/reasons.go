package mismatch

import "github.com/hrhost/hrhost/host/lane"

// meaning is what each reason tells a reader. Every reason that a packet may
// have is here; oracle_disagreement has a sentence of its own.
var meaning = map[lane.Reason]string{
	lane.UnsupportedOnWorld:    "This world has no such operation.",
	lane.ApplyAlreadySandboxed: "The policy was not in force: the process was in a sandbox already.",
	lane.ApplyListenerBusy:     "The policy was not in force: another monitor already listens to the process.",
	lane.ApplyUnsupported:      "The policy was not in force: this host cannot apply one.",
	lane.ApplyFailed:           "The policy was not in force: applying it failed.",
	lane.FixtureUnavailable:    "Something that the probe needs was not there.",
	lane.AcquireFailed:         "The object could not be acquired before sealing.",
	lane.ProbeDied:             "The process died in the attempt; a crash is not a decision.",
	lane.ProbeTimeout:          "The attempt took too long; a timeout is not a decision.",
	lane.NotReached:            "The process ended before this attempt; it says nothing about the policy.",

	lane.CapturePipelineDisagreement: "The witness and the call contradict each other; one of them is wrong.",
	lane.DependencyDenied:            "The policy denied something else that the call needs first; that says nothing about the operation itself.",
	lane.EffectNotObserved:           "The call succeeded and its effect was not seen.",
	lane.ProbeErrno:                  "The call failed for a reason that is neither a denial nor a missing object.",
	lane.ContainmentDenied:           "The host's own containment refused the call; that is not the profile.",
	lane.NotRechecked:                "The handle from before sealing still worked, and the policy was not asked again.",
	lane.NotMediated:                 "Nobody in this world decides this operation on this object: hrhost world --operations lists what is decided.",
	lane.OpNotWitnessed:              "The witness misses nothing and did not see the operation: the probe did not perform it as declared.",
	lane.ObjectHidden:                "The object is there without a sandbox and is missing or another one here; that is no decision.",
	lane.AmbientPlatformRestriction:  "The call is refused without a sandbox too, so that the refusal is not the profile's.",
	lane.BaselineUnavailable:         "There is no baseline to compare with, so that nothing can be concluded.",
	lane.TargetAbsentReason:          "The object does not exist, and nothing shows that the policy was asked.",

	lane.UnexpectedAllow:    "The decision is clean and is not the one expected.",
	lane.UnexpectedDeny:     "The decision is clean and is not the one expected.",
	lane.Unstable:           "The repeats differ, so that no single outcome can be relied on.",
	lane.ProtocolViolation:  "The plugin broke the protocol, or an attempt has no row.",
	lane.OracleDisagreement: "A prediction and a decision contradict each other; the oracle stays a lane of its own and changes nothing.",
}

// Incomplete reports that a packet of this reason makes the run incomplete
// (exit 3) and not merely mismatched (exit 1).
func Incomplete(why lane.Reason) bool {
	switch why {
	case lane.ApplyAlreadySandboxed, lane.ApplyListenerBusy, lane.ApplyUnsupported, lane.ApplyFailed,
		lane.FixtureUnavailable, lane.ProbeDied, lane.ProbeTimeout, lane.NotReached:
		return true
	}
	return false
}

// Reasons are all reasons that a packet of our own may have.
func Reasons() []lane.Reason {
	out := make([]lane.Reason, 0, len(meaning))
	for why := range meaning {
		if why != lane.UnsupportedOnWorld {
			out = append(out, why)
		}
	}
	return out
}
