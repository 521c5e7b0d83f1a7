package lane

// The rules of the decision table, in the order in which [Decide] tries them.
// docs/decisions.md describes each one. Their numbers are part of the format of a bundle:
// decision_rule of a row is one of them.
const (
	// Before policy is asked.
	RuleUnsupported = 1
	RuleNotApplied  = 2
	RuleNotPrepared = 3
	RuleUnfinished  = 4

	// The witness has a verdict.
	RuleContradiction     = 5
	RuleWitnessedDeny     = 6
	RuleWitnessedAllow    = 7
	RuleAllowedMissing    = 8
	RuleAllowedAmbient    = 9
	RuleAllowedDependency = 10
	RuleAllowedNoEffect   = 11
	RuleAllowedFailed     = 12

	// A complete witness is silent.
	RuleSilentHeld = 13
	RuleSilent     = 14

	// An incomplete witness is silent, or there is none.
	RuleUnwitnessedHeld  = 15
	RuleObjectHidden     = 16
	RuleInferredAllow    = 17
	RuleInferredSilence  = 18
	RuleNoEffect         = 19
	RuleDependencyDenied = 20
	RuleInferredDeny     = 21
	RuleAmbient          = 22
	RuleNoBaseline       = 23
	RuleInferredMissing  = 24
	RuleMissing          = 25
	RuleOtherResult      = 26

	LastRule = RuleOtherResult
)

// outcome is what a row of the decision table gives, and of what results.
type outcome struct {
	verdict Verdict // "" for no decision
	tier    Tier
	reasons []Reason
	results []ResultClass // nil for any
}

var (
	failed  = []ResultClass{Denied, Other, NoResult}
	other   = []ResultClass{Other, NoResult}
	denied  = []ResultClass{Denied}
	missing = []ResultClass{Missing}
	ok      = []ResultClass{OK}
)

func nothing(results []ResultClass, why ...Reason) outcome {
	return outcome{"", TierNone, why, results}
}

func allows(t Tier, results []ResultClass) outcome {
	return outcome{Allow, t, []Reason{NoDenialObserved}, results}
}

func denies(t Tier, results []ResultClass) outcome {
	return outcome{Deny, t, []Reason{PrimaryOpDenied}, results}
}

// outcomes are the rules of the table, so that a reader of a decision can tell whether
// [Decide] may have made it. RuleUnfinished can be a denial too.
var outcomes = [...]outcome{
	RuleUnsupported:       nothing(nil, UnsupportedOnWorld),
	RuleNotApplied:        nothing(nil, ApplyAlreadySandboxed, ApplyListenerBusy, ApplyUnsupported, ApplyFailed),
	RuleNotPrepared:       nothing(nil, FixtureUnavailable, AcquireFailed),
	RuleUnfinished:        nothing(nil, NotReached, ProbeDied, ProbeTimeout),
	RuleContradiction:     nothing(nil, CapturePipelineDisagreement),
	RuleWitnessedDeny:     denies(TierWitnessed, nil),
	RuleWitnessedAllow:    allows(TierWitnessed, ok),
	RuleAllowedMissing:    allows(TierWitnessed, missing),
	RuleAllowedAmbient:    allows(TierWitnessed, failed),
	RuleAllowedDependency: nothing(failed, DependencyDenied),
	RuleAllowedNoEffect:   nothing(ok, EffectNotObserved),
	RuleAllowedFailed:     nothing(failed, ContainmentDenied, CapturePipelineDisagreement, ProbeErrno),
	RuleSilentHeld:        nothing(ok, NotRechecked),
	RuleSilent:            nothing(nil, ContainmentDenied, NotMediated, DependencyDenied, OpNotWitnessed),
	RuleUnwitnessedHeld:   nothing(ok, NotRechecked),
	RuleObjectHidden:      nothing(nil, ObjectHidden),
	RuleInferredAllow:     allows(TierInferred, nil),
	RuleInferredSilence:   denies(TierInferred, ok),
	RuleNoEffect:          nothing(ok, ContainmentDenied, DependencyDenied, EffectNotObserved),
	RuleDependencyDenied:  nothing(denied, DependencyDenied),
	RuleInferredDeny:      denies(TierInferred, denied),
	RuleAmbient:           nothing(denied, AmbientPlatformRestriction),
	RuleNoBaseline:        nothing(denied, BaselineUnavailable),
	RuleInferredMissing:   allows(TierInferred, missing),
	RuleMissing:           nothing(missing, TargetAbsentReason),
	RuleOtherResult:       nothing(other, ProbeErrno),
}

// yielding is the version of runtime_results from which rules 18 and 19 look for another
// refusal first, and from which an operation that no enforcement point decides falls to
// rule 14 under an incomplete witness too.
const yielding = 3

// outcomeOf is what a rule gives in runtime_results of a version.
func outcomeOf(rule, version int) outcome {
	if rule == RuleNoEffect && version < yielding {
		return nothing(ok, EffectNotObserved)
	}
	return outcomes[rule]
}

// mayHaveWitness reports that a decision by the rule may rest on a verdict of the witness.
func mayHaveWitness(rule int) bool { return rule >= RuleUnfinished && rule <= RuleAllowedFailed }
