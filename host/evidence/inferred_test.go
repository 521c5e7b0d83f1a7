package evidence

import (
	"testing"

	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/plan"
	"github.com/hrhost/hrhost/internal/wire"
)

func TestOtherObject(t *testing.T) {
	same := View{HostsProc: true}
	own := View{OwnPIDs: true}
	foreign := View{OwnPIDs: true, HostsProc: true}
	for _, c := range []struct {
		view       View
		op, target string
		want       bool
	}{
		{same, "process-info-pidinfo", "pid1", false},
		{same, "signal", "child", false},
		{View{}, "signal", "pid1", false}, // not known: nothing is claimed
		{own, "process-info-pidinfo", "pid1", true},
		{own, "process-info-pidinfo", "self", false},
		{own, "signal", "pid1", true},
		{own, "signal", "child", false},
		{foreign, "process-info-pidinfo", "pid1", false},
		{foreign, "process-info-pidinfo", "self", true},
		{foreign, "process-info-rusage", "child", true},
		{foreign, "process-info-pidinfo", "missing", false},
		{foreign, "signal", "child", false},
		{foreign, "signal", "pid1", true},
	} {
		q := Question{Probe: plan.Probe{Operation: c.op, Filter: "target", Target: c.target}}
		if got := otherObject(c.view, q); got != c.want {
			t.Errorf("%s on %s, %+v: %t", c.op, c.target, c.view, got)
		}
	}
	if otherObject(own, Question{Probe: plan.Probe{Operation: "sysctl-read", Filter: "sysctl-name", Target: "pid1"}}) {
		t.Error("a name is no process")
	}
}

func TestControlSeen(t *testing.T) {
	attempt := func(slot int, op, target string, effect lane.Effect) Attempt {
		return Attempt{Item: wire.RunItem{Slot: slot, Operation: op, Target: target}, Effect: effect}
	}
	a := attempt(0, "post", "denied", lane.EffectAbsent)
	for _, c := range []struct {
		other Attempt
		want  bool
	}{
		{attempt(1, "post", "allowed", lane.EffectSeen), true},
		{attempt(1, "post", "allowed", lane.EffectAbsent), false},
		{attempt(1, "other-post", "allowed", lane.EffectSeen), false},
		{attempt(1, "post", "denied", lane.EffectSeen), false}, // a repeat is no control
	} {
		if got := controlSeen(&Process{Attempts: []Attempt{a, c.other}}, a); got != c.want {
			t.Errorf("%+v: %t", c.other, got)
		}
	}
}
