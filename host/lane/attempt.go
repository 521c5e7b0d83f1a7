package lane

import (
	"slices"
	"syscall"
)

// Attempt is all that [Decide] may know about one attempt of one probe. What
// is unknown has its zero value, and a zero value never counts for a decision.
type Attempt struct {
	Supported bool   // the probe can be done on this world
	Unjudged  bool   // nobody in this world decides the operation on this object
	Apply     Reason // why the policy is not in force: one of the apply_* reasons; "" when it is
	Fixture   Reason // fixture_unavailable or acquire_failed (in Prepare); "" when all is there

	State State
	End   End
	// StoppedHere is true for the one attempt at which its process died or
	// hung: the one under way or, between two, the next. An attempt behind it
	// was not reached and has no end of its own.
	StoppedHere bool
	DiedAt      Stage // how far it got when it did not finish, "" when unknown
	Signal      int   // the signal that ended it, 0 when none or unknown

	Arm    Arm
	Result ResultClass
	Errno  *int   // that is claimed, 0 for success; nil where the result has another code
	Effect Effect // "" is unobservable

	// What the probe's Spec declares.
	Observable            bool // a two-way call whose effect can be seen from outside
	OneWay                bool // success proves nothing
	PolicyBeforeExistence bool // "missing" means that policy was asked and said yes

	Baseline Baseline
	// DifferentObject: the call reached another object than in the baseline
	// (pid namespace, start time).
	DifferentObject bool
	// ControlEffectSeen: the effect of an allowed sibling or declared control
	// was seen in the same process.
	ControlEffectSeen bool

	Witness WitnessSummary

	// Model is the evaluator's prediction. It never decides anything; when it
	// agrees with an inferred decision its rule is quoted beside it.
	Model Model
}

// Model is what sbpl-model predicted for an attempt.
type Model struct {
	Verdict Verdict // "" when there is no prediction
	Rule    *RuleRef
}

// Baseline compares the attempt with the same probe outside the sandbox.
type Baseline string

const (
	BaselineOK      Baseline = "ok"      // it worked there; one-way: its effect was seen
	BaselineMissing Baseline = "missing" // no such object there either
	BaselineSame    Baseline = "same"    // the same result as sealed
	BaselineOther   Baseline = "other"
	BaselineNone    Baseline = "none" // no baseline, or containment may have changed it
)

// WitnessSummary is the witness lane of one attempt's window.
type WitnessSummary struct {
	Complete    bool     // the witness sees every call of this kind
	Primary     Verdict  // its verdict on the probe's own operation; "" is silent
	PrimaryRule *RuleRef // by which rule
	Other       *Denial  // the first denial of a declared dependency
	First       *Denial  // the first denial of all, the primary's included

	// Performed is what the primary call returned each time that the enforcement
	// point made it in the process's place: an errno, 0 for success. None when any
	// was the kernel's to make, or when the claimed result is another call's.
	Performed []int
	unknown   bool // one of the calls was the kernel's

	ContainmentRefused bool // the fence, not the policy, refused the primary
	CallRefused        bool // the fence refused the claimed call, about which the policy is never asked
	SendSignal         int  // the denying rule's (with send-signal N), 0 for none
	Rows               []int
}

// Silent reports that the witness said nothing about the primary operation.
func (w WitnessSummary) Silent() bool { return w.Primary != Allow && w.Primary != Deny }

// belied reports that the enforcement point knows better what the call returned
// than whoever claims a result of it. Some errors come after the call was made:
// the descriptor did not fit into the process's table, a signal came in between.
func (a Attempt) belied() bool {
	if len(a.Witness.Performed) == 0 || a.Errno == nil || slices.Contains(a.Witness.Performed, *a.Errno) {
		return false
	}
	switch syscall.Errno(*a.Errno) {
	case syscall.EINTR, syscall.EMFILE, syscall.ENFILE, syscall.ENOMEM:
		return false
	}
	return true
}

// Denial is one refusal by policy, as the witness saw it.
type Denial struct {
	Operation string
	Filters   []Filter
	Rule      *RuleRef
}
