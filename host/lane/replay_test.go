package lane

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// recorded is one outcome of the predecessor, as it was filed and as it was
// later found to be.
type recorded struct {
	ID, Operation, Stderr string
	Class                 string `json:"decision_class"`
	Real                  string `json:"is_real_decision"`
	Filed                 string `json:"recorded_decision"`
	ExitCode              *int   `json:"exit_code"`
	KR                    *int64 `json:"kr"`
	BaselineStatus        string `json:"baseline_status"`
	BaselineDetail        string `json:"baseline_detail"`
}

// TestReplay puts the predecessor's outcomes through the table.
func TestReplay(t *testing.T) {
	const path = "../../../shared/data/predecessor/decisions-dev.jsonl"
	src, err := os.ReadFile(path)
	if err != nil {
		t.Skipf("the predecessor's outcomes are not here: %v", err)
	}
	counts := map[string]int{}
	lines := bufio.NewScanner(bytes.NewReader(src))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var r recorded
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		d := Decide(r.attempt())
		r.check(t, d)
		counts["rows"]++
		counts[r.Class+" -> "+spoken(d)]++
	}
	for name, n := range counts {
		t.Logf("%4d %s", n, name)
	}
}

func spoken(d Decision) string {
	if d.Verdict == nil {
		return "null " + string(d.Reason)
	}
	return string(*d.Verdict)
}

// check holds what must never happen again, and what must be kept.
func (r recorded) check(t *testing.T, d Decision) {
	t.Helper()
	switch r.Class {
	case "crash_before_op", "apply_failed", "harness_timeout", "not_a_decision", "oracle_only":
		if d.Verdict != nil {
			t.Errorf("%s: %s became %s by rule %d", r.ID, r.Class, *d.Verdict, d.Rule)
		}
	case "missing_object":
		if d.Verdict != nil && (*d.Verdict != Allow || d.Rule != 24) {
			t.Errorf("%s: a missing object became %s by rule %d", r.ID, *d.Verdict, d.Rule)
		}
	}
	if r.Real != "yes" {
		return
	}
	switch {
	case r.BaselineStatus != "" && (d.Verdict == nil || string(*d.Verdict) != r.Filed):
		t.Errorf("%s: %s with a baseline became %s", r.ID, r.Filed, spoken(d))
	case r.BaselineStatus == "" && r.Filed == "deny" && d.Reason != BaselineUnavailable:
		t.Errorf("%s: a deny without a baseline became %s", r.ID, spoken(d))
	}
}

// attempt is the outcome as the table's input. The predecessor had no witness.
func (r recorded) attempt() Attempt {
	a := Attempt{
		Supported: true, State: Done, End: Returned, Arm: After, Result: r.result(),
		OneWay:                strings.HasSuffix(r.Operation, "-notification-post"),
		PolicyBeforeExistence: r.Operation == "mach-lookup",
	}
	switch r.Class {
	case "apply_failed":
		a.Apply = ApplyFailed
	case "crash_before_op":
		a.State, a.End = Attempting, Died
	case "harness_timeout":
		a.State, a.End = Attempting, TimedOut
	case "oracle_only":
		a.State = NotStarted
	}
	a.Baseline = r.baseline(a.Result)
	return a
}

// result reads the raw fields; only where there are none does it take the class.
func (r recorded) result() ResultClass {
	switch {
	case r.KR != nil && *r.KR == 0:
		return OK
	case r.KR != nil && (*r.KR == 1100 || *r.KR == -536870174):
		return Denied
	case r.KR != nil && *r.KR == 1102:
		return Missing
	case r.KR != nil:
		return Other
	case strings.Contains(r.Stderr, "No such file"):
		return Missing
	case r.Class == "missing_object":
		return Missing
	case r.Class == "kernel_allow":
		return OK
	case r.Class == "kernel_deny" || r.Class == "kernel_deny_probable":
		return Denied
	}
	return Other
}

func (r recorded) baseline(sealed ResultClass) Baseline {
	switch {
	case r.BaselineStatus == "":
		return BaselineNone
	case r.BaselineStatus == "allow":
		return BaselineOK
	case strings.Contains(r.BaselineDetail, "1102"), sealed == Missing:
		return BaselineMissing
	}
	return BaselineOther
}
