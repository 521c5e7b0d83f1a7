package wire

import (
	"errors"
	"math"
	"testing"
)

// TestImplausible: what no call returns ends the Run, since no row could hold it.
func TestImplausible(t *testing.T) {
	errno := func(n int) Outcome { return Outcome{Attempted: true, Result: &Result{Errno: &n}} }
	native := func(n int64) Outcome { return Outcome{Attempted: true, Result: &Result{Native: &Native{Code: n}}} }
	for _, c := range []struct {
		name string
		o    Outcome
		ok   bool
	}{
		{"nothing", Outcome{}, true},
		{"success", errno(0), true},
		{"the last errno", errno(4095), true},
		{"no errno", errno(4096), false},
		{"a crash as errno", errno(-6), false},
		{"IOReturn", native(0xE00002E2), true},
		{"kern_return", native(-1), true},
		{"more than a double holds", native(1 << 53), false},
		{"less than a double holds", native(math.MinInt64), false},
		{"times", Outcome{StartNS: 1, EndNS: 2}, true},
		{"backwards", Outcome{StartNS: 2, EndNS: 1}, false},
		{"negative", Outcome{StartNS: -1, EndNS: math.MaxInt64}, false},
	} {
		err := newReferee([]RunItem{{}}).admit(c.o)
		var pe *ProtocolError
		if (err == nil) != c.ok || err != nil && !errors.As(err, &pe) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
