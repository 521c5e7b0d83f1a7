package lane

import "slices"

// undecidable says why [Decide] cannot have made a row's decision, "" when it can.
// complete is whether the row's witness misses nothing, version that of the row's
// document.
func (r *RuntimeRow) undecidable(complete bool, version int) string {
	d := r.Decision
	if d.Rule < RuleUnsupported || d.Rule > LastRule {
		return "the decision table has no such rule"
	}
	f, o := d.finding(), outcomeOf(d.Rule, version)
	if d.Rule == RuleUnfinished && d.Verdict != nil {
		o = denies(TierWitnessed, nil)
	}
	switch {
	case f.verdict != o.verdict || d.Tier != o.tier || !slices.Contains(o.reasons, d.Reason):
		return "its decision, tier and path are not those of its rule of the table"
	case d.Rule > RuleUnfinished && r.State != Done, d.Rule == RuleUnfinished && r.State == Done,
		d.Rule == RuleUnfinished && d.Verdict != nil && (r.State != Attempting || r.End != Died):
		return "its state is not that of its rule of the table"
	case o.results != nil && !slices.Contains(o.results, r.Result.Class):
		return "its result is not one of its rule of the table"
	case d.Rule == RuleSilent && d.Reason == ContainmentDenied && r.Result.Class == OK:
		return "its result is not one of its rule of the table"
	case d.Rule == RuleWitnessedDeny && r.Effect == EffectSeen, d.Rule == RuleInferredAllow && r.Result.Class != OK && r.Effect != EffectSeen:
		return "its effect is not that of its rule of the table"
	case complete && d.Rule >= RuleUnwitnessedHeld, !complete && d.needsComplete(version):
		return "its rule of the table is for another witness than the one in force"
	case d.PolicyRule != nil && d.RuleSource != f.names():
		return "nobody who could know named its policy rule"
	}
	return ""
}

// needsComplete reports that only a witness that misses nothing leads to the decision.
func (d *Decision) needsComplete(version int) bool {
	switch d.Rule {
	case RuleSilentHeld:
		return true
	case RuleSilent:
		return version < yielding || d.Reason != NotMediated && d.Reason != ContainmentDenied
	}
	return false
}

// names is who can name a policy rule beside a decision by this row of the table,
// "" for nobody.
func (f finding) names() string {
	switch {
	case mayHaveWitness(f.rule):
		return "witness"
	case f.tier == TierInferred:
		return SBPLModel
	}
	return ""
}
