package linux

import (
	"errors"
	"time"

	"github.com/hrhost/hrhost/host/enforce"
	"github.com/hrhost/hrhost/host/enforce/bus"
	"github.com/hrhost/hrhost/host/enforce/monitor"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/launch"
	"github.com/hrhost/hrhost/sb/sbpl"
)

// exitTime is how long a process of the host's may take to end.
const exitTime = 30 * time.Second

func discard(*lane.WitnessRow) {}

// Preflight puts a profile in force over a process that only exits.
func (p *Point) Preflight(profile string) error {
	policy, err := sbpl.Compile([]byte(profile), sbpl.Options{Name: "<preflight>"})
	if err != nil {
		return err
	}
	mon, err := monitor.New(enforce.Config{Name: "preflight", Emit: discard})
	if err != nil {
		return err
	}
	defer mon.Close()
	dir, err := launch.NewDir(p.conf.TempDir)
	if err != nil {
		return err
	}
	defer dir.Remove()
	idle, err := p.conf.Launcher.StartIdle(launch.Spec{Name: "preflight", Dir: dir, Sealed: true, Filter: mon})
	if err != nil {
		return err
	}
	if _, err := mon.Seal(policy); err != nil {
		idle.WaitFor(0)
		return err
	}
	if e := idle.WaitFor(exitTime); e.Code != 0 {
		return &launch.Error{Name: "preflight", Step: "exec", Cause: errors.New("the idle process ended with " + e.String())}
	}
	return nil
}

// liveProfile has one allowed name for each enforcer; every other is denied.
const liveProfile = `(version 1)(deny default)
(allow sysctl-read (sysctl-name "` + enforce.CalibrationAllowed + `"))
(allow mach-lookup (global-name "` + enforce.CalibrationAllowed + `"))`

// Calibrate asks both enforcers over a held process that is sealed under liveProfile.
func (p *Point) Calibrate() {
	policy, err := sbpl.Compile([]byte(liveProfile), sbpl.Options{Name: "<calibration>"})
	if err != nil {
		return
	}
	mon, err := monitor.New(enforce.Config{Name: "calibration", Emit: discard})
	if err != nil {
		return
	}
	defer mon.Close()
	dir, err := launch.NewDir(p.conf.TempDir)
	if err != nil {
		return
	}
	defer dir.Remove()
	held, err := p.conf.Launcher.StartHeld(launch.Spec{Name: "calibration", Dir: dir, Sealed: true, Filter: mon})
	if err != nil {
		return
	}
	defer held.WaitFor(exitTime)
	defer held.Release()
	if _, err := mon.Seal(policy); err == nil {
		p.calls = enforce.Calibrate(mon.Ask, held.PID, "sysctl-read", "sysctl-name")
	}
	if p.buses == nil {
		return
	}
	gate, err := bus.New(enforce.Config{Name: "calibration", Emit: discard}, p.buses)
	if err != nil {
		return
	}
	defer gate.Close()
	gate.Serve(held.PID)
	if _, err := gate.Seal(policy); err == nil {
		p.messages = enforce.Calibrate(gate.Ask, held.PID, bus.OpLookup, "global-name")
	}
}

// Calibrated returns the result for the enforcer that answers q.
func (p *Point) Calibrated(q sbpl.Query) string {
	if bus.Needed(q.Operation) {
		return p.messages
	}
	return p.calls
}
