package launch

import "golang.org/x/sys/unix"

// timerSlack is by how many nanoseconds a timer may be late.
const timerSlack = 5_000_000

// SlackTimers lets the kernel be late with the timers of the calling thread and of
// what it starts: fork and exec pass the slack on (PR_SET_TIMERSLACK). A Go program
// has a thread that sleeps for 20 us at a time as long as there is work; with the
// 50 us of slack that are usual, this was a tenth of a short-lived process's time.
func SlackTimers() { unix.Prctl(unix.PR_SET_TIMERSLACK, timerSlack, 0, 0, 0) }
