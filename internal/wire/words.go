package wire

// The words below are those of the evidence lanes, as text.

// Arm is when a probe's object was acquired, relative to sealing.
type Arm string

const (
	After  Arm = "after"
	Before Arm = "before"
	Again  Arm = "again"
)

// Class is how a probe's table of codes reads a result.
type Class string

const (
	OK      Class = "ok"
	Denied  Class = "denied"  // the API's own "sandbox said no"
	Missing Class = "missing" // no such object
	Other   Class = "other"
)

// Effect is whether what a call should have caused was seen from outside.
type Effect string

const (
	EffectSeen         Effect = "seen"
	EffectAbsent       Effect = "absent"
	EffectUnobservable Effect = "unobservable"
)

// Stage is how far an attempt got.
type Stage string

const (
	StagePrepare   Stage = "prepare"
	StageApply     Stage = "apply"
	StageAcquire   Stage = "acquire"
	StageOperation Stage = "operation"
	StageEffect    Stage = "effect"
	StageCleanup   Stage = "cleanup"
)

// Severity of a diagnostic.
type Severity string

const (
	Warning Severity = "warning"
	Error   Severity = "error"
)

// Platform that a probe exists on.
type Platform string

const (
	Linux Platform = "linux"
	MacOS Platform = "macos"
)
