package linux

import (
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/host/selftest"
	"github.com/hrhost/hrhost/internal/monotonic"
)

var clockExperiments = []*selftest.Experiment{{Fact: "clock.shared", Run: clockShared, Roles: map[string]func(*selftest.Part){"tell": tellTime}}}

func kernelTime() int64 {
	var ts unix.Timespec
	unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts)
	return ts.Nano()
}

// tellTime answers each question with the kernel's clock and with Go's.
func tellTime(p *selftest.Part) {
	c := monotonic.New()
	for {
		p.Say("ready")
		if _, more := p.Await(); !more {
			return
		}
		p.Say("%d", kernelTime())
		p.Say("%d", c.Now())
	}
}

func clockShared(t *selftest.Trial) selftest.Verdict {
	h := t.Part("tell")
	defer h.Kill()
	const rounds = 50
	slack := int64(monotonic.Slack)
	for i := range rounds {
		if h.Line() != "ready" {
			t.GiveUp("the other process ended after %d rounds", i)
		}
		low := kernelTime()
		h.Say("now?")
		kernel, err := strconv.ParseInt(h.Line(), 10, 64)
		t.Must(err, "reading the other process's time")
		own, err := strconv.ParseInt(h.Line(), 10, 64)
		t.Must(err, "reading the other process's time")
		high := kernelTime()
		if kernel < low || kernel > high {
			return selftest.Refuted("another process read %d between %d and %d", kernel, low, high)
		}
		if own < low-slack || own > high+slack {
			return selftest.Refuted("another process's Go read %d between %d and %d", own, low, high)
		}
	}
	return selftest.Held("%d readings of another process lay between two of ours, by the kernel's clock and by Go's", rounds)
}
