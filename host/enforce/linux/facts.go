package linux

import (
	"fmt"

	"github.com/hrhost/hrhost/host/enforce/point"
	"github.com/hrhost/hrhost/host/launch"
)

// Facts says what the host does to itself, and what fence every plugin is in.
func (p *Point) Facts() point.Facts {
	c := p.conf.Launcher.Containment()
	facts := point.Facts{Containment: containment(c), Hardening: []point.Fact{
		{Name: "host_not_dumpable", Value: fmt.Sprint(c.NotDumpable), Source: "prctl(PR_SET_DUMPABLE)"},
		{Name: "child_subreaper", Value: fmt.Sprint(c.Subreaper), Source: "prctl(PR_SET_CHILD_SUBREAPER)"},
	}}
	if p.buses != nil {
		buses := point.Fact{Name: "buses", Value: p.buses.String(), Source: "host/enforce/bus"}
		facts.Hardening = append(facts.Hardening, buses)
	}
	return facts
}

func containment(c launch.Containment) point.Containment {
	out := point.Containment{
		Landlock: point.Landlock{Present: c.LandlockABI > 0, ABI: c.LandlockABI, Reads: c.Reads,
			Detail: "writes: " + c.Writes + "; reads: " + c.Reads},
		Layers: []point.Fact{
			{Name: "sealed_memfd", Value: "the bytes that were hashed are the bytes that run", Source: "host/launch"},
			{Name: "parent_death_signal", Value: "SIGKILL", Source: "prctl(PR_SET_PDEATHSIG)"},
			{Name: "life_pipe", Value: "yes", Source: "host/launch"},
			{Name: "scopes", Value: fmt.Sprint(c.Scopes), Source: "Landlock"},
			{Name: "lasting_objects", Value: c.Lasting, Source: "seccomp"},
		},
		Missing: []string{},
	}
	for _, l := range c.Limits {
		out.Layers = append(out.Layers, point.Fact{Name: "limit", Value: l, Source: "setrlimit"})
	}
	switch {
	case c.LandlockABI == 0:
		out.Landlock.Detail = "this kernel has no Landlock, or an outer filter hides it: " +
			"neither writes nor reads are contained"
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
