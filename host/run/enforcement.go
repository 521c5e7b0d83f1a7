package run

import (
	"context"
	"path/filepath"
	"sync"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/enforce"
	"github.com/hrhost/hrhost/host/enforce/point"
	"github.com/hrhost/hrhost/host/evidence"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/launch"
	"github.com/hrhost/hrhost/host/plan"
	"github.com/hrhost/hrhost/host/probing"
	"github.com/hrhost/hrhost/internal/wire"
)

// enforcement is what starts the processes of a run, and the enforcement point over them.
type enforcement struct {
	launcher    *launch.Launcher
	host        *probing.Host
	point       point.Point
	calibrating sync.WaitGroup
}

// newEnforcement opens what every run needs. Close ends it.
func newEnforcement(opts *Options) (*enforcement, error) {
	launcher, err := launch.NewLauncher(filepath.Join(opts.Bin, "hrhost-trampoline"))
	if err != nil {
		return nil, err
	}
	host := opts.host(launcher)
	return &enforcement{launcher: launcher, host: host, point: host.Point}, nil
}

// host starts the processes of a run or of a question.
func (o *Options) host(l *launch.Launcher) *probing.Host {
	return &probing.Host{
		Launcher: l, TempDir: o.TempDir, Version: o.Version, Deadlines: o.Deadlines,
		Point: o.Point(point.Config{Launcher: l, TempDir: o.TempDir, Bin: o.Bin}),
	}
}

// close ends the point, and then the launcher, once the oracles are calibrated.
func (e *enforcement) close() {
	e.closePoint()
	e.launcher.Close()
}

func (e *enforcement) closePoint() {
	e.calibrating.Wait()
	e.point.Close()
}

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

// start starts what the plan's probes need of the system. A failure is not an error of
// the run: what needs it is blocked, the rest is run.
func (e *enforcement) start(ctx context.Context, p *plan.Plan) { e.point.Start(ctx, needsOf(p)) }

// blocked says why operations can't be attempted for want of a fixture, nil when they can.
func (e *enforcement) blocked(operations ...string) error { return e.point.Blocked(operations...) }

func operationsOf(items []wire.RunItem) (all []string) {
	for _, it := range items {
		all = append(all, it.Operation)
	}
	return all
}

// answerOf pairs the oracle's answers with the probes.
func (e *enforcement) answerOf(s *probing.Report, probe int, q evidence.Question) *lane.OracleRow {
	e.calibrating.Wait()
	if probe >= len(s.Answers) {
		return nil
	}
	row := evidence.Asked(s.Answers[probe], e.point.Calibrated(q.Query(0)))
	return &row
}

// describe puts what the point is, and what it did, into the manifest.
func (e *enforcement) describe(m *bundle.Manifest, p *plan.Plan, facts point.Facts) {
	m.MediatedOperations, m.SharedPolicyEngine = enforce.Names(e.point.Covers()), e.point.Mechanism().SharedEngine
	m.Hardening, m.Containment = factsOf(facts.Hardening), containmentOf(facts.Containment)
	for i := range m.Profiles {
		m.Profiles[i].CompiledDigest = e.compiledDigest(&p.Profiles[i])
	}
}

// compiledDigest is of the profile as the system compiles it, nil when it can't be had.
func (e *enforcement) compiledDigest(prof *plan.Profile) *string {
	compiled := e.point.Compiled(string(prof.Text), prof.Params)
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
