package run

import (
	"context"
	"path/filepath"
	"slices"
	"sync"

	"github.com/hrhost/hrhost/host/enforce/bus"
	"github.com/hrhost/hrhost/host/enforce/seatbelt"
	"github.com/hrhost/hrhost/host/evidence"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/launch"
	"github.com/hrhost/hrhost/host/plan"
	"github.com/hrhost/hrhost/host/probing"
	"github.com/hrhost/hrhost/internal/wire"
)

// enforcement is what the enforcement points of a run share: the buses, and the
// calibration of their live answers.
type enforcement struct {
	opts        Options
	launcher    *launch.Launcher
	host        *probing.Host
	kernel      seatbelt.Kernel // nil but on macOS
	buses       *bus.Buses      // nil when no probe needs one, or with busErr
	busErr      error
	calibrating sync.WaitGroup
	live        map[bool]string // calibration of monitor_check, once done; true: of the gateway
}

// newEnforcement opens what every run needs. Close ends it.
func newEnforcement(opts Options) (*enforcement, error) {
	launcher, err := launch.NewLauncher(filepath.Join(opts.Bin, "hrhost-trampoline"))
	if err != nil {
		return nil, err
	}
	e := &enforcement{opts: opts, launcher: launcher}
	e.host = &probing.Host{Launcher: launcher, TempDir: opts.TempDir, Version: opts.Version, Deadlines: opts.Deadlines}
	e.kernel = seatbelt.New()
	e.host.Kernel = e.kernel
	if opts.tamper != nil {
		opts.tamper(e.host)
	}
	return e, nil
}

func (r *enforcement) close() {
	if r.kernel != nil {
		r.kernel.Close()
	}
	r.launcher.Close()
}

// openBuses starts the buses when a probe of the plan needs one. That there are
// none is no error of the run: what needs them is blocked, the rest is run.
func (r *enforcement) openBuses(ctx context.Context) {
	if r.host.Kernel != nil {
		return // the system's own services stand in their place
	}
	opts := bus.Options{
		Dir: r.opts.TempDir, User: r.opts.Plan.Run.Bus == "user",
		Fixture: filepath.Join(r.opts.Bin, "hrhost-fixture"), Start: r.launcher.StartService,
	}
	needed := false
	if needed, opts.Posts = busNeeds(r.opts.Plan); !needed {
		return
	}
	r.buses, r.busErr = bus.Start(ctx, opts)
	r.host.Buses = r.buses
}

// busNeeds reports whether a plan needs the buses, and the notifications that its
// probes post there.
func busNeeds(p *plan.Plan) (needed bool, posts [2][]string) {
	for i := range p.Profiles {
		if s := p.Profiles[i].Sweep; s != nil {
			needed = needed || bus.Needed(s.Operation)
		}
		for _, q := range evidence.Planned(&p.Profiles[i]) {
			needed = needed || bus.Needed(q.Operation)
			for _, k := range []bus.Kind{bus.Session, bus.System} {
				if q.Operation == k.Post() && !slices.Contains(posts[k], q.Target) {
					posts[k] = append(posts[k], q.Target)
				}
			}
		}
	}
	return needed, posts
}

func (r *enforcement) closeBuses() {
	r.calibrating.Wait()
	if r.buses != nil {
		r.buses.Close()
	}
}

// blocked says why operations that need a bus have none, nil when they have one or
// need none.
func (r *enforcement) blocked(operations ...string) error {
	if !slices.ContainsFunc(operations, bus.Needed) {
		return nil
	}
	return r.busErr
}

func operationsOf(items []wire.RunItem) (all []string) {
	for _, it := range items {
		all = append(all, it.Operation)
	}
	return all
}

// answerOf pairs the oracle's answers with the probes.
func (r *enforcement) answerOf(s *probing.Report, probe int, op string) *lane.OracleRow {
	r.calibrating.Wait()
	if probe >= len(s.Answers) {
		return nil
	}
	row := evidence.Asked(s.Answers[probe], r.live[bus.Needed(op)])
	return &row
}
