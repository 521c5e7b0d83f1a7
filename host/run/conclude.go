package run

import (
	"time"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/evidence"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/mismatch"
	"github.com/hrhost/hrhost/host/plan"
	"github.com/hrhost/hrhost/host/probing"
	"github.com/hrhost/hrhost/internal/monotonic"
)

// conclude turns a batch's baseline and its sealed report into rows, decisions and packets, and
// writes them. Nothing of the batch is kept afterwards but counts.
func (r *runner) conclude(b *batch, base *unsealedBatch, sealed *probing.Report) error {
	r.calibrating.Wait()
	windows := bySlot(sealed.Witness, len(b.items))
	item := 0
	for i, p := range b.probes {
		if err := b.skipping.to(p); err != nil {
			return err
		}
		e := &concluded{prof: b.prof, probe: p, expect: expectation(b.prof, p), held: handleOf(sealed, p), sweep: b.sweep}
		decision, model := evidence.Predict(b.prof, p, sealed.PID, sharedEngine)
		e.open = decision.Missing
		e.model = lane.Model{Verdict: lane.Verdict(decision.Action.String()), Rule: model.Rule}
		e.base = base.Rows[i]
		for ; item < len(b.items) && b.of[item] == i; item++ {
			e.rows = append(e.rows, r.runtimeRow(e, sealed.Attempts[item], sealed, windows[item]))
		}
		e.oracle = append(e.oracle, model)
		if live := r.answerOf(sealed, i, p.Operation); live != nil {
			e.oracle = append(e.oracle, *live)
		}
		for j := range e.oracle {
			e.oracle[j].Context = r.context(b.prof, p, 1)
			e.oracle[j].Carrier = e.rows[0].Carrier
		}
		if err := r.write(e); err != nil {
			return err
		}
	}
	return nil
}

// concluded is one expectation with all its rows.
type concluded struct {
	prof    *plan.Profile
	probe   evidence.Question
	held    string // the kind of handle that the probe can hold, "" for none
	expect  mismatch.Expectation
	base    *lane.BaselineRow
	model   lane.Model
	open    []string // facts that the profile asks about and the target does not state
	rows    []lane.RuntimeRow
	oracle  []lane.OracleRow
	witness []lane.WitnessRow // of the attempts' windows
	sweep   *sweeping         // nil when the plan has the probe
	verdict lane.Verdict      // the enforcement point's on the first attempt, "" when it was silent
}

func expectation(prof *plan.Profile, p evidence.Question) mismatch.Expectation {
	return mismatch.Expectation{
		ID: evidence.ExpectationID(prof, p), ProfileID: prof.ID, ProbeName: p.ID, Family: prof.Family, Arm: p.Arm,
		Operation: p.Operation, Filter: lane.Filter{Name: p.Filter, Value: p.Target}, Target: p.Target,
		Expected: p.Expected(), Attempts: max(1, prof.Repeat),
	}
}

// handleOf is the kind of handle that the plugin says it can hold.
func handleOf(rep *probing.Report, q evidence.Question) string {
	if rep.Description == nil {
		return ""
	}
	p := rep.Description.Probe(q.Operation)
	if p == nil {
		return ""
	}
	return p.Handle
}

// bySlot sorts sealed witness rows to the slots that the monitor noted, so that
// each attempt looks at its own rows only.
func bySlot(rows []*lane.WitnessRow, slots int) [][]lane.WitnessRow {
	out := make([][]lane.WitnessRow, slots)
	for _, row := range rows {
		if row.Epoch > 0 && row.Slot >= 0 && row.Slot < slots {
			out[row.Slot] = append(out[row.Slot], *row)
		}
	}
	return out
}

// baselineRow is the probe with no policy in force.
func (r *runner) baselineRow(prof *plan.Profile, p evidence.Question, a probing.Attempt, rep *probing.Report) *lane.BaselineRow {
	s := read(a, rep.Description)
	row := &lane.BaselineRow{
		Context: r.context(prof, p, 1), Name: "baseline:" + evidence.ShownID(prof, p),
		RuntimeStatus: lane.RuntimeStatus(s.attempt(a, rep)), State: s.state, End: lane.Returned,
		Result: s.result, Effect: s.effect, PID: rep.PID, Detail: s.detail(a, rep),
		Contained: contained(r.launcher.Containment(), p.Operation, s.result),
	}
	row.Carrier, row.Path, row.Stage = s.carrier, s.path, lane.StageOperation
	if s.state != lane.Done {
		row.End, row.Stage = lane.Died, stageOf(rep)
	}
	if p.Filter == "target" {
		row.Filter.Value = s.filter
	}
	row.StartedAt, row.DurationUS = when(s)
	return row
}

// runtimeRow is one sealed attempt with its decision.
func (r *runner) runtimeRow(e *concluded, a probing.Attempt, rep *probing.Report, witness []lane.WitnessRow) lane.RuntimeRow {
	s := read(a, rep.Description)
	at := s.attempt(a, rep)
	if at.Fixture == lane.AcquireFailed && e.base.State == lane.NotStarted && e.base.RuntimeStatus == "blocked" {
		at.Supported = false // there is nothing to hold, without a sandbox neither
		s.skip += "; without a sandbox neither"
	}
	unjudged := uncovered(e.probe.Query(0))
	at.Unjudged = unjudged != "" && e.prof.Seal != string(probing.SealWrap)
	w := s.window(e.prof, e.probe, a.Item.Slot, rep)
	w.Implied = evidence.Implied(e.probe, e.open)
	at.Witness = lane.SummarizeWitness(witness, w)
	for _, i := range at.Witness.Rows {
		e.witness = append(e.witness, witness[i])
	}
	if len(e.rows) == 0 {
		e.verdict = at.Witness.Primary
	}
	at.Model, at.DifferentObject = e.model, otherObject(rep.View, e.probe)
	at.ControlEffectSeen = at.OneWay && controlSeen(rep, a)
	if s.state == lane.NotStarted {
		at.Witness.First = deniedAtLaunch(rep)
	}
	at.Baseline = lane.CompareBaseline(s.result, e.base, at.OneWay)
	row := lane.RuntimeRow{
		Context: r.context(e.prof, e.probe, a.Item.Attempt), RuntimeStatus: lane.RuntimeStatus(at),
		State: s.state, End: at.End, Result: s.result, Effect: s.effect, PID: rep.PID,
		Attribution: "plugin_claimed", DiedAt: at.DiedAt, Detail: s.detail(a, rep),
		Decision: lane.Decide(at),
	}
	row.Use = lane.UseOf(at)
	if row.Decision.Reason == lane.NotMediated && row.Detail == "" {
		row.Detail = unjudged
	}
	if row.Detail == "" {
		row.Detail = unborne(e.prof.Family, row, at.Witness)
	}
	if at.DifferentObject && row.Detail == "" {
		row.Detail = anotherProcess(rep.View)
	}
	if s.state == lane.NotStarted {
		row.Attribution = "host_observed"
	}
	row.Carrier, row.Stage = s.carrier, lane.StageOperation
	row.Path = observed(e.witness, s.path)
	if s.state != lane.Done {
		row.Stage = stageOf(rep)
	}
	if e.probe.Filter == "target" {
		row.Filter.Value = s.filter
	}
	row.StartedAt, row.DurationUS = when(s)
	return row
}

// deniedAtLaunch is the first thing that the policy refused a process which was
// under it from its first instruction. It is a dependency of every attempt that
// was never reached, and no decision about any.
func deniedAtLaunch(rep *probing.Report) *lane.Denial {
	for _, w := range rep.Witness {
		if w.Epoch > 0 && w.By == lane.ByPolicy && w.Verdict == lane.Deny && w.Stage == lane.StageLaunch {
			return &lane.Denial{Operation: w.Operation, Filters: []lane.Filter{w.Filter}, Rule: w.Rule}
		}
	}
	return nil
}

// stageOf is how far an unfinished attempt's process got.
func stageOf(rep *probing.Report) lane.Stage {
	if rep.Failed == "" {
		return lane.StageReport
	}
	return rep.Failed
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

// clock is the flight recorder's.
var clock = monotonic.New()

// when places an attempt in time: the recorder's clock is monotonic, rows have
// wall time.
func when(s seen) (started string, durationUS int64) {
	if s.startNS == 0 {
		return "", 0
	}
	at := time.Now().Add(time.Duration(s.startNS - clock.Now()))
	if s.endNS > s.startNS {
		durationUS = (s.endNS - s.startNS) / 1000
	}
	return bundle.Time(at), durationUS
}

// write hands one expectation's rows to their lanes, judges it and tells the
// watcher.
func (r *runner) write(e *concluded) error {
	verdict := r.judge.Judge(e.expect, e.rows, e.base, e.oracle, e.witness)
	if e.sweep != nil {
		verdict.Packets = faults(verdict.Packets)
	}
	for i := range verdict.Packets {
		switch {
		case e.sweep != nil:
			verdict.Packets[i].Reproduce = ReproduceSweep(askedOf(e.prof), e.probe.Operation, e.probe.Target)
		case r.opts.Plan.ID == TryPlan && e.prof.ID == TryPlan:
			verdict.Packets[i].Reproduce = ReproduceTry(askedOf(e.prof), e.probe.Operation, e.probe.Target)
		}
	}
	if err := r.out.rows(e, verdict); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tally.add(e, verdict)
	if e.sweep != nil {
		e.sweep.result.Count(e.rows[0].Decision, e.probe.Target)
		r.wrong.add(e, verdict)
		return nil
	}
	r.opts.Watch.Line(line(e, verdict))
	return nil
}
