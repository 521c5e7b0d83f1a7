package bundle

import (
	"hash/maphash"
	"strconv"
	"strings"

	"github.com/hrhost/hrhost/host/lane"
)

// ledger is what the rows say about a sweep's targets, in nine bytes a target:
// a sweep may have as many as the host has names.
type ledger struct {
	profile string
	MatrixProfile
	seed    maphash.Seed
	targets []uint64 // a hash of each
	marks   []mark
}

// mark is what is known of one target.
type mark uint8

const (
	hasBaseline mark = 1 << iota
	hasAttempt
	witnessAllows
	witnessDenies
	decidedAllow
	decidedDeny
	hasEvent
)

// entry is one target's place in a ledger; nil stands for a planned probe.
type entry struct {
	*ledger
	n int
}

func (e *entry) is(m mark) bool { return e.marks[e.n]&m != 0 }
func (e *entry) set(m mark)     { e.marks[e.n] |= m }

// about reports that a row's filter is the target. Processes are named in
// several ways.
func (e *entry) about(f lane.Filter) bool {
	return f.Name == "target" || f.Name == e.Sweep.Filter && maphash.String(e.seed, f.Value) == e.targets[e.n]
}

// sweeps draws up a ledger for each sweep of the matrix and reads the targets.
func (c *checker) readTargets() {
	c.ledgers = map[string]*ledger{}
	for id, p := range c.matrix.Profiles {
		if p.Sweep != nil {
			c.ledgers[id] = &ledger{profile: id, MatrixProfile: p, seed: maphash.MakeSeed()}
		}
	}
	eachRow(c, SweepTargets, func(n int, t SweepTarget) {
		l := c.ledgers[t.ProfileID]
		if l == nil || t.Number != len(l.targets)+1 {
			c.find("accounting", SweepTargets, "row %d: target %d of %q is not the next of a sweep", n, t.Number, clip(t.ProfileID))
			return
		}
		l.targets = append(l.targets, maphash.String(l.seed, t.Target))
		l.marks = append(l.marks, 0)
	})
	var doc SweepDocument
	c.document(SweepJSON, &doc)
	said := map[string]int{}
	for _, s := range doc.Sweeps {
		said[s.ProfileID] = s.Targets
	}
	for _, id := range sortedKeys(c.ledgers) {
		if n, ok := said[id]; !ok || n != len(c.ledgers[id].targets) {
			c.find("accounting", SweepJSON, "says that %q has %d targets, there are %d", clip(id), n, len(c.ledgers[id].targets))
		}
	}
}

// expectation finds what an id names: a planned probe, or the attempt at a
// sweep's target, profile:number@after. Nil when there is no such thing.
func (c *checker) expectation(id string) *tally {
	if t := c.planned[id]; t != nil {
		return t
	}
	name, ok := strings.CutSuffix(id, "@after")
	i := strings.LastIndexByte(name, ':')
	if !ok || i < 0 {
		return nil
	}
	l, number := c.ledgers[name[:i]], name[i+1:]
	n, err := strconv.Atoi(number)
	if l == nil || err != nil || n < 1 || n > len(l.targets) || strconv.Itoa(n) != number {
		return nil
	}
	return &tally{
		Expectation: Expectation{ExpectationID: id, Name: number, Arm: lane.After, Operation: l.Sweep.Operation, Expected: "any", Attempts: 1},
		profile:     l.profile, family: l.Family, digest: l.ProfileDigest, entry: &entry{l, n - 1},
	}
}

// expectations counts what the rows must account for.
func (c *checker) expectations() int {
	n := len(c.planned)
	for _, l := range c.ledgers {
		n += len(l.targets)
	}
	return n
}

// accountedTargets reports targets without a row.
func (c *checker) accountedTargets() {
	for _, id := range sortedKeys(c.ledgers) {
		l := c.ledgers[id]
		for i, m := range l.marks {
			if m&hasAttempt == 0 {
				c.find("accounting", RuntimeResults, "target %d of %q has no attempt", i+1, clip(id))
			}
			if m&hasBaseline == 0 {
				c.find("accounting", BaselineResults, "target %d of %q has no baseline row", i+1, clip(id))
			}
			if m&hasAttempt != 0 && m&hasEvent == 0 {
				c.find("events", RuntimeEvents, "target %d of %q has no event", i+1, clip(id))
			}
		}
	}
}

// countBaseline notes a row of the baseline lane.
func (c *checker) countBaseline(n int, t *tally) {
	if t.entry == nil {
		t.baseline++
		return
	}
	if t.entry.is(hasBaseline) {
		c.find("accounting", BaselineResults, "row %d: a second baseline of %q", n, clip(t.ExpectationID))
	}
	t.entry.set(hasBaseline)
}

// firstAttempt notes a runtime row, and reports that there was none of the
// attempt before.
func (t *tally) firstAttempt(attempt int) bool {
	if t.entry == nil {
		seen := t.attempts[attempt]
		t.attempts[attempt] = true
		return !seen
	}
	seen := t.entry.is(hasAttempt)
	t.entry.set(hasAttempt)
	return !seen
}

// witnessSaid notes a verdict by policy.
func (c *checker) witnessSaid(t *tally, x lane.Context, v lane.Verdict) {
	if t.entry == nil {
		key := opOf(x)
		w := c.witnessed[key]
		w.allow = w.allow || v == lane.Allow
		w.deny = w.deny || v == lane.Deny
		c.witnessed[key] = w
		return
	}
	switch {
	case x.Operation != t.Operation || !t.entry.about(x.Filter):
	case v == lane.Allow:
		t.entry.set(witnessAllows)
	case v == lane.Deny:
		t.entry.set(witnessDenies)
	}
}

// witnessOf is what the witness said about a row's attempt.
func (c *checker) witnessOf(t *tally, x lane.Context) verdicts {
	if t.entry == nil {
		return c.witnessed[opOf(x)]
	}
	return verdicts{allow: t.entry.is(witnessAllows), deny: t.entry.is(witnessDenies)}
}

// decisionSaid notes a runtime row's decision, "" for none.
func (c *checker) decisionSaid(t *tally, attempt int, said string) {
	switch {
	case t.entry == nil:
		c.decided[attemptKey{t.ExpectationID, attempt}] = said
	case said == "allow":
		t.entry.set(decidedAllow)
	case said == "deny":
		t.entry.set(decidedDeny)
	}
}

// restated takes the decision that an event restates; false when there is none
// left to restate.
func (c *checker) restated(t *tally, attempt int) (said string, ok bool) {
	if t.entry == nil {
		key := attemptKey{t.ExpectationID, attempt}
		said, ok = c.decided[key]
		delete(c.decided, key)
		return said, ok
	}
	ok = t.entry.is(hasAttempt) && !t.entry.is(hasEvent)
	t.entry.set(hasEvent)
	switch {
	case t.entry.is(decidedAllow):
		said = "allow"
	case t.entry.is(decidedDeny):
		said = "deny"
	}
	return said, ok
}
