package run

import "testing"

// slow leaves a test out under -short, which goes with the race detector in `make
// test`: TestDefaultPlan, TestNoDaemon and TestSweepDies take the same goroutines
// through the same code.
func slow(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("run without -short")
	}
}
