//go:build linux

package monitor

import "time"

// patience is how long Seal, Ask and Close wait for the call in hand. A call takes
// microseconds; only a file system that does not answer, or a virtual machine that
// stands still, makes the receiver slow.
const patience = 30 * time.Second

// gate is a mutex that can be waited for with a limit: the receiver holds it while
// it handles a call, and the end of a run must not wait for that without a bound.
type gate chan struct{}

func newGate() gate { return make(gate, 1) }

func (g gate) enter() { g <- struct{}{} }
func (g gate) leave() { <-g }

// enterWithin reports whether the gate was entered before the limit.
func (g gate) enterWithin(limit time.Duration) bool {
	select {
	case g <- struct{}{}:
		return true
	default:
	}
	t := time.NewTimer(limit)
	defer t.Stop()
	select {
	case g <- struct{}{}:
		return true
	case <-t.C:
		return false
	}
}
