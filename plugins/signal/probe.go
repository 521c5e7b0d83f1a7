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
	effectTimeout = 5 * time.Second
	// lateEffect is how long to look for one that should not have been sent.
	lateEffect = 20 * time.Millisecond
)

func send(rec *sdk.Recorder) error {
	if rec.Target() == processes.Self {
		return sendSelf(rec)
	}
	target, err := processes.Acquire(rec.Target())
	if err != nil {
		return err
	}
	if !target.Acknowledges() {
		kill(rec, target, 0)
		return target.Close()
	}
	if kill(rec, target, syscall.SIGUSR1) == nil {
		report(rec, target.Signalled(effectTimeout))
	} else {
		report(rec, target.SignalledAtEnd())
	}
	return target.Close()
}

// kill makes the attempt.
func kill(rec *sdk.Recorder, target *processes.Target, sig syscall.Signal) error {
	carrier := "kill " + target.Name + " 0"
	if sig != 0 {
		carrier = "kill " + target.Name + " SIGUSR1"
	}
	return rec.Attempt(sdk.Call{API: api, Carrier: carrier, Filter: target.Filter(), TargetPID: target.PID},
		func() (string, error) { return "", syscall.Kill(target.PID, sig) })
}

// sendSelf keeps the handler for good: a late SIGUSR1 without a handler
// would end the plugin.
func sendSelf(rec *sdk.Recorder) error {
	target, err := processes.Acquire(processes.Self)
	if err != nil {
		return err
	}
	arrived := ownSignals()
	select {
	case <-arrived: // left over from an earlier attempt
	default:
	}
	wait := effectTimeout
	if kill(rec, target, syscall.SIGUSR1) != nil {
		wait = lateEffect
	}
	select {
	case <-arrived:
		report(rec, true)
	case <-time.After(wait):
		report(rec, false)
	}
	return nil
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
