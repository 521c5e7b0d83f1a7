package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/mismatch"
)

// TestExplainHostile: nothing of a bundle that nobody has verified reaches the
// terminal as it is, and no number in it is believed.
func TestExplainHostile(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "p.sb"), []byte("(version 1)\n(deny default)\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(filepath.Join(dir, "fifo"), 0o600); err != nil {
		t.Fatal(err)
	}
	const evil = "\x1b[2J\r\u202e"
	rule := func(line, col int) *lane.RuleRef {
		return &lane.RuleRef{File: evil, Line: line, Col: col, Text: evil, Walk: []string{evil}}
	}
	runtime := func(profile string, line, col int) lane.RuntimeRow {
		return lane.RuntimeRow{
			Context: lane.Context{ProfileID: profile, Carrier: evil}, RuntimeStatus: evil, Detail: evil,
			Result:   lane.Result{Class: evil, API: evil, ErrnoName: evil},
			Decision: lane.Decision{Verdict: new(lane.Verdict(evil)), Reason: evil, Tier: evil, PolicyRule: rule(line, col)},
		}
	}
	witness := lane.WitnessRow{
		Context: lane.Context{Operation: evil, Filter: lane.Filter{Value: evil}}, Verdict: evil, By: evil, Rule: rule(1, 1), Syscall: evil, Reason: evil,
	}
	s := &probeEvidence{
		Probe: evil, Expected: evil, Reproduce: evil, dir: dir,
		profiles: []bundle.ProfileEntry{{ID: "p", Path: "p.sb"}, {ID: "fifo", Path: "fifo"}, {ID: "out", Path: "../../etc/passwd"}},
		Oracle:   []lane.OracleRow{{Prediction: evil, Source: evil, Rule: rule(1, 1)}},
		Witness:  []lane.WitnessRow{witness},
		AtLaunch: []launchDenial{{witness, evil}},
		Runtime:  []lane.RuntimeRow{runtime("p", 2, 1<<52), runtime("p", -1, -1), runtime("p", 3_000_000, 1), runtime("fifo", 1, 1), runtime("out", 1, 1)},
		Baseline: []lane.BaselineRow{{RuntimeStatus: evil, Result: lane.Result{Class: evil}}},
		Packets:  []mismatch.Packet{{MismatchReason: evil, Explain: []string{evil}}},
	}
	var b strings.Builder
	s.print(newUI(&b, &b))
	if strings.ContainsAny(b.String(), "\x1b\r\u202e") {
		t.Errorf("it reaches the terminal:\n%q", b.String())
	}
	if got := b.String(); strings.Count(got, "(deny default)") != 1 || len(got) > 10_000 {
		t.Errorf("%d bytes:\n%.2000s", len(got), got)
	}
}
