package mismatch

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hrhost/hrhost/host/lane"
)

func timing(probe string, arm lane.Arm, use lane.Use, verdict lane.Verdict) Timing {
	t := Timing{Family: "f", Probe: probe, Arm: arm, Use: use, Handle: "pidfd", Reason: lane.NotRechecked}
	if verdict != "" {
		t.Verdict, t.Reason = &verdict, lane.NoDenialObserved
	}
	return t
}

// A handle that works where the policy denies a new acquisition: timing shapes
// enforcement.
func TestTimingSupported(t *testing.T) {
	f := byTiming("f", []Timing{
		timing("p:x", lane.After, "", lane.Deny), timing("p:x", lane.Before, lane.UseHeld, ""), timing("p:x", lane.Again, "", lane.Deny),
		timing("p:y", lane.After, "", lane.Allow), timing("p:y", lane.Before, lane.UseHeld, ""), timing("p:y", lane.Again, "", lane.Allow),
	})
	want := &Acquisition{
		Handles: []string{"pidfd"}, Survived: []string{"p:x"}, Usable: []string{"p:y"}, Refused: []string{}, Lost: []string{},
		Rechecked: []string{}, NotRechecked: []string{"p:x", "p:y"}, AgainDenied: []string{"p:x"},
	}
	if f.Status != Supported || cmp.Diff(want, f.Acquisition) != "" {
		t.Errorf("%s %s", f.Status, cmp.Diff(want, f.Acquisition))
	}
	if got := f.InShort(); got != "f still usable where a new acquisition is denied" {
		t.Errorf("%q", got)
	}
}

// The policy is asked at each use: timing makes no difference.
func TestTimingContradicted(t *testing.T) {
	f := byTiming("f", []Timing{timing("p:x", lane.After, "", lane.Deny), timing("p:x", lane.Before, lane.UseRefused, lane.Deny)})
	if f.Status != Contradicted || len(f.Acquisition.Rechecked) != 1 || f.InShort() != "f denied at the use" {
		t.Errorf("%+v", f)
	}
}

// Nothing was denied, or what was held got lost: there is nothing to tell.
func TestTimingOpen(t *testing.T) {
	for _, rows := range [][]Timing{
		{timing("p:x", lane.After, "", lane.Allow), timing("p:x", lane.Before, lane.UseHeld, lane.Allow)},
		{timing("p:x", lane.After, "", lane.Deny), timing("p:x", lane.Before, lane.UseLost, "")},
		{timing("p:x", lane.After, "", lane.Deny)},
		{{Family: "f", Probe: "p:x", Arm: lane.After, Blocked: true}},
	} {
		if f := byTiming("f", rows); f.Status != UnderExploration {
			t.Errorf("%+v: %+v", rows, f)
		}
	}
}

func TestTimingWithoutHandle(t *testing.T) {
	f := byTiming("f", []Timing{{Family: "f", Probe: "p:x", Arm: lane.After}})
	if f.Status != NotTestableHere || f.InShort() != "f holds no handle here" {
		t.Errorf("%+v", f)
	}
}
