package verify

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/lane"
)

// addSweep adds a profile that sweeps the targets, with a row of each in each
// lane, odd ones allowed.
func (f *fixture) addSweep(targets ...string) {
	spec := bundle.MatrixSweep{Operation: "sysctl-read", Filter: "sysctl-name"}
	strict := f.matrix.Profiles["sysctl.strict"]
	f.files["profiles/sweep.sb"] = fixtureSB
	f.manifest.Profiles = append(f.manifest.Profiles, bundle.ProfileEntry{ID: "sweep", Family: "sysctl", Path: "profiles/sweep.sb",
		Digest: bundle.Digest([]byte(fixtureSB)), SealMode: "self", Imports: []bundle.ProfileFile{}})
	result := bundle.SweepResult{ProfileID: "sweep", Family: "sysctl", MatrixSweep: spec, Listed: len(targets), Targets: len(targets), Processes: 1}
	for i, target := range targets {
		v := []lane.Verdict{lane.Allow, lane.Deny}[i%2]
		f.probe("x", target, v)
		name := strconv.Itoa(i + 1)
		for _, x := range []*lane.Context{&f.baseline[len(f.baseline)-1].Context, &f.witness[len(f.witness)-1].Context,
			&f.runtime[len(f.runtime)-1].Context, &f.oracle[len(f.oracle)-1].Context} {
			x.ProfileID, x.ProbeName, x.ExpectationID = "sweep", name, "sweep:"+name+"@after"
		}
		f.witness[len(f.witness)-1].Seq = int64(i + 1)
		f.targets = append(f.targets, bundle.SweepTarget{ProfileID: "sweep", Number: i + 1, Target: target})
		result.Count(f.runtime[len(f.runtime)-1].Decision, target)
	}
	result.Group()
	f.summary.Counts.Allow, f.summary.Counts.Deny = f.summary.Counts.Allow+result.Allowed, f.summary.Counts.Deny+result.Denied
	n := len(targets)
	f.summary.Counts.Probes, f.summary.Counts.Attempts, f.summary.Counts.AsExpected =
		f.summary.Counts.Probes+n, f.summary.Counts.Attempts+n, f.summary.Counts.AsExpected+n
	f.matrix.Profiles = maps.Clone(f.matrix.Profiles)
	f.matrix.Profiles["sysctl.strict"] = strict
	f.matrix.Profiles["sweep"] = bundle.MatrixProfile{Mode: "sbpl", Family: "sysctl", Source: fixtureName, ProfileDigest: strict.ProfileDigest,
		SealMode: "self", Probes: []bundle.Expectation{}, Sweep: &spec}
	f.docs[bundle.SweepJSON] = map[string]any{"world_id": fixtureWorld, "sweeps": []bundle.SweepResult{result}}
}

// swept is the sweep in sweep.json.
func (f *fixture) swept() *bundle.SweepResult {
	return &f.docs[bundle.SweepJSON].(map[string]any)["sweeps"].([]bundle.SweepResult)[0]
}

func sweepFixture() *fixture {
	f := newFixture()
	f.addSweep("a.b", "a.c", "a.d", "a.e")
	return f
}

func TestSweepVerifies(t *testing.T) {
	r, err := Bundle(sweepFixture().write(t))
	must(t, err)
	if !r.Valid || !r.Promotable {
		t.Errorf("findings %v, conditions %v", r.Findings, r.Conditions)
	}
	if !slices.ContainsFunc(r.Conditions, func(c Condition) bool { return c.Name == "probes_accounted" && c.Why == "6 expectations" }) {
		t.Errorf("conditions %v", r.Conditions)
	}
}

// TestSweepFindings bends one thing of a sweep at a time.
func TestSweepFindings(t *testing.T) {
	last := func(f *fixture) int { return len(f.runtime) - 1 }
	for want, bend := range map[string]func(*fixture){
		`target 4 of "sweep" has no attempt`: func(f *fixture) {
			f.runtime = f.runtime[:last(f)]
			f.summary.Counts.Attempts--
			f.summary.Counts.Deny--
		},
		`target 4 of "sweep" has no baseline row`: func(f *fixture) { f.baseline = f.baseline[:last(f)] },
		`a second baseline of "sweep:4@after"`:    func(f *fixture) { f.baseline = append(f.baseline, f.baseline[last(f)]) },
		`attempt 1 of "sweep:4@after" is there twice`: func(f *fixture) {
			f.runtime = append(f.runtime, f.runtime[last(f)])
		},
		`filter is not the target of "sweep:4@after"`: func(f *fixture) { f.runtime[last(f)].Filter.Value = "a.x" },
		`"sweep:4@after" is deny, witnessed, but no witness row by policy says so`: func(f *fixture) {
			f.witness[last(f)].Verdict = lane.Allow
		},
		`"sweep:3@after" is allow, but a witness row by policy denies`: func(f *fixture) {
			w := f.witness[last(f)-1]
			w.Verdict = lane.Deny
			f.saw(w)
		},
		`expectation "sweep:5@after" is not in the matrix`: func(f *fixture) { f.oracle[last(f)].ExpectationID = "sweep:5@after" },
		`expectation "sweep:04@after" is not in the matrix`: func(f *fixture) {
			f.oracle[last(f)].ExpectationID = "sweep:04@after"
		},
		`target 5 of "sweep" is not the next of a sweep`:  func(f *fixture) { f.targets[3].Number = 5 },
		`target 4 of "sweeps" is not the next of a sweep`: func(f *fixture) { f.targets[3].ProfileID = "sweeps" },
		`says that "sweep" has 4 targets, there are 3`:    func(f *fixture) { f.targets = f.targets[:3] },
		`says nothing of the sweep "sweep"`:               func(f *fixture) { delete(f.docs, bundle.SweepJSON) },
		`"other" is no sweep of the matrix`:               func(f *fixture) { f.swept().ProfileID = "other" },
		`the sweep "sweep" is not that of the matrix`:     func(f *fixture) { f.swept().Match = "a.[bc]" },
		`the sweep of profile "sweep" is not the plan's`:  func(f *fixture) { f.resolve(); f.matrix.Profiles["sweep"].Sweep.Limit = 4 },
		`fewer were listed for "sweep" than attempted`:    func(f *fixture) { f.swept().Listed = 3 },
		`says of "sweep": 3 allowed, 1 denied, 0 other; the rows are 2, 2, 0`: func(f *fixture) {
			f.swept().Allowed, f.swept().Denied = 3, 1
		},
		`the groups of "sweep" are not those of the rows`: func(f *fixture) { f.swept().Groups[0].Rule = nil },
		`the groups of "sweep" are`: func(f *fixture) {
			g := f.swept().Groups
			g[0].Targets, g[1].Targets = 3, 1
		},
		`target 4 of "sweep" went wrong and has no packet`: func(f *fixture) {
			row := &f.runtime[last(f)]
			row.State, row.End, row.Decision = lane.Attempting, lane.Died, lane.Decision{Rule: 4, Reason: lane.ProbeDied, Tier: lane.TierNone}
		},
		`the groups of "sweep"`: func(f *fixture) {
			g := f.swept().Groups
			g[0].Examples, g[1].Examples = g[1].Examples, g[0].Examples
		},
	} {
		t.Run(want, func(t *testing.T) {
			f := sweepFixture()
			bend(f)
			r, err := Bundle(f.write(t))
			must(t, err)
			if r.Valid || !strings.Contains(fmt.Sprint(r.Findings), want) {
				t.Errorf("findings %v", r.Findings)
			}
		})
	}
}

// TestSweepEvents: each row is restated once, as it is.
func TestSweepEvents(t *testing.T) {
	c, events := &expectations{ledgers: map[string]*ledger{"p": {profile: "p", MatrixProfile: bundle.MatrixProfile{Sweep: &bundle.MatrixSweep{}}, targets: []uint64{1}, marks: []mark{0}, said: make([]verdicts, 1), events: []uint64{7}}}}, newFlatEvents()
	one := c.find("p:1@after")
	if _, ok := events.awaited(one, 1); ok {
		t.Error("restated before it was decided")
	}
	one.entry.marks[0] = 0
	if !one.firstAttempt(1) || one.firstAttempt(1) {
		t.Error("a first attempt is not told from a second")
	}
	if sum, ok := events.awaited(one, 1); sum != 7 || !ok {
		t.Errorf("restated as %d, %t", sum, ok)
	}
	if _, ok := events.awaited(c.find("p:1@after"), 1); ok {
		t.Error("restated twice")
	}
}
