package run

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/plan"
	"github.com/hrhost/hrhost/internal/needs"
)

// sweepOf runs a sweep of an operation under a profile.
func sweepOf(t *testing.T, family, profile, options string) (outcome, bundle.SweepResult) {
	t.Helper()
	got := runAnyPlan(t, write(t, family, profile, "sweep = { "+options+" }\n"), nil)
	if len(got.Sweeps) != 1 {
		t.Fatalf("%d sweeps", len(got.Sweeps))
	}
	s := got.Sweeps[0]
	for _, g := range s.Groups {
		if g.Verdict == nil && strings.HasPrefix(g.Reason, "apply_") {
			needs.Missing(t, needs.Seal, g.Reason)
		}
	}
	if s.Allowed+s.Denied+s.Other != s.Targets || got.Summary.Counts.Probes != s.Targets {
		t.Errorf("%d targets: %d allowed, %d denied, %d other, %d in the summary", s.Targets, s.Allowed, s.Denied, s.Other, got.Summary.Counts.Probes)
	}
	return got, s
}

// TestSweepSysctl: every parameter of this machine under a strict profile; each
// was attempted once, by one sealed process, and the decision is what the profile
// says of its name.
func TestSweepSysctl(t *testing.T) {
	slow(t)
	got, s := sweepOf(t, "sysctl", strictSweep, `op = "sysctl-read"`)
	if got.Exit != ExitOK || len(got.packets) != 0 || s.Other != 0 || s.Processes != 1 || s.Allowed == 0 || s.Denied == 0 {
		t.Errorf("exit %d, %+v", got.Exit, s)
	}
	names, pids := map[string]bool{}, map[int]bool{}
	for _, row := range runtimeRows(t, got.Dir) {
		name := row.Filter.Value
		names[name], pids[row.PID] = true, true
		allow := name == "kernel.hostname" || strings.HasPrefix(name, "net.ipv4.") || strings.HasPrefix(name, "vm.") && name[3] <= 'm'
		want := map[bool]lane.Verdict{true: lane.Allow, false: lane.Deny}[allow]
		if v := row.Decision.Verdict; v == nil || *v != want || row.Decision.Tier != lane.TierWitnessed || row.Decision.PolicyRule == nil {
			t.Errorf("%s: %+v, want %s", name, row.Decision, want)
		}
		if denied := row.Result.ErrnoName == "EPERM"; denied == allow {
			t.Errorf("%s: the call answered %+v", name, row.Result)
		}
	}
	if len(names) != s.Targets || len(pids) != 1 || !names["kernel.ostype"] {
		t.Errorf("%d names and %d targets in %d processes", len(names), s.Targets, len(pids))
	}
	for _, lanes := range []string{bundle.BaselineResults, bundle.RuntimeEvents} {
		var doc struct{ Results []lane.Context }
		if document(t, got.Dir, lanes, &doc); len(doc.Results) != s.Targets {
			t.Errorf("%s has %d rows for %d targets", lanes, len(doc.Results), s.Targets)
		}
	}
	rules := 0
	for _, g := range s.Groups {
		if g.Rule == nil || g.Rule.Line == 0 || len(g.Examples) == 0 || g.Targets < len(g.Examples) {
			t.Errorf("group %+v", g)
		}
		rules += g.Targets
	}
	if len(s.Groups) != 4 || rules != s.Targets {
		t.Errorf("%d rules decided %d of %d targets", len(s.Groups), rules, s.Targets)
	}
}

// TestSweepPermissive: nothing is denied, and what the kernel itself refuses is
// no decision of the profile's.
func TestSweepPermissive(t *testing.T) {
	slow(t)
	got, s := sweepOf(t, "sysctl", "(allow default)", `op = "sysctl-read", match = "kernel.*"`)
	if got.Exit != ExitOK || s.Denied != 0 || s.Allowed == 0 || s.Targets >= s.Listed {
		t.Errorf("exit %d, %+v", got.Exit, s)
	}
	for _, row := range runtimeRows(t, got.Dir) {
		if !strings.HasPrefix(row.Filter.Value, "kernel.") {
			t.Errorf("%s does not match", row.Filter.Value)
		}
	}
}

// TestSweepProcesses: every process of this host, pid 1 and this test among them.
func TestSweepProcesses(t *testing.T) {
	slow(t)
	for _, operation := range []string{"process-info-pidinfo", "signal"} {
		family := map[string]string{"signal": "signal"}[operation]
		if family == "" {
			family = "procinfo"
		}
		for profile, want := range map[string]lane.Verdict{
			"(deny default)(deny process-info*)(allow process-info* signal (target initproc))": lane.Deny,
			"(allow default)": lane.Allow,
		} {
			got, s := sweepOf(t, family, profile, `op = "`+operation+`"`)
			if got.Exit != ExitOK || s.Other != 0 || len(got.packets) != 0 {
				t.Errorf("%s under %s: exit %d, %+v, %v", operation, profile, got.Exit, s, got.reasons())
			}
			said := map[string]lane.Verdict{}
			for _, row := range runtimeRows(t, got.Dir) {
				if row.Decision.Verdict != nil {
					said[row.Filter.Value] = *row.Decision.Verdict
				}
			}
			if me := fmt.Sprintf("pid:%d", os.Getpid()); said["pid:1"] != lane.Allow || said[me] != want {
				t.Errorf("%s under %s: pid:1 %s, %s %s", operation, profile, said["pid:1"], me, said[me])
			}
		}
	}
}

// TestSweepBus: every name of the bus, owned or not yet started.
func TestSweepBus(t *testing.T) {
	slow(t)
	if _, err := exec.LookPath("dbus-daemon"); err != nil {
		needs.Missing(t, needs.DBus, err.Error())
	}
	const one = "org.hrhost.fixture.One"
	for profile, denied := range map[string]bool{`(deny default)(allow mach-lookup (global-name "` + one + `"))`: true, "(allow default)": false} {
		got, s := sweepOf(t, "mach", profile, `op = "mach-lookup"`)
		names := map[string]lane.Verdict{}
		for _, row := range runtimeRows(t, got.Dir) {
			if row.Decision.Verdict != nil {
				names[row.Filter.Value] = *row.Decision.Verdict
			}
		}
		want := map[bool]lane.Verdict{true: lane.Deny, false: lane.Allow}[denied]
		if got.Exit != ExitOK || names[one] != lane.Allow || names["org.hrhost.fixture.Lazy"] != want || names["org.hrhost.fixture.Two"] != want {
			t.Errorf("under %s: exit %d, %v, %+v", profile, got.Exit, names, s)
		}
	}
}

// TestSweepUnlisted: notifications have no list, which is said and is no success.
func TestSweepUnlisted(t *testing.T) {
	slow(t)
	if _, err := exec.LookPath("dbus-daemon"); err != nil {
		needs.Missing(t, needs.DBus, err.Error())
	}
	w := &sweepWatcher{}
	got := w.run(t, write(t, "notify", "(allow default)", "sweep = { op = \"darwin-notification-post\" }\n"))
	if got.Exit != ExitIncomplete || got.Sweeps[0].Targets != 0 || !got.Verify.Valid || len(got.Faults) > 0 {
		t.Errorf("exit %d, %+v, faults %q", got.Exit, got.Sweeps, got.Faults)
	}
	if !strings.Contains(w.note, "NOT LISTED: family notify cannot list the targets of darwin-notification-post") || !strings.Contains(w.note, "nobody keeps a list") {
		t.Errorf("note %q", w.note)
	}
}

// TestSweepDies: a process that ends in an attempt costs the rest of its batch
// and no more; nothing of it is called a decision. It dies in the middle of the
// second of three batches: where that is, an earlier sweep of the same names says.
func TestSweepDies(t *testing.T) {
	const batch, at = 8, 12
	sweep := func(deadly string) (*Result, []lane.RuntimeRow) {
		t.Helper()
		bin, err := programs()
		if err != nil {
			t.Fatal(err)
		}
		w := &sweepWatcher{batch: batch}
		res := w.run(t, write(t, "sysctl", "(allow default)", fmt.Sprintf(
			"sweep = { op = \"sysctl-read\", match = \"kernel.*\", limit = %d }\n[plugin.sysctl]\npath = %q\noptions = { die = %q }\n", 3*batch, filepath.Join(bin, "repeat"), deadly)))
		for _, g := range res.Sweeps[0].Groups {
			if g.Verdict == nil && strings.HasPrefix(g.Reason, "apply_") {
				needs.Missing(t, needs.Seal, g.Reason)
			}
		}
		rows := runtimeRows(t, res.Dir)
		if len(rows) != 3*batch || !res.Verify.Valid {
			t.Fatalf("%d rows, valid %t", len(rows), res.Verify.Valid)
		}
		return res, rows
	}
	_, rows := sweep("")
	res, rows := sweep(rows[at].Filter.Value)
	if s := res.Sweeps[0]; res.Exit != ExitIncomplete || s.Processes != 2 || s.Denied != 0 || s.Allowed+s.Other != s.Targets || res.Summary.Counts.Probes != s.Targets {
		t.Errorf("exit %d, %+v", res.Exit, s)
	}
	if wrong := res.Wrong; len(wrong) != 2*batch-at || res.WrongMore != 0 ||
		wrong[0].ID != "p:"+rows[at].Filter.Value || !slices.Equal(wrong[0].Reasons, []string{string(lane.ProbeDied)}) {
		t.Errorf("%d targets are told of: %+v", len(wrong), wrong)
	}
	for i, row := range rows {
		want := lane.NoDenialObserved
		switch {
		case i == at:
			want = lane.ProbeDied
		case i > at && i < 2*batch:
			want = lane.NotReached
		}
		if row.Decision.Reason != want {
			t.Errorf("target %d, %s: %s, want %s", i+1, row.Filter.Value, row.Decision.Reason, want)
		}
	}
}

// sweepWatcher notes what a sweep's ending says, and how much memory is held
// between two batches.
type sweepWatcher struct {
	watcher
	batch   int
	note    string
	batches int
	first   uint64 // bytes, after the first two batches of either process
	most    uint64
}

func (w *sweepWatcher) Profile(p ProfileDone) { w.note = p.Note }

func (w *sweepWatcher) Sweeping(p SweepProgress) {
	w.batches++ // of the baseline, and then of the sealed process
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	if p.Done <= 2*w.batch { // the first of either process fills pools
		w.first = max(w.first, m.HeapAlloc)
	}
	w.most = max(w.most, m.HeapAlloc)
}

func (w *sweepWatcher) run(t *testing.T, path string) *Result {
	t.Helper()
	bin, err := programs()
	if err != nil {
		t.Fatal(err)
	}
	p, err := plan.Load(path, plan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	res, err := Run(t.Context(), Options{Plan: p, Shown: "plan.toml", Out: t.TempDir(), Bin: bin, TempDir: "/tmp", Channel: "direct", Version: "test", Watch: w, batch: w.batch, Point: tampered(nil)})
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// TestSweepMemory: with ten times the targets neither the host nor the plugin
// holds more.
func TestSweepMemory(t *testing.T) {
	slow(t)
	bin, err := programs()
	if err != nil {
		t.Fatal(err)
	}
	const batch = 128
	sweep := func(targets int) (*sweepWatcher, bundle.SweepResult) {
		w := &sweepWatcher{batch: batch}
		res := w.run(t, write(t, "sysctl", strictSweep, fmt.Sprintf(
			"sweep = { op = \"sysctl-read\", limit = %d }\n[plugin.sysctl]\npath = %q\noptions = { times = 50 }\n", targets, filepath.Join(bin, "repeat"))))
		s := res.Sweeps[0]
		if s.Other == s.Targets {
			needs.Missing(t, needs.Seal, s.Groups[0].Reason)
		}
		if s.Targets != targets || w.batches != 2*targets/batch || s.Listed != targets ||
			s.Processes != 1 || !res.Verify.Valid {
			t.Fatalf("%d batches, valid %t, %+v", w.batches, res.Verify.Valid, s)
		}
		return w, s
	}
	_, one := sweep(batch)
	held, ten := sweep(10 * batch)
	if held.most > held.first+256<<10 {
		t.Errorf("the host held %d bytes after two batches, and up to %d with ten", held.first, held.most)
	}
	// What the runtime does not give back at once is in this one too.
	if ten.PluginPeak > one.PluginPeak+8<<20 {
		t.Errorf("the plugin had %d bytes, with ten times the targets %d", one.PluginPeak, ten.PluginPeak)
	}
	t.Logf("host %d bytes held after two batches and at most %d, plugin %d and %d resident", held.first, held.most, one.PluginPeak, ten.PluginPeak)
}
