package faults

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/run"
	"github.com/hrhost/hrhost/host/verify"
)

// The limits of open files at which the default plan runs out of them, from before
// its first process to never: 138 are enough on the slowest machine that was tried.
const fewest, enough = 60, 160

// fewFiles lists some of these limits, or all with HRHOST_FAULTS_ALL, which takes
// two minutes a user.
func fewFiles() (limits []int) {
	step := 20
	if os.Getenv(envAll) != "" {
		step = 1
	}
	for n := fewest; n <= enough; n += step {
		limits = append(limits, n)
	}
	return limits
}

// TestFewDescriptors: with however few open files, the default plan leaves a bundle
// that verifies, or a .partial directory marked as failed and one sentence on the
// terminal. No decision is wrong, which would be exit code 1.
func TestFewDescriptors(t *testing.T) {
	var table strings.Builder
	for _, n := range fewFiles() {
		t.Run(fmt.Sprint("files", n), func(t *testing.T) {
			fmt.Fprintf(&table, "%4d  %s\n", n, withFiles(t, n))
		})
	}
	t.Logf("open files, and how the default plan ended:\n%s", table.String())
}

// withFiles runs the default plan with that many open files and reports in a line
// how it ended.
func withFiles(t *testing.T, n int) string {
	t.Helper()
	dir := tempDir(t)
	out := filepath.Join(dir, "out")
	cmd := command("sh", nil, "-c", `ulimit -n "$1" && shift && exec "$@"`, "sh", fmt.Sprint(n),
		filepath.Join(bin(t), "hrhost"), "run", filepath.Join(bin(t), "config.toml"), "--out", out)
	text, err := cmd.CombinedOutput()
	terminal := string(text)
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	code := cmd.ProcessState.ExitCode()
	for _, sign := range []string{"panic:", "goroutine ", "hrhost has a fault"} {
		if strings.Contains(terminal, sign) {
			t.Errorf("%q is on the terminal:\n%s", sign, terminal)
		}
	}
	runs, _ := filepath.Glob(filepath.Join(out, "runs", "*"))
	if len(runs) != 1 {
		t.Fatalf("exit code %d, directories %q\n%s", code, runs, terminal)
	}
	if strings.HasSuffix(runs[0], ".partial") {
		wantFailed(t, runs[0], code, terminal)
		return fmt.Sprintf("exit %d, failed: %s", code, firstError(terminal))
	}
	r, err := verify.Bundle(runs[0])
	if err != nil || !r.Valid || code != run.ExitOK && code != run.ExitIncomplete {
		t.Errorf("exit code %d, %v, findings %v\n%s", code, err, r.Findings, terminal)
	}
	return fmt.Sprintf("exit %d, a bundle that verifies", code)
}

// wantFailed checks the directory and the terminal of a run that hrhost could not finish.
func wantFailed(t *testing.T, dir string, code int, terminal string) {
	t.Helper()
	var s bundle.RunStatus
	err := bundle.ReadDocument(dir, bundle.RunStatusJSON, &s)
	if err != nil || s.State != bundle.Failed || s.Reason == "" {
		t.Errorf("%+v, %v", s, err)
	}
	if n := strings.Count(terminal, "hrhost: error: "); code != run.ExitIncomplete || n != 1 {
		t.Errorf("exit code %d, %d errors\n%s", code, n, terminal)
	}
}

// firstError is the first error of a terminal, without the path of this run.
func firstError(terminal string) string {
	_, rest, _ := strings.Cut(terminal, "hrhost: error: ")
	line, _, _ := strings.Cut(rest, "\n")
	step, _, _ := strings.Cut(line, ": open ")
	return step
}
