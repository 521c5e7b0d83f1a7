package run

import (
	"context"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/enforce/point"
	"github.com/hrhost/hrhost/host/evidence"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/plan"
	"github.com/hrhost/hrhost/host/probing"
	"github.com/hrhost/hrhost/internal/wire"
)

// startPoint starts what the plan's probes need of the system. A failure is not an
// error of the run: what needs it is blocked, the rest is run.
func (r *runner) startPoint(ctx context.Context) { r.host.Point.Start(ctx, needsOf(r.opts.Plan)) }

// needsOf lists the operations of a plan. The targets of a sweep are not known yet.
func needsOf(p *plan.Plan) point.Needs {
	n := point.Needs{UserBus: p.Run.Bus == "user"}
	for i := range p.Profiles {
		if s := p.Profiles[i].Sweep; s != nil {
			n.Uses = append(n.Uses, point.Use{Operation: s.Operation})
		}
		for _, q := range evidence.Planned(&p.Profiles[i]) {
			n.Uses = append(n.Uses, point.Use{Operation: q.Operation, Target: q.Target})
		}
	}
	return n
}

// closePoint ends what startPoint started, once the oracles are calibrated.
func (r *runner) closePoint() {
	r.calibrating.Wait()
	r.host.Point.Close()
}

// blocked says why items can't be attempted for want of a fixture, nil when they can.
func (r *runner) blocked(items []wire.RunItem) error {
	operations := make([]string, len(items))
	for i, it := range items {
		operations[i] = it.Operation
	}
	return r.host.Point.Blocked(operations...)
}

// unattended is the report of a process that has no fixture to talk to.
func unattended(items []wire.RunItem, why error) *probing.Report {
	rep := notLaunched(items, why)
	rep.Failed, rep.Reason = lane.StagePrepare, lane.FixtureUnavailable
	return rep
}

// compiledDigest is of the profile as the system compiles it, nil when it can't be had.
func (r *runner) compiledDigest(prof *plan.Profile) *string {
	compiled := r.host.Point.Compiled(string(prof.Text), prof.Params)
	if compiled == nil {
		return nil
	}
	digest := bundle.Digest(compiled)
	return &digest
}

// factsOf are a point's facts as the manifest has them.
func factsOf(facts []point.Fact) (out []bundle.Fact) {
	for _, f := range facts {
		out = append(out, bundle.Fact(f))
	}
	return out
}

func containmentOf(c point.Containment) bundle.Containment {
	return bundle.Containment{Landlock: bundle.Landlock(c.Landlock), Layers: factsOf(c.Layers), Missing: c.Missing}
}
