//go:build darwin || linux

package darwin

import (
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/host/selftest"
	"github.com/hrhost/hrhost/internal/monotonic"
)

// kernelExperiments are about system calls that go through no library of package
// darwin.
var kernelExperiments = []*selftest.Experiment{
	{Fact: "apply.getfd", Run: getFDInside, Roles: sealedRole},
	{Fact: "limits.data", Run: dataLimit},
	{Fact: "clock.uptime-raw", Run: uptimeRaw},
}

// getFDInside asks about an open and a closed number under a profile that denies
// system-fcntl by name where it can.
func getFDInside(t *selftest.Trial) selftest.Verdict {
	const closed = 900
	s := under(t, "(deny default)(if (defined? 'system-fcntl) (deny system-fcntl))")
	open, no := s.ask("getfd", "0"), s.ask("getfd", fmt.Sprint(closed))
	return selftest.Check(fmt.Sprintf("inside a sandbox: %s about an open number, %s about a closed one", open, no),
		finding("open, outside", call("getfd", "0"), "ok"),
		finding("closed, outside", call("getfd", fmt.Sprint(closed)), "EBADF"),
		selftest.Finding{What: "open, inside, is not EBADF", Got: open != "EBADF", Want: true},
		finding("closed, inside", no, "EBADF"),
	)
}

// dataLimit sets this process's own data limit. That the limit stands as it is can be
// set again is the control.
func dataLimit(t *selftest.Trial) selftest.Verdict {
	var was unix.Rlimit
	t.Must(unix.Getrlimit(unix.RLIMIT_DATA, &was), "reading the data limit")
	same := setrlimit(unix.RLIMIT_DATA, &was)
	got := setrlimit(unix.RLIMIT_DATA, &unix.Rlimit{Cur: min(4<<30, was.Max), Max: was.Max})
	return selftest.Check("a data limit of 4 GiB: "+word(got),
		finding("the limit that stands", word(same), "ok"),
		finding("4 GiB", word(got), "EINVAL"),
	)
}

// uptimeRaw compares Go's clock with CLOCK_UPTIME_RAW. That both stand still in sleep
// is not tried.
func uptimeRaw(t *selftest.Trial) selftest.Verdict {
	const rounds = 50
	slack := int64(monotonic.Slack)
	c := monotonic.New()
	for range rounds {
		low, err := readUptime()
		t.Must(err, "reading CLOCK_UPTIME_RAW")
		now := c.Now()
		high, err := readUptime()
		t.Must(err, "reading CLOCK_UPTIME_RAW")
		if now < low-slack || now > high+slack {
			return selftest.Refuted("Go's clock read %d between %d and %d", now, low, high)
		}
		time.Sleep(10 * time.Millisecond)
	}
	return selftest.Held("%d readings of Go's clock lay between two of CLOCK_UPTIME_RAW; sleep was not tried", rounds)
}
