package monotonic

import (
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func kernel(t *testing.T) int64 {
	t.Helper()
	var ts unix.Timespec
	if err := unix.ClockGettime(kernelClocks[runtime.GOOS], &ts); err != nil {
		t.Fatal(err)
	}
	return ts.Nano()
}

func TestClock(t *testing.T) {
	c := New()
	for range 100 {
		low := kernel(t)
		now, at := c.Now(), c.At(time.Now())
		high := kernel(t)
		for _, v := range []int64{now, at} {
			if v < low-int64(Slack) || v > high+int64(Slack) {
				t.Fatalf("clock says %d, the kernel %d to %d", v, low, high)
			}
		}
	}
}

// Every clock of a machine tells the same time: a row of the monitor is held
// against the window of an attempt, which another process timed.
func TestClocksAgree(t *testing.T) {
	now := time.Now()
	first := New().At(now)
	for range 200 {
		if d := New().At(now) - first; d > int64(Slack) || d < -int64(Slack) {
			t.Fatalf("two clocks are %d ns apart", d)
		}
	}
}
