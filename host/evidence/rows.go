package evidence

import (
	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/lane"
)

// BaselineRow is the row of a probe with no policy in force.
func BaselineRow(c Case, a Attempt, p *Process) *lane.BaselineRow {
	s := read(a, p.Description)
	row := &lane.BaselineRow{
		Context: c.context(1), Name: "baseline:" + ShownID(c.Profile, c.Question),
		RuntimeStatus: lane.RuntimeStatus(s.attempt(a, p, c.Platform)), State: s.state, End: lane.Returned,
		Result: s.result, Effect: s.effect, PID: p.PID, Detail: s.detail(a, p),
	}
	row.Carrier, row.Path, row.Stage = s.carrier, s.path, lane.StageOperation
	if s.state != lane.Done {
		row.End, row.Stage = lane.Died, stageOf(p)
	}
	if c.Question.Filter == "target" {
		row.Filter.Value = s.filter
	}
	row.StartedAt, row.DurationUS = started(s, p.Clock)
	return row
}

// runtimeRow is one sealed attempt with its decision. It adds the witness rows of
// the attempt to the evidence.
func runtimeRow(e *Evidence, m model, a Attempt, p *Process, witness []lane.WitnessRow) lane.RuntimeRow {
	s := read(a, p.Description)
	at := s.attempt(a, p, e.Platform)
	if at.Fixture == lane.AcquireFailed && e.Baseline.State == lane.NotStarted && e.Baseline.RuntimeStatus == "blocked" {
		at.Supported = false // there is nothing to hold, without a sandbox neither
		s.skip += "; without a sandbox neither"
	}
	e.summarize(&at, &s, m, a, p, witness)
	row := lane.RuntimeRow{
		Context: e.context(a.Item.Attempt), RuntimeStatus: lane.RuntimeStatus(at),
		State: s.state, End: at.End, Result: s.result, Effect: s.effect, PID: p.PID,
		Attribution: "plugin_claimed", DiedAt: at.DiedAt, Decision: lane.Decide(at),
	}
	row.Use = lane.UseOf(at)
	row.Detail = s.detail(a, p)
	if row.Detail == "" {
		row.Detail = e.remark(row, at, p.View)
	}
	if s.state == lane.NotStarted {
		row.Attribution = "host_observed"
	}
	row.Carrier, row.Stage = s.carrier, lane.StageOperation
	row.Path = observed(e.Witness, s.path)
	if s.state != lane.Done {
		row.Stage = stageOf(p)
	}
	if e.Question.Filter == "target" {
		row.Filter.Value = s.filter
	}
	row.StartedAt, row.DurationUS = started(s, p.Clock)
	return row
}

// summarize completes the decision's view of an attempt with the witness, the
// baseline and the host's own observations.
func (e *Evidence) summarize(at *lane.Attempt, s *seen, m model, a Attempt, p *Process, witness []lane.WitnessRow) {
	at.Unjudged = e.Unjudged != "" && e.Profile.Seal != wrap
	w := s.window(e.Profile, e.Question, a.Item.Slot, p)
	w.Implied = implied(e.Question, m.open)
	at.Witness = lane.SummarizeWitness(witness, w)
	for _, i := range at.Witness.Rows {
		e.Witness = append(e.Witness, witness[i])
	}
	if len(e.Rows) == 0 {
		e.Verdict = at.Witness.Primary
	}
	at.Model, at.DifferentObject = m.Model, otherObject(p.View, e.Question)
	at.ControlEffectSeen = at.OneWay && controlSeen(p, a)
	if s.state == lane.NotStarted {
		at.Witness.First = deniedAtLaunch(p)
	}
	at.Baseline = lane.CompareBaseline(s.result, e.Baseline, at.OneWay)
}

// remark explains a decision about an attempt that went as it should, "" when it
// explains itself.
func (e *Evidence) remark(row lane.RuntimeRow, at lane.Attempt, v View) (text string) {
	if row.Decision.Reason == lane.NotMediated {
		text = e.Unjudged
	}
	if text == "" {
		text = unborne(e.Profile.Family, row, at.Witness)
	}
	if text == "" && at.DifferentObject {
		text = anotherProcess(v)
	}
	return text
}

// Skipped is the evidence of a question that this platform cannot ask. why is the
// detail of its rows.
func Skipped(c Case, why string) *Evidence {
	c.Baseline = &lane.BaselineRow{
		Context: c.context(1), Name: "baseline:" + ShownID(c.Profile, c.Question),
		RuntimeStatus: "unsupported", State: lane.NotStarted, End: lane.Returned, Effect: lane.EffectUnobservable,
		Result: lane.Result{Class: lane.NoResult},
	}
	e := &Evidence{Case: c, Expect: expectation(c.Profile, c.Question)}
	for attempt := 1; attempt <= e.Expect.Attempts; attempt++ {
		at := lane.Attempt{Supported: false, State: lane.NotStarted}
		e.Rows = append(e.Rows, lane.RuntimeRow{
			Context: c.context(attempt), RuntimeStatus: lane.RuntimeStatus(at), State: lane.NotStarted,
			End: lane.Returned, Result: lane.Result{Class: lane.NoResult}, Effect: lane.EffectUnobservable,
			Attribution: "host_observed", Decision: lane.Decide(at), Detail: why,
		})
	}
	return e
}

// started is an attempt's beginning as rows have it, "" when it has none.
func started(s seen, c Clock) (at string, durationUS int64) {
	t, durationUS := c.when(s)
	if t.IsZero() {
		return "", 0
	}
	return bundle.Time(t), durationUS
}

// deniedAtLaunch is the first thing that the policy refused a process which was
// under it from its first instruction. It is a dependency of every attempt that
// was never reached, and no decision about any.
func deniedAtLaunch(p *Process) *lane.Denial {
	for _, w := range p.Witness {
		if w.Epoch > 0 && w.By == lane.ByPolicy && w.Verdict == lane.Deny && w.Stage == lane.StageLaunch {
			return &lane.Denial{Operation: w.Operation, Filters: []lane.Filter{w.Filter}, Rule: w.Rule}
		}
	}
	return nil
}

// stageOf is how far an unfinished attempt's process got.
func stageOf(p *Process) lane.Stage {
	if p.Failed == "" {
		return lane.StageReport
	}
	return p.Failed
}

// observed prefers the monitor's view of a path to the plugin's.
func observed(rows []lane.WitnessRow, claimed *lane.PathObservation) *lane.PathObservation {
	for i := range rows {
		if rows[i].Path != nil && rows[i].By == lane.ByPolicy {
			return rows[i].Path
		}
	}
	return claimed
}
