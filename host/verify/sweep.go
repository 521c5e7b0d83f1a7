package verify

import (
	"hash/maphash"
	"slices"
	"strconv"
	"strings"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/internal/text"
)

// ledger is what the rows say about a sweep's targets, in 30 bytes a
// target: a sweep may have as many as the host has names.
type ledger struct {
	profile string
	bundle.MatrixProfile
	seed    maphash.Seed
	targets []uint64 // a hash of each
	marks   []mark
	said    []verdicts         // of the witness
	events  []uint64           // what the flat event of each must be, as a hash
	result  bundle.SweepResult // counted from the rows
}

// mark is what is known of one target.
type mark uint16

const (
	hasBaseline mark = 1 << iota
	hasAttempt
	decidedAllow
	decidedDeny
	hasEvent
	needsPacket
	hasPacket
	itself        // the process that the target names is the one that attempted it
	predictsAllow // an oracle whose word counts
	predictsDeny
	modelled   // by sbpl-model
	asked      // of the enforcement point in force
	impossible // on this world
)

// entry is one target's place in a ledger; nil stands for a planned probe.
type entry struct {
	*ledger
	n int
}

func (e *entry) is(m mark) bool      { return e.marks[e.n]&m != 0 }
func (e *entry) set(m mark)          { e.marks[e.n] |= m }
func (e *entry) verdicts() *verdicts { return &e.said[e.n] }

// about reports that a witness row's filter is the target. A process is its pid,
// whatever its start time.
func (e *entry) about(f lane.Filter) bool {
	if f.Name == "target" {
		f.Value = pidOf(f.Value)
	}
	return f.Name == e.Sweep.Filter && maphash.String(e.seed, f.Value) == e.targets[e.n]
}

// claims reports that another row's filter may be the target: the plugin says
// which process it was about.
func (e *entry) claims(f lane.Filter) bool {
	return e.about(f) || f.Name == "target" && e.Sweep.Filter == "target"
}

// names reports that a filter is the target, as the sweep has it.
func (e *entry) names(f lane.Filter) bool {
	return f.Name == e.Sweep.Filter && maphash.String(e.seed, f.Value) == e.targets[e.n]
}

// target is what a runtime row was about. The plugin says which process that was;
// of the target itself only a hash is kept, which is enough to tell the processes
// that are more than just another one.
func (e *entry) target(row *lane.RuntimeRow) string {
	if e.Sweep.Filter != "target" {
		return row.Filter.Value
	}
	for _, pid := range []int{row.PID, 1} {
		if name := "pid:" + strconv.Itoa(pid); e.names(lane.Filter{Name: "target", Value: name}) {
			return name
		}
	}
	return "pid:0"
}

// attempted notes whether the target is the process that attempted it.
func (e *entry) attempted(row *lane.RuntimeRow) {
	if e.Sweep.Filter == "target" && row.PID != 0 && e.names(lane.Filter{Name: "target", Value: "pid:" + strconv.Itoa(row.PID)}) {
		e.set(itself)
	}
}

// readTargets reads the targets of the sweeps, and how sweep.json counts them.
func (e *expectations) readTargets(b *opened) (found findings) {
	found = eachRow(b, bundle.SweepTargets, func(n int, t bundle.SweepTarget) (found findings) {
		l := e.ledgers[t.ProfileID]
		if l == nil || t.Number != len(l.targets)+1 {
			found.add("accounting", "target_order", bundle.SweepTargets,
				"row %d: target %d of %q is not the next of a sweep", n, t.Number, text.Brief(t.ProfileID))
			return found
		}
		l.targets = append(l.targets, maphash.String(l.seed, t.Target))
		l.marks = append(l.marks, 0)
		l.said = append(l.said, verdicts{})
		l.events = append(l.events, 0)
		return found
	})
	found.join(b.document(bundle.SweepJSON, &b.swept))
	for _, s := range b.swept.Sweeps {
		if l := e.ledgers[s.ProfileID]; l == nil || l.result.ProfileID != "" {
			found.add("accounting", "sweep_unplanned", bundle.SweepJSON,
				"%q is no sweep of the matrix, or is there twice", text.Brief(s.ProfileID))
		} else {
			l.result.ProfileID = s.ProfileID
		}
	}
	return found
}

// sweeps holds what sweep.json says against the rows.
func (e *expectations) sweeps(swept *bundle.SweepDocument) (found findings) {
	for _, id := range sortedKeys(e.ledgers) {
		l := e.ledgers[id]
		i := slices.IndexFunc(swept.Sweeps, func(s bundle.SweepResult) bool { return s.ProfileID == id })
		if i < 0 {
			found.add("accounting", "sweep_missing", bundle.SweepJSON, "says nothing of the sweep %q", text.Brief(id))
			continue
		}
		said := swept.Sweeps[i]
		l.result.Group()
		switch got := &l.result; {
		case said.Family != l.Family || said.MatrixSweep != *l.Sweep:
			found.add("accounting", "sweep_not_plans", bundle.SweepJSON,
				"the sweep %q is not that of the matrix", text.Brief(id))
		case said.Targets != len(l.targets):
			found.add("accounting", "target_count", bundle.SweepJSON,
				"says that %q has %d targets, there are %d", text.Brief(id), said.Targets, len(l.targets))
		case said.Listed < said.Targets:
			found.add("accounting", "listed_count", bundle.SweepJSON,
				"says that fewer were listed for %q than attempted", text.Brief(id))
		case said.Allowed != got.Allowed || said.Denied != got.Denied || said.Other != got.Other:
			found.add("summary", "sweep_counts", bundle.SweepJSON,
				"says of %q: %d allowed, %d denied, %d other; the rows are %d, %d, %d", text.Brief(id),
				said.Allowed, said.Denied, said.Other, got.Allowed, got.Denied, got.Other)
		case !slices.EqualFunc(said.Groups, got.Groups, l.sameGroup):
			found.add("summary", "sweep_groups", bundle.SweepJSON,
				"the groups of %q are not those of the rows", text.Brief(id))
		}
	}
	return found
}

// sameGroup compares a group as it is told with one of the rows, where targets
// have numbers.
func (l *ledger) sameGroup(said, got bundle.SweepGroup) bool {
	number := func(target, n string) bool {
		i, err := strconv.Atoi(n)
		return err == nil && maphash.String(l.seed, target) == l.targets[i-1]
	}
	return verdictOf(said.Verdict) == verdictOf(got.Verdict) && said.Reason == got.Reason && said.Targets == got.Targets &&
		keyOf(said.Rule) == keyOf(got.Rule) && slices.EqualFunc(said.Examples, got.Examples, number)
}

// find finds what an id names: a planned probe, or the attempt at a
// sweep's target, profile:number@after. Nil when there is no such thing.
func (e *expectations) find(id string) *tally {
	if t := e.planned[id]; t != nil {
		return t
	}
	name, ok := strings.CutSuffix(id, "@after")
	i := strings.LastIndexByte(name, ':')
	if !ok || i < 0 {
		return nil
	}
	l, number := e.ledgers[name[:i]], name[i+1:]
	n, err := strconv.Atoi(number)
	if l == nil || err != nil || n < 1 || n > len(l.targets) || strconv.Itoa(n) != number {
		return nil
	}
	return &tally{
		Expectation: bundle.Expectation{ExpectationID: id, Name: number, Arm: lane.After, Operation: l.Sweep.Operation, Expected: "any", Attempts: 1},
		profile:     l.profile, family: l.Family, digest: l.ProfileDigest, seal: l.SealMode, entry: &entry{l, n - 1},
	}
}

// count counts what the rows must account for.
func (e *expectations) count() int {
	n := len(e.planned)
	for _, l := range e.ledgers {
		n += len(l.targets)
	}
	return n
}

// accountedTargets reports targets without a row.
func (e *expectations) accountedTargets() (found findings) {
	for _, id := range sortedKeys(e.ledgers) {
		l := e.ledgers[id]
		for i, m := range l.marks {
			if m&hasAttempt == 0 {
				found.add("accounting", "attempts_missing", bundle.RuntimeResults,
					"target %d of %q has no attempt", i+1, text.Brief(id))
			}
			if m&hasBaseline == 0 {
				found.add("accounting", "baseline_missing", bundle.BaselineResults,
					"target %d of %q has no baseline row", i+1, text.Brief(id))
			}
			if m&modelled == 0 {
				found.add("accounting", "prediction_missing", bundle.OracleResults,
					"target %d of %q has no prediction", i+1, text.Brief(id))
			}
			if m&hasAttempt != 0 && m&hasEvent == 0 {
				found.add("events", "event_missing", bundle.RuntimeEvents,
					"target %d of %q has no event", i+1, text.Brief(id))
			}
		}
	}
	return found
}

// countBaseline notes a row of the baseline lane.
func (t *tally) countBaseline(n int) (found findings) {
	if t.entry == nil {
		t.baseline++
		return found
	}
	if t.entry.is(hasBaseline) {
		found.add("accounting", "baseline_twice", bundle.BaselineResults,
			"row %d: a second baseline of %q", n, text.Brief(t.ExpectationID))
	}
	t.entry.set(hasBaseline)
	return found
}

// firstAttempt notes a runtime row, and reports that there was none of the
// attempt before.
func (t *tally) firstAttempt(attempt int) bool {
	if t.entry == nil {
		_, seen := t.attempts[attempt]
		t.attempts[attempt] = len(t.rows)
		return !seen
	}
	seen := t.entry.is(hasAttempt)
	t.entry.set(hasAttempt)
	return !seen
}

// decisionSaid notes the decision about a sweep's target, "" for none. Of a planned
// probe the row is kept.
func (t *tally) decisionSaid(said string) {
	switch {
	case t.entry == nil:
	case said == "allow":
		t.entry.set(decidedAllow)
	case said == "deny":
		t.entry.set(decidedDeny)
	}
}

// decided is what the runtime row said, "" for nothing.
func (e *entry) decided() string {
	switch {
	case e.is(decidedAllow):
		return "allow"
	case e.is(decidedDeny):
		return "deny"
	}
	return ""
}

// undecided notes a target that nothing was decided about.
func (e *entry) undecided(why lane.Reason) {
	if wrong(why) {
		e.set(needsPacket)
	}
	if why == lane.UnsupportedOnWorld {
		e.set(impossible)
	}
}
