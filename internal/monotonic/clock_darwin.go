package monotonic

import "golang.org/x/sys/unix"

// A number that differs from the header's does not compile.
var _ = [1]int{}[unix.CLOCK_UPTIME_RAW-8]
