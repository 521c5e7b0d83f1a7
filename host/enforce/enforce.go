// Package enforce is what the enforcement points have in common: how a policy is
// asked and how its answer reads, so that the monitor and the bus gateway
// cannot judge by different rules.
package enforce

import (
	"strings"
	"unicode/utf8"

	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/sb/sbpl"
)

// Slots tells which slot of the flight recorder is in force, -1 for none. It is
// read when a call arrives, and is the plugin's claim.
type Slots interface{ Current() int }

// Policy decides; *sbpl.Policy does. It is asked by one goroutine at a time.
type Policy interface {
	Decide(sbpl.Query) sbpl.Decision
}

// Answer is what a live enforcement point would answer, without performing
// anything.
type Answer struct {
	Source     string        // of the oracle's row; "" is monitor_check
	Prediction string        // allow, deny, unknown
	By         lane.By       // policy, or prelude before sealing
	Epoch      int           // the epoch asked
	Rule       *lane.RuleRef // null unless by policy
	Missing    []string      // the facts that an unknown answer lacks
	Detail     string        // why an answer is unknown
}

// Judgement is what the policy says about one operation.
type Judgement struct {
	Verdict   lane.Verdict
	By        lane.By
	Rule      *lane.RuleRef // null unless by policy
	Modifiers []sbpl.Modifier
	Missing   []string
	Reason    string // why containment refuses
}

// Undecided is how the reason begins for which containment refuses what the policy
// could not decide.
const Undecided = "policy undecided"

// Judge asks the policy, which is nil before sealing. What it cannot decide is
// refused, but not in its name. absent are facts that the object is known not to
// have.
func Judge(p Policy, op string, facts []sbpl.Filter, absent ...string) Judgement {
	if p == nil {
		return Judgement{Verdict: lane.Allow, By: lane.ByPrelude}
	}
	d := p.Decide(sbpl.Query{Operation: op, Filters: facts, Absent: absent})
	j := Judgement{Verdict: lane.Deny, By: lane.ByPolicy, Rule: RuleRef(&d), Modifiers: d.Modifiers}
	switch d.Action {
	case sbpl.Allow:
		j.Verdict = lane.Allow
	case sbpl.Deny:
	default:
		j = Judgement{Verdict: lane.Deny, By: lane.ByContainment, Missing: d.Missing}
		j.Reason = Undecided + ": missing fact " + strings.Join(d.Missing, ", ")
		if len(d.Missing) == 0 {
			j.Reason = Undecided
			if d.Err != nil {
				j.Reason += ": " + d.Err.Error()
			}
		}
	}
	return j
}

// Predict fills in an answer from a judgement. A refusal for want of a fact is
// no prediction: the policy said nothing.
func (a *Answer) Predict(j Judgement) {
	a.By, a.Rule, a.Missing, a.Detail = j.By, j.Rule, j.Missing, j.Reason
	a.Prediction = string(j.Verdict)
	if j.By == lane.ByContainment {
		a.Prediction = "unknown"
	}
}

// Mended is text as JSON holds it: each byte that is no UTF-8 is U+FFFD.
func Mended(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return string([]rune(s))
}

// RuleRef points at the profile's text behind a decision. A profile is bytes, and
// what is no UTF-8 in it is here as JSON has it: whoever decides anew from a bundle
// must come to the rule that stands there.
func RuleRef(d *sbpl.Decision) *lane.RuleRef {
	return &lane.RuleRef{
		File: Mended(d.Rule.File), Line: d.Rule.Line, Col: d.Rule.Col, Text: lane.ShortRule(Mended(d.RuleText)),
		DecidedAt: d.Operation, Walk: d.Walk, Default: d.Default, Implicit: d.Implicit, Unverified: d.Unverified,
	}
}
