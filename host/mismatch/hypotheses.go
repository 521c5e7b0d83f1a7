package mismatch

import (
	"maps"
	"slices"

	"github.com/hrhost/hrhost/host/lane"
)

// Status is how a hypothesis stands after a run.
type Status string

const (
	UnderExploration Status = "under_exploration"
	Supported        Status = "supported"
	Contradicted     Status = "contradicted"
	NotTestableHere  Status = "not_testable_here"
)

// HypothesesDocument is hypotheses.json.
type HypothesesDocument struct {
	SchemaVersion string       `json:"schema_version"`
	RunID         string       `json:"run_id"`
	WorldID       string       `json:"world_id"`
	Hypotheses    []Hypothesis `json:"hypotheses"`
}

// Hypothesis is one of them, family by family.
type Hypothesis struct {
	ID        string          `json:"id"`
	Statement string          `json:"statement"`
	Families  []FamilyFinding `json:"families"`
}

// FamilyFinding is what one family's rows say about a hypothesis.
type FamilyFinding struct {
	Family string `json:"family"`
	Status Status `json:"status"`
	Reason string `json:"reason"`
	Pairs  []Pair `json:"pairs"`

	Acquisition *Acquisition `json:"acquisition,omitempty"` // H2: what became of the handles
}

// Pair is two decisions that differ in one thing only.
type Pair struct {
	Kind   PairKind `json:"kind"`
	First  Fact     `json:"first"`
	Second Fact     `json:"second"`
}

// PairKind says in which thing.
type PairKind string

const (
	TwoValues     PairKind = "one_operation_two_values"
	TwoOperations PairKind = "one_value_two_operations"
	SameQuestion  PairKind = "same_operation_and_value" // an objection to H1
)

// Fact is one decision, as short as a hypothesis needs it.
type Fact struct {
	Family    string        `json:"-"`
	ProfileID string        `json:"profile_id"`
	ProbeName string        `json:"probe_name"`
	Arm       lane.Arm      `json:"arm"`
	Operation string        `json:"operation"`
	Target    string        `json:"target"`
	Verdict   lane.Verdict  `json:"decision"`
	Rule      *lane.RuleRef `json:"rule"`
}

// FactOf takes the fact out of a runtime row; false when it has no decision. A
// run keeps facts and not rows.
func FactOf(row *lane.RuntimeRow, target string) (Fact, bool) {
	if row.Decision.Verdict == nil {
		return Fact{}, false
	}
	return Fact{
		Family: row.Family, ProfileID: row.ProfileID, ProbeName: row.ProbeName, Arm: row.Arm,
		Operation: row.Operation, Target: target,
		Verdict: *row.Decision.Verdict, Rule: row.Decision.PolicyRule,
	}, true
}

const (
	statementH1 = "policy evaluation is operation-based and filter-driven"
	statementH2 = "acquisition timing, before or after sealing, shapes enforcement"

	reasonOurs      = "the enforcement here is ours, so that it shows how we built it and not how the system works"
	reasonNoPair    = "no two decisions of one profile differ in the operation or the value alone"
	reasonPairs     = "decisions of one profile differ with the operation alone or with the value alone"
	reasonAgainst   = "one profile answered the same operation and value in two ways"
	reasonNotTested = "no probe of this run was acquired before sealing"
	reasonNoHandle  = "no probe of this family can hold a handle from before sealing on this system"
)

// Hypotheses judges both hypotheses from a run's decisions and the timings of its
// rows. ourEnforcement is true where the policy is enforced by this project and
// not by the system.
func Hypotheses(ctx RunContext, ourEnforcement bool, facts []Fact, timings []Timing) HypothesesDocument {
	h1 := Hypothesis{ID: "H1", Statement: statementH1, Families: []FamilyFinding{}}
	h2 := Hypothesis{ID: "H2", Statement: statementH2, Families: []FamilyFinding{}}
	byFamily := map[string][]Fact{}
	for _, f := range facts {
		byFamily[f.Family] = append(byFamily[f.Family], f)
	}
	for _, family := range slices.Sorted(maps.Keys(byFamily)) {
		h1.Families = append(h1.Families, operationBased(family, byFamily[family], ourEnforcement))
	}
	held := map[string][]Timing{}
	for _, t := range timings {
		held[t.Family] = append(held[t.Family], t)
	}
	for _, family := range slices.Sorted(maps.Keys(held)) {
		h2.Families = append(h2.Families, byTiming(family, held[family]))
	}
	return HypothesesDocument{
		SchemaVersion: "hardened-runtime.hypotheses.v2", RunID: ctx.RunID, WorldID: ctx.WorldID,
		Hypotheses: []Hypothesis{h1, h2},
	}
}

// operationBased is H1 for one family.
func operationBased(family string, facts []Fact, ours bool) FamilyFinding {
	f := FamilyFinding{Family: family, Pairs: pairs(facts)}
	against := slices.ContainsFunc(f.Pairs, func(p Pair) bool { return p.Kind == SameQuestion })
	switch {
	case ours:
		f.Status, f.Reason = NotTestableHere, reasonOurs
	case against:
		f.Status, f.Reason = Contradicted, reasonAgainst
	case len(f.Pairs) > 0:
		f.Status, f.Reason = Supported, reasonPairs
	default:
		f.Status, f.Reason = UnderExploration, reasonNoPair
	}
	return f
}

// maxPairs bounds the list of one family; a few pairs show as much as many.
const maxPairs = 16

// pairs finds decisions of one profile, on the same arm, that go two ways and
// differ in at most one of operation and value. Objections come first, so that
// the bound hides none.
func pairs(facts []Fact) []Pair {
	facts = once(facts)
	out := pairsOf(facts, true, nil)
	return pairsOf(facts, false, out)
}

func pairsOf(facts []Fact, objections bool, out []Pair) []Pair {
	if out == nil {
		out = []Pair{}
	}
	for i, a := range facts {
		for _, b := range facts[i+1:] {
			if len(out) == maxPairs {
				return out
			}
			if kind, ok := pairOf(a, b); ok && (kind == SameQuestion) == objections {
				out = append(out, Pair{Kind: kind, First: a, Second: b})
			}
		}
	}
	return out
}

// once drops facts that say the same, as repeats do.
func once(facts []Fact) []Fact {
	seen := map[Fact]bool{}
	var out []Fact
	for _, f := range facts {
		key := f
		key.Rule, key.ProbeName = nil, ""
		if !seen[key] {
			seen[key] = true
			out = append(out, f)
		}
	}
	return out
}

func pairOf(a, b Fact) (PairKind, bool) {
	if a.ProfileID != b.ProfileID || a.Arm != b.Arm || a.Verdict == b.Verdict {
		return "", false
	}
	sameOp, sameValue := a.Operation == b.Operation, a.Target == b.Target
	switch {
	case sameOp && sameValue:
		return SameQuestion, true
	case sameOp:
		return TwoValues, true
	case sameValue:
		return TwoOperations, true
	}
	return "", false
}
