//go:build !darwin

package run

import (
	"time"

	"github.com/hrhost/hrhost/host/enforce/bus"
	"github.com/hrhost/hrhost/host/enforce/monitor"
	"github.com/hrhost/hrhost/host/evidence"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/launch"
	"github.com/hrhost/hrhost/sb/sbpl"
)

// liveProfile has for either enforcement point one allowed name; every other is
// denied.
const liveProfile = `(version 1)(deny default)
(allow sysctl-read (sysctl-name "hrhost.calibration.allowed"))
(allow mach-lookup (global-name "hrhost.calibration.allowed"))`

// calibrate asks live enforcement points, over a process of our own sealed
// under liveProfile, about a denied name and its allowed sibling. Those that
// answer both right are calibrated; the others' answers count for nothing.
func (r *enforcement) calibrate() {
	r.live = map[bool]string{false: "uncalibrated", true: "uncalibrated"}
	policy, err := sbpl.Compile([]byte(liveProfile), sbpl.Options{Name: "<calibration>"})
	if err != nil {
		return
	}
	discard := func(*lane.WitnessRow) {}
	mon, err := monitor.New(monitor.Config{Name: "calibration", Emit: discard})
	if err != nil {
		return
	}
	defer mon.Close()
	dir, err := launch.NewDir(r.opts.TempDir)
	if err != nil {
		return
	}
	defer dir.Remove()
	p, err := r.launcher.StartHeld(launch.Spec{Name: "calibration", Dir: dir, Sealed: true, Filter: mon})
	if err != nil {
		return
	}
	defer p.WaitFor(30 * time.Second)
	defer p.Release()
	if _, err := mon.Seal(policy); err == nil {
		r.live[false] = evidence.Calibrated(mon.Ask, p.PID, "sysctl-read", "sysctl-name")
	}
	if r.buses == nil {
		return
	}
	gate, err := bus.New(bus.Config{Name: "calibration", Buses: r.buses, Emit: discard})
	if err != nil {
		return
	}
	defer gate.Close()
	gate.Serve(p.PID)
	if _, err := gate.Seal(policy); err == nil {
		r.live[true] = evidence.Calibrated(gate.Ask, p.PID, bus.OpLookup, "global-name")
	}
}
