package monotonic

import (
	"syscall"
	"testing"
	"time"
)

// playedMac plays the clocks of a Mac as Libc gen/clock_gettime.c reads them:
// CLOCK_UPTIME_RAW is mach_absolute_time, which stands still in sleep;
// CLOCK_MONOTONIC is gettimeofday less the boot time, which does not, and which the
// system adjusts. Go reads mach_absolute_time (runtime/sys_darwin.go nanotime1).
type playedMac struct {
	absolute time.Duration // mach_absolute_time
	slept    time.Duration
	adjusted time.Duration
}

func (m *playedMac) now() time.Time { return time.Unix(0, int64(m.absolute)) }

func (m *playedMac) gettime(id int32) (int64, error) {
	switch id {
	case 6: // CLOCK_MONOTONIC
		return int64(m.absolute + m.slept + m.adjusted), nil
	case 8: // CLOCK_UPTIME_RAW
		return int64(m.absolute), nil
	}
	return 0, syscall.EINVAL
}

// TestClocksOfAMacAgree: a process that calibrated before the Mac slept and one
// that calibrated after it give the same moment the same time.
func TestClocksOfAMacAgree(t *testing.T) {
	mac := &playedMac{absolute: time.Hour}
	calibrated := func() Clock {
		return calibrate(mac.now, func() (int64, error) { return mac.gettime(kernelClocks["darwin"]) })
	}
	before := calibrated()
	mac.absolute += time.Minute
	mac.slept = 8 * time.Hour
	mac.adjusted = -3 * time.Millisecond
	after := calibrated()
	now := mac.now()
	if a, b := before.At(now), after.At(now); a != b || a != int64(mac.absolute) {
		t.Errorf("calibrated before the sleep %d, after it %d, want %d", a, b, mac.absolute)
	}
}
