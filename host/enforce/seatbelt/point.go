package seatbelt

import (
	"context"
	"slices"

	"github.com/hrhost/hrhost/host/enforce"
	"github.com/hrhost/hrhost/host/enforce/point"
	"github.com/hrhost/hrhost/host/launch"
	"github.com/hrhost/hrhost/internal/seatbelt"
	"github.com/hrhost/hrhost/sb/sbpl"
)

// Point is macOS's point: the kernel enforces, and the host asks it.
type Point struct {
	conf       point.Config
	kernel     Kernel
	calibrated string // the result for every name that sandbox_check is asked about
}

// NewPoint makes a point that has started nothing. The point owns the kernel.
func NewPoint(conf point.Config, k Kernel) *Point {
	return &Point{conf: conf, kernel: k, calibrated: enforce.Uncalibrated}
}

var _ point.Point = (*Point)(nil)

// Mechanism says that the profile is applied as text, and that neither the kernel nor
// sandbox_check knows the evaluator.
func (p *Point) Mechanism() point.Mechanism { return point.Mechanism{API: seatbelt.API} }

// Uncovered says why the system does not judge a family's question, "" when it does.
func (p *Point) Uncovered(family string, q sbpl.Query) string { return Uncovered(family, q.Operation) }

// Compiled returns the profile in the kernel's form. fact:compile.exports
func (p *Point) Compiled(text string, params map[string]string) []byte {
	compiled, err := p.kernel.Compile(text, params)
	if err != nil {
		return nil
	}
	return compiled
}

// Start starts reading the log. The system's own services need no start.
func (p *Point) Start(context.Context, point.Needs) { p.kernel.Watch() }

// Blocked returns nil: no process needs a fixture of the host's.
func (p *Point) Blocked(...string) error { return nil }

// Close ends the log.
func (p *Point) Close() { p.kernel.Close() }

// Preflight applies a profile to a process that is started as a plugin is and only
// exits.
func (p *Point) Preflight(profile string) error {
	dir, err := launch.NewDir(p.conf.TempDir)
	if err != nil {
		return err
	}
	defer dir.Remove()
	spec := launch.Spec{Name: "preflight", Dir: dir, Profile: &launch.Profile{SBPL: profile}}
	idle, err := p.conf.Launcher.StartIdle(spec)
	if err != nil {
		return err
	}
	return idle.EndIdle(launch.FirstStart)
}

// named are the filters whose names sandbox_check is asked about, each with an
// operation that has it. About every other filter there is no question.
var named = []struct{ filter, operation string }{
	{"global-name", "mach-lookup"},
	{"notification-name", "distributed-notification-post"},
}

// liveProfile allows one name of each filter; every other is denied.
const liveProfile = `(version 1)(deny default)
(allow mach-lookup (global-name "` + enforce.CalibrationAllowed + `"))
(allow distributed-notification-post (notification-name "` + enforce.CalibrationAllowed + `"))`

// Calibrate asks sandbox_check about a held process that is sealed under liveProfile.
// Both filters must be answered right.
func (p *Point) Calibrate() {
	dir, err := launch.NewDir(p.conf.TempDir)
	if err != nil {
		return
	}
	defer dir.Remove()
	spec := launch.Spec{Name: "calibration", Dir: dir, Profile: &launch.Profile{SBPL: liveProfile}}
	held, err := p.conf.Launcher.StartHeld(spec)
	if err != nil {
		return
	}
	defer held.WaitFor(launch.FirstStart)
	defer held.Release()
	ask := func(pid int, q sbpl.Query) enforce.Answer { return Answer(p.kernel, pid, q) }
	for _, n := range named {
		if enforce.Calibrate(ask, held.PID, n.operation, n.filter) != enforce.Calibrated {
			return
		}
	}
	p.calibrated = enforce.Calibrated
}

// Calibrated returns the result for a question about a name. The others have none to
// get wrong.
func (p *Point) Calibrated(q sbpl.Query) string {
	for _, n := range named {
		if slices.ContainsFunc(q.Filters, func(f sbpl.Filter) bool { return f.Name == n.filter }) {
			return p.calibrated
		}
	}
	return enforce.NotNeeded
}
