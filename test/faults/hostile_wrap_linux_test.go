package faults

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hrhost/hrhost/host/lane"
)

// TestHostileUnderWrap: without a witness a lie becomes a decision. It is
// inferred, says so, and is never promotable.
func TestHostileUnderWrap(t *testing.T) {
	path := filepath.Join(tempDir(t), "hrhost-probe-lie-deny")
	if err := os.Symlink(filepath.Join(bin(t), "hrhost-probe-fault"), path); err != nil {
		t.Fatal(err)
	}
	text := planOf("lie-deny", "seal = \"wrap\"\nwrap = [\"env\", \"HRHOST_FAULT=lie-deny\", \"SOCKETS={socket_dir}\", \"{plugin}\"]", threeProbes)
	f := runHere(t, text+fmt.Sprintf("[plugin.lie-deny]\npath = %q\n", path), &setup{})
	if !f.Verify.Valid || f.Exit != 1 || f.holds(borneOut) || f.Verify.Promotable {
		t.Errorf("exit code %d, findings %v, conditions %+v", f.Exit, f.Verify.Findings, f.Verify.Conditions)
	}
	var why string
	for _, c := range f.Verify.Conditions {
		if c.Name == borneOut {
			why = c.Why
		}
	}
	if !strings.Contains(why, "plugin lie-deny") {
		t.Errorf("the condition does not name it: %s", why)
	}
	var attempts []string
	for _, r := range f.rows {
		if r.Decision.Verdict == nil || *r.Decision.Verdict != lane.Deny || r.Decision.Tier != lane.TierInferred {
			t.Errorf("%s: %+v %s", r.ExpectationID, r.Decision, r.Detail)
			continue
		}
		attempts = append(attempts, "deny, inferred")
	}
	hostilePage(t, "wrap", []string{fmt.Sprintf("| `lie-deny` | says under `wrap` that calls were denied, which were not | %s | %d | %s | %s | `TestHostileUnderWrap` |\n",
		strings.Join(attempts, "; "), f.Exit, why, borneOut)})
}
