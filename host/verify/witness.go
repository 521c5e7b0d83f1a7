package verify

import (
	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/internal/text"
)

// witnessed is what the witness said of each attempt.
type witnessed struct {
	b       *opened
	said    map[attemptOp]verdicts
	fenced  map[attemptKey]bool // attempts during which containment refused a call
	rules   map[ruleKey]ruleSet
	several map[given]bool
}

func newWitnessed(b *opened) *witnessed {
	return &witnessed{b, map[attemptOp]verdicts{}, map[attemptKey]bool{}, map[ruleKey]ruleSet{}, map[given]bool{}}
}

// verdicts are what a witness said, by policy, and by which rules.
type verdicts struct {
	allow, deny ruleSet
	kills       bool // a denying rule sends the caller a signal
	flat        bool // something was denied whatever else is known of the object
}

// ruleSet is the rules by which one verdict was given: none, one by its number,
// or several, which witnessed.several has. It is four bytes, since a sweep has two
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

// note notes a verdict by a rule.
func (w *witnessed) note(v *verdicts, about attemptOp, verdict lane.Verdict, rule ruleSet) {
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
		w.several[given{about, verdict, *rules}] = true
		*rules = severalRule
	}
	w.several[given{about, verdict, rule}] = true
}

// saidBy reports that the verdict was given by a rule.
func (w *witnessed) saidBy(v *verdicts, about attemptOp, verdict lane.Verdict, rule ruleSet) bool {
	rules := v.allow
	if verdict == lane.Deny {
		rules = v.deny
	}
	return rules == rule || rules == severalRule && w.several[given{about, verdict, rule}]
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
func (w *witnessed) rule(r *lane.RuleRef) ruleSet {
	key := keyOf(r)
	n, ok := w.rules[key]
	if !ok {
		n = firstRule + ruleSet(len(w.rules))
		w.rules[key] = n
	}
	return n
}

// ofTarget reports that a row may be about the process that its expectation is about.
// Rows of version 1 were tied to an attempt by one relation, and are read so.
func (w *witnessed) ofTarget(t *tally, row *lane.WitnessRow) bool {
	filter, target := t.Filter.Name, t.Target
	if t.entry != nil {
		filter, target = t.entry.Sweep.Filter, pidOf(row.Filter.Value)
	}
	if filter != "target" || row.Operation != t.Operation || !w.b.complete(row.Context) || w.b.earlier(bundle.WitnessEvents) > 0 {
		return true
	}
	return row.Is(target)
}

// about notes a verdict by policy about a filter.
func (w *witnessed) about(t *tally, row *lane.WitnessRow, filter lane.Filter) {
	x := row.Context
	x.Filter = filter
	note := func(v *verdicts, about attemptOp) {
		w.note(v, about, row.Verdict, w.rule(row.Rule))
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
		v := w.said[key]
		note(&v, key)
		w.said[key] = v
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

// of is what the witness said about a row's attempt.
func (w *witnessed) of(t *tally, x lane.Context) verdicts {
	if t.entry == nil {
		return w.said[opOf(x)]
	}
	return *t.entry.verdicts()
}

// complete says whether a row's witness misses nothing.
func (b *opened) complete(x lane.Context) bool {
	return b.manifest.OS == "linux" && x.SealMode != "wrap"
}

// sound holds a row's decision against the decision table and the witness.
func (w *witnessed) sound(n int, t *tally, row lane.RuntimeRow) (found findings) {
	id := text.Brief(row.ExpectationID)
	if why := row.Unsound(w.b.complete(row.Context), w.b.version(bundle.RuntimeResults)); why != "" {
		found.add("decision", "decision_rule", bundle.RuntimeResults, "row %d: %q: %s", n, id, why)
		return found
	}
	if t.base != nil {
		if why := row.Unbased(t.base); why != "" {
			found.add("decision", "decision_baseline", bundle.RuntimeResults, "row %d: %q: %s", n, id, why)
		}
	}
	d, v := row.Decision, w.of(t, row.Context)
	if (d.Rule == lane.RuleSilent || d.Rule == lane.RuleNoEffect) && d.Reason == lane.ContainmentDenied && !w.fenced[attemptKey{row.ExpectationID, row.Attempt}] {
		found.add("witness", "fence_without_witness", bundle.RuntimeResults,
			"row %d: %q is %s, but no witness row by containment denies", n, id, d.Reason)
	}
	if v.contradict(&row) && !v.apart() {
		found.add("witness", "witness_denies", bundle.RuntimeResults,
			"row %d: %q is %s, but a witness row by policy denies", n, id, verdictOf(d.Verdict))
	}
	about, rule := aboutOf(t, row.Context), w.rule(d.PolicyRule)
	switch {
	case d.Verdict == nil && d.PolicyRule != nil && !w.saidBy(&v, about, lane.Allow, rule) && !w.saidBy(&v, about, lane.Deny, rule):
		found.add("witness", "rule_not_witnessed", bundle.RuntimeResults,
			"row %d: %q names a rule that the witness does not", n, id)
	case d.Tier != lane.TierWitnessed:
	case *d.Verdict == lane.Allow && v.allow == noRule, *d.Verdict == lane.Deny && v.deny == noRule:
		found.add("witness", "verdict_not_witnessed", bundle.RuntimeResults,
			"row %d: %q is %s, witnessed, but no witness row by policy says so", n, id, *d.Verdict)
	case !w.saidBy(&v, about, *d.Verdict, rule):
		found.add("witness", "rule_differs", bundle.RuntimeResults,
			"row %d: %q is %s by another rule than the witness names", n, id, *d.Verdict)
	case d.Rule == lane.RuleUnfinished && !v.kills:
		found.add("witness", "death_without_signal", bundle.RuntimeResults,
			"row %d: %q is a death called deny, but no rule of the witness's sends a signal", n, id)
	}
	return found
}

// contradict reports that the witness denied what the row says was allowed. A probe
// may look at its own target's process, to prepare or to see the effect.
func (v verdicts) contradict(row *lane.RuntimeRow) bool {
	allowed := row.Decision.Rule >= lane.RuleWitnessedAllow && row.Decision.Rule <= lane.RuleAllowedFailed
	return v.deny != noRule && row.Filter.Name != "target" && allowed
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

// witnessRow checks a row of the witness by itself and by its profile.
func witnessRow(n int, row *lane.WitnessRow, p bundle.MatrixProfile) (found findings) {
	if p.ProfileDigest != row.ProfileDigest || p.SealMode != row.SealMode || p.Family != row.Family {
		found.add("identity", "witness_profile", bundle.WitnessEvents,
			"row %d: profile_digest, seal_mode or family is not that of profile %q", n, text.Brief(row.ProfileID))
	}
	switch {
	case row.By == lane.ByPolicy && row.Epoch < 1:
		found.add("witness", "epoch_zero", bundle.WitnessEvents,
			"row %d: by policy before there was one, in epoch 0", n)
	case row.By == lane.ByPrelude && (row.Epoch > 0 || row.Verdict != lane.Allow || row.Rule != nil):
		found.add("witness", "prelude_judges", bundle.WitnessEvents,
			"row %d: what is before the policy allows all, by no rule", n)
	}
	return found
}

// row notes what a row says of its attempt.
func (w *witnessed) row(t *tally, row *lane.WitnessRow) {
	if row.By == lane.ByContainment && row.Verdict == lane.Deny {
		w.fenced[attemptKey{row.ExpectationID, row.Attempt}] = true
	}
	if row.By != lane.ByPolicy || !w.ofTarget(t, row) {
		return
	}
	for _, filter := range row.About() {
		w.about(t, row, filter)
	}
}
