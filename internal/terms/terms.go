// Package terms has the words that the protocol and the evidence lanes share, as
// text. internal/wire sends them and host/lane records them; neither imports the
// other.
package terms

// Arm is when the object of a probe was acquired, relative to sealing.
type Arm string

const (
	After  Arm = "after"  // acquired and used after sealing
	Before Arm = "before" // acquired before, the held handle used after
	Again  Arm = "again"  // held before, acquired a second time after
)

// Class is a raw result read through the probe's own table of codes.
type Class string

const (
	OK      Class = "ok"
	Denied  Class = "denied"  // the API's own "sandbox said no"
	Missing Class = "missing" // no such object
	Other   Class = "other"
)

// Effect is whether the change that a call should have caused was seen from outside.
type Effect string

const (
	EffectSeen         Effect = "seen"
	EffectAbsent       Effect = "absent"
	EffectUnobservable Effect = "unobservable"
)

// Stage is how far a process or an attempt got. host/lane has more of them, which no
// plugin reports.
type Stage string

const (
	StagePrepare   Stage = "prepare"
	StageApply     Stage = "apply"
	StageAcquire   Stage = "acquire"
	StageOperation Stage = "operation"
	StageEffect    Stage = "effect"
	StageCleanup   Stage = "cleanup"
)
