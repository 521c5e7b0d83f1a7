package lane

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
type Arm string

const (
	After  Arm = "after"  // acquired and used after sealing
	Before Arm = "before" // acquired before, the held handle used after
	Again  Arm = "again"  // held before, acquired anew after
)

// Stage is how far a process or an attempt got. One enumeration serves stage,
// failure_stage and died_at.
type Stage string

const (
	StagePlan      Stage = "plan"
	StageLaunch    Stage = "launch"
	StageHandshake Stage = "handshake"
	StagePrepare   Stage = "prepare"
	StageApply     Stage = "apply"
	StageAcquire   Stage = "acquire"
	StageOperation Stage = "operation"
	StageEffect    Stage = "effect"
	StageCleanup   Stage = "cleanup"
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
type ResultClass string

const (
	OK       ResultClass = "ok"
	Denied   ResultClass = "denied"  // the API's own "sandbox said no"
	Missing  ResultClass = "missing" // no such object
	Other    ResultClass = "other"
	NoResult ResultClass = "none" // the call never returned
)

// Effect is whether what the operation should have caused was seen from outside.
type Effect string

const (
	EffectSeen         Effect = "seen"
	EffectAbsent       Effect = "absent"
	EffectUnobservable Effect = "unobservable"
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
