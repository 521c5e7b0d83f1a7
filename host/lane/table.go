package lane

import "slices"

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

// outcomes are the rows of the table by number, so that whoever reads a decision
// can tell that [Decide] may have made it. Rule 4 can be a denial too.
var outcomes = [...]outcome{
	1: nothing(nil, UnsupportedOnWorld),
	2: nothing(nil, ApplyAlreadySandboxed, ApplyListenerBusy, ApplyUnsupported, ApplyFailed),
	3: nothing(nil, FixtureUnavailable, AcquireFailed),
	4: nothing(nil, NotReached, ProbeDied, ProbeTimeout),
	5: nothing(nil, CapturePipelineDisagreement),
	6: denies(TierWitnessed, nil),
	7: allows(TierWitnessed, ok), 8: allows(TierWitnessed, missing), 9: allows(TierWitnessed, failed),
	10: nothing(failed, DependencyDenied),
	11: nothing(ok, EffectNotObserved),
	12: nothing(failed, ContainmentDenied, CapturePipelineDisagreement, ProbeErrno),
	13: nothing(ok, NotRechecked),
	14: nothing(nil, ContainmentDenied, NotMediated, DependencyDenied, OpNotWitnessed),
	15: nothing(ok, NotRechecked),
	16: nothing(nil, ObjectHidden),
	17: allows(TierInferred, nil),
	18: denies(TierInferred, ok),
	19: nothing(ok, EffectNotObserved),
	20: nothing(denied, DependencyDenied),
	21: denies(TierInferred, denied),
	22: nothing(denied, AmbientPlatformRestriction),
	23: nothing(denied, BaselineUnavailable),
	24: allows(TierInferred, missing),
	25: nothing(missing, TargetAbsentReason),
	26: nothing(other, ProbeErrno),
}

// undecidable says why [Decide] cannot have made a row's decision, "" when it can.
// complete is whether the row's witness misses nothing.
func (r *RuntimeRow) undecidable(complete bool) string {
	d := r.Decision
	if d.Rule < 1 || d.Rule >= len(outcomes) {
		return "the decision table has no such rule"
	}
	f, o := d.finding(), outcomes[d.Rule]
	if d.Rule == 4 && d.Verdict != nil {
		o = denies(TierWitnessed, nil)
	}
	switch {
	case f.verdict != o.verdict || d.Tier != o.tier || !slices.Contains(o.reasons, d.Reason):
		return "its decision, tier and path are not those of its rule of the table"
	case d.Rule > 4 && r.State != Done, d.Rule == 4 && r.State == Done,
		d.Rule == 4 && d.Verdict != nil && (r.State != Attempting || r.End != Died):
		return "its state is not that of its rule of the table"
	case o.results != nil && !slices.Contains(o.results, r.Result.Class):
		return "its result is not one of its rule of the table"
	case d.Rule == 14 && d.Reason == ContainmentDenied && r.Result.Class == OK:
		return "its result is not one of its rule of the table"
	case d.Rule == 6 && r.Effect == EffectSeen, d.Rule == 17 && r.Result.Class != OK && r.Effect != EffectSeen:
		return "its effect is not that of its rule of the table"
	case complete && d.Rule >= 15, !complete && (d.Rule == 13 || d.Rule == 14):
		return "its rule of the table is for another witness than the one in force"
	case d.PolicyRule != nil && d.RuleSource != f.names():
		return "nobody who could know named its policy rule"
	}
	return ""
}

// names is who can name a policy rule beside a decision by this row of the table,
// "" for nobody.
func (f finding) names() string {
	switch {
	case f.rule >= 4 && f.rule <= 12:
		return "witness"
	case f.tier == TierInferred:
		return SBPLModel
	}
	return ""
}
