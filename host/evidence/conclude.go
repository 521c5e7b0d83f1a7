package evidence

import (
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/mismatch"
	"github.com/hrhost/hrhost/host/plan"
	"github.com/hrhost/hrhost/internal/wire"
)

// Case is one question with everything that is known before its sealed attempts.
type Case struct {
	Profile      *plan.Profile
	Question     Question
	Context      lane.Context // ids and digests of the run and of the program
	Platform     wire.Platform
	Baseline     *lane.BaselineRow // nil while the baseline is made
	Unjudged     string            // why no enforcement point decides the question, "" when one does
	SharedEngine bool              // the witness asks the evaluator too
}

// context is the context of every row about the question.
func (c Case) context(attempt int) lane.Context {
	q := c.Question
	out := c.Context
	out.ProfileDigest, out.Family, out.ProfileID, out.SealMode = c.Profile.Digest, c.Profile.Family, c.Profile.ID, c.Profile.Seal
	out.ProbeName, out.ExpectationID, out.Arm, out.Attempt = q.ID, ExpectationID(c.Profile, q), q.Arm, attempt
	out.Stage, out.Operation, out.Filter = lane.StagePlan, q.Operation, lane.Filter{Name: q.Filter, Value: q.Target}
	return out
}

// Evidence is one expectation with all its rows.
type Evidence struct {
	Case
	Held    string // the kind of handle that the probe can hold, "" for none
	Expect  mismatch.Expectation
	Rows    []lane.RuntimeRow
	Oracle  []lane.OracleRow
	Witness []lane.WitnessRow // of the attempts' windows
	Verdict lane.Verdict      // the enforcement point's on the first attempt, "" when it was silent
}

// model is the evaluator's answer.
type model struct {
	lane.Model
	open []string // facts that the profile asks about and the target does not state
}

// Conclude decides a question from its attempts in a sealed process, at least
// one. witness has the rows of each attempt's slot, see [BySlot]. live is the
// enforcement point's own answer, nil when it was not asked.
func Conclude(c Case, p *Process, attempts []Attempt, witness [][]lane.WitnessRow, live *lane.OracleRow) *Evidence {
	e := &Evidence{Case: c, Held: handleOf(p, c.Question), Expect: expectation(c.Profile, c.Question)}
	d, predicted := Predict(c.Profile, c.Question, p.PID, c.SharedEngine)
	m := model{lane.Model{Verdict: lane.Verdict(d.Action.String()), Rule: predicted.Rule}, d.Missing}
	for i, a := range attempts {
		e.Rows = append(e.Rows, runtimeRow(e, m, a, p, witness[i]))
	}
	e.Oracle = append(e.Oracle, predicted)
	if live != nil {
		e.Oracle = append(e.Oracle, *live)
	}
	for i := range e.Oracle {
		e.Oracle[i].Context = c.context(1)
		e.Oracle[i].Carrier = e.Rows[0].Carrier
	}
	return e
}

func expectation(prof *plan.Profile, q Question) mismatch.Expectation {
	return mismatch.Expectation{
		ID: ExpectationID(prof, q), ProfileID: prof.ID, ProbeName: q.ID, Family: prof.Family, Arm: q.Arm,
		Operation: q.Operation, Filter: lane.Filter{Name: q.Filter, Value: q.Target}, Target: q.Target,
		Expected: q.Expected(), Attempts: max(1, prof.Repeat),
	}
}

// handleOf is the kind of handle that the plugin says it can hold.
func handleOf(p *Process, q Question) string {
	if p.Description == nil {
		return ""
	}
	spec := p.Description.Probe(q.Operation)
	if spec == nil {
		return ""
	}
	return spec.Handle
}
