package faults

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/run"
)

// manyTargets is a sweep of 1100 targets, in batches of 1024.
const (
	manyTargets = 1100
	sweepMany   = "schema = 1\nid = \"faults\"\n[[profile]]\nid = \"p\"\nfamily = \"many\"\nsource = \"strict.sb\"\nsweep = { op = \"sysctl-read\" }\n"
)

// TestDeathBetweenBatches: each process of a sweep is dead when its second
// batch is ordered. Another one gets it, nothing is lost and nothing is done
// twice; that a process died is told, and is exit code 3.
func TestDeathBetweenBatches(t *testing.T) {
	batches := 0
	w := &setup{sweeping: func(p run.SweepProgress) {
		batches++
		if p.Done < p.Targets { // the first of each process
			killPlugins(t, "many")
		}
	}}
	f := runHere(t, sweepMany+pluginFile(t, "many"), w)
	f.sealedHere()
	f.whole(manyTargets)
	if s := f.Sweeps[0]; f.Exit != run.ExitIncomplete || s.Processes != 2 ||
		s.Other != 0 || s.Allowed+s.Denied != manyTargets || s.Allowed == 0 || batches != 4 {
		t.Errorf("exit %d, %d batches, %+v", f.Exit, batches, s)
	}
	if len(f.baseline) != manyTargets || len(f.packets) != 0 {
		t.Errorf("%d baseline rows, packets %v", len(f.baseline), f.packets)
	}
	for i, row := range f.baseline {
		if row.State != lane.Done {
			t.Fatalf("baseline row %d: %s", i, row.State)
		}
	}
	judged := map[string]int{}
	for _, row := range f.witness {
		if row.ExpectationID != "" && row.Operation == "sysctl-read" {
			judged[row.ExpectationID]++
		}
	}
	for id, n := range judged {
		if n != 1 {
			t.Errorf("%s was attempted %d times", id, n)
		}
	}
	if len(judged) != manyTargets {
		t.Errorf("the witness saw %d attempts", len(judged))
	}
	if len(f.notes) != 1 || !strings.Contains(f.notes[0], "DIED between two batches: killed by SIGKILL") {
		t.Errorf("notes %q", f.notes)
	}
	if len(f.Faults) != 2 { // of the baseline's process and of the sealed one
		t.Errorf("faults %q", f.Faults)
	}
}

// TestHiddenAttempts: a sealed process makes all attempts of a batch behind the
// flight recorder's back and dies. The witness saw them: nobody else gets that
// batch, and no target is attempted twice.
func TestHiddenAttempts(t *testing.T) {
	f := runHere(t, strings.Replace(sweepMany, "many", "hides", 1)+pluginFile(t, "hides"), &setup{})
	f.sealedHere()
	f.whole(manyTargets)
	const first = 1024
	s := f.Sweeps[0]
	if f.Exit != run.ExitIncomplete || s.Processes != 1 || s.Allowed+s.Denied != first || s.Other != manyTargets-first {
		t.Errorf("exit %d, %+v", f.Exit, s)
	}
	judged := 0
	for _, row := range f.witness {
		if row.By == lane.ByPolicy && row.Operation == "sysctl-read" {
			judged++
		}
	}
	if judged != manyTargets {
		t.Errorf("the witness saw %d attempts", judged)
	}
	for _, row := range f.rows[first:] {
		if d := row.Decision; d.Verdict != nil || d.Reason != lane.ProbeDied && d.Reason != lane.NotReached {
			t.Fatalf("%s: %+v", row.ExpectationID, d)
		}
	}
}

// killPlugins kills the family's plugins that this process started, and waits
// until they have been reaped.
func killPlugins(t *testing.T, family string) {
	t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(time.Millisecond) {
		left := 0
		for _, p := range childrenOf(os.Getpid()) {
			if strings.Contains(p.command, "hrhost-probe-"+family) || p.state == "Z" {
				unix.Kill(p.pid, unix.SIGKILL)
				left++
			}
		}
		if left == 0 {
			return
		}
	}
	t.Error("the plugins would not go")
}

// pluginFile is the part of a plan that names the program of a fault.
func pluginFile(t *testing.T, family string) string {
	t.Helper()
	path := filepath.Join(tempDir(t), "hrhost-probe-"+family)
	if err := os.Symlink(filepath.Join(bin(t), "hrhost-probe-fault"), path); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("[plugin.%s]\npath = %q\n", family, path)
}
