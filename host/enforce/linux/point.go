// Package linux enforces policies on Linux: the monitor judges system calls, and the
// gateway the messages to the buses. It builds on every system, so that what does not
// start processes can be tested there.
//
// The monitor and the gateway of one process are sealed with the same policy and must
// agree in the epoch, by which the rows of the policy differ from the prelude's. Their
// rows share one sequence.
package linux

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/hrhost/hrhost/host/enforce"
	"github.com/hrhost/hrhost/host/enforce/bus"
	"github.com/hrhost/hrhost/host/enforce/monitor"
	"github.com/hrhost/hrhost/host/enforce/point"
	"github.com/hrhost/hrhost/host/launch"
	"github.com/hrhost/hrhost/sb/sbpl"
)

// Monitor is what a session needs of *monitor.Monitor.
type Monitor interface {
	launch.Filter
	enforce.Enforcer
	Close() (monitor.Stats, error)
}

// Gateway is what a session needs of *bus.Gateway.
type Gateway interface {
	enforce.Enforcer
	Files() [2]*os.File
	Serve(pid int)
	Inherited()
	Close() (bus.Stats, error)
}

// Point is Linux's point.
type Point struct {
	conf   point.Config
	buses  *bus.Buses // nil when no probe needs one, or with busErr
	busErr error
	closed sync.Once

	calls, messages string // calibration of the monitor's oracle and of the gateway's

	// NewMonitor and NewGateway make the enforcers of a process. Tests put
	// deliberately broken ones here.
	NewMonitor func(enforce.Config) (Monitor, error)
	NewGateway func(enforce.Config, *bus.Buses) (Gateway, error)
}

// New makes a point that has started nothing.
func New(conf point.Config) *Point {
	return &Point{
		conf: conf, calls: enforce.Uncalibrated, messages: enforce.Uncalibrated,
		NewMonitor: func(c enforce.Config) (Monitor, error) { return monitor.New(c) },
		NewGateway: func(c enforce.Config, b *bus.Buses) (Gateway, error) { return bus.New(c, b) },
	}
}

var _ point.Point = (*Point)(nil)

// Mechanism says that a seccomp filter carries the policy, which the evaluator decides.
func (p *Point) Mechanism() point.Mechanism {
	return point.Mechanism{API: "seccomp", SharedEngine: true}
}

// Covers lists the operations of both enforcers, by name.
func (p *Point) Covers() []enforce.Mediation {
	all := append(monitor.Operations(), bus.Operations()...)
	slices.SortFunc(all, func(a, b enforce.Mediation) int { return strings.Compare(a.Operation, b.Operation) })
	return all
}

// Uncovered says why neither enforcer decides a question, "" when one does.
func (p *Point) Uncovered(_ string, q sbpl.Query) string {
	if bus.Needed(q.Operation) {
		return ""
	}
	return monitor.Uncovered(q)
}

// Compiled returns nil: only macOS has a compiled form.
func (p *Point) Compiled(string, map[string]string) []byte { return nil }

// Start starts the buses when a probe needs one.
func (p *Point) Start(ctx context.Context, n point.Needs) {
	needed := false
	opts := bus.Options{
		Dir: p.conf.TempDir, User: n.UserBus,
		Fixture: filepath.Join(p.conf.Bin, "hrhost-fixture"), Start: p.conf.Launcher.StartService,
	}
	for _, u := range n.Uses {
		needed = needed || bus.Needed(u.Operation)
		for _, k := range []bus.Kind{bus.Session, bus.System} {
			if u.Operation == k.Post() && u.Target != "" && !slices.Contains(opts.Posts[k], u.Target) {
				opts.Posts[k] = append(opts.Posts[k], u.Target)
			}
		}
	}
	if needed {
		p.buses, p.busErr = bus.Start(ctx, opts)
	}
}

// Blocked returns the error of starting the buses when an operation needs one.
func (p *Point) Blocked(operations ...string) error {
	if slices.ContainsFunc(operations, bus.Needed) {
		return p.busErr
	}
	return nil
}

// Close ends the buses.
func (p *Point) Close() {
	p.closed.Do(func() {
		if p.buses != nil {
			p.buses.Close()
		}
	})
}
