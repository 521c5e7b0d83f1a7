package lane

// Unsound says why [Decide] cannot have made a row's decision, or the row not have
// the words that it has beside it, "" when it can. complete is whether the row's
// witness misses nothing, version that of runtime_results.
func (r *RuntimeRow) Unsound(complete bool, version int) string {
	if why := r.undecidable(complete, version); why != "" {
		return why
	}
	return r.unlike(complete)
}

// unlike says which of the words that follow from a row's decision does not.
func (r *RuntimeRow) unlike(complete bool) string {
	d, f := r.Decision, r.Decision.finding()
	stage := f.failureStage(Attempt{DiedAt: r.DiedAt, State: r.State})
	switch {
	case r.RuntimeStatus != f.status(r.Result.Class):
		return "its status is not that of its decision and result"
	case d.Ambient != (d.Rule == RuleAllowedAmbient), !f.finds(d.TargetState):
		return "what is said of its target is not of its rule of the table"
	case (d.FailureStage == nil) != (stage == ""), d.FailureStage != nil && *d.FailureStage != stage:
		return "its failure stage is not that of its decision"
	case (d.Rule != RuleUnfinished || d.Verdict != nil) && d.ReachedPrimaryOp != f.reached(Attempt{State: r.State, Witness: WitnessSummary{Complete: complete, Primary: f.witnessed()}}):
		return "whether it reached its operation is not as its rule of the table has it"
	case d.Rule <= RuleNotPrepared && (d.FirstDenialOp != nil || d.FirstDenialFilters != nil):
		return "there is no first denial where no policy was asked"
	case !r.usable():
		return "what became of its handle is not what its result says"
	}
	return ""
}

// finding is the row of the table that a decision says it comes from.
func (d *Decision) finding() finding {
	f := finding{rule: d.Rule, reason: d.Reason, tier: d.Tier}
	if d.Verdict != nil {
		f.verdict = *d.Verdict
	}
	return f
}

// witnessed is some verdict of the witness where the row of the table needs one.
func (f finding) witnessed() Verdict {
	if mayHaveWitness(f.rule) {
		return Allow
	}
	return ""
}

// finds reports that the row of the table may say so of the target.
func (f finding) finds(s TargetState) bool {
	switch f.rule {
	case RuleAllowedMissing:
		return s == "" || s == TargetAbsent || s == TargetHidden
	case RuleInferredMissing:
		return s == TargetAbsent
	}
	return s == ""
}

// usable reports that [UseOf] may have said so of the row.
func (r *RuntimeRow) usable() bool {
	denied, unknown := r.Decision.Rule == RuleWitnessedDeny, r.Decision.Rule == RuleContradiction || r.Decision.Rule <= RuleNotPrepared
	switch r.Use {
	case "":
		return r.Arm != Before || r.State != Done
	case UseHeld:
		return r.Arm == Before && r.State == Done && r.Result.Class == OK && !denied
	case UseRefused:
		return r.Arm == Before && r.State == Done && (denied || unknown || r.Result.Class == Denied)
	case UseLost:
		return r.Arm == Before && r.State == Done && r.Result.Class != OK && !denied
	}
	return false
}

// Unbased says why [Decide] cannot have made a row's decision beside this baseline,
// "" when it can. Whether success proves anything is the probe's to say, and in no
// row.
func (r *RuntimeRow) Unbased(base *BaselineRow) string {
	for _, oneWay := range []bool{false, true} {
		if r.Decision.restsOn(CompareBaseline(r.Result, base, oneWay)) {
			return ""
		}
	}
	return "its baseline is not that of its rule of the table"
}

// restsOn reports that the decision's rule of the table is for such a baseline, as
// far as it is for one.
func (d *Decision) restsOn(b Baseline) bool {
	switch d.Rule {
	case RuleAllowedMissing:
		return d.TargetState == targetState(b)
	case RuleAllowedAmbient, RuleAmbient:
		return b == BaselineSame
	case RuleInferredSilence:
		return b == BaselineOK
	case RuleInferredDeny:
		return b == BaselineOK || b == BaselineMissing
	case RuleInferredMissing:
		return b == BaselineMissing
	}
	return true
}
