package run

import (
	"sync"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/evidence"
	"github.com/hrhost/hrhost/host/mismatch"
)

// results judges expectations, writes their rows and counts what they amount to.
// Nothing of an expectation is kept afterwards but counts.
type results struct {
	judge mismatch.Run
	plan  string // its id
	out   *outputs
	watch Watcher

	mu    sync.Mutex // guards what follows, and the watcher
	tally evidence.Tally
	wrong evidence.WrongTargets
}

// add takes one expectation of the plan.
func (r *results) add(e *evidence.Evidence) error {
	verdict, err := r.write(e, reproduceTry(r.plan, e), false)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tally.Add(e, verdict, false)
	r.watch.Line(evidence.NewLine(e, verdict))
	return nil
}

// addTarget takes one target of a sweep, and counts it in the sweep's result too.
func (r *results) addTarget(e *evidence.Evidence, sweep *bundle.SweepResult) error {
	verdict, err := r.write(e, ReproduceSweep(askedOf(e.Profile), e.Question.Operation, e.Question.Target), true)
	if err != nil {
		return err
	}
	sweep.Count(e.Rows[0].Decision, e.Question.Target)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tally.Add(e, verdict, true)
	r.wrong.Add(e, verdict)
	return nil
}

// write judges one expectation and hands its rows to their lanes. reproduce is the
// command that makes the attempt again, "" for none.
func (r *results) write(e *evidence.Evidence, reproduce string, sweep bool) (mismatch.Judgement, error) {
	verdict := r.judge.Judge(e.Expect, e.Rows, e.Baseline, e.Oracle, e.Witness)
	if sweep {
		verdict.Packets = evidence.SweepPackets(verdict.Packets)
	}
	if reproduce != "" {
		for i := range verdict.Packets {
			verdict.Packets[i].Reproduce = reproduce
		}
	}
	return verdict, r.out.rows(e, verdict)
}

// ended notes how a profile ended, and tells the watcher unless the run was
// interrupted: how a process ended then is no news of its plugin.
func (r *results) ended(p ProfileDone, interrupted bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if p.Note != "" { // also when only the baseline's process died
		r.tally.Incomplete = true
	}
	if !interrupted {
		r.watch.Profile(p)
	}
}
