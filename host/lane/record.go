package lane

// record writes a finding down as the Decision of a row.
func (f finding) record(a Attempt) Decision {
	d := Decision{
		Rule: f.rule, Reason: f.reason, Tier: f.tier,
		TargetState: f.target, Ambient: f.ambient,
		ReachedPrimaryOp: f.reached(a),
	}
	if f.verdict != "" {
		v := f.verdict
		d.Verdict = &v
	}
	if f.rule > RuleNotPrepared {
		d.FirstDenialOp, d.FirstDenialFilters = firstDenial(a.Witness)
	}
	if s := f.failureStage(a); s != "" {
		d.FailureStage = &s
	}
	d.PolicyRule, d.RuleSource = f.policyRule(a)
	return d
}

// reached reports whether the probe's own operation was put to the policy, as
// the witness says or, where it can say nothing, as the returned call implies.
func (f finding) reached(a Attempt) bool {
	switch {
	case f.rule <= RuleNotPrepared:
		return false
	case !a.Witness.Silent():
		return true
	case a.State != Done || a.Witness.Complete:
		return false
	}
	return f.reason != DependencyDenied && f.reason != NotRechecked
}

// firstDenial comes from a witness or is null.
func firstDenial(w WitnessSummary) (*string, []Filter) {
	d := w.First
	if d == nil {
		d = w.Other
	}
	if d == nil {
		return nil, nil
	}
	op := d.Operation
	return &op, d.Filters
}

// failureStage is where an attempt without a decision stopped being evidence.
func (f finding) failureStage(a Attempt) Stage {
	switch {
	case f.verdict != "":
		return ""
	case f.rule == RuleUnsupported:
		return StagePlan
	case f.rule == RuleNotApplied:
		return StageApply
	case f.reason == FixtureUnavailable:
		return StagePrepare
	case f.reason == AcquireFailed:
		return StageAcquire
	case f.rule == RuleUnfinished:
		return a.stoppedAt()
	case f.reason == EffectNotObserved:
		return StageEffect
	}
	return StageOperation
}

func (a Attempt) stoppedAt() Stage {
	switch {
	case a.DiedAt != "":
		return a.DiedAt
	case a.State == Acquiring:
		return StageAcquire
	case a.State == Attempting:
		return StageOperation
	}
	return ""
}

// policyRule is the rule the witness named or, for an inferred decision, the
// one by which the evaluator predicted the same.
func (f finding) policyRule(a Attempt) (*RuleRef, string) {
	switch {
	case f.rule <= RuleNotPrepared:
		return nil, ""
	case a.Witness.PrimaryRule != nil:
		return a.Witness.PrimaryRule, "witness"
	case f.tier == TierInferred && a.Model.Verdict == f.verdict && a.Model.Rule != nil:
		return a.Model.Rule, SBPLModel
	}
	return nil, ""
}
