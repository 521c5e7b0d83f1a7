package run

import (
	"strings"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/mismatch"
	"github.com/hrhost/hrhost/host/plan"
)

// tally counts while rows stream by.
type tally struct {
	all      bundle.Counts
	families map[string]*bundle.Counts
	reasons  map[string]int           // of packets
	facts    inOrder[mismatch.Fact]   // for the hypotheses, at most maxFacts
	timings  inOrder[mismatch.Timing] // at most as many
	places   map[string]int           // of the profiles in the plan, from 1
	notes    []bundle.Note
	exitCode int
	reached  bool
	err      error // writing a row failed
}

// maxFacts bounds what the hypotheses are judged from, so that memory does not
// grow with the plan; a few hundred decisions show all that there is to show.
const maxFacts = 4096

func newTally(p *plan.Plan) tally {
	t := tally{
		notes: []bundle.Note{}, families: map[string]*bundle.Counts{},
		reasons: map[string]int{}, places: map[string]int{},
	}
	for i := range p.Profiles {
		t.places[p.Profiles[i].ID] = i + 1
	}
	return t
}

func (t *tally) add(e *evidence, v mismatch.Judgement) {
	var c bundle.Counts
	c.Probes, c.Attempts = 1, len(e.rows)
	for i, row := range e.rows {
		if e.sweep == nil && (i == 0 || !sameAnswer(&row, &e.rows[i-1])) {
			t.fact(e, &e.rows[i])
		}
		switch d := row.Decision.Verdict; {
		case d == nil:
			c.None++
		case *d == lane.Allow:
			c.Allow++
		default:
			c.Deny++
		}
	}
	decided := len(v.Packets) > 0
	for _, p := range v.Packets {
		t.reasons[string(p.MismatchReason)]++
		if p.DecisionEvent.Decision.Verdict == nil {
			decided = false
		}
		t.raise(exitOf(p.MismatchReason))
	}
	if e.sweep == nil && !e.probe.AbsentOnPurpose() && mismatch.DeniedAbsent(e.expect, e.rows, e.base) {
		t.notes = bundle.AddNote(t.notes, bundle.DeniedTargetAbsent, e.expect.ID)
	}
	switch {
	case v.Skipped:
		c.Skipped = 1
	case len(v.Packets) == 0:
		c.AsExpected = 1
	case decided:
		c.Mismatches = 1
	default:
		c.Undecided = 1
	}
	t.reached = t.reached || v.Reached
	t.all.Add(c)
	if t.families[e.prof.Family] == nil {
		t.families[e.prof.Family] = &bundle.Counts{}
	}
	t.families[e.prof.Family].Add(c)
}

// sameAnswer reports that a repeat adds nothing to the hypotheses.
func sameAnswer(a, b *lane.RuntimeRow) bool {
	av, bv := a.Decision.Verdict, b.Decision.Verdict
	return a.Use == b.Use && a.Decision.Reason == b.Decision.Reason && (av == nil) == (bv == nil) && (av == nil || *av == *bv)
}

// fact keeps what the hypotheses are judged from. A sweep asks one operation
// about everything, which is no test of them.
func (t *tally) fact(e *evidence, row *lane.RuntimeRow) {
	place := t.places[e.prof.ID]
	t.timings.add(place, mismatch.TimingOf(row, e.held), maxFacts)
	if f, ok := mismatch.FactOf(row, e.probe.Target); ok {
		t.facts.add(place, f, maxFacts)
	}
}

// exitOf is the exit code that one packet's reason asks for.
func exitOf(reason lane.Reason) int {
	if mismatch.Incomplete(reason) {
		return ExitIncomplete
	}
	return ExitMismatch
}

// raise keeps the exit code of the highest precedence: 4, 2, 3, 1, 0.
func (t *tally) raise(code int) {
	rank := map[int]int{ExitOK: 0, ExitMismatch: 1, ExitIncomplete: 2, ExitRefused: 3, ExitInternal: 4}
	if rank[code] > rank[t.exitCode] {
		t.exitCode = code
	}
}

func (t *tally) exit() int { return t.exitCode }

func (t *tally) status() bundle.SummaryStatus {
	switch {
	case !t.reached:
		return bundle.StatusBlocked
	case len(t.reasons) > 0:
		return bundle.StatusPartial
	}
	return bundle.StatusOK
}

// fail notes an error of our own that must end the run.
func (r *runner) fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.tally.err == nil {
		r.tally.err = err
	}
}

// line is an expectation as a person reads it.
func line(e *evidence, v mismatch.Judgement) Line {
	row := e.rows[0]
	l := Line{
		Met: v.Met && len(v.Packets) == 0, Skipped: v.Skipped, Decided: v.Decided,
		ID: shownID(e.prof, e.probe), Predicted: "-", Enforced: "-", Got: "-", NoSandbox: "-",
	}
	if len(e.oracle) > 0 {
		l.Predicted = e.oracle[0].Prediction
	}
	if e.verdict != "" {
		l.Enforced = string(e.verdict)
	}
	if word, _, _ := strings.Cut(row.Carrier, " "); word == "dbus" {
		l.Carrier = strings.Replace(row.Carrier, " "+e.probe.Target, "", 1)
	}
	const most = 10
	l.Got = lane.Shown(row.RuntimeStatus, row.Result, row.Effect, most)
	l.NoSandbox = lane.Shown(e.base.RuntimeStatus, e.base.Result, e.base.Effect, most)
	if e.base.Contained {
		l.NoSandbox = "contained"
	}
	switch ref := row.Decision.PolicyRule; {
	case row.Decision.Verdict == nil && row.Use != "":
		l.Rule = "handle " + string(row.Use) + ": " + string(row.Decision.Reason)
	case row.Decision.Verdict == nil:
		l.Rule = "no decision: " + string(row.Decision.Reason)
	case ref != nil:
		l.Rule = ref.Place()
	}
	for _, p := range v.Packets {
		l.Reasons = append(l.Reasons, string(p.MismatchReason))
	}
	return l
}

// wrongTargets are the targets of sweeps that a person should look at. A plugin
// that dies leaves a thousand of them: the first few are kept.
type wrongTargets struct {
	first []Line
	more  int
}

const maxWrong = 10

func (w *wrongTargets) add(e *evidence, v mismatch.Judgement) {
	switch {
	case len(v.Packets) == 0:
		return
	case len(w.first) == maxWrong:
		w.more++
		return
	}
	l := line(e, v)
	l.ID = e.prof.ID + ":" + e.probe.Target
	w.first = append(w.first, l)
}
