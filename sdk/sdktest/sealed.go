package sdktest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/hrhost/hrhost/internal/needs"
	"github.com/hrhost/hrhost/sdk"
)

// RunSealed makes the attempt in the plugin's real binary (see [Build]), sealed
// under a profile file, by the hrhost program that the variable HRHOST names or
// that is on PATH. Want.Decision is checked, too. Without an hrhost, or where no
// policy can be put in force, the test is skipped; HRHOST_REQUIRE=hrhost,linux-seal
// makes it fail instead.
//
// Options and arms other than after have no place here: write a plan.
func (pt ProbeTest) RunSealed(t *testing.T, binary, profile string) Outcome {
	t.Helper()
	if pt.Options != nil || pt.arm() != "after" {
		t.Fatal("RunSealed takes neither Options nor an Arm: write a plan")
	}
	row, err := pt.sealedRow(host(t), binary, profile)
	if err != nil {
		t.Fatal(err)
	}
	got := row.outcome()
	if reason := row.Decision.Reason; strings.HasPrefix(reason, "apply_") {
		needs.Missing(t, needs.Seal, fmt.Sprintf("no policy can be put in force here: %s %s", reason, row.Detail))
	}
	pt.check(t, got)
	if pt.Want.Decision != "" && got.Decision != pt.Want.Decision {
		t.Errorf("%s %s under %s: decision is %q (%s), want %q", pt.Operation, pt.Target, profile, got.Decision, got.Why, pt.Want.Decision)
	}
	return got
}

// host finds the hrhost program.
func host(t *testing.T) string {
	t.Helper()
	if path := os.Getenv("HRHOST"); path != "" {
		return path
	}
	path, err := exec.LookPath("hrhost")
	if err != nil {
		needs.Missing(t, needs.Host, "no hrhost on PATH, and HRHOST names none")
	}
	return path
}

// runtimeRow is what this package reads of a row of the runtime lane
// (docs/bundle.md).
type runtimeRow struct {
	State   string `json:"state"`
	Carrier string `json:"carrier"`
	Detail  string `json:"detail"`
	Filter  struct {
		Value string `json:"value"`
	} `json:"filter"`
	Result struct {
		Class string `json:"class"`
		API   string `json:"api"`
		Errno *int   `json:"errno"`
		Value string `json:"value"`
	} `json:"result"`
	Effect   string `json:"effect"`
	Decision struct {
		Verdict *string `json:"decision"`
		Reason  string  `json:"decision_path"`
		Rule    *struct {
			File string `json:"file"`
			Line int    `json:"line"`
			Col  int    `json:"col"`
			Text string `json:"text"`
		} `json:"rule"`
	} `json:"decision_record"`
}

// sealedRow has hrhost run the one probe.
func (pt ProbeTest) sealedRow(host, binary, profile string) (*runtimeRow, error) {
	cmd := exec.Command(host, "--json", "plugin", "run", binary, "--probe", pt.Operation+":"+pt.Target, "--profile", profile)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	var ended *exec.ExitError
	if err != nil && !errors.As(err, &ended) {
		return nil, err
	}
	var answer struct {
		Story struct {
			Runtime []runtimeRow `json:"runtime"`
		} `json:"story"`
	}
	if err := json.Unmarshal(out, &answer); err != nil || len(answer.Story.Runtime) != 1 {
		return nil, fmt.Errorf("%s: no row (%v)\n%s", strings.Join(cmd.Args, " "), err, stderr.Bytes())
	}
	return &answer.Story.Runtime[0], nil
}

func (r *runtimeRow) outcome() Outcome {
	got := Outcome{
		Attempted: r.State == "done", Class: sdk.Class(r.Result.Class), API: r.Result.API, Errno: r.Result.Errno,
		Value: r.Result.Value, Effect: sdk.Effect(r.Effect), Carrier: r.Carrier, Filter: r.Filter.Value,
		Decision: NoDecision, Why: r.Decision.Reason,
	}
	if !got.Attempted {
		got.SkipReason = r.Detail
	}
	if r.Decision.Verdict != nil {
		got.Decision = Decision(*r.Decision.Verdict)
	}
	if rule := r.Decision.Rule; rule != nil {
		got.Why += fmt.Sprintf(", rule %s:%d:%d %s", rule.File, rule.Line, rule.Col, rule.Text)
	}
	return got
}
