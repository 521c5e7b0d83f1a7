package lane

import "github.com/hrhost/hrhost/internal/terms"

// Verdict is what a policy said.
type Verdict string

const (
	Allow Verdict = "allow"
	Deny  Verdict = "deny"
)

// By says who gave a verdict. Only ByPolicy rows are ever evidence of a policy
// decision.
type By string

const (
	ByPolicy      By = "policy"      // a rule of the profile under test
	ByPrelude     By = "prelude"     // before sealing: allowed and witnessed
	ByContainment By = "containment" // the host's own fence around an untrusted plugin
)

// SBPLModel is the oracle that asks the evaluator, by its Source in the lane's
// rows.
const SBPLModel = "sbpl-model"

// Arm is when the object of a probe was acquired, relative to sealing.
type Arm = terms.Arm

const (
	After  = terms.After
	Before = terms.Before
	Again  = terms.Again
)

// Stage is how far a process or an attempt got. One enumeration serves stage,
// failure_stage and died_at; a plugin reports those that are not the host's.
type Stage = terms.Stage

const (
	StagePlan      Stage = "plan"
	StageLaunch    Stage = "launch"
	StageHandshake Stage = "handshake"
	StagePrepare         = terms.StagePrepare
	StageApply           = terms.StageApply
	StageAcquire         = terms.StageAcquire
	StageOperation       = terms.StageOperation
	StageEffect          = terms.StageEffect
	StageCleanup         = terms.StageCleanup
	StageReport    Stage = "report"
)

// State is how far an attempt got by its recorder slot and its event stream.
type State string

const (
	NotStarted State = "not_started"
	Acquiring  State = "acquiring"
	Attempting State = "attempting"
	Done       State = "done"
)

// End is how the attempt (or the process it was in) ended.
type End string

const (
	Returned End = "returned"
	Died     End = "died"
	TimedOut End = "timeout"
)

// ResultClass is a raw result read through the probe's own table of codes.
type ResultClass = terms.Class

const (
	OK                   = terms.OK
	Denied               = terms.Denied
	Missing              = terms.Missing
	Other                = terms.Other
	NoResult ResultClass = "none" // the call never returned
)

// Effect is whether the change that a call should have caused was seen from outside.
type Effect = terms.Effect

const (
	EffectSeen         = terms.EffectSeen
	EffectAbsent       = terms.EffectAbsent
	EffectUnobservable = terms.EffectUnobservable
)

// Use is what became of a handle acquired before sealing.
type Use string

const (
	UseHeld    Use = "held"    // still usable
	UseRefused Use = "refused" // refused by policy when used
	UseLost    Use = "lost"    // gone for another reason
)

// Tier is the strength of the evidence behind a decision.
type Tier string

const (
	TierWitnessed Tier = "witnessed"
	TierInferred  Tier = "inferred"
	TierNone      Tier = "none"
)

// TargetState says why an allowed call found nothing.
type TargetState string

const (
	TargetAbsent TargetState = "absent" // missing without a sandbox too
	TargetHidden TargetState = "hidden" // there without a sandbox
)
