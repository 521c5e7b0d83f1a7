package lane

import (
	"math/rand/v2"
	"testing"
)

// rowOf is the part of a runtime row that [RuntimeRow.Unsound] reads.
func rowOf(a Attempt) *RuntimeRow {
	r := &RuntimeRow{State: a.State, End: a.End, Effect: a.Effect, Decision: Decide(a), RuntimeStatus: RuntimeStatus(a), DiedAt: a.DiedAt, Use: UseOf(a)}
	r.Result.Class, r.Arm = a.normal().Result, a.Arm
	return r
}

// TestDecideIsSound: whatever Decide makes of an attempt, its row is sound, and
// is not once the verdict is another.
func TestDecideIsSound(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 100_000 {
		a := random(r)
		if a.Witness.Primary != "" && r.IntN(2) == 0 {
			a.Witness.PrimaryRule = witnessRule
		}
		row := rowOf(a)
		if why := row.Unsound(a.Witness.Complete, yielding); why != "" {
			t.Fatalf("%+v\n%+v: %s", a, row.Decision, why)
		}
		said := row.Decision.Verdict
		for _, v := range []*Verdict{nil, new(Allow), new(Deny)} {
			if row.Decision.Verdict = v; v == said || v != nil && said != nil && *v == *said {
				continue
			}
			if row.Unsound(a.Witness.Complete, yielding) == "" {
				t.Fatalf("%+v\na verdict was put in its place: %+v", a, row.Decision)
			}
		}
	}
}

// TestUnsound bends one thing of a row.
func TestUnsound(t *testing.T) {
	deny := func() *RuntimeRow { return rowOf(with(witness(Deny), result(Denied), complete)) }
	killed := func() *RuntimeRow { return rowOf(with(witness(Deny), state(Attempting, Died), kills(9), complete)) }
	held := func() *RuntimeRow { return rowOf(with(arm(Before), complete)) }
	for _, c := range []struct {
		name string
		row  *RuntimeRow
		bend func(*RuntimeRow)
	}{
		{"no such rule", deny(), func(r *RuntimeRow) { r.Decision.Rule = 0 }},
		{"no such rule", deny(), func(r *RuntimeRow) { r.Decision.Rule = 27 }},
		{"inferred", deny(), func(r *RuntimeRow) { r.Decision.Tier = TierInferred }},
		{"inferred by its rule", deny(), func(r *RuntimeRow) { r.Decision.Tier, r.Decision.Rule = TierInferred, 21 }},
		{"another path", deny(), func(r *RuntimeRow) { r.Decision.Reason = DependencyDenied }},
		{"died", deny(), func(r *RuntimeRow) { r.State = Attempting }},
		{"seen to work", deny(), func(r *RuntimeRow) { r.Effect = EffectSeen }},
		{"a result of a denial", rowOf(with(witness(Allow), complete)), func(r *RuntimeRow) { r.Result.Class = Denied }},
		{"a rule of nobody's", deny(), func(r *RuntimeRow) { r.Decision.PolicyRule = witnessRule }},
		{"a rule of the model's", deny(), func(r *RuntimeRow) { r.Decision.PolicyRule, r.Decision.RuleSource = modelRule, "sbpl-model" }},
		{"a rule of the witness's where it was silent", held(), func(r *RuntimeRow) { r.Decision.PolicyRule, r.Decision.RuleSource = witnessRule, "witness" }},
		{"a rule where no policy was in force", rowOf(with(apply(ApplyFailed))), func(r *RuntimeRow) { r.Decision.PolicyRule, r.Decision.RuleSource = witnessRule, "witness" }},
		{"killed and came back", killed(), func(r *RuntimeRow) { r.End = Returned }},
		{"killed before it began", killed(), func(r *RuntimeRow) { r.State = NotStarted }},
		{"another status", deny(), func(r *RuntimeRow) { r.RuntimeStatus = "unsupported" }},
		{"death called unsupported", rowOf(with(state(Attempting, Died))), func(r *RuntimeRow) { r.RuntimeStatus = "unsupported" }},
		{"ambient", deny(), func(r *RuntimeRow) { r.Decision.Ambient = true }},
		{"hidden", deny(), func(r *RuntimeRow) { r.Decision.TargetState = TargetHidden }},
		{"a failure where there is none", deny(), func(r *RuntimeRow) { r.Decision.FailureStage = new(StageOperation) }},
		{"another failure", killed(), func(r *RuntimeRow) { r.Decision.FailureStage = new(StageLaunch) }},
		{"not reached", deny(), func(r *RuntimeRow) { r.Decision.ReachedPrimaryOp = false }},
		{"reached", held(), func(r *RuntimeRow) { r.Decision.ReachedPrimaryOp = true }},
		{"a denial with no policy in force", rowOf(with(apply(ApplyFailed))), func(r *RuntimeRow) { r.Decision.FirstDenialOp = new("signal") }},
		{"held called refused", held(), func(r *RuntimeRow) { r.Use = UseRefused }},
		{"held called lost", held(), func(r *RuntimeRow) { r.Use = UseLost }},
		{"ok although the fence refused it", rowOf(with(complete, result(Denied), fenced)), func(r *RuntimeRow) {
			r.Result.Class, r.RuntimeStatus = OK, "success"
		}},
		{"held and nothing said", held(), func(r *RuntimeRow) { r.Use = "" }},
		{"refused called held", rowOf(with(arm(Before), witness(Deny), result(Denied), complete)), func(r *RuntimeRow) { r.Use = UseHeld }},
		{"held after sealing", rowOf(with(witness(Allow), complete)), func(r *RuntimeRow) { r.Use = UseHeld }},
		{"done after all", rowOf(with(state(Attempting, Died), complete)), func(r *RuntimeRow) { r.State = Done }},
	} {
		if why := c.row.Unsound(true, yielding); why != "" {
			t.Errorf("%s: before: %s", c.name, why)
		}
		if c.bend(c.row); c.row.Unsound(true, yielding) == "" {
			t.Errorf("%s: found sound", c.name)
		}
	}
}

// TestEarlierTable: a row of an earlier version keeps its verdict, and cannot have a
// decision that only later ones know.
func TestEarlierTable(t *testing.T) {
	for _, c := range []struct {
		name    string
		row     *RuntimeRow
		earlier bool
	}{
		{"silenced", rowOf(with(oneWay, effect(EffectAbsent), controlSeen)), true},
		{"no effect", rowOf(with(oneWay)), true},
		{"a dependency", rowOf(with(oneWay, effect(EffectAbsent), otherDenied)), false},
		{"the fence", rowOf(with(oneWay, effect(EffectAbsent), fenced)), false},
		{"not mediated", rowOf(with(unjudged)), false},
	} {
		for _, version := range []int{1, yielding - 1, yielding} {
			why := c.row.Unsound(false, version)
			if sound := why == ""; sound != (c.earlier || version >= yielding) {
				t.Errorf("%s in version %d: %q", c.name, version, why)
			}
		}
	}
}

// TestUnbased: what is called by the baseline's name has that baseline.
func TestUnbased(t *testing.T) {
	refused := func(errno int) Result { return Result{Class: Denied, API: "open", Errno: &errno} }
	absent := Result{Class: Missing, API: "open", Errno: new(2)}
	worked := Result{Class: OK, API: "open"}
	row := func(rule int, res Result, s TargetState) RuntimeRow {
		return RuntimeRow{Result: res, Decision: Decision{Rule: rule, TargetState: s}}
	}
	base := func(res Result) *BaselineRow { return &BaselineRow{State: Done, Result: res} }
	seen := &BaselineRow{State: Done, Result: worked, Effect: EffectSeen}
	for _, c := range []struct {
		name  string
		row   RuntimeRow
		base  *BaselineRow
		based bool
	}{
		{"ambient", row(9, refused(13), ""), base(refused(13)), true},
		{"ambient by another error", row(9, refused(13), ""), base(refused(1)), false},
		{"ambient, where it works", row(9, refused(13), ""), base(worked), false},
		{"ambient, inferred", row(22, refused(13), ""), base(worked), false},
		{"hidden", row(8, absent, TargetHidden), base(worked), true},
		{"hidden, where it is absent", row(8, absent, TargetHidden), base(absent), false},
		{"absent", row(8, absent, TargetAbsent), base(absent), true},
		{"absent, where it is there", row(8, absent, TargetAbsent), base(worked), false},
		{"neither", row(8, absent, ""), base(refused(13)), true},
		{"denied", row(21, refused(13), ""), base(worked), true},
		{"denied, where it is absent", row(21, refused(13), ""), base(absent), true},
		{"denied, as without a sandbox", row(21, refused(13), ""), base(refused(13)), false},
		{"denied, contained", row(21, refused(13), ""), &BaselineRow{State: Done, Result: worked, Contained: true}, false},
		{"denied, no baseline", row(21, refused(13), ""), nil, false},
		{"silenced", row(18, worked, ""), seen, true},
		{"silenced, denied there too", row(18, worked, ""), base(refused(13)), false},
		{"missing in both", row(24, absent, TargetAbsent), base(absent), true},
		{"missing in one", row(24, absent, TargetAbsent), base(worked), false},
		{"witnessed", row(6, refused(13), ""), nil, true},
	} {
		if why := c.row.Unbased(c.base); (why == "") != c.based {
			t.Errorf("%s: %q", c.name, why)
		}
	}
}
