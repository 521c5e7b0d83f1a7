package seatbelt

import (
	"bufio"
	"io"
	"strconv"
	"sync"
	"time"

	"github.com/hrhost/hrhost/host/lane"
)

// arrivals is what a receiver in a process of its own tells, one line each:
// "listening" once it is, then the name of each notification that arrived, in
// quotes: a name may hold anything.
type arrivals struct {
	mu    sync.Mutex
	names map[string]bool
	ready bool
	ended bool
}

// Listening is a receiver's first line.
const Listening = "listening"

// pollTime is between two looks at what arrived.
const pollTime = 10 * time.Millisecond

// read takes lines until the receiver ends.
func (a *arrivals) read(r io.Reader) {
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		a.mu.Lock()
		if lines.Text() == Listening {
			a.ready = true
		} else if name, err := strconv.Unquote(lines.Text()); err == nil && a.ready {
			a.names[name] = true
		}
		a.mu.Unlock()
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.ended = true
}

// arrivalLine is how a receiver tells of a notification.
func arrivalLine(name string) string { return strconv.Quote(name) + "\n" }

// listens waits until the receiver listens. It reports false when it never did.
func (a *arrivals) listens(wait time.Duration) bool {
	return a.until(wait, func() bool { return a.ready }) && !a.over()
}

// arrived waits for a notification. Without a receiver nothing is known.
func (a *arrivals) arrived(name string, wait time.Duration) lane.Effect {
	switch {
	case a == nil || !a.listens(0):
		return lane.EffectUnobservable
	case a.until(wait, func() bool { return a.names[name] }):
		return lane.EffectSeen
	case a.over():
		return lane.EffectUnobservable
	}
	return lane.EffectAbsent
}

func (a *arrivals) over() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.ended
}

func (a *arrivals) until(wait time.Duration, holds func() bool) bool {
	for end := time.Now().Add(wait); ; time.Sleep(pollTime) {
		a.mu.Lock()
		yes, over := holds(), a.ended
		a.mu.Unlock()
		if yes || over || !time.Now().Before(end) {
			return yes
		}
	}
}
