package lane

import (
	"math/rand/v2"
	"slices"
	"testing"
)

var (
	witnessRule = &RuleRef{File: "p.sb", Line: 2, Col: 1}
	modelRule   = &RuleRef{File: "p.sb", Line: 3, Col: 1}
)

// base is an attempt that came back ok under an incomplete, silent witness.
func base() Attempt {
	return Attempt{
		Supported: true, State: Done, End: Returned, Arm: After,
		Result: OK, Effect: EffectUnobservable, Baseline: BaselineOK,
	}
}

// with returns a copy of base changed by edits.
func with(edits ...func(*Attempt)) Attempt {
	a := base()
	for _, e := range edits {
		e(&a)
	}
	return a
}

func result(c ResultClass) func(*Attempt) { return func(a *Attempt) { a.Result = c } }
func effect(e Effect) func(*Attempt)      { return func(a *Attempt) { a.Effect = e } }
func baseline(b Baseline) func(*Attempt)  { return func(a *Attempt) { a.Baseline = b } }
func witness(v Verdict) func(*Attempt)    { return func(a *Attempt) { a.Witness.Primary = v } }
func state(s State, e End) func(*Attempt) { return func(a *Attempt) { a.State, a.End = s, e } }
func arm(v Arm) func(*Attempt)            { return func(a *Attempt) { a.Arm = v } }
func apply(r Reason) func(*Attempt)       { return func(a *Attempt) { a.Apply = r } }
func fixture(r Reason) func(*Attempt)     { return func(a *Attempt) { a.Fixture = r } }
func unsupported(a *Attempt)              { a.Supported = false }
func oneWay(a *Attempt)                   { a.OneWay = true }
func observable(a *Attempt)               { a.Observable = true }
func policyFirst(a *Attempt)              { a.PolicyBeforeExistence = true }
func complete(a *Attempt)                 { a.Witness.Complete = true }
func controlSeen(a *Attempt)              { a.ControlEffectSeen = true }
func different(a *Attempt)                { a.DifferentObject = true }
func fenced(a *Attempt)                   { a.Witness.ContainmentRefused = true }
func stoppedHere(a *Attempt)              { a.StoppedHere = true }
func kills(n int) func(*Attempt)          { return func(a *Attempt) { a.Witness.SendSignal = n } }
func diedOf(n int) func(*Attempt)         { return func(a *Attempt) { a.Signal = n } }
func errno(n int) func(*Attempt)          { return func(a *Attempt) { a.Errno = &n } }
func performed(n ...int) func(*Attempt)   { return func(a *Attempt) { a.Witness.Performed = n } }
func unjudged(a *Attempt)                 { a.Unjudged = true }
func callFenced(a *Attempt)               { a.Witness.CallRefused = true }

func otherDenied(a *Attempt) {
	a.Witness.Other = &Denial{Operation: "mach-lookup", Filters: []Filter{{Name: "global-name", Value: "x"}}}
}

type want struct {
	rule    int
	verdict Verdict // "" is null
	tier    Tier
	reason  Reason
	target  TargetState
	ambient bool
}

func null(rule int, why Reason) want { return want{rule: rule, tier: TierNone, reason: why} }
func says(rule int, v Verdict, t Tier) want {
	w := want{rule: rule, verdict: v, tier: t, reason: NoDenialObserved}
	if v == Deny {
		w.reason = PrimaryOpDenied
	}
	return w
}
func (w want) at(t TargetState) want { w.target = t; return w }
func (w want) ambientAllow() want    { w.ambient = true; return w }

// TestDecide has each rule of the table and, beside it, the neighbours that
// must not fall to it.
func TestDecide(t *testing.T) {
	type edits = []func(*Attempt)
	for _, c := range []struct {
		name string
		a    edits
		want want
	}{
		{"1 unsupported", edits{unsupported}, null(1, UnsupportedOnWorld)},
		{"1 before all else", edits{unsupported, apply(ApplyFailed), state(Attempting, Died), witness(Deny)}, null(1, UnsupportedOnWorld)},

		{"2 failed", edits{apply(ApplyFailed)}, null(2, ApplyFailed)},
		{"2 already sandboxed", edits{apply(ApplyAlreadySandboxed), result(Denied)}, null(2, ApplyAlreadySandboxed)},
		{"2 listener busy", edits{apply(ApplyListenerBusy)}, null(2, ApplyListenerBusy)},
		{"2 unsupported", edits{apply(ApplyUnsupported), fixture(FixtureUnavailable)}, null(2, ApplyUnsupported)},

		{"3 fixture", edits{fixture(FixtureUnavailable), result(Denied)}, null(3, FixtureUnavailable)},
		{"3 acquire", edits{fixture(AcquireFailed), arm(Before), witness(Deny)}, null(3, AcquireFailed)},

		{"4 died", edits{state(Attempting, Died), result(Denied)}, null(4, ProbeDied)},
		{"4 died acquiring", edits{state(Acquiring, Died)}, null(4, ProbeDied)},
		{"4 died though the witness denied", edits{state(Attempting, Died), witness(Deny)}, null(4, ProbeDied)},
		{"4 died though the witness allowed", edits{state(Attempting, Died), witness(Allow)}, null(4, ProbeDied)},
		{"4 hung", edits{state(Attempting, TimedOut), witness(Deny)}, null(4, ProbeTimeout)},
		{"4 ended", edits{state(Attempting, Returned)}, null(4, NotReached)},
		{"4 behind the one that died", edits{state(NotStarted, Died)}, null(4, NotReached)},
		{"4 died between two", edits{state(NotStarted, Died), stoppedHere}, null(4, ProbeDied)},
		{"4 hung between two", edits{state(NotStarted, TimedOut), stoppedHere}, null(4, ProbeTimeout)},
		{"4 killed by the rule", edits{state(Attempting, Died), witness(Deny), kills(9)}, says(4, Deny, TierWitnessed)},
		{"4 killed by the rule's signal", edits{state(Attempting, Died), witness(Deny), kills(9), diedOf(9)}, says(4, Deny, TierWitnessed)},
		{"4 killed by another signal", edits{state(Attempting, Died), witness(Deny), kills(9), diedOf(11)}, null(4, ProbeDied)},
		{"4 a killing rule but a hang", edits{state(Attempting, TimedOut), witness(Deny), kills(9)}, null(4, ProbeTimeout)},
		{"4 a killing rule without a verdict", edits{state(Attempting, Died), kills(9)}, null(4, ProbeDied)},
		{"4 a killing rule before the attempt", edits{state(NotStarted, Died), stoppedHere, witness(Deny), kills(9)}, null(4, ProbeDied)},
		{"4 only until done", edits{state(Done, Died)}, says(17, Allow, TierInferred)},

		{"5 denied and worked", edits{witness(Deny)}, null(5, CapturePipelineDisagreement)},
		{"5 denied and seen", edits{witness(Deny), result(Denied), effect(EffectSeen)}, null(5, CapturePipelineDisagreement)},
		{"5 one-way denied and seen", edits{witness(Deny), oneWay, effect(EffectSeen)}, null(5, CapturePipelineDisagreement)},
		{"5 allowed and made, said to be missing", edits{witness(Allow), result(Missing), performed(0), errno(2)}, null(5, CapturePipelineDisagreement)},
		{"5 allowed and made, said to be refused as ever", edits{witness(Allow), result(Denied), baseline(BaselineSame), performed(0), errno(1)}, null(5, CapturePipelineDisagreement)},
		{"5 allowed and failed, said to have worked", edits{witness(Allow), performed(2), errno(0)}, null(5, CapturePipelineDisagreement)},
		{"5 not when it is one of several", edits{witness(Allow), result(Missing), performed(0, 2), errno(2)}, says(8, Allow, TierWitnessed).at(TargetHidden)},
		{"5 not for what comes after the call", edits{witness(Allow), result(Other), baseline(BaselineSame), performed(0), errno(24)}, says(9, Allow, TierWitnessed).ambientAllow()},
		{"5 not for a result without a number", edits{witness(Allow), performed(0)}, says(7, Allow, TierWitnessed)},
		{"6 whatever was made before", edits{witness(Deny), result(Denied), performed(0), errno(1)}, says(6, Deny, TierWitnessed)},
		{"6 one-way ok proves nothing", edits{witness(Deny), oneWay}, says(6, Deny, TierWitnessed)},
		{"6 denied", edits{witness(Deny), result(Denied), complete}, says(6, Deny, TierWitnessed)},
		{"6 denied, another code", edits{witness(Deny), result(Other)}, says(6, Deny, TierWitnessed)},
		{"6 denied, missing", edits{witness(Deny), result(Missing), baseline(BaselineMissing)}, says(6, Deny, TierWitnessed)},
		{"6 whatever the baseline", edits{witness(Deny), result(Denied), baseline(BaselineSame)}, says(6, Deny, TierWitnessed)},
		{"6 one-way unseen", edits{witness(Deny), oneWay, effect(EffectAbsent)}, says(6, Deny, TierWitnessed)},

		{"7 allowed", edits{witness(Allow), complete}, says(7, Allow, TierWitnessed)},
		{"7 incomplete", edits{witness(Allow)}, says(7, Allow, TierWitnessed)},
		{"7 seen", edits{witness(Allow), observable, effect(EffectSeen)}, says(7, Allow, TierWitnessed)},
		{"7 declared but unobservable", edits{witness(Allow), observable}, says(7, Allow, TierWitnessed)},
		{"7 one-way unobservable", edits{witness(Allow), oneWay}, says(7, Allow, TierWitnessed)},
		{"7 one-way seen", edits{witness(Allow), oneWay, effect(EffectSeen)}, says(7, Allow, TierWitnessed)},
		{"7 undeclared effect", edits{witness(Allow), effect(EffectAbsent)}, says(7, Allow, TierWitnessed)},

		{"8 missing in both", edits{witness(Allow), result(Missing), baseline(BaselineMissing)}, says(8, Allow, TierWitnessed).at(TargetAbsent)},
		{"8 hidden", edits{witness(Allow), result(Missing)}, says(8, Allow, TierWitnessed).at(TargetHidden)},
		{"8 no baseline", edits{witness(Allow), result(Missing), baseline(BaselineNone)}, says(8, Allow, TierWitnessed)},

		{"9 refused anyway", edits{witness(Allow), result(Denied), baseline(BaselineSame)}, says(9, Allow, TierWitnessed).ambientAllow()},
		{"9 fails anyway", edits{witness(Allow), result(Other), baseline(BaselineSame), otherDenied}, says(9, Allow, TierWitnessed).ambientAllow()},
		{"10 dependency", edits{witness(Allow), result(Denied), otherDenied}, null(10, DependencyDenied)},
		{"10 dependency, another code", edits{witness(Allow), result(Other), otherDenied, complete}, null(10, DependencyDenied)},
		{"10 only a failed call", edits{witness(Allow), otherDenied}, says(7, Allow, TierWitnessed)},
		{"11 effect absent", edits{witness(Allow), observable, effect(EffectAbsent)}, null(11, EffectNotObserved)},
		{"11 one-way", edits{witness(Allow), oneWay, effect(EffectAbsent), complete}, null(11, EffectNotObserved)},
		{"12 allowed and denied", edits{witness(Allow), result(Denied)}, null(12, CapturePipelineDisagreement)},
		{"12 also without its effect", edits{witness(Allow), result(Denied), observable, effect(EffectAbsent)}, null(12, CapturePipelineDisagreement)},
		{"12 another code", edits{witness(Allow), result(Other), baseline(BaselineOther)}, null(12, ProbeErrno)},
		{"12 containment", edits{witness(Allow), result(Denied), fenced}, null(12, ContainmentDenied)},

		{"13 not asked again", edits{complete, arm(Before)}, null(13, NotRechecked)},
		{"14 before and not ok", edits{complete, arm(Before), result(Denied)}, null(14, OpNotWitnessed)},
		{"14 not mediated", edits{complete, unjudged}, null(14, NotMediated)},
		{"14 not mediated, denied", edits{complete, unjudged, result(Denied)}, null(14, NotMediated)},
		{"14 not mediated, a handle", edits{complete, unjudged, arm(Before)}, null(14, NotMediated)},
		{"14 not mediated, and a dependency denied", edits{complete, unjudged, otherDenied, result(Denied)}, null(14, NotMediated)},
		{"14 ok", edits{complete}, null(14, OpNotWitnessed)},
		{"14 denied", edits{complete, result(Denied)}, null(14, OpNotWitnessed)},
		{"14 again", edits{complete, arm(Again)}, null(14, OpNotWitnessed)},
		{"14 refused by the fence", edits{complete, result(Denied), fenced}, null(14, ContainmentDenied)},
		{"14 refused by the fence, another code", edits{complete, result(Other), fenced, otherDenied},
			null(14, ContainmentDenied)},
		{"14 ok all the same", edits{complete, fenced}, null(14, OpNotWitnessed)},
		{"14 the call refused, not mediated", edits{complete, unjudged, result(Missing), callFenced},
			null(14, ContainmentDenied)},
		{"14 the call refused, of an operation that is judged", edits{complete, result(Denied), callFenced},
			null(14, OpNotWitnessed)},
		{"14 dependency", edits{complete, result(Denied), otherDenied}, null(14, DependencyDenied)},
		{"14 a dependency that did not matter", edits{complete, otherDenied}, null(14, OpNotWitnessed)},

		{"15 not asked again", edits{arm(Before)}, null(15, NotRechecked)},
		{"15 not ok", edits{arm(Before), result(Denied)}, says(21, Deny, TierInferred)},
		{"15 only before", edits{arm(Again)}, says(17, Allow, TierInferred)},
		{"16 hidden", edits{result(Missing)}, null(16, ObjectHidden)},
		{"16 hidden, policy first", edits{result(Missing), policyFirst}, null(16, ObjectHidden)},
		{"16 another object", edits{different}, null(16, ObjectHidden)},
		{"16 another object, denied", edits{different, result(Denied)}, null(16, ObjectHidden)},
		{"16 another object, whatever the baseline", edits{different, baseline(BaselineNone)}, null(16, ObjectHidden)},
		{"16 another object, where the baseline's was refused", edits{different, baseline(BaselineOther)}, null(16, ObjectHidden)},
		{"16 missing needs a baseline", edits{result(Missing), baseline(BaselineNone)}, null(25, TargetAbsentReason)},

		{"17 ok", edits{}, says(17, Allow, TierInferred)},
		{"17 ok without a baseline", edits{baseline(BaselineNone)}, says(17, Allow, TierInferred)},
		{"17 seen", edits{oneWay, effect(EffectSeen)}, says(17, Allow, TierInferred)},
		{"17 seen, whatever it answered", edits{result(Other), effect(EffectSeen)}, says(17, Allow, TierInferred)},
		{"18 silenced", edits{oneWay, effect(EffectAbsent), controlSeen}, says(18, Deny, TierInferred)},
		{"18 needs its control", edits{oneWay, effect(EffectAbsent)}, null(19, EffectNotObserved)},
		{"18 needs its baseline", edits{oneWay, effect(EffectAbsent), controlSeen, baseline(BaselineOther)}, null(19, EffectNotObserved)},
		{"18 only one-way", edits{observable, effect(EffectAbsent), controlSeen}, null(19, EffectNotObserved)},
		{"18 absent, not unobservable", edits{oneWay, controlSeen}, null(19, EffectNotObserved)},
		{"18 not beside a denied dependency", edits{oneWay, effect(EffectAbsent), controlSeen, otherDenied},
			null(19, DependencyDenied)},
		{"18 not beside a refusal by the fence", edits{oneWay, effect(EffectAbsent), controlSeen, fenced},
			null(19, ContainmentDenied)},
		{"19 a denied dependency, unobservable", edits{oneWay, otherDenied}, null(19, DependencyDenied)},
		{"17 seen, whatever else was denied", edits{oneWay, effect(EffectSeen), otherDenied},
			says(17, Allow, TierInferred)},
		{"14 not mediated under an incomplete witness", edits{unjudged}, null(14, NotMediated)},
		{"14 not mediated, seen", edits{unjudged, oneWay, effect(EffectSeen)}, null(14, NotMediated)},
		{"14 not mediated, silenced", edits{unjudged, oneWay, effect(EffectAbsent), controlSeen},
			null(14, NotMediated)},
		{"14 not mediated, denied, incomplete", edits{unjudged, result(Denied)}, null(14, NotMediated)},
		{"14 not mediated, missing, incomplete", edits{unjudged, result(Missing), baseline(BaselineMissing),
			policyFirst}, null(14, NotMediated)},
		{"19 two-way", edits{observable, effect(EffectAbsent)}, null(19, EffectNotObserved)},

		{"20 dependency", edits{result(Denied), otherDenied}, null(20, DependencyDenied)},
		{"20 only denied", edits{result(Other), otherDenied}, null(26, ProbeErrno)},
		{"21 denied", edits{result(Denied)}, says(21, Deny, TierInferred)},
		{"21 denied without its effect", edits{result(Denied), observable, effect(EffectAbsent)}, says(21, Deny, TierInferred)},
		{"21 denied before it was looked up", edits{result(Denied), baseline(BaselineMissing), policyFirst}, says(21, Deny, TierInferred)},
		{"21 looked up first", edits{result(Denied), baseline(BaselineMissing)}, null(23, BaselineUnavailable)},
		{"21 not by containment", edits{result(Denied), fenced}, null(23, BaselineUnavailable)},
		{"22 ambient", edits{result(Denied), baseline(BaselineSame)}, null(22, AmbientPlatformRestriction)},
		{"23 other", edits{result(Denied), baseline(BaselineOther)}, null(23, BaselineUnavailable)},
		{"23 none", edits{result(Denied), baseline(BaselineNone)}, null(23, BaselineUnavailable)},
		{"23 none, policy first", edits{result(Denied), baseline(BaselineNone), policyFirst}, null(23, BaselineUnavailable)},
		{"23 an unknown word is none", edits{result(Denied), baseline("")}, null(23, BaselineUnavailable)},
		{"24 missing in both", edits{result(Missing), baseline(BaselineMissing), policyFirst}, says(24, Allow, TierInferred).at(TargetAbsent)},
		{"25 existence first", edits{result(Missing), baseline(BaselineMissing)}, null(25, TargetAbsentReason)},
		{"25 no baseline", edits{result(Missing), baseline(BaselineNone), policyFirst}, null(25, TargetAbsentReason)},
		{"26 other", edits{result(Other)}, null(26, ProbeErrno)},
		{"26 other, same as baseline", edits{result(Other), baseline(BaselineSame)}, null(26, ProbeErrno)},
		{"26 no result", edits{result(NoResult)}, null(26, ProbeErrno)},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := Decide(with(c.a...))
			got := want{rule: d.Rule, tier: d.Tier, reason: d.Reason, target: d.TargetState, ambient: d.Ambient}
			if d.Verdict != nil {
				got.verdict = *d.Verdict
			}
			if got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

// TestZeroAttempt: what nobody filled in decides nothing.
func TestZeroAttempt(t *testing.T) {
	if d := Decide(Attempt{}); d.Verdict != nil || d.Rule != 1 {
		t.Errorf("zero attempt: %+v", d)
	}
	if d := Decide(Attempt{Supported: true}); d.Verdict != nil || d.Rule != 4 {
		t.Errorf("zero supported attempt: %+v", d)
	}
}

func TestFirstDenial(t *testing.T) {
	d := Decide(with(state(Attempting, Died), otherDenied))
	if d.FirstDenialOp == nil || *d.FirstDenialOp != "mach-lookup" || len(d.FirstDenialFilters) != 1 {
		t.Errorf("a dead attempt's dependency denial is lost: %+v", d)
	}
	if d = Decide(with(result(Denied))); d.FirstDenialOp != nil || d.FirstDenialFilters != nil {
		t.Errorf("a first denial without a witness: %+v", d)
	}
	if d = Decide(with(apply(ApplyFailed), otherDenied)); d.FirstDenialOp != nil {
		t.Errorf("a first denial with no policy in force: %+v", d)
	}
}

func TestPolicyRule(t *testing.T) {
	named := func(a *Attempt) { a.Witness.PrimaryRule = witnessRule }
	model := func(v Verdict) func(*Attempt) {
		return func(a *Attempt) { a.Model = Model{Verdict: v, Rule: modelRule} }
	}
	for _, c := range []struct {
		name string
		a    Attempt
		rule *RuleRef
		from string
	}{
		{"witness", with(witness(Allow), named, model(Allow)), witnessRule, "witness"},
		{"inferred, model agrees", with(model(Allow)), modelRule, "sbpl-model"},
		{"inferred, model differs", with(model(Deny)), nil, ""},
		{"no decision", with(result(Other), model(Deny)), nil, ""},
		{"no policy in force", with(apply(ApplyFailed), named, model(Allow)), nil, ""},
	} {
		if d := Decide(c.a); d.PolicyRule != c.rule || d.RuleSource != c.from {
			t.Errorf("%s: got %v from %q", c.name, d.PolicyRule, d.RuleSource)
		}
	}
}

func TestFailureStage(t *testing.T) {
	for _, c := range []struct {
		name string
		a    Attempt
		want Stage
	}{
		{"decided", with(), ""},
		{"unsupported", with(unsupported), StagePlan},
		{"apply", with(apply(ApplyFailed)), StageApply},
		{"fixture", with(fixture(FixtureUnavailable)), StagePrepare},
		{"acquire", with(fixture(AcquireFailed)), StageAcquire},
		{"died acquiring", with(state(Acquiring, Died)), StageAcquire},
		{"died attempting", with(state(Attempting, Died)), StageOperation},
		{"died in handshake", with(state(NotStarted, Died), func(a *Attempt) { a.DiedAt = StageHandshake }), StageHandshake},
		{"effect", with(observable, effect(EffectAbsent)), StageEffect},
		{"errno", with(result(Other)), StageOperation},
	} {
		var got Stage
		if s := Decide(c.a).FailureStage; s != nil {
			got = *s
		}
		if got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestReachedPrimaryOp(t *testing.T) {
	for _, c := range []struct {
		name string
		a    Attempt
		want bool
	}{
		{"allowed by a witness", with(witness(Allow)), true},
		{"inferred", with(), true},
		{"ambient", with(result(Denied), baseline(BaselineSame)), true},
		{"died with a witness", with(state(Attempting, Died), witness(Allow)), true},
		{"died without", with(state(Attempting, Died)), false},
		{"complete and silent", with(complete), false},
		{"dependency", with(result(Denied), otherDenied), false},
		{"not asked again", with(arm(Before)), false},
		{"not applied", with(apply(ApplyFailed), witness(Allow)), false},
	} {
		if got := Decide(c.a).ReachedPrimaryOp; got != c.want {
			t.Errorf("%s: got %v", c.name, got)
		}
	}
}

// deciding are the rules that may have a verdict.
var deciding = []int{4, 6, 7, 8, 9, 17, 18, 21, 24}

// TestProperties draws attempts at random and checks what must hold for all.
func TestProperties(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 300_000 {
		a := random(r)
		d := Decide(a)
		switch {
		case d.Rule < 1 || d.Rule > 26 || d.Reason == "" || d.Tier == "":
			t.Fatalf("%+v\nincomplete: %+v", a, d)
		case d.Verdict == nil && d.Tier != TierNone, d.Verdict != nil && d.Tier == TierNone:
			t.Fatalf("%+v\ntier without a verdict, or a verdict without one: %+v", a, d)
		case d.Verdict == nil:
			continue
		case !slices.Contains(deciding, d.Rule):
			t.Fatalf("%+v\nrule %d has a verdict", a, d.Rule)
		case !a.Supported || a.Apply != "" || a.Fixture != "":
			t.Fatalf("%+v\ndecided with no policy in force: %+v", a, d)
		case a.State != Done && (d.Rule != 4 || *d.Verdict != Deny || a.Witness.SendSignal == 0):
			t.Fatalf("%+v\na crash is a decision: %+v", a, d)
		case d.Tier == TierWitnessed && a.Witness.Primary != *d.Verdict:
			t.Fatalf("%+v\nwitnessed otherwise: %+v", a, d)
		case a.Witness.Complete && d.Tier == TierInferred:
			t.Fatalf("%+v\ninferred beside a complete witness: %+v", a, d)
		case a.Unjudged && d.Tier == TierInferred:
			t.Fatalf("%+v\ndecided though no enforcement point decides it: %+v", a, d)
		case d.FailureStage != nil:
			t.Fatalf("%+v\ndecided and failed: %+v", a, d)
		case *d.Verdict == Deny && d.Tier == TierInferred:
			inferredDeny(t, a)
		}
	}
}

// inferredDeny: only the call's own "sandbox said no", or a silence that speaks,
// with a baseline that differs.
func inferredDeny(t *testing.T, a Attempt) {
	t.Helper()
	if a.Result != Denied && !(a.OneWay && a.ControlEffectSeen) {
		t.Fatalf("%+v\ndenied without a denial", a)
	}
	if a.Baseline != BaselineOK && a.Baseline != BaselineMissing {
		t.Fatalf("%+v\ndenied though the baseline is no better", a)
	}
	if a.Witness.ContainmentRefused {
		t.Fatalf("%+v\na refusal by containment is a deny", a)
	}
	if a.Witness.Other != nil {
		t.Fatalf("%+v\na denied dependency is a deny", a)
	}
}

func random(r *rand.Rand) Attempt {
	b := func() bool { return r.IntN(2) == 0 }
	a := Attempt{
		Supported: r.IntN(20) > 0, Unjudged: r.IntN(4) == 0, State: one(r, NotStarted, Acquiring, Attempting, Done, Done, Done, Done),
		End: one(r, Returned, Died, TimedOut), StoppedHere: b(), Arm: one(r, After, Before, Again),
		Result: one(r, OK, Denied, Missing, Other, NoResult, ""), Effect: one(r, EffectSeen, EffectAbsent, EffectUnobservable, ""),
		Observable: b(), OneWay: b(), PolicyBeforeExistence: b(), DifferentObject: b(), ControlEffectSeen: b(),
		Baseline: one(r, BaselineOK, BaselineMissing, BaselineSame, BaselineOther, BaselineNone, ""),
		Witness: WitnessSummary{
			Complete: b(), Primary: one(r, Allow, Deny, ""), ContainmentRefused: b(), CallRefused: b(),
			SendSignal: one(r, 0, 0, 9),
		},
		Apply:   one(r, "", "", "", "", "", "", "", "", ApplyFailed),
		Fixture: one(r, "", "", "", "", "", "", "", "", FixtureUnavailable),
	}
	if b() {
		a.Witness.Other = &Denial{Operation: "mach-lookup"}
	}
	return a
}

func one[T any](r *rand.Rand, among ...T) T { return among[r.IntN(len(among))] }
