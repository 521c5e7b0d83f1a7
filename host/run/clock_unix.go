package run

import "golang.org/x/sys/unix"

// monotonic is CLOCK_MONOTONIC in nanoseconds, the recorder's clock.
func monotonic() int64 {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts); err != nil {
		return 0
	}
	return ts.Nano()
}
