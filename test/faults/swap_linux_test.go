package faults

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hrhost/hrhost/host/lane"
)

// families are profiles that allow one target, ALLOWED, of two.
var families = []struct {
	family, op, text string
	targets          [2]string
	named            [2]string // the targets in the profile's words
}{
	{"sysctl", "sysctl-read", `(allow sysctl-read (sysctl-name "ALLOWED"))`,
		[2]string{"kernel.ostype", "kernel.osrelease"}, [2]string{"kernel.ostype", "kernel.osrelease"}},
	{"procinfo", "process-info-pidinfo", `(deny process-info*) (allow process-info-pidinfo (target ALLOWED))`,
		[2]string{"child", "pid1"}, [2]string{"children", "initproc"}},
	{"signal", "signal", `(allow signal (target ALLOWED))`,
		[2]string{"child", "pid1"}, [2]string{"children", "initproc"}},
}

// TestSwapFlipsEveryDecision: the same probes under the same profile but for the
// one target that is allowed.
func TestSwapFlipsEveryDecision(t *testing.T) {
	first, second := decisions(t, 0), decisions(t, 1)
	if len(first) != 2*len(families) {
		t.Fatalf("%d decisions: %v", len(first), first)
	}
	for id, was := range first {
		if is := second[id]; is == was || is == "" || was == "" {
			t.Errorf("%s: %q, and %q after the swap", id, was, is)
		}
	}
}

// decisions runs every family with target number allowed as the one allowed, and
// checks that this is what comes out.
func decisions(t *testing.T, allowed int) map[string]lane.Verdict {
	t.Helper()
	files := map[string]string{}
	var plan strings.Builder
	plan.WriteString("schema = 1\nid = \"swap\"\n")
	for _, f := range families {
		files[f.family+".sb"] = "(version 1)\n(deny default)\n" + strings.ReplaceAll(f.text, "ALLOWED", f.named[allowed]) + "\n"
		fmt.Fprintf(&plan, "[[profile]]\nid = %q\nfamily = %q\nsource = %q\nprobes = [\n", f.family, f.family, f.family+".sb")
		for i, target := range f.targets {
			expect := "deny"
			if i == allowed {
				expect = "allow"
			}
			fmt.Fprintf(&plan, "  { id = \"n%d\", op = %q, target = %q, expect = %q },\n", i, f.op, target, expect)
		}
		plan.WriteString("]\n")
	}
	f := runHere(t, plan.String(), &setup{files: files})
	f.sealedHere()
	if f.Exit != 0 || !f.Verify.Valid {
		t.Errorf("exit code %d, packets %v, findings %v", f.Exit, f.packets, f.Verify.Findings)
	}
	out := map[string]lane.Verdict{}
	for _, r := range f.rows {
		if r.Decision.Verdict != nil {
			out[r.ExpectationID] = *r.Decision.Verdict
		}
	}
	return out
}
