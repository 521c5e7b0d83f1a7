package run

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/hrhost/hrhost/host/enforce"
	"github.com/hrhost/hrhost/host/enforce/bus"
	"github.com/hrhost/hrhost/host/enforce/linux"
)

// withoutFixtures kills the fixtures as soon as a sealed process is about to start.
func withoutFixtures(t *testing.T) func(*linux.Point) {
	var once sync.Once
	return func(p *linux.Point) {
		p.NewGateway = func(c enforce.Config, b *bus.Buses) (linux.Gateway, error) {
			once.Do(func() { killFixtures(t) })
			g, err := bus.New(c, b)
			if err != nil {
				return nil, err
			}
			return g, nil
		}
	}
}

// killFixtures kills this process's own hrhost-fixture.
func killFixtures(t *testing.T) {
	children, err := filepath.Glob("/proc/self/task/*/children")
	if err != nil {
		t.Error(err)
	}
	killed := 0
	for _, list := range children {
		b, _ := os.ReadFile(list) // a thread may have ended
		for _, pid := range strings.Fields(string(b)) {
			if exe, _ := os.Readlink("/proc/" + pid + "/exe"); filepath.Base(exe) == "hrhost-fixture" {
				n, err := strconv.Atoi(pid)
				if err == nil && syscall.Kill(n, syscall.SIGKILL) == nil {
					killed++
				}
				for err == nil { // until it is a zombie, which has no program
					_, err = os.Readlink("/proc/" + pid + "/exe")
				}
			}
		}
	}
	if killed != 1 {
		t.Errorf("%d fixtures were killed", killed)
	}
}

const endedFixtures = "who owns names and sees notifications on the buses has ended (signal: killed)"

// TestFixturesDie: names that nobody owns any more, and posts that nobody is left
// to see, are a fault of the run, which is named, and no decisions.
func TestFixturesDie(t *testing.T) {
	dir := t.TempDir()
	text := "schema = 1\nid = \"test\"\n"
	for _, family := range []string{"mach", "notify", "sysctl"} {
		text += "[[profile]]\nid = \"" + family + "\"\nfamily = \"" + family + "\"\nsource = \"" + family + ".sb\"\n" + pairs[family].probes + "\n"
		if err := os.WriteFile(filepath.Join(dir, family+".sb"), []byte("(version 1)"+pairs[family].profile), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(dir, "plan.toml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	got := runPlan(t, path, withoutFixtures(t))
	if got.Exit != ExitIncomplete {
		t.Errorf("exit %d", got.Exit)
	}
	for _, row := range runtimeRows(t, got.Dir) {
		d := row.Decision
		switch {
		case row.Family == "sysctl":
			if d.Verdict == nil {
				t.Errorf("%s, which needs no bus, has no decision: %s, %s", row.ExpectationID, d.Reason, row.Detail)
			}
		case d.Verdict != nil || d.TargetState != "" || d.Reason != "fixture_unavailable" || row.RuntimeStatus != "blocked" || !strings.Contains(row.Detail, endedFixtures):
			t.Errorf("%s: %s, %+v, %q", row.ExpectationID, row.RuntimeStatus, d, row.Detail)
		}
	}
	if len(got.Faults) > 0 {
		t.Errorf("a plugin is blamed: %q", got.Faults)
	}
}

// TestFixturesDieInASweep: no batch that was attempted without them counts.
func TestFixturesDieInASweep(t *testing.T) {
	path := write(t, "mach", "(allow default)", `sweep = { op = "mach-lookup" }`)
	got := runPlan(t, path, withoutFixtures(t))
	s := got.Sweeps[0]
	if got.Exit != ExitIncomplete || s.Targets == 0 || s.Other != s.Targets {
		t.Errorf("exit %d, %+v", got.Exit, s)
	}
	for _, row := range runtimeRows(t, got.Dir) {
		if row.Decision.Reason != "fixture_unavailable" || !strings.Contains(row.Detail, endedFixtures) {
			t.Errorf("%s: %+v, %q", row.Filter.Value, row.Decision, row.Detail)
		}
	}
}
