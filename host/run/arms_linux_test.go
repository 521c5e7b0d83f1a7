package run

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/diff"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/mismatch"
)

// rewritten is the default plan, each profile with more lines, beside the
// profiles that it names.
func rewritten(t testing.TB, lines string, drop ...string) string {
	t.Helper()
	text, err := os.ReadFile(defaultPlan)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.Symlink(absolute(t, "../../sb"), filepath.Join(dir, "sb")); err != nil {
		t.Fatal(err)
	}
	var out []string
	for line := range strings.Lines(string(text)) {
		if slices.ContainsFunc(drop, func(key string) bool { return strings.HasPrefix(line, key) }) {
			continue
		}
		out = append(out, line)
		if strings.HasPrefix(line, "family ") {
			out = append(out, lines+"\n")
		}
	}
	path := filepath.Join(dir, "plan.toml")
	if err := os.WriteFile(path, []byte(strings.Join(out, "")), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestArms: the default plan on all three arms. Nothing is a mismatch, and what
// is said of hypothesis 2 is what the rows say.
func TestArms(t *testing.T) {
	slow(t)
	got := runPlan(t, rewritten(t, `acquire = "both"`, "acquire"), nil)
	if got.Exit != ExitOK || len(got.packets) != 0 {
		t.Errorf("exit %d, packets %v", got.Exit, got.reasons())
	}
	rows := runtimeRows(t, got.Dir)
	var doc mismatch.HypothesesDocument
	document(t, got.Dir, bundle.Hypotheses, &doc)
	want := map[string]mismatch.Status{
		"mach": mismatch.Contradicted, "notify": mismatch.NotTestableHere, "procinfo": mismatch.Supported,
		"signal": mismatch.Contradicted, "sysctl": mismatch.Supported,
	}
	for _, f := range doc.Hypotheses[1].Families {
		if f.Status != want[f.Family] || f.Reason == "" {
			t.Errorf("H2 of %s is %s: %s", f.Family, f.Status, f.Reason)
		}
		delete(want, f.Family)
		if f.Acquisition == nil {
			continue
		}
		for _, p := range f.Acquisition.Survived {
			after, before, again := find(rows, p+"@after"), find(rows, p+"@before"), find(rows, p+"@again")
			if !is(after, lane.Deny) || !is(again, lane.Deny) || before.Use != lane.UseHeld || before.Decision.Reason != lane.NotRechecked ||
				before.Decision.Verdict != nil || before.Result.Class != lane.OK {
				t.Errorf("%s is said to have survived", p)
			}
		}
		for _, p := range f.Acquisition.Refused {
			if before := find(rows, p+"@before"); before.Use != lane.UseRefused || before.Result.Class != lane.Denied {
				t.Errorf("%s is said to be refused: %+v", p, before)
			}
		}
	}
	if len(want) > 0 {
		t.Errorf("H2 says nothing about %v", want)
	}
	if !strings.Contains(got.Acquired, "sysctl still usable where a new acquisition is denied") || !strings.Contains(got.Acquired, "signal denied at the use") {
		t.Errorf("in short: %q", got.Acquired)
	}
	if !slices.ContainsFunc(got.Summary.Headline, func(l string) bool {
		return strings.HasPrefix(l, "hypothesis 2") && strings.Contains(l, "signal: contradicted") && strings.Contains(l, "signal.deny:child")
	}) {
		t.Errorf("the summary does not say it: %q", got.Summary.Headline)
	}
}

func is(r lane.RuntimeRow, v lane.Verdict) bool {
	return r.Decision.Verdict != nil && *r.Decision.Verdict == v
}

// TestExecAsSelf: a policy that is in force from the first instruction decides
// every probe of the default plan as one that is put in force later does, and
// what start-up was denied is at stage launch.
func TestExecAsSelf(t *testing.T) {
	slow(t)
	load := func(lines string) *diff.Side {
		got := runPlan(t, rewritten(t, lines, "acquire"), nil)
		if got.Exit != ExitOK {
			t.Errorf("%s: exit %d, packets %v", lines, got.Exit, got.reasons())
		}
		s, err := diff.Load(got.Dir)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(lines, "exec") {
			checkLaunchDenials(t, got.Dir)
		}
		return s
	}
	r := diff.Compare(load(`seal = "self"`), load(`seal = "exec"`), diff.Options{})
	if r.Differs(false) || r.Same == 0 {
		t.Errorf("%+v", r)
	}
}

// checkLaunchDenials: what the policy said outside every attempt was said in its
// epoch and at a stage before the operation.
func checkLaunchDenials(t *testing.T, dir string) {
	t.Helper()
	denied := 0
	err := bundle.ReadRows(dir, bundle.WitnessEvents, func(w lane.WitnessRow) error {
		if w.Epoch != 1 {
			t.Errorf("%s in epoch %d under seal exec", w.Syscall, w.Epoch)
		}
		if w.Slot < 0 && w.Verdict == lane.Deny && w.By == lane.ByPolicy {
			denied++
			if w.Stage != lane.StageLaunch || w.ExpectationID != "" {
				t.Errorf("%s %s denied at stage %s for %q", w.Operation, w.Filter.Value, w.Stage, w.ExpectationID)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if denied == 0 {
		t.Error("no strict profile denied anything at launch: nothing was tested")
	}
}

// TestManyHandles: more handles than one process may have descriptors are held by
// several.
func TestManyHandles(t *testing.T) {
	slow(t)
	var probes strings.Builder
	for i := range 300 {
		fmt.Fprintf(&probes, "  { id = \"p%d\", op = \"signal\", target = \"pid1\", expect = \"deny\" },\n", i)
	}
	path := filepath.Join(t.TempDir(), "plan.toml")
	plan := `schema = 1
id = "many"
[[profile]]
id = "p"
family = "signal"
source = "` + absolute(t, "../../sb/signal_deny.sb") + `"
acquire = "both"
probes = [
` + probes.String() + "]\n"
	if err := os.WriteFile(path, []byte(plan), 0o600); err != nil {
		t.Fatal(err)
	}
	got := runPlan(t, path, nil)
	if got.Exit != ExitOK || got.Summary.Counts.AsExpected != 900 {
		t.Errorf("exit %d, %+v", got.Exit, got.Summary.Counts)
	}
}

// TestArmsOfForms: each kind of descriptor of a process. An open file stays
// readable and a pidfd tells on, below an open directory the policy is asked
// again.
func TestArmsOfForms(t *testing.T) {
	slow(t)
	forms := map[string]lane.Use{"file": lane.UseHeld, "directory": lane.UseRefused, "pidfd": lane.UseHeld}
	if !pidfdsTell(t) {
		forms["pidfd"] = lane.UseLost
	}
	for form, use := range forms {
		dir := t.TempDir()
		plan := `schema = 1
id = "forms"
[plugin.procinfo]
options = { handle = "` + form + `" }
[[profile]]
id = "p"
family = "procinfo"
source = "` + absolute(t, "../../sb/procinfo_deny.sb") + `"
acquire = "before"
repeat = 2
probes = [ { id = "child", op = "process-info-pidinfo", target = "child", expect = "any", expect_before = "` + string(use) + `" } ]
`
		path := filepath.Join(dir, "plan.toml")
		if err := os.WriteFile(path, []byte(plan), 0o600); err != nil {
			t.Fatal(err)
		}
		got := runPlan(t, path, nil)
		if got.Exit != ExitOK || got.Summary.Counts.Attempts != 2 {
			t.Errorf("%s: exit %d, packets %v", form, got.Exit, got.reasons())
		}
	}
}

// pidfdsTell reports that this kernel has PIDFD_GET_INFO (6.13).
func pidfdsTell(t *testing.T) bool {
	t.Helper()
	fd, err := unix.PidfdOpen(os.Getpid(), 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	var info [64]byte
	info[0] = 1
	_, _, e := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), 0xC040FF0B, uintptr(unsafe.Pointer(&info[0])))
	return e == 0
}
