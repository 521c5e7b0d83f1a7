//go:build !darwin

package run

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/enforce"
	"github.com/hrhost/hrhost/host/enforce/bus"
	"github.com/hrhost/hrhost/host/enforce/monitor"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/launch"
	"github.com/hrhost/hrhost/host/plan"
	"github.com/hrhost/hrhost/sb/sbpl"
)

const (
	applyAPI     = "seccomp"
	sharedEngine = true // the witness asks the evaluator too
)

func (r *runner) applyTrivial() error {
	policy, err := sbpl.Compile([]byte(preflightProfile), sbpl.Options{Name: "<preflight>"})
	if err != nil {
		return err
	}
	mon, err := monitor.New(monitor.Config{Name: "preflight", Emit: func(*lane.WitnessRow) {}})
	if err != nil {
		return err
	}
	defer mon.Close()
	dir, err := launch.NewDir(r.opts.TempDir)
	if err != nil {
		return err
	}
	defer dir.Remove()
	p, err := r.launcher.StartIdle(launch.Spec{Name: "preflight", Dir: dir, Sealed: true, Filter: mon})
	if err != nil {
		return err
	}
	if _, err := mon.Seal(policy); err != nil {
		p.WaitFor(0)
		return err
	}
	if e := p.WaitFor(30 * time.Second); e.Code != 0 {
		return &launch.Error{Name: "preflight", Step: "exec", Cause: errors.New("the idle process ended with " + e.String())}
	}
	return nil
}

// compiledDigest is of a form that only macOS has.
func compiledDigest(*plan.Profile) *string { return nil }

// Mediations are the operations of both enforcement points, by name.
func Mediations() []enforce.Mediation {
	all := append(monitor.Operations(), bus.Operations()...)
	slices.SortFunc(all, func(a, b enforce.Mediation) int { return strings.Compare(a.Operation, b.Operation) })
	return all
}

// uncovered says why nobody in this world decides what is asked, "" when one of
// the enforcement points does.
func uncovered(_ string, q sbpl.Query) string {
	if bus.Needed(q.Operation) {
		return ""
	}
	return monitor.Uncovered(q)
}

// hardening is what this host does to itself.
func (r *runner) hardening() []bundle.Fact {
	c := r.launcher.Containment()
	facts := []bundle.Fact{
		{Name: "host_not_dumpable", Value: fmt.Sprint(c.NotDumpable), Source: "prctl(PR_SET_DUMPABLE)"},
		{Name: "child_subreaper", Value: fmt.Sprint(c.Subreaper), Source: "prctl(PR_SET_CHILD_SUBREAPER)"},
	}
	if r.buses != nil {
		facts = append(facts, bundle.Fact{Name: "buses", Value: r.buses.String(), Source: "host/enforce/bus"})
	}
	return facts
}

// containment is the fence around every plugin.
func (r *runner) containment() bundle.Containment {
	c := r.launcher.Containment()
	out := bundle.Containment{
		Landlock: bundle.Landlock{Present: c.LandlockABI > 0, ABI: c.LandlockABI, Reads: c.Reads,
			Detail: "writes: " + c.Writes + "; reads: " + c.Reads},
		Layers: []bundle.Fact{
			{Name: "sealed_memfd", Value: "the bytes that were hashed are the bytes that run", Source: "host/launch"},
			{Name: "parent_death_signal", Value: "SIGKILL", Source: "prctl(PR_SET_PDEATHSIG)"},
			{Name: "life_pipe", Value: "yes", Source: "host/launch"},
			{Name: "scopes", Value: fmt.Sprint(c.Scopes), Source: "Landlock"},
			{Name: "lasting_objects", Value: c.Lasting, Source: "seccomp"},
		},
		Missing: []string{},
	}
	for _, l := range c.Limits {
		out.Layers = append(out.Layers, bundle.Fact{Name: "limit", Value: l, Source: "setrlimit"})
	}
	switch {
	case c.LandlockABI == 0:
		out.Landlock.Detail = "this kernel has no Landlock, or an outer filter hides it: neither writes nor reads are contained"
		out.Missing = append(out.Missing, "landlock")
	case c.LandlockABI < 6:
		out.Landlock.Present = false
		out.Landlock.Detail = fmt.Sprintf("Landlock ABI %d has no scopes; 6 or newer is needed", c.LandlockABI)
		out.Missing = append(out.Missing, "landlock scopes")
	}
	if c.Lasting != launch.Refused {
		out.Missing = append(out.Missing, "filter of lasting objects")
	}
	if c.Reads != launch.Fenced {
		out.Missing = append(out.Missing, "read fence")
	}
	return out
}
