package signal

import (
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/hrhost/hrhost/plugins/internal/processes"
	"github.com/hrhost/hrhost/sdk"
)

const (
	// effectTimeout is how long a signal that was sent may take to arrive.
	effectTimeout = 30 * time.Second
	// lateEffect is how long to look for one that should not have been sent.
	lateEffect = 20 * time.Millisecond
)

// way is how a signal is sent to a target: the attempt's one call.
type way struct {
	api  string
	verb string // begins the carrier
	send func(sig syscall.Signal) error
}

func byNumber(pid int) way {
	return way{api, "kill ", func(sig syscall.Signal) error { return syscall.Kill(pid, sig) }}
}

func send(rec *sdk.Recorder) error {
	target, err := processes.Acquire(rec.Target())
	if err != nil {
		return err
	}
	sendTo(rec, target, byNumber(target.PID))
	return target.Close()
}

// sendTo makes the attempt and looks for its effect.
func sendTo(rec *sdk.Recorder, target *processes.Target, by way) {
	switch {
	case target.Name == processes.Self:
		sendSelf(rec, target, by)
	case !target.Acknowledges():
		attempt(rec, target, by, 0)
	case attempt(rec, target, by, syscall.SIGUSR1) == nil:
		report(rec, target.Signalled(effectTimeout))
	default:
		report(rec, target.Asked())
	}
}

func attempt(rec *sdk.Recorder, target *processes.Target, by way, sig syscall.Signal) error {
	carrier := by.verb + target.Name + " 0"
	if sig != 0 {
		carrier = by.verb + target.Name + " SIGUSR1"
	}
	return rec.Attempt(sdk.Call{API: by.api, Carrier: carrier, Filter: target.Filter(), TargetPID: target.PID},
		func() (string, error) { return "", by.send(sig) })
}

// sendSelf keeps the handler for good: a late SIGUSR1 without a handler
// would end the plugin.
func sendSelf(rec *sdk.Recorder, target *processes.Target, by way) {
	arrived := ownSignals()
	select {
	case <-arrived: // left over from an earlier attempt
	default:
	}
	wait := effectTimeout
	if attempt(rec, target, by, syscall.SIGUSR1) != nil {
		wait = lateEffect
	}
	select {
	case <-arrived:
		report(rec, true)
	case <-time.After(wait):
		report(rec, false)
	}
}

var ownSignals = sync.OnceValue(func() chan os.Signal {
	arrived := make(chan os.Signal, 1)
	signal.Notify(arrived, syscall.SIGUSR1)
	return arrived
})

func report(rec *sdk.Recorder, seen bool) {
	if seen {
		rec.Effect(sdk.EffectSeen)
	} else {
		rec.Effect(sdk.EffectAbsent)
	}
}
