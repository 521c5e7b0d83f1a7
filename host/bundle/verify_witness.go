package bundle

import (
	"github.com/hrhost/hrhost/host/lane"
)

// verdicts are what a witness said, by policy, and by which rules.
type verdicts struct{ allow, deny ruleSet }

// ruleSet is the rules by which one verdict was given: none, one by its number,
// or several. It is four bytes, since a sweep has two for each target.
type ruleSet uint32

const (
	noRule      ruleSet = iota // nobody gave the verdict
	severalRule                // by more than one rule
	firstRule                  // the first number
)

func (s *ruleSet) add(rule ruleSet) {
	if *s == noRule {
		*s = rule
	} else if *s != rule {
		*s = severalRule
	}
}

// has reports that the verdict may have been given by the rule.
func (s ruleSet) has(rule ruleSet) bool { return s == rule || s == severalRule }

func (v *verdicts) add(said lane.Verdict, rule ruleSet) {
	if said == lane.Deny {
		v.deny.add(rule)
	} else {
		v.allow.add(rule)
	}
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
	return ruleKey{r.File, r.Text, r.DecidedAt, r.Line, r.Col, true, r.Default}
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

// witnessSaid notes a verdict by policy.
func (c *checker) witnessSaid(t *tally, x lane.Context, v lane.Verdict, rule *lane.RuleRef) {
	if t.entry != nil {
		if x.Operation == t.Operation && t.entry.about(x.Filter) {
			t.entry.verdicts().add(v, c.rule(rule))
		}
		return
	}
	key := opOf(x)
	for _, value := range []string{key.filter.Value, ""} {
		w := c.witnessed[key]
		w.add(v, c.rule(rule))
		c.witnessed[key] = w
		if x.Filter.Name != "target" || value == "" {
			return
		}
		key.filter.Value = "" // for whoever has a word for the process
	}
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
	return c.manifest.OS == "linux" && x.SealMode != "wrap"
}

// sound holds a row's decision against the decision table and the witness.
func (c *checker) sound(n int, t *tally, row lane.RuntimeRow) {
	id := clip(row.ExpectationID)
	if why := row.Unsound(c.complete(row.Context)); why != "" {
		c.find("decision", RuntimeResults, "row %d: %q: %s", n, id, why)
		return
	}
	d, w := row.Decision, c.witnessOf(t, row.Context)
	// A probe may look at its own target's process, to prepare or to see the effect.
	named := row.Filter.Name != "target"
	if w.deny != noRule && named && d.Rule >= 7 && d.Rule <= 12 {
		c.find("witness", RuntimeResults, "row %d: %q is %s, but a witness row by policy denies", n, id, verdictOf(d.Verdict))
	}
	if d.Tier != lane.TierWitnessed {
		return
	}
	said := w.allow
	if *d.Verdict == lane.Deny {
		said = w.deny
	}
	switch {
	case said == noRule:
		c.find("witness", RuntimeResults, "row %d: %q is %s, witnessed, but no witness row by policy says so", n, id, *d.Verdict)
	case !said.has(c.rule(d.PolicyRule)):
		c.find("witness", RuntimeResults, "row %d: %q is %s by another rule than the witness names", n, id, *d.Verdict)
	}
}

// verdictOf is a verdict in words.
func verdictOf(v *lane.Verdict) string {
	if v == nil {
		return "without a decision"
	}
	return string(*v)
}
