package run

import (
	"testing"

	"github.com/hrhost/hrhost/host/evidence"
)

func TestExitOf(t *testing.T) {
	for _, c := range []struct {
		mismatch, incomplete bool
		want                 int
	}{
		{false, false, ExitOK}, {true, false, ExitMismatch}, {false, true, ExitIncomplete}, {true, true, ExitIncomplete},
	} {
		if got := exitOf(&evidence.Tally{Mismatch: c.mismatch, Incomplete: c.incomplete}); got != c.want {
			t.Errorf("mismatch %t, incomplete %t: exit %d, want %d", c.mismatch, c.incomplete, got, c.want)
		}
	}
}
