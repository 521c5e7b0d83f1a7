package launch

import (
	"time"

	"golang.org/x/sys/unix"
)

// pluginSlack is by how much the timers of a plugin may be late. No deadline of
// an attempt comes near it.
const pluginSlack = 5 * time.Millisecond

// SlackTimers lets the kernel be late by so much with the timers of the calling
// thread and of what it starts: fork and exec pass the slack on (PR_SET_TIMERSLACK).
// A Go program has a thread that sleeps for 20 us at a time as long as there is
// work; with the 50 us of slack that are usual, this was a tenth of the CPU time of
// a short-lived process.
func SlackTimers(by time.Duration) {
	unix.Prctl(unix.PR_SET_TIMERSLACK, uintptr(by.Nanoseconds()), 0, 0, 0)
}
