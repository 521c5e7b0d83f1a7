package run

import (
	"context"
	"errors"

	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/plan"
	"github.com/hrhost/hrhost/host/probing"
	"github.com/hrhost/hrhost/internal/guard"
	"github.com/hrhost/hrhost/internal/wire"
)

// processes starts the processes of plugins.
type processes struct {
	run      func(context.Context, probing.Job) *probing.Report
	place    func(profile string) int         // in the plan, from 1; 0 of ""
	lives    func(probing.Job) (ended func()) // nil but in tests
	errs     *firstError
	orphaned error // the first orphans that could not be ended, nil for none
}

// start runs one process of a plugin and notes what it did that none should, and how
// it was signed. profile is "" for a process that profiles share. It starts none once
// an orphan of an earlier phase could not be ended. A fault of hrhost fails the run:
// the report is not about the plugin then.
func (p *processes) start(ctx context.Context, pl *plugin, profile string, job probing.Job) *probing.Report {
	if p.orphaned != nil {
		return notLaunched(job.Items, p.orphaned)
	}
	if p.lives != nil {
		defer p.lives(job)()
	}
	rep := p.run(ctx, job)
	if guard.Stack(rep.Err) != nil {
		p.errs.note(rep.Err)
	}
	pl.observe(p.place(profile), job.Name, rep)
	return rep
}

// hold takes what became of the orphans of a phase. An error holds back every later
// phase: an orphan that outlived its phase may have handed something to the processes
// of the next one.
func (p *processes) hold(err error) {
	if p.orphaned == nil {
		p.orphaned = err
	}
}

// notRun is the report of a process that can't be started, nil when it can: the
// profile can't be applied, there is no program, or blocked says why there is no bus
// for an item that needs one.
func notRun(prof *plan.Profile, pl *plugin, items []wire.RunItem, blocked error) *probing.Report {
	switch {
	case prof.Gate != "":
		return notLaunched(items, errors.New(prof.Gate))
	case pl.err != nil:
		return notLaunched(items, pl.err)
	case blocked != nil:
		return unattended(items, blocked)
	}
	return nil
}

// notLaunched is the report of a process that never was.
func notLaunched(items []wire.RunItem, err error) *probing.Report {
	r := &probing.Report{Failed: lane.StageLaunch, Err: err}
	for _, it := range items {
		r.Attempts = append(r.Attempts, probing.Attempt{Item: it})
	}
	return r
}

// unattended is the report of a process that has no fixture to talk to.
func unattended(items []wire.RunItem, why error) *probing.Report {
	rep := notLaunched(items, why)
	rep.Failed, rep.Reason = lane.StagePrepare, lane.FixtureUnavailable
	return rep
}
