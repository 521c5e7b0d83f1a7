package evidence

import (
	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/mismatch"
	"github.com/hrhost/hrhost/host/plan"
)

// Tally counts while rows stream by. It is not safe for concurrent use.
type Tally struct {
	All      bundle.Counts
	Families map[string]*bundle.Counts
	Reasons  map[string]int           // of packets
	Facts    InOrder[mismatch.Fact]   // for the hypotheses, at most maxFacts
	Timings  InOrder[mismatch.Timing] // at most as many
	Notes    []bundle.Note
	noted    map[string]*InOrder[string] // by the code of a note, its first expectations

	Reached    bool // some attempt reached its operation
	Mismatch   bool // some packet is about something that was measured
	Incomplete bool // something could not be measured

	places map[string]int // of the profiles in the plan, from 1
}

// maxFacts bounds what the hypotheses are judged from, so that memory does not
// grow with the plan; a few hundred decisions show all that there is to show.
const maxFacts = 4096

// NewTally is an empty tally of a plan.
func NewTally(p *plan.Plan) Tally {
	t := Tally{Notes: []bundle.Note{}, Families: map[string]*bundle.Counts{}, Reasons: map[string]int{},
		noted: map[string]*InOrder[string]{}, places: map[string]int{}}
	for i := range p.Profiles {
		t.places[p.Profiles[i].ID] = i + 1
	}
	return t
}

// Place is a profile's place in the plan, from 1; 0 of a profile that it lacks.
func (t *Tally) Place(profile string) int { return t.places[profile] }

// Add counts one expectation. sweep reports that a sweep found the probe: such
// probes are left out of the hypotheses and the notes.
func (t *Tally) Add(e *Evidence, v mismatch.Judgement, sweep bool) {
	var c bundle.Counts
	c.Probes, c.Attempts = 1, len(e.Rows)
	for i, row := range e.Rows {
		if !sweep && (i == 0 || !sameAnswer(&row, &e.Rows[i-1])) {
			t.fact(e, &e.Rows[i])
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
		t.Reasons[string(p.MismatchReason)]++
		if p.DecisionEvent.Decision.Verdict == nil {
			decided = false
		}
		if mismatch.Incomplete(p.MismatchReason) {
			t.Incomplete = true
		} else {
			t.Mismatch = true
		}
	}
	if !sweep && !e.Question.AbsentOnPurpose() && mismatch.DeniedAbsent(e.Expect, e.Rows, e.Baseline) {
		t.note(bundle.DeniedTargetAbsent, e)
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
	t.Reached = t.Reached || v.Reached
	t.All.Add(c)
	if t.Families[e.Profile.Family] == nil {
		t.Families[e.Profile.Family] = &bundle.Counts{}
	}
	t.Families[e.Profile.Family].Add(c)
}

// note counts an expectation to the note of a code.
func (t *Tally) note(code string, e *Evidence) {
	t.Notes = bundle.AddNote(t.Notes, code, e.Expect.ID)
	if t.noted[code] == nil {
		t.noted[code] = new(InOrder[string])
	}
	t.noted[code].Add(t.Place(e.Profile.ID), e.Expect.ID, bundle.MaxNoted)
}

// NotesAsPlanned are the notes as a person reads them: with the first expectations of
// the plan, in its order. The documents have those that are first by their bytes.
func (t *Tally) NotesAsPlanned() (notes []bundle.Note) {
	for _, n := range t.Notes {
		n.Expectations = t.noted[n.Code].Values
		notes = append(notes, n)
	}
	return notes
}

// sameAnswer reports that a repeat adds nothing to the hypotheses.
func sameAnswer(a, b *lane.RuntimeRow) bool {
	av, bv := a.Decision.Verdict, b.Decision.Verdict
	return a.Use == b.Use && a.Decision.Reason == b.Decision.Reason && (av == nil) == (bv == nil) && (av == nil || *av == *bv)
}

// fact keeps what the hypotheses are judged from. A sweep asks one operation
// about everything, which is no test of them.
func (t *Tally) fact(e *Evidence, row *lane.RuntimeRow) {
	place := t.Place(e.Profile.ID)
	t.Timings.Add(place, mismatch.TimingOf(row, e.Held), maxFacts)
	if f, ok := mismatch.FactOf(row, e.Question.Target); ok {
		t.Facts.Add(place, f, maxFacts)
	}
}

// Status is the run's, by its rows.
func (t *Tally) Status() bundle.SummaryStatus {
	switch {
	case !t.Reached:
		return bundle.StatusBlocked
	case len(t.Reasons) > 0:
		return bundle.StatusPartial
	}
	return bundle.StatusOK
}
