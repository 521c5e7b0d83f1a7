package verify

import (
	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/lane"
)

// verdicts are what a witness said, by policy, and by which rules.
type verdicts struct {
	allow, deny ruleSet
	kills       bool // a denying rule sends the caller a signal
	flat        bool // something was denied whatever else is known of the object
}

// ruleSet is the rules by which one verdict was given: none, one by its number,
// or several, which checker.several has. It is four bytes, since a sweep has two
// for each target.
type ruleSet uint32

const (
	noRule      ruleSet = iota // nobody gave the verdict
	severalRule                // by more than one rule
	firstRule                  // the first number
)

// given is a verdict by a rule, where it was given by several.
type given struct {
	attemptOp
	verdict lane.Verdict
	rule    ruleSet
}

// said notes a verdict by a rule.
func (c *checker) said(v *verdicts, about attemptOp, verdict lane.Verdict, rule ruleSet) {
	rules := &v.allow
	if verdict == lane.Deny {
		rules = &v.deny
	}
	switch *rules {
	case noRule, rule:
		*rules = rule
		return
	case severalRule:
	default:
		c.several[given{about, verdict, *rules}] = true
		*rules = severalRule
	}
	c.several[given{about, verdict, rule}] = true
}

// saidBy reports that the verdict was given by a rule.
func (c *checker) saidBy(v *verdicts, about attemptOp, verdict lane.Verdict, rule ruleSet) bool {
	rules := v.allow
	if verdict == lane.Deny {
		rules = v.deny
	}
	return rules == rule || rules == severalRule && c.several[given{about, verdict, rule}]
}

// ruleKey tells rules apart. None at all is a rule of its own: the system's log
// does not name one.
type ruleKey struct {
	File, Text, DecidedAt string
	Line, Col             int
	Named, Default        bool
}

func keyOf(r *lane.RuleRef) ruleKey {
	if r == nil {
		return ruleKey{}
	}
	return ruleKey{r.File, lane.ShortRule(r.Text), r.DecidedAt, r.Line, r.Col, true, r.Default}
}

// rule is a rule's number.
func (c *checker) rule(r *lane.RuleRef) ruleSet {
	key := keyOf(r)
	n, ok := c.rules[key]
	if !ok {
		n = firstRule + ruleSet(len(c.rules))
		c.rules[key] = n
	}
	return n
}

// ofTarget reports that a row may be about the process that its expectation is about.
// Rows of version 1 were tied to an attempt by one relation, and are read so.
func (c *checker) ofTarget(t *tally, row *lane.WitnessRow) bool {
	filter, target := t.Filter.Name, t.Target
	if t.entry != nil {
		filter, target = t.entry.Sweep.Filter, pidOf(row.Filter.Value)
	}
	if filter != "target" || row.Operation != t.Operation || !c.complete(row.Context) || c.b.earlier(bundle.WitnessEvents) > 0 {
		return true
	}
	return row.Is(target)
}

// witnessSaid notes a verdict by policy about a filter.
func (c *checker) witnessSaid(t *tally, row *lane.WitnessRow, filter lane.Filter) {
	x := row.Context
	x.Filter = filter
	note := func(v *verdicts, about attemptOp) {
		c.said(v, about, row.Verdict, c.rule(row.Rule))
		v.kills = v.kills || row.Verdict == lane.Deny && row.SendSignal != 0
		v.flat = v.flat || row.Verdict == lane.Deny && len(row.Facts) == 0
	}
	if t.entry != nil {
		if x.Operation == t.Operation && t.entry.about(filter) {
			note(t.entry.verdicts(), aboutOf(t, x))
		}
		return
	}
	key := opOf(x)
	for _, value := range []string{key.filter.Value, ""} {
		w := c.witnessed[key]
		note(&w, key)
		c.witnessed[key] = w
		if filter.Name != "target" || value == "" {
			return
		}
		key.filter.Value = "" // for whoever has a word for the process
	}
}

// aboutOf is what a row of an attempt is about. A sweep's target is known by the
// attempt.
func aboutOf(t *tally, x lane.Context) attemptOp {
	if t.entry != nil {
		return attemptOp{attemptKey: attemptKey{x.ExpectationID, x.Attempt}}
	}
	return opOf(x)
}

// witnessOf is what the witness said about a row's attempt.
func (c *checker) witnessOf(t *tally, x lane.Context) verdicts {
	if t.entry == nil {
		return c.witnessed[opOf(x)]
	}
	return *t.entry.verdicts()
}

// complete says whether a row's witness misses nothing.
func (c *checker) complete(x lane.Context) bool {
	return c.b.manifest.OS == "linux" && x.SealMode != "wrap"
}

// sound holds a row's decision against the decision table and the witness.
func (c *checker) sound(n int, t *tally, row lane.RuntimeRow) {
	id := clip(row.ExpectationID)
	if why := row.Unsound(c.complete(row.Context)); why != "" {
		c.find("decision", bundle.RuntimeResults, "row %d: %q: %s", n, id, why)
		return
	}
	if t.base != nil {
		if why := row.Unbased(t.base); why != "" {
			c.find("decision", bundle.RuntimeResults, "row %d: %q: %s", n, id, why)
		}
	}
	d, w := row.Decision, c.witnessOf(t, row.Context)
	if d.Rule == 14 && d.Reason == lane.ContainmentDenied && !c.fenced[attemptKey{row.ExpectationID, row.Attempt}] {
		c.find("witness", bundle.RuntimeResults, "row %d: %q is %s, but no witness row by containment denies", n, id, d.Reason)
	}
	if w.contradict(&row) && !w.apart() {
		c.find("witness", bundle.RuntimeResults, "row %d: %q is %s, but a witness row by policy denies", n, id, verdictOf(d.Verdict))
	}
	about, rule := aboutOf(t, row.Context), c.rule(d.PolicyRule)
	switch {
	case d.Verdict == nil && d.PolicyRule != nil && !c.saidBy(&w, about, lane.Allow, rule) && !c.saidBy(&w, about, lane.Deny, rule):
		c.find("witness", bundle.RuntimeResults, "row %d: %q names a rule that the witness does not", n, id)
	case d.Tier != lane.TierWitnessed:
	case *d.Verdict == lane.Allow && w.allow == noRule, *d.Verdict == lane.Deny && w.deny == noRule:
		c.find("witness", bundle.RuntimeResults, "row %d: %q is %s, witnessed, but no witness row by policy says so", n, id, *d.Verdict)
	case !c.saidBy(&w, about, *d.Verdict, rule):
		c.find("witness", bundle.RuntimeResults, "row %d: %q is %s by another rule than the witness names", n, id, *d.Verdict)
	case d.Rule == 4 && !w.kills:
		c.find("witness", bundle.RuntimeResults, "row %d: %q is a death called deny, but no rule of the witness's sends a signal", n, id)
	}
}

// contradict reports that the witness denied what the row says was allowed. A probe
// may look at its own target's process, to prepare or to see the effect.
func (v verdicts) contradict(row *lane.RuntimeRow) bool {
	return v.deny != noRule && row.Filter.Name != "target" && row.Decision.Rule >= 7 && row.Decision.Rule <= 12
}

// apart reports that the witness also allowed it and may have meant another object of
// that name: a socket of the family, but of another type. When in its attempt a plugin
// made which of its calls is in no row.
func (v verdicts) apart() bool { return v.allow != noRule && !v.flat }

// verdictOf is a verdict in words.
func verdictOf(v *lane.Verdict) string {
	if v == nil {
		return "without a decision"
	}
	return string(*v)
}
