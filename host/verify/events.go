package verify

import (
	"encoding/json"
	"hash/maphash"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/mismatch"
	"github.com/hrhost/hrhost/internal/text"
)

// A flat event must be what [Normalize] makes of its runtime row. Of that only a
// hash is kept; whether the expectation was met is known when all attempts are.

// flatEvents is what the flat events must be.
type flatEvents struct {
	restated map[attemptKey]uint64 // of an attempt at a planned probe, as a hash
	seed     maphash.Seed
}

func newFlatEvents() *flatEvents { return &flatEvents{map[attemptKey]uint64{}, maphash.MakeSeed()} }

// restate notes what the event of a runtime row must be, but for its target and
// whether that was expected.
func (e *flatEvents) restate(t *tally, row lane.RuntimeRow) {
	exp := t.Expectation
	exp.Target = ""
	sum := e.sum(bundle.Normalize(row, exp, nil))
	if t.entry != nil {
		t.entry.events[t.entry.n] = sum
		return
	}
	e.restated[attemptKey{t.ExpectationID, row.Attempt}] = sum
}

func (e *flatEvents) sum(row bundle.Event) uint64 {
	text, err := json.Marshal(row)
	if err != nil {
		panic("BUG(bundle): writing an event that was read: " + err.Error())
	}
	return maphash.Bytes(e.seed, text)
}

// row holds a normalized event against the runtime row that it restates.
func (e *flatEvents) row(n int, t *tally, row bundle.Event) (found findings) {
	want, there := e.awaited(t, row.Attempt)
	met := row.Match
	if there {
		there = t.meant(row.Target) && (met == nil) == (row.Actual == nil) && (met == nil || *met == t.met())
	}
	row.Target, row.Match = "", nil
	if !there || e.sum(row) != want {
		found.add("events", "event_not_row", bundle.RuntimeEvents,
			"row %d: is not what the runtime row of %q says", n, text.Brief(row.ExpectationID))
	}
	return found
}

// awaited takes what the event of an attempt must be; false when there is none left.
func (e *flatEvents) awaited(t *tally, attempt int) (sum uint64, ok bool) {
	if t.entry == nil {
		key := attemptKey{t.ExpectationID, attempt}
		sum, ok = e.restated[key]
		delete(e.restated, key)
		return sum, ok
	}
	ok = t.entry.is(hasAttempt) && !t.entry.is(hasEvent)
	t.entry.set(hasEvent)
	return t.entry.events[t.entry.n], ok
}

// meant reports that a target is the expectation's.
func (t *tally) meant(target string) bool {
	if t.entry == nil {
		return target == t.Target
	}
	return t.entry.names(lane.Filter{Name: t.entry.Sweep.Filter, Value: target})
}

// met reports that the attempts are as expected. Of a sweep's target nothing is
// expected but a decision.
func (t *tally) met() bool {
	if t.entry != nil {
		return t.entry.decided() != ""
	}
	if t.judged == nil {
		j := mismatch.Run{}.Judge(t.expectation(), t.rows, t.base, nil, nil)
		t.judged = &j.Met
	}
	return *t.judged
}

// left reports runtime rows that no event restates.
func (e *flatEvents) left() (found findings) {
	if len(e.restated) > 0 {
		found.add("events", "event_missing", bundle.RuntimeEvents, "%d runtime rows have no event", len(e.restated))
	}
	return found
}
