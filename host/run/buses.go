package run

import (
	"context"
	"path/filepath"
	"slices"

	"github.com/hrhost/hrhost/host/enforce/bus"
	"github.com/hrhost/hrhost/host/evidence"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/probing"
	"github.com/hrhost/hrhost/internal/wire"
)

// openBuses starts the buses when a probe of the plan needs one. That there are
// none is no error of the run: what needs them is blocked, the rest is run.
func (r *runner) openBuses(ctx context.Context) {
	if r.host.Kernel != nil {
		return // the system's own services stand in their place
	}
	needed := false
	opts := bus.Options{
		Dir: r.opts.TempDir, User: r.opts.Plan.Run.Bus == "user",
		Fixture: filepath.Join(r.opts.Bin, "hrhost-fixture"), Start: r.launcher.StartService,
	}
	for i := range r.opts.Plan.Profiles {
		if s := r.opts.Plan.Profiles[i].Sweep; s != nil {
			needed = needed || bus.Needed(s.Operation)
		}
		for _, p := range evidence.Planned(&r.opts.Plan.Profiles[i]) {
			needed = needed || bus.Needed(p.Operation)
			for _, k := range []bus.Kind{bus.Session, bus.System} {
				if p.Operation == k.Post() && !slices.Contains(opts.Posts[k], p.Target) {
					opts.Posts[k] = append(opts.Posts[k], p.Target)
				}
			}
		}
	}
	if !needed {
		return
	}
	r.buses, r.busErr = bus.Start(ctx, opts)
	r.host.Buses = r.buses
}

func (r *runner) closeBuses() {
	r.calibrating.Wait()
	if r.buses != nil {
		r.buses.Close()
	}
}

// blocked says why items that need a bus have none, nil when they have one or
// need none.
func (r *runner) blocked(items []wire.RunItem) error {
	if !needsBus(items) {
		return nil
	}
	return r.busErr
}

func needsBus(items []wire.RunItem) bool {
	return slices.ContainsFunc(items, func(it wire.RunItem) bool { return bus.Needed(it.Operation) })
}

// busless is the report of a process that has no bus to talk to.
func busless(items []wire.RunItem, why error) *probing.Report {
	rep := notLaunched(items, why)
	rep.Failed, rep.Reason = lane.StagePrepare, lane.FixtureUnavailable
	return rep
}
