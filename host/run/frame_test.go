package run

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hrhost/hrhost/host/evidence"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/launch"
	"github.com/hrhost/hrhost/host/plan"
	"github.com/hrhost/hrhost/host/probing"
	"github.com/hrhost/hrhost/internal/wire"
	"github.com/hrhost/hrhost/sb/sbpl"
)

// profileOf is a profile that denies everything, with probes by [questions]' words.
func profileOf(t *testing.T, probes string) *plan.Profile {
	t.Helper()
	policy, err := sbpl.Compile([]byte("(version 1)(deny default)"), sbpl.Options{Name: "p.sb"})
	if err != nil {
		t.Fatal(err)
	}
	prof := &plan.Profile{ID: "p", Family: "sysctl", Seal: "self", Repeat: 2, Digest: "sha256:p", Policy: policy}
	for _, q := range questions(probes) {
		prof.Probes = append(prof.Probes, q.Probe)
	}
	return prof
}

// TestStamp: a witness row has the context of the probe whose slot was in force, and
// only the profile's when none was.
func TestStamp(t *testing.T) {
	prof := profileOf(t, "a b")
	b := newBatch(prof, evidence.Planned(prof))
	f := frame{context: lane.Context{RunID: "run", WorldID: "world", PlanDigest: "sha256:plan", PluginDigest: "sha256:plugin"}, uncovered: covered}
	for _, c := range []struct {
		name        string
		epoch, slot int
		probe       string
		attempt     int
	}{
		{"first", 1, 0, "a", 1}, {"repeat", 1, 3, "b", 2}, {"not sealed yet", 0, 0, "", 1},
		{"no slot", 1, -1, "", 1}, {"a slot that is not the plan's", 1, 4, "", 1},
	} {
		row := &lane.WitnessRow{Epoch: c.epoch, Slot: c.slot}
		row.Stage, row.Operation, row.Carrier = lane.StageOperation, "sysctl-read", "open"
		f.stamp(b, row)
		want := lane.Context{
			RunID: "run", WorldID: "world", PlanDigest: "sha256:plan", PluginDigest: "sha256:plugin", ProfileDigest: "sha256:p",
			Family: "sysctl", ProfileID: "p", SealMode: "self", Arm: lane.After, Attempt: c.attempt,
			Stage: lane.StageOperation, Operation: "sysctl-read", Carrier: "open", ProbeName: c.probe,
		}
		if c.probe != "" {
			want.ExpectationID = "p:" + c.probe + "@after"
		}
		if diff := cmp.Diff(want, row.Context); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

// TestConclude: each probe of a batch is concluded in order, with its baseline and all
// its attempts, also when no process could be started.
func TestConclude(t *testing.T) {
	prof := profileOf(t, "a b")
	b := newBatch(prof, evidence.Planned(prof))
	none := errors.New("no program")
	f := frame{context: lane.Context{RunID: "run"}, uncovered: covered}.of(&plugin{})
	base := f.unsealed(b, notLaunched(b.baselineItems(), none), launch.Containment{})
	if len(base.Rows) != 2 || base.Trouble != "baseline failed at launch: no program" {
		t.Fatalf("%+v", base)
	}
	var asked, got []string
	live := func(_ *probing.Report, n int, q evidence.Question) *lane.OracleRow {
		asked = append(asked, b.probes[n].ID+" "+q.Operation)
		return nil
	}
	err := f.conclude(b, base, notLaunched(b.items, none), live, func(e *evidence.Evidence) error {
		got = append(got, e.Question.ID)
		if len(e.Rows) != 2 || e.Baseline != base.Rows[len(got)-1] || e.Rows[0].RunID != "run" {
			t.Errorf("%s: %d rows, %+v", e.Question.ID, len(e.Rows), e.Baseline)
		}
		for _, row := range e.Rows {
			if row.Decision.Verdict != nil || row.Detail != "no program" {
				t.Errorf("%s: %+v, %q", e.Question.ID, row.Decision, row.Detail)
			}
		}
		return nil
	})
	if err != nil || cmp.Diff([]string{"a", "b"}, got) != "" || cmp.Diff([]string{"a sysctl-read", "b sysctl-read"}, asked) != "" {
		t.Errorf("%q, asked %q, %v", got, asked, err)
	}
	err = f.conclude(b, base, notLaunched(b.items, none), live, func(*evidence.Evidence) error { return none })
	if err != none {
		t.Errorf("%v", err)
	}
}

// TestNotRun: the reasons for which no process is started, the profile's first.
func TestNotRun(t *testing.T) {
	items, missing, busErr := make([]wire.RunItem, 2), errors.New("no file"), errors.New("no bus")
	for _, c := range []struct {
		name   string
		gate   string
		err    error
		busErr error
		failed lane.Stage
		want   string
	}{
		{"runs", "", nil, nil, "", ""},
		{"gated", "import of system.sb", missing, busErr, lane.StageLaunch, "import of system.sb"},
		{"no program", "", missing, busErr, lane.StageLaunch, "no file"},
		{"no bus", "", nil, busErr, lane.StagePrepare, "no bus"},
	} {
		rep := notRun(&plan.Profile{Gate: c.gate}, &plugin{err: c.err}, items, c.busErr)
		switch {
		case c.want == "" && rep != nil:
			t.Errorf("%s: %+v", c.name, rep)
		case c.want != "" && (rep.Err.Error() != c.want || rep.Failed != c.failed || len(rep.Attempts) != 2):
			t.Errorf("%s: %+v", c.name, rep)
		}
	}
}

// TestSharedPart: a profile gets its probes' attempts of a shared process, but none
// of a process that failed over a probe.
func TestSharedPart(t *testing.T) {
	items := newBatch(&plan.Profile{ID: "p"}, questions("a b c")).items
	for i := range items {
		items[i].Target = items[i].ID
	}
	for _, c := range []struct {
		failed lane.Stage
		want   int
	}{{"", 2}, {lane.StageCleanup, 2}, {lane.StageHandshake, 2}, {lane.StageOperation, 0}, {lane.StageReport, 0}} {
		b := &baseline{slot: map[tried]int{}}
		for _, it := range items {
			b.add(it)
		}
		if b.part(items) != nil {
			t.Error("a process that never was has a report")
		}
		b.report = &probing.Report{Failed: c.failed}
		for _, it := range b.items {
			b.report.Attempts = append(b.report.Attempts, probing.Attempt{Item: it})
		}
		rep := b.part([]wire.RunItem{items[2], items[0]})
		switch {
		case rep == nil && c.want == 0:
		case rep == nil || len(rep.Attempts) != c.want || rep.Attempts[0].Item.ID != "p:c" || len(b.report.Attempts) != 3:
			t.Errorf("%q: %+v", c.failed, rep)
		}
	}
}

// TestReproduceTryOnly: only what hrhost try made has its command.
func TestReproduceTryOnly(t *testing.T) {
	e := &evidence.Evidence{Case: evidence.Case{
		Profile:  &plan.Profile{ID: TryPlan, Source: "p.sb", Seal: "self"},
		Question: evidence.Question{Probe: plan.Probe{Operation: "sysctl-read", Target: "kernel.ostype"}},
	}}
	if got := reproduceTry(TryPlan, e); got != "hrhost try p.sb sysctl-read kernel.ostype" {
		t.Errorf("%q", got)
	}
	if got := reproduceTry("my-plan", e); got != "" {
		t.Errorf("of another plan: %q", got)
	}
}

// covered is a point that decides everything.
func covered(string, sbpl.Query) string { return "" }
