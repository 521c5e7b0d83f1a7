package faults

import (
	"strings"
	"testing"

	"github.com/hrhost/hrhost/host/lane"
)

// TestAnotherProcess: a plugin signals its child, which the profile allows, and claims
// that it was another planned process or another signal. The witness row is about
// neither, so no attempt is decided. An honest probe gets deny for both.
func TestAnotherProcess(t *testing.T) {
	w := &setup{files: map[string]string{"kin.sb": `(version 1) (deny default) (allow process-exec*) (allow process-fork)
(allow sysctl-read) (allow process-info*) (allow signal (require-all (target children) (signal-number 0)))`}}
	text := planOf("kin", "", `{ id = "sibling", op = "signal", target = "sibling", expect = "deny" },
 { id = "child", op = "signal", target = "child", expect = "deny" }`)
	f := runHere(t, strings.Replace(text, "strict.sb", "kin.sb", 1)+pluginFile(t, "kin"), w)
	f.sealedHere()
	allowed := 0
	for _, row := range f.witness {
		if row.Operation == "signal" && row.By == lane.ByPolicy && row.Verdict == lane.Allow {
			allowed++
		}
	}
	if allowed != 2 || len(f.rows) != 2 {
		t.Fatalf("%d signals allowed in %d attempts, want 2 in 2", allowed, len(f.rows))
	}
	for _, row := range f.rows {
		if row.Decision.Verdict != nil || row.Decision.Reason != lane.OpNotWitnessed {
			t.Errorf("%s: %+v, want no decision", row.ExpectationID, row.Decision)
		}
	}
	if f.holds(borneOut) || !f.Verify.Valid {
		t.Errorf("condition %s holds: %t; findings %+v", borneOut, f.holds(borneOut), f.Verify.Findings)
	}
}
