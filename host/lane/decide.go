package lane

// Decide is the decision table of docs/decisions.md: the first rule that fits.
// It is total, pure, and the only place where a decision is made.
func Decide(a Attempt) Decision {
	f := find(a.normal())
	return f.record(a)
}

// finding is one row of the table.
type finding struct {
	rule    int     // one of the Rule constants
	verdict Verdict // "" for no decision
	tier    Tier
	reason  Reason
	target  TargetState
	ambient bool
}

func none(rule int, why Reason) finding {
	return finding{rule: rule, tier: TierNone, reason: why}
}

func allow(rule int, tier Tier) finding {
	return finding{rule: rule, verdict: Allow, tier: tier, reason: NoDenialObserved}
}

func deny(rule int, tier Tier) finding {
	return finding{rule: rule, verdict: Deny, tier: tier, reason: PrimaryOpDenied}
}

// normal replaces what is unknown by the word that proves least.
func (a Attempt) normal() Attempt {
	switch a.Result {
	case OK, Denied, Missing:
	default:
		a.Result = Other
	}
	if a.Effect != EffectSeen && a.Effect != EffectAbsent {
		a.Effect = EffectUnobservable
	}
	switch a.Baseline {
	case BaselineOK, BaselineMissing, BaselineSame, BaselineOther:
	default:
		a.Baseline = BaselineNone
	}
	return a
}

func find(a Attempt) finding {
	switch {
	case !a.Supported:
		return none(RuleUnsupported, UnsupportedOnWorld)
	case a.Apply != "":
		return none(RuleNotApplied, a.Apply)
	case a.Fixture != "":
		return none(RuleNotPrepared, a.Fixture)
	case a.State != Done:
		return findUnfinished(a)
	case a.Witness.Primary == Deny:
		return findWitnessedDeny(a)
	case a.Witness.Primary == Allow && a.belied():
		return none(RuleContradiction, CapturePipelineDisagreement)
	case a.Witness.Primary == Allow:
		return findWitnessedAllow(a)
	case a.Witness.Complete || a.Unjudged:
		return findSilent(a)
	}
	return findUnwitnessed(a)
}

// findUnfinished is rule 4. A rule that kills is the one denial whose call
// never returns.
func findUnfinished(a Attempt) finding {
	switch {
	case a.killedByRule():
		return deny(RuleUnfinished, TierWitnessed)
	case a.State == NotStarted && !a.StoppedHere:
		return none(RuleUnfinished, NotReached)
	case a.End == Died:
		return none(RuleUnfinished, ProbeDied)
	case a.End == TimedOut:
		return none(RuleUnfinished, ProbeTimeout)
	}
	return none(RuleUnfinished, NotReached)
}

// killedByRule reports that the witness names a denying rule with send-signal
// and that the process died, as far as known of that very signal.
func (a Attempt) killedByRule() bool {
	w := a.Witness
	return w.Primary == Deny && w.SendSignal != 0 && a.End == Died &&
		a.State == Attempting && (a.Signal == 0 || a.Signal == w.SendSignal)
}

// findWitnessedDeny is rules 5 and 6. Rule 5 is also for an allowed call whose
// result is known to be another than the one claimed.
func findWitnessedDeny(a Attempt) finding {
	worked := a.Effect == EffectSeen || a.Result == OK && !a.OneWay
	if worked {
		return none(RuleContradiction, CapturePipelineDisagreement)
	}
	return deny(RuleWitnessedDeny, TierWitnessed)
}

// findWitnessedAllow is rules 7 to 12.
func findWitnessedAllow(a Attempt) finding {
	refused := a.Result == Denied || a.Result == Other
	switch {
	case a.Result == OK && !a.effectFailed():
		return allow(RuleWitnessedAllow, TierWitnessed)
	case a.Result == Missing:
		f := allow(RuleAllowedMissing, TierWitnessed)
		f.target = targetState(a.Baseline)
		return f
	case refused && a.Baseline == BaselineSame:
		f := allow(RuleAllowedAmbient, TierWitnessed)
		f.ambient = true
		return f
	case refused && a.Witness.Other != nil:
		return none(RuleAllowedDependency, DependencyDenied)
	case a.Result == OK:
		return none(RuleAllowedNoEffect, EffectNotObserved)
	case a.Witness.ContainmentRefused:
		return none(RuleAllowedFailed, ContainmentDenied)
	case a.Result == Denied:
		return none(RuleAllowedFailed, CapturePipelineDisagreement)
	}
	return none(RuleAllowedFailed, ProbeErrno)
}

// effectFailed reports that the effect could have been seen and was not.
func (a Attempt) effectFailed() bool {
	return a.Effect == EffectAbsent && (a.OneWay || a.Observable)
}

func targetState(b Baseline) TargetState {
	switch b {
	case BaselineMissing:
		return TargetAbsent
	case BaselineOK:
		return TargetHidden
	}
	return ""
}

// findSilent is rules 13 and 14: a witness that misses nothing has no verdict by
// policy. An operation that no enforcement point decides is never a decision, and so
// comes here whether or not the witness misses anything.
func findSilent(a Attempt) finding {
	fenced := a.Witness.ContainmentRefused || a.Unjudged && a.Witness.CallRefused
	switch {
	case fenced && a.Result != OK:
		return none(RuleSilent, ContainmentDenied)
	case a.Unjudged:
		return none(RuleSilent, NotMediated)
	case a.Arm == Before && a.Result == OK:
		return none(RuleSilentHeld, NotRechecked)
	case a.Witness.Other != nil && a.Result != OK:
		return none(RuleSilent, DependencyDenied)
	}
	return none(RuleSilent, OpNotWitnessed)
}

// findUnwitnessed is rules 15 to 26: only the call and the baseline speak.
func findUnwitnessed(a Attempt) finding {
	switch {
	case a.Arm == Before && a.Result == OK:
		return none(RuleUnwitnessedHeld, NotRechecked)
	case a.DifferentObject, a.Baseline == BaselineOK && a.Result == Missing:
		return none(RuleObjectHidden, ObjectHidden)
	case a.Effect == EffectSeen, a.Result == OK && !a.OneWay && !a.effectFailed():
		return allow(RuleInferredAllow, TierInferred)
	case a.Result == OK:
		return findNoEffect(a)
	case a.Result == Denied:
		return findUnwitnessedDenial(a)
	case a.Result == Missing:
		return findUnwitnessedMissing(a)
	}
	return none(RuleOtherResult, ProbeErrno)
}

// findNoEffect is rules 18 and 19: the call said ok and nothing was seen of it. A
// refusal by containment, or of something that the call needs first, explains that as
// well as a denial does.
func findNoEffect(a Attempt) finding {
	switch {
	case a.Witness.ContainmentRefused:
		return none(RuleNoEffect, ContainmentDenied)
	case a.Witness.Other != nil:
		return none(RuleNoEffect, DependencyDenied)
	case a.OneWay && a.Effect == EffectAbsent && a.Baseline == BaselineOK && a.ControlEffectSeen:
		return deny(RuleInferredSilence, TierInferred)
	}
	return none(RuleNoEffect, EffectNotObserved)
}

// findUnwitnessedDenial is rules 20 to 23. A refusal by containment proves no
// more than a missing baseline.
func findUnwitnessedDenial(a Attempt) finding {
	fenced := a.Witness.ContainmentRefused
	switch {
	case a.Witness.Other != nil:
		return none(RuleDependencyDenied, DependencyDenied)
	case a.Baseline == BaselineOK && !fenced,
		a.Baseline == BaselineMissing && a.PolicyBeforeExistence && !fenced:
		return deny(RuleInferredDeny, TierInferred)
	case a.Baseline == BaselineSame:
		return none(RuleAmbient, AmbientPlatformRestriction)
	}
	return none(RuleNoBaseline, BaselineUnavailable)
}

// findUnwitnessedMissing is rules 24 and 25.
func findUnwitnessedMissing(a Attempt) finding {
	if a.Baseline == BaselineMissing && a.PolicyBeforeExistence {
		f := allow(RuleInferredMissing, TierInferred)
		f.target = TargetAbsent
		return f
	}
	return none(RuleMissing, TargetAbsentReason)
}
