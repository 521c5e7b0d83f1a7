// Package monotonic reads the kernel's clock that Go's monotonic time runs with
// (on Linux CLOCK_MONOTONIC, on macOS CLOCK_UPTIME_RAW) without a system call, so
// that both ends of a run, the flight recorder and the enforcement point, time the
// same events by the same clock and under any profile.
package monotonic

import (
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// Slack is how far two clocks of one machine may disagree: each is off by at
// most half the width of its calibration, normally well under a microsecond.
const Slack = 2 * time.Microsecond

// Clock is Go's own monotonic time (on Linux read through the vDSO) plus an offset
// measured once. The zero Clock counts from an arbitrary instant.
type Clock struct {
	base   time.Time
	offset int64
}

// kernelClocks are the clocks that Go's monotonic time runs with, by GOOS. An
// offset to another clock holds only at the moment when it was measured: processes
// that calibrate at different moments would then disagree. On macOS Go reads
// mach_absolute_time, and so does CLOCK_UPTIME_RAW (8); CLOCK_MONOTONIC (6) is the
// wall clock less the boot time there, which is adjusted and goes on in sleep.
// fact:clock.uptime-raw
var kernelClocks = map[string]int32{"linux": 1, "darwin": 8} // linux/time.h; Libc include/_time.h

// New calibrates a clock.
func New() Clock {
	id := kernelClocks[runtime.GOOS]
	return calibrate(time.Now, func() (int64, error) {
		var ts unix.Timespec
		err := unix.ClockGettime(id, &ts)
		return ts.Nano(), err
	})
}

// calibrate compares Go's clock with the kernel's. It takes the tightest of a few
// readings and stops at one that is good enough: where a machine takes the
// processor away in the middle of a reading, the two moments are milliseconds apart.
func calibrate(now func() time.Time, kernel func() (int64, error)) Clock {
	var best Clock
	width := time.Hour
	for try := 0; try < 8 || try < 1000 && width > Slack; try++ {
		before := now()
		ns, err := kernel()
		if err != nil {
			continue
		}
		if w := now().Sub(before); w < width {
			width = w
			best = Clock{base: before, offset: ns - int64(w)/2}
		}
	}
	return best
}

// Now is the present in nanoseconds of the kernel's clock.
func (c Clock) Now() int64 { return int64(time.Since(c.base)) + c.offset }

// At is a moment that was read with time.Now, in nanoseconds of the kernel's clock.
func (c Clock) At(t time.Time) int64 { return int64(t.Sub(c.base)) + c.offset }
