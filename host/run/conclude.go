package run

import (
	"runtime"
	"time"

	"github.com/hrhost/hrhost/host/evidence"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/plan"
	"github.com/hrhost/hrhost/host/probing"
	"github.com/hrhost/hrhost/internal/monotonic"
	"github.com/hrhost/hrhost/internal/wire"
)

// conclude turns a batch's baseline and its sealed report into rows, decisions and packets, and
// writes them. Nothing of the batch is kept afterwards but counts.
func (r *runner) conclude(b *batch, base *unsealedBatch, sealed *probing.Report) error {
	r.calibrating.Wait()
	p := observe(sealed)
	windows := evidence.BySlot(p.Witness, len(b.items))
	end := 0
	for i, q := range b.probes {
		if err := b.skipping.to(q); err != nil {
			return err
		}
		begin := end
		for end < len(b.items) && b.of[end] == i {
			end++
		}
		c := r.caseOf(b.prof, q)
		c.Baseline = base.Rows[i]
		e := evidence.Conclude(c, p, p.Attempts[begin:end], windows[begin:end], r.answerOf(sealed, i, q.Operation))
		if err := r.write(e, b.sweep); err != nil {
			return err
		}
	}
	return nil
}

// caseOf is a question with the run's part of its context.
func (r *runner) caseOf(prof *plan.Profile, q evidence.Question) evidence.Case {
	c := evidence.Case{
		Profile: prof, Question: q, Platform: platform(), Unjudged: uncovered(prof.Family, q.Query(0)), SharedEngine: sharedEngine,
		Context: lane.Context{RunID: r.id, WorldID: r.world.ID, PlanDigest: r.opts.Plan.Digest},
	}
	if pl := r.plugins[prof.Family]; pl.binary != nil {
		c.Context.PluginDigest = pl.binary.Digest
	}
	return c
}

// platform is this system's name in a plugin's table.
func platform() wire.Platform {
	if runtime.GOOS == "darwin" {
		return wire.MacOS
	}
	return wire.Linux
}

// clock is the flight recorder's.
var clock = monotonic.New()

// observe is the part of a report that rows are made from.
func observe(rep *probing.Report) *evidence.Process {
	p := &evidence.Process{
		PID: rep.PID, Description: rep.Description, Prepared: rep.Prepared,
		Epoch: rep.Epoch, Witness: rep.Witness, WitnessSlack: rep.WitnessSlack,
		View:   evidence.View{OwnPIDs: rep.View.OwnPIDs, HostsProc: rep.View.HostsProc},
		Clock:  evidence.Clock{At: time.Now(), NS: clock.Now()},
		Failed: rep.Failed, Reason: rep.Reason, TimedOut: rep.TimedOut,
	}
	if rep.Err != nil {
		p.Err, p.Hint = rep.Err.Error(), hint(rep.Err)
	}
	if rep.Exit != nil && !rep.Exit.Killed {
		p.Signal = int(rep.Exit.Signal)
	}
	for _, a := range rep.Attempts {
		p.Attempts = append(p.Attempts, evidence.Attempt(a))
	}
	return p
}

// write hands one expectation's rows to their lanes, judges it and tells the
// watcher. sweep is nil when the plan has the probe.
func (r *runner) write(e *evidence.Evidence, sweep *sweeping) error {
	verdict := r.judge.Judge(e.Expect, e.Rows, e.Baseline, e.Oracle, e.Witness)
	if sweep != nil {
		verdict.Packets = evidence.SweepPackets(verdict.Packets)
	}
	for i := range verdict.Packets {
		switch {
		case sweep != nil:
			verdict.Packets[i].Reproduce = ReproduceSweep(askedOf(e.Profile), e.Question.Operation, e.Question.Target)
		case r.opts.Plan.ID == TryPlan && e.Profile.ID == TryPlan:
			verdict.Packets[i].Reproduce = ReproduceTry(askedOf(e.Profile), e.Question.Operation, e.Question.Target)
		}
	}
	if err := r.out.rows(e, verdict); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tally.Add(e, verdict, sweep != nil)
	if sweep != nil {
		sweep.result.Count(e.Rows[0].Decision, e.Question.Target)
		r.wrong.Add(e, verdict)
		return nil
	}
	r.opts.Watch.Line(evidence.NewLine(e, verdict))
	return nil
}
