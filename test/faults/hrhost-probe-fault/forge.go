//go:build linux

package main

import (
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/hrhost/hrhost/internal/recorder"
	"github.com/hrhost/hrhost/internal/terms"
	"github.com/hrhost/hrhost/internal/wire"
)

// sealed is set once the host has put the policy in force. Lies are told after
// that only, unless they are about the baseline.
var sealed bool

type attempts = func(items []wire.RunItem, send func(wire.Event) error) error

// lying makes every call and changes what is said of it.
func lying(edit func(o *wire.Outcome)) attempts {
	return func(items []wire.RunItem, send func(wire.Event) error) error {
		for _, it := range items {
			o := outcome(it)
			edit(&o)
			if err := send(o); err != nil {
				return err
			}
		}
		return send(counted(len(items)))
	}
}

func counted(n int) wire.Completed { return wire.Completed{Planned: n, Attempted: n, Recorded: n} }

// instead says another errno than the call's own, where it was that one.
func instead(of, errno syscall.Errno, baselineToo bool) attempts {
	return lying(func(o *wire.Outcome) {
		if (sealed || baselineToo) && *o.Result.Errno == int(of) {
			e := int(errno)
			o.Result.Errno = &e
		}
	})
}

// later lies about what came after a call that worked, in both lanes.
func later(lie func(*wire.Result)) attempts {
	return lying(func(o *wire.Outcome) {
		if *o.Result.Errno == 0 {
			lie(o.Result)
		}
	})
}

// whenSealed is honest in the baseline.
func whenSealed(then attempts) attempts {
	return func(items []wire.RunItem, send func(wire.Event) error) error {
		if !sealed {
			return honest(items, send)
		}
		return then(items, send)
	}
}

// elsewhere calls about something else and claims a denial of what was asked.
func elsewhere(items []wire.RunItem, send func(wire.Event) error) error {
	for _, it := range items {
		other := it
		other.Target = "kernel.pid_max"
		o := outcome(other)
		o.FilterValue = it.Target
		if err := send(o); err != nil {
			return err
		}
	}
	return send(counted(len(items)))
}

// forgeDone marks every slot done without a call and dies.
func forgeDone(items []wire.RunItem, _ func(wire.Event) error) error {
	for _, it := range items {
		region.Begin(it.Slot)
		region.Attempt(it.Slot, 0)
		region.Done(it.Slot, recorder.Result{Kind: recorder.KindErrno})
	}
	os.Exit(9)
	return nil
}

// hide is honest in its first batch. Of the next it makes every call without a
// word to the recorder, and dies.
func hide() attempts {
	batches := 0
	return func(items []wire.RunItem, send func(wire.Event) error) error {
		if batches++; batches == 1 {
			return honest(items, send)
		}
		for _, it := range items {
			os.ReadFile("/proc/sys/" + strings.ReplaceAll(it.Target, ".", "/"))
		}
		os.Exit(9)
		return nil
	}
}

// forgeSlot makes each call under the slot of the next attempt.
func forgeSlot(items []wire.RunItem, send func(wire.Event) error) error {
	for i, it := range items {
		region.Begin(it.Slot)
		start := region.Attempt(it.Slot, 0)
		region.Begin(items[(i+1)%len(items)].Slot)
		_, err := os.ReadFile("/proc/sys/" + strings.ReplaceAll(it.Target, ".", "/"))
		errno := 0
		if err != nil {
			errno = int(syscall.EPERM)
		}
		end := region.Done(it.Slot, recorder.Result{Kind: recorder.KindErrno, Errno: errno})
		region.Leave()
		if err := send(wire.Outcome{
			Slot: it.Slot, StartNS: start, EndNS: end, Attempted: true, Effect: terms.EffectUnobservable, Carrier: "open",
			FilterValue: it.Target, Result: &wire.Result{API: "open", Errno: &errno},
		}); err != nil {
			return err
		}
	}
	for _, it := range items { // so that the counts are right
		region.Attempt(it.Slot, 0)
		region.Done(it.Slot, recorder.Result{Kind: recorder.KindErrno})
	}
	return send(counted(len(items)))
}

// forgeBack takes the slots back once their outcomes are told.
func forgeBack(items []wire.RunItem, send func(wire.Event) error) error {
	for _, it := range items {
		if err := send(outcome(it)); err != nil {
			return err
		}
	}
	for _, it := range items {
		region.Begin(it.Slot)
	}
	return send(counted(len(items)))
}

// once tells one changed outcome and waits to be ended for it.
func once(edit func(o *wire.Outcome)) attempts {
	return func(items []wire.RunItem, send func(wire.Event) error) error {
		o := outcome(items[0])
		edit(&o)
		send(o)
		hang()
		return nil
	}
}

// forgeTimes places a call into the next hour.
var forgeTimes = once(func(o *wire.Outcome) {
	o.StartNS += int64(time.Hour)
	o.EndNS += int64(time.Hour)
})

// forgeErrno claims what no call returns.
var forgeErrno = once(func(o *wire.Outcome) {
	e := 70_000
	o.Result.Errno = &e
})

// miscount claims one attempt more than there was.
func miscount(items []wire.RunItem, send func(wire.Event) error) error {
	for _, it := range items {
		if err := send(outcome(it)); err != nil {
			return err
		}
	}
	return send(wire.Completed{Planned: len(items), Attempted: len(items) + 1, Recorded: len(items)})
}
